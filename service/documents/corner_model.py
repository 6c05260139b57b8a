"""The project's own corner network: where it sees corners and cards (models/cards/corner_model.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.runtime.image import shrink
from service.runtime.onnx import Session

Floats = NDArray[np.float32]

STRIDE = 8
CONTENT, MARGIN, MULTIPLE = 176, 6, 16
"""Pixels: the picture's longest side as the network sees it, least grey around it, what sides are multiples of."""
MOST_PEAKS, LEAST_PEAK = 8, 0.06
GUESSED = 0.02
"""What a fourth corner counts as that was not seen but follows from the other three."""
ALIKE = 5.0
"""Pixels of the canvas: outlines nearer to each other are one."""
ASPECTS = (1.15, 2.2)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network makes of one picture. `corners` (h, w): how surely a corner lies in a cell, `card` (h, w): how
    surely the cell lies on a card, both in [0, 1], higher is surer; `peaks` (N, 3): x, y in the canvas and sureness.
    A picture's point p lies at `scale` * p + `shift` in the canvas."""

    corners: Floats = field(repr=False)
    card: Floats = field(repr=False)
    peaks: Floats = field(repr=False)
    scale: float
    shift: Floats

    def to_picture(self, points: Floats) -> Floats:
        """Canvas points (..., 2) to points of the picture."""
        return np.asarray((points - self.shift) / self.scale, dtype=np.float32)

    def to_canvas(self, points: Floats) -> Floats:
        """Points of the picture (..., 2) to canvas points."""
        return np.asarray(points * self.scale + self.shift, dtype=np.float32)


def look(session: Session, pixels: Pixels) -> Seen:
    """Run the network on a BGR picture (H, W, 3)."""
    canvas, scale, shift = lay(pixels)
    out = session.run(((canvas.astype(np.float32) - 128) / 64)[None])[0][0]
    corners, card = _sigmoid(out[..., 0]), _sigmoid(out[..., 3])
    return Seen(corners, card, _peaks(corners, out[..., 1:3]), scale, shift)


def lay(pixels: Pixels) -> tuple[Pixels, float, Floats]:
    """The picture small, in the middle of a grey canvas: a corner on or just outside its rim still has a place."""
    height, width = pixels.shape[:2]
    scale = CONTENT / max(height, width)
    wide, high = (max(8, round(side * scale)) for side in (width, height))
    small = shrink(pixels, (wide, high))
    across, down = (-(-(side + 2 * MARGIN) // MULTIPLE) * MULTIPLE for side in (wide, high))
    left, top = (across - wide) // 2, (down - high) // 2
    canvas = np.full((down, across, 3), 128, np.uint8)
    canvas[top : top + high, left : left + wide] = small
    # Centres of pixels: p of the picture lies at (p + 0.5) * scale - 0.5.
    return canvas, scale, np.array((left, top), np.float32) + np.float32(0.5 * scale - 0.5)


def quads(seen: Seen, most: int) -> Floats:
    """The best outlines (N, 4, 2) in canvas points, clockwise, best first: of four peaks, or of three."""
    found = np.concatenate((_of_four(seen.peaks), _of_three(seen.peaks)))
    if not len(found):
        return np.zeros((0, 4, 2), np.float32)
    corners, sure = found[..., :2], found[..., 2]
    worth = card_agreement(seen, corners) + 0.5 * sure.mean(axis=1)
    worth[~_card_like(corners)] = -np.inf
    best: list[int] = []
    for place in np.argsort(-worth):
        if worth[place] <= 0 or len(best) == most:
            break
        # Three of four corners make nearly the same outline as all four.
        if all(_farthest(corners[place], corners[other]) > ALIKE for other in best):
            best.append(int(place))
    return np.asarray(corners[best], dtype=np.float32).reshape(-1, 4, 2)


_TURNS = (np.arange(4)[:, None] + np.arange(4)) % 4


def _farthest(one: Floats, other: Floats) -> float:
    """Distance between the farthest corners of two clockwise outlines, wherever each begins."""
    apart = one[_TURNS] - other
    return float(np.sqrt((apart**2).sum(axis=2).max(axis=1).min()))


def card_agreement(seen: Seen, corners: Floats) -> Floats:
    """For outlines (N, 4, 2) in the canvas: how much more a card is seen inside than just around, in [-1, 1]."""
    height, width = seen.card.shape
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    cells = (np.stack((x, y), axis=-1).reshape(-1, 2) * STRIDE + (STRIDE - 1) / 2).astype(np.float32)
    middle = corners.mean(axis=1, keepdims=True)
    inside, wider = _within(corners, cells), _within(middle + 1.3 * (corners - middle), cells)
    around = np.maximum(wider - inside, 0)  # of an outline that crosses itself some lies inside only
    card = seen.card.ravel()
    on = (inside * card).sum(axis=1) / (inside.sum(axis=1) + 1e-6)
    return np.asarray(on - (around * card).sum(axis=1) / (around.sum(axis=1) + 1e-6), dtype=np.float32)


def corner_sureness(seen: Seen, corners: Floats) -> Floats:
    """How surely the network sees a corner in or beside the cell of each of (N, 4, 2), (N, 4) in [0, 1]."""
    height, width = seen.corners.shape
    near = cv2.dilate(seen.corners, np.ones((3, 3), np.uint8))
    cells = np.rint((corners - (STRIDE - 1) / 2) / STRIDE).astype(np.intp)
    inside = ((cells >= 0) & (cells < (width, height))).all(axis=2)
    return np.where(inside, near[cells[..., 1].clip(0, height - 1), cells[..., 0].clip(0, width - 1)], 0.0).astype(
        np.float32
    )


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)


def _peaks(corners: Floats, offsets: Floats) -> Floats:
    """Cells surer than their neighbours; each place is the mean of what it and they say, by their sureness."""
    height, width = corners.shape
    top = (corners >= cv2.dilate(corners, np.ones((3, 3), np.uint8))) & (corners > LEAST_PEAK)
    rows, columns = np.nonzero(top)
    order = np.argsort(-corners[rows, columns])[:MOST_PEAKS]
    cells = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    peaks = []
    for row, column in zip(rows[order], columns[order], strict=True):
        part = np.s_[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        weight = corners[part] ** 2
        places = (cells[part] + offsets[part]) * STRIDE + (STRIDE - 1) / 2
        peaks.append((*(places * weight[..., None]).sum(axis=(0, 1)) / weight.sum(), corners[row, column]))
    return np.array(peaks, np.float32).reshape(-1, 3)


def _of_four(peaks: Floats) -> Floats:
    chosen = np.array(list(combinations(range(len(peaks)), 4)), np.intp).reshape(-1, 4)
    return _clockwise(peaks[chosen])


def _of_three(peaks: Floats) -> Floats:
    """One corner under a finger or outside the picture: it completes a parallelogram."""
    chosen = np.array(list(combinations(range(min(6, len(peaks))), 3)), np.intp).reshape(-1, 3)
    found = []
    for opposite in range(3):
        three = peaks[chosen]
        fourth = three.sum(axis=1) - 2 * three[:, opposite]
        fourth[:, 2] = GUESSED
        found.append(np.concatenate((three, fourth[:, None]), axis=1))
    return _clockwise(np.concatenate(found))


def _clockwise(points: Floats) -> Floats:
    """Points (N, 4, 3) in the order of their angle around their middle; y grows downward."""
    away = points[..., :2] - points[..., :2].mean(axis=1, keepdims=True)
    order = np.argsort(np.arctan2(away[..., 1], away[..., 0]), axis=1)
    return np.asarray(np.take_along_axis(points, order[..., None], axis=1), dtype=np.float32)


def _card_like(corners: Floats) -> NDArray[np.bool_]:
    """Convex, sides in a card's proportion as perspective leaves it."""
    along = np.roll(corners, -1, axis=1) - corners
    after = np.roll(along, -1, axis=1)
    convex = (along[..., 0] * after[..., 1] - along[..., 1] * after[..., 0] > 0).all(axis=1)
    sides = np.linalg.norm(along, axis=2) + 1e-6
    ratio = (sides[:, 0] + sides[:, 2]) / (sides[:, 1] + sides[:, 3])
    ratio = np.maximum(ratio, 1 / ratio)
    even = np.abs(np.log(sides[:, :2] / sides[:, 2:])).max(axis=1) < 0.7
    return np.asarray(convex & even & (ratio > ASPECTS[0]) & (ratio < ASPECTS[1]))


def _within(corners: Floats, cells: Floats) -> Floats:
    """Which cells (M, 2) lie within which clockwise outlines (N, 4, 2): (N, M) of 0 and 1."""
    along = np.roll(corners, -1, axis=1) - corners
    inside = np.ones((len(corners), len(cells)), bool)
    for side in range(4):
        x = cells[None, :, 0] - corners[:, side, 0, None]
        y = cells[None, :, 1] - corners[:, side, 1, None]
        inside &= along[:, side, 0, None] * y - along[:, side, 1, None] * x >= 0
    return inside.astype(np.float32)
