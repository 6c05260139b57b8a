"""Between frames: did a person move, a flat thing, or nothing at all? Needs no training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.runtime.image import shrink

_SIDE = 480
_POINTS = 80
_FEWEST = 10
_MOVED = 0.02
"""Face widths that points must have moved before their motion tells anything."""
_FITS = 0.006
"""Face widths off the plane's motion at which a point still belongs to it; tracking errs by about a third of that."""
_RING = 0.5
"""How far around the face box, in face boxes, the surroundings are followed: a telephone's screen reaches so far."""
_SAME_GREY = 0.35
"""Mean difference in grey levels of two shrunk frames below which they are one frame saved twice: the noise of a
camera alone makes more."""
_STILL = 0.0015
"""Face widths: less than anyone sways in a fifth of a second (the least of 117 live pairs moved 0.0051)."""
_FLAT = 0.6
"""Live pairs reach 0.37 at their 95th percentile, a telephone in the hand 1.0 (models/cards/passive_liveness.md)."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Motion:
    """From one frame to another. `difference`: mean grey levels. `moved`: median way of the face's points in face
    widths, None where too few could be followed. `planar` in [0, 1]: share of the points that one plane's motion
    explains, the lesser of those on the face and those around it; None where too little moved."""

    difference: float
    moved: float | None
    planar: float | None

    @property
    def identical(self) -> bool:
        """One frame saved twice."""
        return self.difference < _SAME_GREY

    @property
    def missing(self) -> bool:
        """Not the same file, yet nobody so much as swayed or breathed."""
        return not self.identical and self.moved is not None and self.moved < _STILL

    @property
    def flat(self) -> bool:
        """Face and surroundings moved as one flat thing."""
        return self.planar is not None and self.planar >= _FLAT


def motion(one: Pixels, face: Face, other: Pixels) -> Motion:
    """From a BGR uint8 (H, W, 3) frame to another of the same camera; `face` lies in the first."""
    scale = min(1.0, _SIDE / max(one.shape[:2]))
    size = (max(8, round(one.shape[1] * scale)), max(8, round(one.shape[0] * scale)))
    before, after = (_grey(frame, size) for frame in (one, other))
    difference = float(cv2.absdiff(before, after).mean())
    x0, y0, x1, y1 = np.array(face.box) * scale
    wide = x1 - x0
    inner = _mask(before, (x0, y0, x1, y1), 0.0)
    ring = np.asarray(cv2.subtract(_mask(before, (x0, y0, x1, y1), _RING), inner), np.uint8)
    start, end = _followed(before, after, inner)
    if len(start) < _FEWEST:
        return Motion(difference, None, None)
    moved = float(np.median(np.linalg.norm(end - start, axis=1)) / wide)
    if moved < _MOVED:
        return Motion(difference, moved, None)
    around = _followed(before, after, ring)
    return Motion(difference, moved, _planar(start, end, *around, tolerance=_FITS * wide))


def _grey(frame: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.cvtColor(shrink(frame, size), cv2.COLOR_BGR2GRAY), np.uint8)


def _mask(grey: Pixels, box: tuple[float, float, float, float], grown: float) -> Pixels:
    x0, y0, x1, y1 = box
    across, down = grown * (x1 - x0), grown * (y1 - y0)
    mask = np.zeros_like(grey)
    cv2.rectangle(mask, (int(x0 - across), int(y0 - down)), (int(x1 + across), int(y1 + down)), 255, -1)
    return mask


def _followed(before: Pixels, after: Pixels, mask: Pixels) -> tuple[Floats, Floats]:
    """Points (n, 2) that were found again, there and back."""
    # OpenCV answers None where there is nothing; its stubs do not say so, nor that it takes None.
    tracked: Any = cv2.goodFeaturesToTrack(before, _POINTS, 0.01, 4, mask=mask)
    follow: Any = cv2.calcOpticalFlowPyrLK
    if tracked is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    corners = np.asarray(tracked, np.float32)
    found, there, _ = follow(before, after, corners, None, winSize=(15, 15), maxLevel=4)
    back, again, _ = follow(after, before, found, None, winSize=(15, 15), maxLevel=4)
    kept = (there.ravel() == 1) & (again.ravel() == 1) & (np.linalg.norm(back - corners, axis=2).ravel() < 0.7)
    return corners.reshape(-1, 2)[kept], found.reshape(-1, 2)[kept]


def _planar(start: Floats, end: Floats, ring_start: Floats, ring_end: Floats, tolerance: float) -> float | None:
    """A head before its room moves against it, a print with what is printed around the head."""
    if len(ring_start) < _FEWEST:
        return None
    plane: Any = cv2.findHomography(start, end, cv2.RANSAC, tolerance)[0]
    if plane is None:
        return None
    shares = []
    for here, there in ((start, end), (ring_start, ring_end)):
        expected = cv2.perspectiveTransform(here.reshape(-1, 1, 2).astype(np.float64), plane).reshape(-1, 2)
        # Away from the face the plane's own error grows.
        shares.append(float((np.linalg.norm(expected - there, axis=1) < 2 * tolerance).mean()))
    return min(shares)
