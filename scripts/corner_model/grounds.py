"""Backgrounds the corner model is trained on. Written apart from `service/specimens`, whose scenes judge the model."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
SIDE = 900
"""Pixels of a square texture; a picture shows a turned and scaled part of it."""


def texture(rng: np.random.Generator, font: str) -> Pixels:
    """A surface, BGR (SIDE, SIDE, 3)."""
    makers: tuple[Callable[[np.random.Generator], Pixels], ...] = (
        plain, plain, cloudy, cloudy, planks, planks, woven, leaves, leaves, grid, tiles, bars, fibres, speckles,
    )  # fmt: skip
    if rng.random() < 0.2:
        return page(rng, font)
    return makers[int(rng.integers(len(makers)))](rng)


def colour(rng: np.random.Generator, spread: float = 40.0) -> Floats:
    """Any tone, greyish ones more often than loud ones."""
    grey = rng.uniform(15, 250)
    return np.clip(grey + rng.normal(0, spread * rng.random() ** 2, 3), 0, 255).astype(np.float32)


def octaves(rng: np.random.Generator, side: int, first: int, count: int, gain: float) -> Floats:
    """Noise of several scales, about unit spread."""
    total = np.zeros((side, side), np.float32)
    weight = 1.0
    for octave in range(count):
        cells = min(side, first * 2**octave)
        coarse = rng.standard_normal((cells, cells), dtype=np.float32)
        total += weight * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        weight *= gain
    return total / max(1e-6, float(total.std()))


def _tinted(tone: Floats, relief: Floats, other: Floats | None = None) -> Pixels:
    away = np.float32([1, 1, 1]) if other is None else other
    return np.clip(tone + relief[:, :, None] * away, 0, 255).astype(np.uint8)


def plain(rng: np.random.Generator) -> Pixels:
    relief = octaves(rng, SIDE, 2, 2, 0.5) * rng.uniform(0, 6)
    relief += rng.standard_normal((SIDE, SIDE), dtype=np.float32) * rng.uniform(0, 4)
    tone = colour(rng)
    return _tinted(tone if rng.random() < 0.6 else np.float32(rng.uniform(205, 252) + rng.normal(0, 4, 3)), relief)


def cloudy(rng: np.random.Generator) -> Pixels:
    """Stone, marble, leather, carpet: noise, sometimes bent into veins, between two tones."""
    relief = octaves(rng, SIDE, int(rng.integers(2, 40)), int(rng.integers(2, 6)), rng.uniform(0.4, 0.95))
    if rng.random() < 0.4:
        relief = np.abs(np.sin(relief * rng.uniform(1, 4))) ** rng.uniform(0.2, 3) * 2 - 1
    one, two = colour(rng), colour(rng)
    share = np.clip(0.5 + relief * rng.uniform(0.05, 0.5), 0, 1)[:, :, None]
    return (one * share + two * (1 - share)).astype(np.uint8)


def planks(rng: np.random.Generator) -> Pixels:
    grain = cv2.resize(rng.standard_normal((SIDE, int(rng.integers(2, 20))), dtype=np.float32), (SIDE, SIDE))
    rings = np.sin(
        octaves(rng, SIDE, 2, 2, 0.4) * rng.uniform(2, 14) + np.arange(SIDE, dtype=np.float32)[:, None] * 0.05
    )
    relief = grain * rng.uniform(2, 16) + rings * rng.uniform(0, 10)
    warm = np.array((rng.uniform(0.35, 0.8), rng.uniform(0.6, 0.9), 1.0), np.float32) * rng.uniform(50, 235)
    pixels = _tinted(warm if rng.random() < 0.7 else colour(rng), relief)
    if rng.random() < 0.6:
        high = int(rng.integers(50, 240))
        for top in range(int(rng.integers(high)), SIDE, high):
            shade = rng.uniform(0.75, 1.25)
            part = pixels[top : top + high]
            part[:] = np.clip(part * shade, 0, 255).astype(np.uint8)
            part[: int(rng.integers(1, 4))] //= 2
    return pixels


def woven(rng: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    relief = np.zeros((SIDE, SIDE), np.float32)
    for axis in (x, y, x + y * rng.uniform(-1, 1)):
        if rng.random() < 0.7:
            relief += rng.uniform(0, 22) * np.sin(axis * 2 * np.pi / rng.uniform(4, 90) + rng.uniform(0, 6))
    relief += octaves(rng, SIDE, 4, 3, 0.5) * rng.uniform(0, 14)
    pixels = _tinted(colour(rng), relief)
    if rng.random() < 0.5:  # tartan
        for _ in range(int(rng.integers(2, 6))):
            period, wide, tone = int(rng.integers(40, 260)), int(rng.integers(3, 60)), colour(rng, 90)
            for start in range(int(rng.integers(period)), SIDE, period):
                for part in (pixels[start : start + wide], pixels[:, start : start + wide]):
                    part[:] = (part * 0.55 + tone * 0.45).astype(np.uint8)
    return pixels


def leaves(rng: np.random.Generator) -> Pixels:
    """Dead leaves: shapes of every size over each other, as anything that lies about."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    pixels[:] = colour(rng).astype(np.uint8)
    palette = [colour(rng, 70) for _ in range(int(rng.integers(2, 12)))]
    largest = rng.uniform(40, 300)
    for _ in range(int(rng.integers(40, 400))):
        size = max(4.0, largest * rng.random() ** 2.5)
        blob(
            pixels, rng.uniform(0, SIDE, 2), size, palette[int(rng.integers(len(palette)))] + rng.normal(0, 12, 3), rng
        )
    if rng.random() < 0.5:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 4))
    return np.asarray(pixels)


def blob(
    pixels: Pixels, centre: NDArray[np.float64], size: float, tone: NDArray[np.floating], rng: np.random.Generator
) -> None:
    tone3 = tuple(float(v) for v in np.clip(tone, 0, 255))
    x, y = (int(v) for v in centre)
    kind = rng.integers(4)
    if kind == 0:
        cv2.ellipse(
            pixels,
            (x, y),
            (int(size) + 1, int(size * rng.uniform(0.3, 1)) + 1),
            rng.uniform(0, 360),
            0,
            360,
            tone3,
            -1,
            cv2.LINE_AA,
        )
    elif kind == 1:
        box = cv2.boxPoints(((x, y), (size * 2, size * rng.uniform(0.2, 2)), rng.uniform(0, 180)))
        cv2.fillPoly(pixels, [box.astype(np.int32)], tone3, cv2.LINE_AA)
    elif kind == 2:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        points = np.stack((np.cos(angles), np.sin(angles)), 1) * size * rng.uniform(0.5, 1, (len(angles), 1)) + (x, y)
        cv2.fillPoly(pixels, [points.astype(np.int32)], tone3, cv2.LINE_AA)
    else:
        points = np.array((x, y)) + np.cumsum(rng.normal(0, size / 3, (6, 2)), axis=0)
        cv2.polylines(pixels, [points.astype(np.int32)], False, tone3, max(1, int(size / 14)), cv2.LINE_AA)


def grid(rng: np.random.Generator) -> Pixels:
    """Keyboards, grilles, shelves: rounded fields in rows."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    pixels[:] = colour(rng).astype(np.uint8)
    wide, high, gap = rng.uniform(20, 160), rng.uniform(20, 110), rng.uniform(3, 20)
    tone = colour(rng)
    for top in np.arange(0, SIDE, high + gap):
        for left in np.arange(rng.uniform(-wide, 0), SIDE, wide + gap):
            shade = tuple(float(v) for v in np.clip(tone + rng.normal(0, 5), 0, 255))
            cv2.rectangle(pixels, (int(left), int(top)), (int(left + wide), int(top + high)), shade, -1)
            if rng.random() < 0.6:
                cv2.putText(pixels, chr(int(rng.integers(65, 91))), (int(left + wide * 0.3), int(top + high * 0.7)),
                            cv2.FONT_HERSHEY_SIMPLEX, high / 50, tuple(float(v) for v in 255 - tone), 1)  # fmt: skip
    return pixels


def tiles(rng: np.random.Generator) -> Pixels:
    step = int(rng.integers(60, 320))
    seams = colour(rng)
    pixels = cloudy(rng) if rng.random() < 0.5 else plain(rng)
    wide = int(rng.integers(1, 9))
    for at in range(int(rng.integers(step)), SIDE, step):
        pixels[at : at + wide] = seams
        pixels[:, at : at + wide] = seams
    return pixels


def bars(rng: np.random.Generator) -> Pixels:
    """Stripes, blinds, corrugation: straight parallel edges everywhere."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    tones = [colour(rng, 60) for _ in range(int(rng.integers(2, 5)))]
    at = 0
    while at < SIDE:
        wide = int(rng.integers(3, 120))
        pixels[at : at + wide] = tones[int(rng.integers(len(tones)))]
        at += wide
    return cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 3))


def fibres(rng: np.random.Generator) -> Pixels:
    """Grass, fur, hair, straw."""
    pixels = plain(rng)
    tones = [colour(rng, 60) for _ in range(4)]
    main, spread = rng.uniform(0, np.pi), rng.uniform(0.1, 2)
    for _ in range(int(rng.integers(300, 1800))):
        angle, length = rng.normal(main, spread), rng.uniform(10, 120)
        start = rng.uniform(0, SIDE, 2)
        end = start + length * np.array((np.cos(angle), np.sin(angle)))
        cv2.line(
            pixels,
            tuple(start.astype(int)),
            tuple(end.astype(int)),
            tuple(float(v) for v in tones[int(rng.integers(4))]),
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )
    return pixels


def speckles(rng: np.random.Generator) -> Pixels:
    """Terrazzo, sand, gravel."""
    grain = octaves(rng, SIDE, int(rng.integers(60, 300)), 2, 0.6)
    step = (grain > rng.uniform(0, 1.2)).astype(np.float32)[:, :, None]
    return cv2.GaussianBlur(
        (colour(rng) * step + colour(rng) * (1 - step)).astype(np.uint8), (0, 0), rng.uniform(0.4, 1.5)
    )


def page(rng: np.random.Generator, font: str) -> Pixels:
    """Print: columns of Latin or Chinese, headings, rules, tables, grey pictures."""
    paper = np.clip(rng.uniform(185, 252) + rng.normal(0, 6, 3), 0, 255)
    image = Image.new("RGB", (SIDE, SIDE), tuple(int(v) for v in paper))
    draw = ImageDraw.Draw(image)
    y = float(rng.uniform(0, 40))
    ink = tuple(int(v) for v in rng.uniform(0, 110, 3))
    while y < SIDE:
        size = int(rng.choice((11, 14, 18, 24, 40), p=(0.25, 0.3, 0.25, 0.15, 0.05)))
        lines = int(rng.integers(1, 12))
        kind = rng.random()
        if kind < 0.12:
            box = (rng.uniform(0, 500), y, rng.uniform(520, SIDE), y + lines * size)
            draw.rectangle(box, fill=tuple(int(v) for v in colour(rng)), outline=ink if rng.random() < 0.5 else None)
            y += lines * size + 10
            continue
        face = ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)
        left = float(rng.choice((10, 30, 200)))
        for _ in range(lines):
            draw.text((left, y), letters(rng, int(rng.integers(8, SIDE // size * 2)), kind < 0.5), font=face, fill=ink)
            if 0.5 < kind < 0.65:
                draw.line((0, y - 2, SIDE, y - 2), fill=ink)
            y += size * 1.4
        y += rng.uniform(5, 60)
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def letters(rng: np.random.Generator, count: int, chinese: bool) -> str:
    """Meaningless text."""
    if chinese:
        return "".join(chr(int(v)) for v in rng.integers(0x4E00, 0x8FFF, count // 2 + 1))
    return "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz    ETARION0123456789.,"), count))
