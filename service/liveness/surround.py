"""What frames the face: the straight edges of a screen, of its bezel or of a sheet of paper.

Behind a live person lines are cut off by head and shoulders and seldom close; a screen or a print is a closed
quadrilateral around the face. Needs no training.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.runtime.image import shrink

_SIDE = 256
"""Longest side the picture is shrunk to: an edge survives it, grain and hair do not."""
_EDGE = 6.0
"""Grey levels per pixel that make an edge."""
_ALONG = 0.93
"""Cosine between an edge's gradient and the normal of the line it shall belong to."""
_LINES = 5
_PARALLEL = 0.12
"""How far apart the slopes of opposite sides may lie, and how far from a right angle neighbours: perspective."""
_STEEP = 2.0
_WHOLE = 0.05
"""What a fourth side adds where two frames are closed alike: the whole one is named."""
_SPECK = 20
_RIM_GREY = 150.0
_RIM_COLOUR = 40.0

Floats = NDArray[np.float64]
Slopes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Surround:
    """The best quadrilateral around a face. `closed` in [0, 1]: the share of edge found along its weakest side; of
    four sides one may be missing. `quad` float32 (4, 2) in pixels of the picture, None where nothing was found.
    `pale` = white lies outside the edge, as around a print."""

    closed: float
    quad: NDArray[np.float32] | None = field(default=None, repr=False)
    pale: bool = False


def surround(pixels: Pixels, face: Face) -> Surround:
    """Look for a closed frame around `face` in a BGR uint8 (H, W, 3) picture."""
    scale = _SIDE / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = shrink(pixels, size)
    box = np.array(face.box) * scale
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    uprights, levels = _segments(grey, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    left, beyond = _beside(uprights, box[0], box[2], reach=(box[2] - box[0]) * 2.5)
    above, below = _beside(levels, box[1], box[3], reach=(box[3] - box[1]) * 2.0)
    if not (len(left) and len(beyond) and len(above) + len(below)):
        return Surround(0.0)
    padding = _padding(small)
    right, down = (_gradient(grey, axis, padding) for axis in (0, 1))
    sides = _Sides.build(left, beyond, above, below, box, right, down)
    closed, quad = sides.best()
    return Surround(closed, np.asarray(quad / scale, np.float32), _pale_rim(small, quad))


def _gradient(grey: Pixels, axis: int, padding: NDArray[np.bool_]) -> Slopes:
    slope = cv2.Sobel(grey, cv2.CV_32F, 1 - axis, axis, ksize=3, scale=0.25)
    slope[padding] = 0
    return np.asarray(slope, np.float32)


def _padding(small: Pixels) -> NDArray[np.bool_]:
    """Pure black that reaches the picture's rim, and its border: bars added by software, not edges of a thing."""
    black = np.asarray(cv2.inRange(small, (0, 0, 0), (6, 6, 6)), np.uint8)
    if not (black[[0, -1]].any() or black[:, [0, -1]].any()):
        return np.zeros(black.shape, bool)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(black, ltype=cv2.CV_16U)
    x, y, wide, tall, area = stats.T
    at_rim = (x == 0) | (y == 0) | (x + wide == black.shape[1]) | (y + tall == black.shape[0])
    bars = at_rim & (area > _SPECK) & (np.arange(count) > 0)
    return np.asarray(cv2.dilate(bars.astype(np.uint8)[labels], np.ones((7, 7), np.uint8)) > 0)


def _segments(grey: Pixels, x: float, y: float) -> tuple[Floats, Floats]:
    """Upright and level lines, (n, 3) each, the longest first: place at the face's middle, slope, length."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(grey)[0]
    ends = np.zeros((0, 4)) if found is None else found.reshape(-1, 4).astype(np.float64)
    across, along = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    lengths = np.hypot(across, along)
    ordered = np.argsort(-lengths)
    ends, across, along, lengths = ends[ordered], across[ordered], along[ordered], lengths[ordered]
    steep, flat = np.abs(along) > _STEEP * np.abs(across), np.abs(across) > _STEEP * np.abs(along)
    slope = np.where(steep, across, along) / np.where(steep, along, np.where(flat, across, 1.0))
    upright = np.stack([ends[:, 0] + (y - ends[:, 1]) * slope, slope, lengths], axis=1)
    level = np.stack([ends[:, 1] + (x - ends[:, 0]) * slope, slope, lengths], axis=1)
    return upright[steep], level[flat]


def _beside(lines: Floats, low: float, high: float, reach: float) -> tuple[Floats, Floats]:
    """The longest distinct lines before and behind the face along one axis."""
    lines = lines[lines[:, 2] >= 0.25 * (high - low)]
    before = lines[(lines[:, 0] < low) & (lines[:, 0] > low - reach)]
    behind = lines[(lines[:, 0] > high) & (lines[:, 0] < high + reach)]
    return _distinct(before), _distinct(behind)


def _distinct(lines: Floats) -> Floats:
    kept: list[Floats] = []
    for line in lines:
        if len(kept) == _LINES:
            break
        if all(abs(line[0] - one[0]) > 2.5 or abs(line[1] - one[1]) > 0.05 for one in kept):
            kept.append(line)
    return np.array(kept).reshape(-1, 3)[:, :2]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Every left, right, upper and lower line (n, 2), and along each the running count of edge pixels."""

    lines: tuple[Floats, Floats, Floats, Floats]
    runs: tuple[Floats, Floats, Floats, Floats]
    middle: tuple[float, float]

    @classmethod
    def build(
        cls, left: Floats, right: Floats, above: Floats, below: Floats, box: Floats, across: Slopes, down: Slopes
    ) -> _Sides:
        """The last upper and lower lines are no lines: where a frame ends whose fourth side is not seen."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        tall = box[3] - box[1]
        open_above = np.array([[max(box[1] - 0.1 * tall, 1.0), 0.0]])
        open_below = np.array([[min(box[3] + 0.5 * tall, across.shape[0] - 2.0), 0.0]])
        lines = (left, right, np.concatenate([above, open_above]), np.concatenate([below, open_below]))
        upright = _run(np.concatenate(lines[:2]), across, down, y)
        level = _run(np.concatenate(lines[2:]), down.T, across.T, x)
        runs = (*np.split(upright, [len(left)]), *np.split(level, [len(lines[2])]))
        return cls(lines, (runs[0], runs[1], runs[2], runs[3]), (x, y))

    def best(self) -> tuple[float, Floats]:
        """The most closed frame and its corners, clockwise from the upper left."""
        left, right, above, below = self.lines
        corners = [self._meet(u, v) for u, v in ((left, above), (right, above), (right, below), (left, below))]
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
        shares = [
            _share(self.runs[0], y0[:, :, None], y3[:, None, :])[:, None],
            _share(self.runs[1], y1[:, :, None], y2[:, None, :])[None],
            _share(self.runs[2], x0[:, None].transpose(2, 0, 1), x1[None].transpose(2, 0, 1)).transpose(1, 2, 0)[
                ..., None
            ],
            _share(self.runs[3], x3[:, None].transpose(2, 0, 1), x2[None].transpose(2, 0, 1)).transpose(1, 2, 0)[
                :, :, None
            ],
        ]
        shape = (len(left), len(right), len(above), len(below))
        found = np.stack([np.broadcast_to(share, shape) for share in shares]).copy()
        found[2, :, :, -1], found[3, :, :, :, -1] = 0.0, 0.0
        # The weakest of the three best sides; a fourth that is not there is the one that may be missing.
        closed = np.where(self._upright_frames(), np.sort(found, axis=0)[1], 0.0)
        i, j, k, m = np.unravel_index(int(np.argmax(closed + _WHOLE * found.mean(axis=0))), shape)
        quad = [(x0[i, k], y0[i, k]), (x1[j, k], y1[j, k]), (x2[j, m], y2[j, m]), (x3[i, m], y3[i, m])]
        return float(closed[i, j, k, m]), np.array(quad, np.float64)

    def _meet(self, uprights: Floats, levels: Floats) -> tuple[Floats, Floats]:
        """Where each upright meets each level: x and y, (uprights, levels) each."""
        (x, y), place, slope = self.middle, uprights[:, None, 0], uprights[:, None, 1]
        at = (place + slope * (levels[None, :, 0] - levels[None, :, 1] * x - y)) / (1 - slope * levels[None, :, 1])
        return at, levels[None, :, 0] + levels[None, :, 1] * (at - x)

    def _upright_frames(self) -> NDArray[np.bool_]:
        """Which combinations are near rectangles."""
        left, right, above, below = (side[:, 1] for side in self.lines)
        tilt = (left[:, None] + right[None]) / 2
        good = (np.abs(left[:, None] - right[None]) <= _PARALLEL)[:, :, None, None]
        square_above = np.abs(tilt[:, :, None] + above) <= _PARALLEL
        square_below = np.abs(tilt[:, :, None] + below) <= _PARALLEL
        square_above[:, :, -1] = square_below[:, :, -1] = True
        alike = np.abs(above[:, None] - below[None]) <= _PARALLEL
        alike[-1, :] = alike[:, -1] = True
        alike[-1, -1] = False
        return np.asarray(good & square_above[:, :, :, None] & square_below[:, :, None, :] & alike)


def _run(lines: Floats, across: Slopes, along: Slopes, middle: float) -> Floats:
    """Running count (n, rows + 1) of the rows in which a line lies on an edge that runs its way."""
    rows = np.arange(across.shape[0])
    places = lines[:, :1] + lines[:, 1:] * (rows - middle)
    norm = 1 / np.hypot(1.0, lines[:, 1:])
    columns = np.rint(places + np.array([-1, 0, 1])[:, None, None]).astype(int)
    inside = (columns >= 0) & (columns < across.shape[1])
    columns = columns.clip(0, across.shape[1] - 1)
    u, v = across[rows, columns], along[rows, columns]
    strength = np.hypot(u, v)
    edges = inside & (strength > _EDGE) & (np.abs(u - lines[:, 1:] * v) * norm > _ALONG * strength)
    on_edge = edges.any(axis=0)
    runs = np.zeros((len(lines), len(rows) + 1))
    np.cumsum(on_edge, axis=1, out=runs[:, 1:])
    return runs


def _share(runs: Floats, start: Floats, end: Floats) -> Floats:
    """Share of edge of each line between two places; what lies outside the picture is no edge."""
    last = runs.shape[1] - 1
    low, high = (np.rint(side).clip(0, last).astype(int) for side in (start, end))
    index = np.arange(len(runs)).reshape(-1, *([1] * (np.broadcast(low, high).ndim - 1)))
    return np.asarray((runs[index, high] - runs[index, low]) / np.maximum(end - start, 4.0))


def _pale_rim(small: Pixels, quad: Floats) -> bool:
    """Whether a little outside the quadrilateral most is bright and without colour."""
    outward = quad + 0.04 * (quad - quad.mean(axis=0))
    steps = np.linspace(0.1, 0.9, 12)[:, None]
    points = np.concatenate([a + steps * (b - a) for a, b in zip(outward, np.roll(outward, -1, axis=0), strict=True)])
    columns, rows = np.rint(points).astype(int).T
    inside = (columns >= 0) & (rows >= 0) & (columns < small.shape[1]) & (rows < small.shape[0])
    rim = small[rows[inside], columns[inside]].astype(np.float32)
    if not len(rim):
        return False
    pale = (rim.min(axis=1) > _RIM_GREY) & (np.ptp(rim, axis=1) < _RIM_COLOUR)
    return bool(pale.mean() > 0.6)
