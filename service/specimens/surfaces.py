"""Backgrounds that nothing was trained on or tuned to: they judge how well a card's corners are found (issue 3)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

Surface = Callable[[int, int, np.random.Generator], Pixels]
"""Width, height, randomness to a BGR picture (height, width, 3)."""

_SKIN = ((96, 128, 196), (72, 104, 166), (48, 74, 122), (134, 166, 222))


def surfaces() -> dict[str, Surface]:
    """All by name, in a fixed order."""
    return {
        "white_table": _white_table,
        "newspaper": _newspaper,
        "keyboard": _keyboard,
        "marble": _marble,
        "parquet": _parquet,
        "gingham": _gingham,
        "palm": _palm,
        "squared_paper": _squared_paper,
        "other_cards": _other_cards,
        "granite": _granite,
        "laptop": _laptop,
        "lawn": _lawn,
    }


def _full(width: int, height: int, tone: object) -> Pixels:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = np.clip(np.asarray(tone, np.float64), 0, 255).astype(np.uint8)
    return pixels


def _grain(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    noise = rng.normal(0, strength, pixels.shape[:2]).astype(np.float32)
    return np.asarray(cv2.add(pixels, cv2.merge([noise] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _tone(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(v) for v in np.clip(values, 0, 255))


def _white_table(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """As bright as the card: only its shadow and print tell where it ends."""
    fall = np.linspace(rng.uniform(-9, 0), rng.uniform(0, 9), height)[:, None, None]
    pixels = _full(width, height, rng.uniform(222, 246) + rng.normal(0, 2, 3) + fall)
    return _grain(pixels, 1.5, rng)


def _newspaper(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _full(width, height, (196, 208, 214))
    column = int(rng.integers(150, 280))
    for left in range(8, width, column + 14):
        top = int(rng.integers(0, 40))
        while top < height:
            if rng.random() < 0.12:
                deep = int(rng.integers(60, 180))
                cv2.rectangle(
                    pixels, (left, top), (left + column, top + deep), _tone(np.full(3, rng.uniform(70, 170))), -1
                )
                top += deep + 12
                continue
            bold = rng.random() < 0.08
            size = 1.1 if bold else 0.36
            text = "".join(rng.choice(list("aeionrstlm dcu  "), int(column / (17 if bold else 6.6))))
            cv2.putText(pixels, text, (left, top), cv2.FONT_HERSHEY_DUPLEX, size, (52, 50, 50), 1, cv2.LINE_AA)
            top += 34 if bold else 13
    return pixels


def _keyboard(width: int, height: int, rng: np.random.Generator) -> Pixels:
    dark = rng.random() < 0.6
    pixels = _full(width, height, (38, 36, 35) if dark else (186, 188, 190))
    key = int(rng.integers(56, 100))
    for row, top in enumerate(range(-10, height, key + 10)):
        left = -(row * key // 3) % key - key
        while left < width:
            wide = key * (3 if rng.random() < 0.08 else 1)
            face = np.full(3, 24.0 if dark else 240.0) + rng.normal(0, 3)
            cv2.rectangle(pixels, (left + 4, top + 3), (left + wide - 3, top + key - 2), _tone(face), -1, cv2.LINE_AA)
            mark = chr(int(rng.integers(48, 91)))
            spot = (left + key // 4, top + key // 2)
            cv2.putText(pixels, mark, spot, cv2.FONT_HERSHEY_PLAIN, key / 45, _tone(255 - face), 1, cv2.LINE_AA)
            left += wide + 8
    return pixels


def _marble(width: int, height: int, rng: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = np.zeros_like(x)
    for octave in range(1, 5):
        turn = rng.uniform(0, 2 * np.pi)
        bend += np.sin((x * np.cos(turn) + y * np.sin(turn)) * octave * 2.3 / 260 + rng.uniform(0, 6)) / octave
    vein = np.abs(np.sin((x * 0.7 + y) / rng.uniform(90, 220) + 2.2 * bend))[:, :, None] ** 0.35
    light, dark = rng.uniform(190, 244) + rng.normal(0, 5, 3), rng.uniform(70, 150) + rng.normal(0, 8, 3)
    return np.asarray(np.clip(light * vein + dark * (1 - vein), 0, 255), dtype=np.uint8)


def _parquet(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Herringbone: short boards, edges in two directions everywhere."""
    pixels = _full(width, height, (30, 44, 60))
    long, wide = int(rng.integers(180, 300)), int(rng.integers(40, 74))
    warm = np.array((86, 132, 178)) * rng.uniform(0.5, 1.15)
    for row in range(-8, height // wide + 8):
        for at in range(-2, width // (2 * wide) + 3):
            x, y = at * 2 * wide + (row % 2) * wide, row * wide
            slope = 1 if (at + row) % 2 else -1
            board = cv2.boxPoints(((x, y), (long * 0.7, wide * 0.94), 45.0 * slope)).astype(np.int32)
            cv2.fillPoly(pixels, [board], _tone(warm * rng.uniform(0.8, 1.2)), cv2.LINE_AA)
    return _grain(pixels, 4, rng)


def _gingham(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A checked tablecloth."""
    step, ink = int(rng.integers(22, 90)), rng.uniform(20, 200, 3)
    x = ((np.arange(width) // step) % 2)[None, :, None]
    y = ((np.arange(height) // step) % 2)[:, None, None]
    weave = 236 - (x + y) / 2 * (236 - ink)
    return _grain(np.asarray(weave, dtype=np.uint8), 3, rng)


def _palm(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """An open hand under the card, before a room."""
    pixels = _full(width, height, rng.uniform(40, 190) + rng.normal(0, 16, 3))
    for _ in range(7):
        corner = rng.uniform((0, 0), (width, height)).astype(int)
        far = corner + rng.uniform(60, 500, 2).astype(int)
        cv2.rectangle(pixels, tuple(corner), tuple(far), _tone(rng.uniform(30, 220, 3)), -1)
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 9), dtype=np.uint8)
    skin = np.array(_SKIN[int(rng.integers(4))], float)
    middle = np.array((width * rng.uniform(0.4, 0.6), height * rng.uniform(0.5, 0.7)))
    for finger in range(5):
        angle = np.deg2rad(-150 + 30 * finger + rng.normal(0, 4))
        tip = middle + np.array((np.cos(angle), np.sin(angle))) * height * (0.62 if 0 < finger < 4 else 0.5)
        ends = tuple(middle.astype(int)), tuple(tip.astype(int))
        cv2.line(pixels, *ends, _tone(skin * 0.8), int(height * 0.15), cv2.LINE_AA)
        cv2.line(pixels, *ends, _tone(skin * rng.uniform(0.95, 1.05)), int(height * 0.125), cv2.LINE_AA)
    cv2.ellipse(
        pixels,
        tuple(middle.astype(int)),
        (int(height * 0.33), int(height * 0.38)),
        0,
        0,
        360,
        _tone(skin),
        -1,
        cv2.LINE_AA,
    )
    return _grain(pixels, 2, rng)


def _squared_paper(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _full(width, height, (238, 242, 242))
    step = int(rng.integers(16, 44))
    for x in range(0, width, step):
        cv2.line(pixels, (x, 0), (x, height), (214, 190, 160), 1)
    for y in range(0, height, step):
        cv2.line(pixels, (0, y), (width, y), (214, 190, 160), 1)
    for _ in range(int(rng.integers(2, 9))):
        points = np.cumsum(rng.normal((22, 0), (14, 16), (14, 2)), axis=0) + rng.uniform((0, 0), (width, height))
        cv2.polylines(pixels, [points.astype(np.int32)], False, (128, 62, 40), 3, cv2.LINE_AA)
    return pixels


def _other_cards(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Bank cards, telephones and notes beside the card: rectangles of its own shape without its print."""
    pixels = _grain(_full(width, height, rng.uniform(60, 220) + rng.normal(0, 10, 3)), 3, rng)
    for _ in range(int(rng.integers(3, 7))):
        long = rng.uniform(0.25, 0.5) * width
        centre = rng.uniform((0, 0), (width, height))
        box = cv2.boxPoints((tuple(centre), (long, long * float(rng.choice((0.63, 0.5, 1.0)))), rng.uniform(0, 180)))
        tone = rng.uniform(25, 235, 3)
        cv2.fillPoly(pixels, [(box + 5).astype(np.int32)], _tone(np.array(cv2.mean(pixels)[:3]) * 0.6), cv2.LINE_AA)
        cv2.fillPoly(pixels, [box.astype(np.int32)], _tone(tone), cv2.LINE_AA)
        band = np.array((box[0], box[1], box[1] * 0.8 + box[2] * 0.2, box[0] * 0.8 + box[3] * 0.2))
        cv2.fillPoly(pixels, [band.astype(np.int32)], _tone(tone * 0.6), cv2.LINE_AA)
    return pixels


def _granite(width: int, height: int, rng: np.random.Generator) -> Pixels:
    tones = rng.uniform(50, 220, (5, 1)) + rng.normal(0, 12, (5, 3))
    coarse = rng.integers(0, 5, (height // 5 + 1, width // 5 + 1))
    flakes = cv2.resize(tones[coarse].astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.clip(cv2.medianBlur(flakes.clip(0, 255).astype(np.uint8), 7), 0, 255), dtype=np.uint8)


def _laptop(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A notebook computer: palm rest, touch pad, the first rows of keys, the lower edge of the screen."""
    metal = rng.uniform(60, 200)
    pixels = _full(width, height, metal + rng.normal(0, 3, 3))
    cv2.rectangle(pixels, (0, 0), (width, int(height * 0.2)), _tone(rng.uniform(20, 240, 3)), -1)
    cv2.rectangle(pixels, (0, int(height * 0.17)), (width, int(height * 0.22)), (20, 20, 20), -1)
    for row in range(3):
        for place in range(14):
            x, y = int(place * width / 14), int(height * (0.25 + row * 0.08))
            cv2.rectangle(pixels, (x + 3, y), (x + width // 14 - 4, y + int(height * 0.07)), (30, 30, 30), -1)
    pad = (int(width * 0.32), int(height * 0.58)), (int(width * 0.7), int(height * 0.97))
    cv2.rectangle(pixels, *pad, _tone(np.full(3, metal * 0.86)), -1)
    cv2.rectangle(pixels, *pad, _tone(np.full(3, metal * 0.6)), 2)
    return _grain(pixels, 2, rng)


def _lawn(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _full(width, height, (34, 74, 52))
    for _ in range(2600):
        x, y = rng.uniform((0, 0), (width, height))
        lean, long = rng.normal(0, 14), rng.uniform(18, 64)
        green = np.array((40, 130, 90)) * rng.uniform(0.4, 1.5) + rng.normal(0, 10, 3)
        cv2.line(
            pixels, (int(x), int(y)), (int(x + lean), int(y - long)), _tone(green), int(rng.integers(1, 4)), cv2.LINE_AA
        )
    return pixels
