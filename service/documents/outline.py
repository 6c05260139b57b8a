"""Outlines of a card from straight edges: also where fingers or print around the card break its contour."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

Floats = NDArray[np.float32]

MOST_LINES = 22
MOST_QUADS = 400
SAMPLES = 40


def gradients(small: Pixels) -> Floats:
    """The steepest channel's gradient at each pixel of a BGR picture, float32 (H, W, 2), grey levels per pixel."""
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.125)
    steepest = (across**2 + down**2).argmax(axis=2)[:, :, None]
    both = [np.take_along_axis(part, steepest, axis=2)[:, :, 0] for part in (across, down)]
    return np.stack(both, axis=2).astype(np.float32)


def outlines(small: Pixels, aspect: tuple[float, float]) -> Floats:
    """Quadrilaterals (N, 4, 2) made of four long straight edges, long side / short side within `aspect`."""
    height, width = small.shape[:2]
    lines = _lines(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8), 0.06 * max(height, width))
    if len(lines) < 4:
        return np.zeros((0, 4, 2), np.float32)
    pairs = _opposite(lines, 0.15 * min(height, width))
    return _quads(lines, pairs, (width, height), aspect)


def _lines(grey: NDArray[np.uint8], shortest: float) -> Floats:
    """The strongest lines, (N, 4): point and unit direction, strongest first. Segments of one line are joined."""
    found: Any = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(grey)[0]
    if found is None:
        return np.zeros((0, 4), np.float32)
    segments = np.asarray(found, np.float32).reshape(-1, 2, 2)
    lengths = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    order = np.argsort(-lengths)
    order = order[lengths[order] > shortest / 3]
    lines: list[Floats] = []
    strengths: list[float] = []
    free = np.ones(len(segments), bool)
    for place in order:
        if not free[place] or lengths[place] < shortest:
            continue
        start, end = segments[place]
        along = (end - start) / lengths[place]
        normal = np.array((-along[1], along[0]), np.float32)
        off = np.abs((segments - start) @ normal).max(axis=1)
        alike = free & (off < 2.5) & (lengths > shortest / 3)
        free &= ~alike
        lines.append(np.concatenate((start, along)))
        strengths.append(float(lengths[alike].sum()))
    strongest = np.argsort(strengths)[::-1][:MOST_LINES]
    return np.array([lines[place] for place in strongest], np.float32).reshape(-1, 4)


def _opposite(lines: Floats, nearest: float) -> NDArray[np.int64]:
    """Pairs of lines, nearly parallel and far enough apart to be opposite sides."""
    first, second = np.triu_indices(len(lines), 1)
    a, b = lines[first], lines[second]
    turn = np.abs(a[:, 2] * b[:, 3] - a[:, 3] * b[:, 2])
    apart = b[:, :2] - a[:, :2]
    distance = np.abs(apart[:, 0] * a[:, 3] - apart[:, 1] * a[:, 2])
    fits = (turn < np.sin(np.deg2rad(16))) & (distance > nearest)
    return np.stack((first[fits], second[fits]), axis=1)


def _quads(lines: Floats, pairs: NDArray[np.int64], size: tuple[int, int], aspect: tuple[float, float]) -> Floats:
    first, second = np.triu_indices(len(pairs), 1)
    one, other = pairs[first], pairs[second]
    cross = lines[one[:, 0], 2] * lines[other[:, 0], 3] - lines[one[:, 0], 3] * lines[other[:, 0], 2]
    upright = np.abs(cross) > np.sin(np.deg2rad(65))
    one, other = one[upright], other[upright]
    order = ((0, 0), (0, 1), (1, 1), (1, 0))
    quads = np.stack([_meeting(lines[one[:, i]], lines[other[:, k]]) for i, k in order], axis=1)
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    ratio = (sides[:, 0] + sides[:, 2]) / (sides[:, 1] + sides[:, 3] + 1e-6)
    ratio = np.maximum(ratio, 1 / np.maximum(ratio, 1e-6))
    room = 0.04 * max(size)
    inside = ((quads > -room) & (quads < np.array(size) + room)).all(axis=(1, 2))
    large = sides.min(axis=1) > 0.15 * min(size)
    fits = inside & large & (ratio > aspect[0]) & (ratio < aspect[1])
    # Pairs come with the strongest lines first; so do their combinations, roughly.
    ranked = np.argsort((one + 0.0).sum(axis=1)[fits] + other.sum(axis=1)[fits], kind="stable")[:MOST_QUADS]
    return np.asarray(quads[fits][ranked], dtype=np.float32)


def _meeting(one: Floats, other: Floats) -> Floats:
    """Where lines (N, 4) meet lines (N, 4), (N, 2)."""
    apart = other[:, :2] - one[:, :2]
    cross = one[:, 2] * other[:, 3] - one[:, 3] * other[:, 2]
    along = (apart[:, 0] * other[:, 3] - apart[:, 1] * other[:, 2]) / np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    return np.asarray(one[:, :2] + along[:, None] * one[:, 2:], dtype=np.float32)


def support(quads: Floats, field: Floats, least: float) -> Floats:
    """For each side of quads (N, 4, 2) the share of it that lies on an edge across it, (N, 4) in [0, 1].

    `field` as `gradients` gives it; `least` = grey levels per pixel from which a step counts.
    """
    starts, ends = quads, np.roll(quads, -1, axis=1)
    along = ends - starts
    normal = np.stack((-along[:, :, 1], along[:, :, 0]), axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-6
    steps = np.linspace(0.07, 0.93, SAMPLES, dtype=np.float32)[:, None]
    points = starts[:, :, None] + steps * along[:, :, None]
    height, width = field.shape[:2]
    strongest = np.zeros(points.shape[:3], np.float32)
    for offset in (-2.0, -1.0, 0.0, 1.0, 2.0):
        spots = np.rint(points + offset * normal[:, :, None]).astype(np.int32)
        x, y = spots[..., 0].clip(0, width - 1), spots[..., 1].clip(0, height - 1)
        step = np.abs((field[y, x] * normal[:, :, None]).sum(axis=3))
        np.maximum(strongest, step, out=strongest)
    return np.asarray((strongest > least).mean(axis=2), dtype=np.float32)
