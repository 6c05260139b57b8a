"""What lies around a card: wood, cloth, printed paper, clutter; and fingers that hold it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.names import words

_WORDS = words("INVOICE TOTAL 2025-03-18 REF NOTE account 128.50 delivery Monday page 4 copy signed A-2291 order")


def scene(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A background, BGR (height, width, 3)."""
    makers: list[Callable[[int, int, np.random.Generator], Pixels]] = [_wood, _cloth, _paper, _clutter, _desk]
    # Drawn small and stretched: grain needs no more, and a 12-megapixel scene stays quick.
    shrink = max(1.0, max(width, height) / 1280)
    small = (max(16, round(width / shrink)), max(16, round(height / shrink)))
    pixels = makers[int(rng.integers(len(makers)))](*small, rng)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def draw_fingers(pixels: Pixels, quad: NDArray[np.float32], rng: np.random.Generator) -> None:
    """One or two fingertips over the card's short edges, in place. They end before the first letter."""
    tone = np.array(((110, 142, 205), (86, 118, 180), (60, 86, 140), (140, 172, 226))[int(rng.integers(4))], float)
    left_top, right_top, right_bottom, left_bottom = quad.astype(float)
    edges = [(left_top, left_bottom, right_top), (right_top, right_bottom, left_top)]
    for top, bottom, across in edges[: 1 + int(rng.integers(2))]:
        length = float(np.linalg.norm(across - top))
        inward = (across - top) / length
        spot = top + (bottom - top) * rng.uniform(0.25, 0.75)
        # The tip reaches 2-5 % of the width into the card; the rest of the finger lies outside.
        reach, thickness = rng.uniform(0.02, 0.05) * length, rng.uniform(0.075, 0.1) * length
        tip = spot + inward * (reach - thickness / 2)
        _draw_finger(pixels, tip, tip - inward * length * 0.8, thickness, tone * rng.uniform(0.9, 1.08))


_Vector = NDArray[np.float64]


def _draw_finger(pixels: Pixels, tip: _Vector, root: _Vector, thick: float, tone: _Vector) -> None:
    start, end = (tuple(int(v) for v in point) for point in (tip, root))
    dark = tuple(float(v) for v in tone * 0.78)
    cv2.line(pixels, start, end, dark, int(thick), cv2.LINE_AA)
    cv2.line(pixels, start, end, tuple(float(v) for v in np.minimum(tone, 255)), int(thick * 0.8), cv2.LINE_AA)
    nail = tuple(float(v) for v in np.minimum(tone * 1.1 + 8, 255))
    cv2.circle(pixels, start, int(thick * 0.24), nail, -1, cv2.LINE_AA)


def _wood(width: int, height: int, rng: np.random.Generator) -> Pixels:
    coarse = rng.normal(0, 1, (height, 8)).astype(np.float32)
    grain = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 1.5), (width, height), interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), sigmaX=14, sigmaY=0.6)
    tone = np.array(((70, 110, 160), (50, 80, 120), (110, 150, 190), (38, 52, 74))[int(rng.integers(4))], np.float32)
    return _shade(tone, grain * 16 + fine * 40)


def _cloth(width: int, height: int, rng: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    weave = 7 * np.sin(x * 2 * np.pi / 5) + 7 * np.sin(y * 2 * np.pi / 5)
    folds = 14 * np.sin((x * rng.uniform(0.3, 1) + y * rng.uniform(0.3, 1)) * 2 * np.pi / 420)
    tone = rng.uniform(40, 190, 3).astype(np.float32)
    return _shade(tone, weave + folds + rng.normal(0, 5, (height, width)).astype(np.float32))


def _desk(width: int, height: int, rng: np.random.Generator) -> Pixels:
    grey = rng.uniform(60, 235)
    slope = np.linspace(-14, 14, width, dtype=np.float32)[None, :] * rng.uniform(-1, 1)
    tone = np.clip(grey + rng.uniform(-14, 14, 3), 0, 255).astype(np.float32)
    return _shade(tone, slope + rng.normal(0, 3, (height, width)).astype(np.float32))


def _paper(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _shade(np.array((222, 230, 232), np.float32), rng.normal(0, 2, (height, width)).astype(np.float32))
    for y in range(24, height, 34):
        words = [_WORDS[int(rng.integers(len(_WORDS)))] for _ in range(int(rng.integers(4, 14)))]
        cv2.putText(pixels, " ".join(words), (20, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (70, 66, 64), 1, cv2.LINE_AA)
    return pixels


def _clutter(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _desk(width, height, rng)
    for _ in range(int(rng.integers(6, 14))):
        colour = tuple(float(v) for v in rng.uniform(20, 235, 3))
        centre = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
        shape = (float(rng.uniform(40, 360)), float(rng.uniform(20, 240)))
        corners = cv2.boxPoints((centre, shape, float(rng.uniform(0, 180)))).astype(np.int32)
        cv2.fillPoly(pixels, [corners], colour, cv2.LINE_AA)
    return pixels


def _shade(tone: NDArray[np.float32], relief: NDArray[np.float32]) -> Pixels:
    return np.asarray(np.clip(tone[None, None, :] + relief[:, :, None], 0, 255), dtype=np.uint8)
