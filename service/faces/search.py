"""Looking again where the first look finds no face: closer, with a frame around it, turned."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.faces.align import strain
from service.faces.prominence import by_prominence

_SIDE = 320
"""Faces are looked for with the longer side at 320 pixels: LFW View 2 loses no picture there (reference, faces §8)."""
_CLOSE_SIDE = 640
_MIN_SCORE = 0.5
_LAST_MIN_SCORE = 0.35
_FRAME = 0.35
"""The border put around a tight crop, in parts of its longer side."""
_UPRIGHT_STRAIN = 5.0
_TURNED_STRAIN = 3.5
"""A face seen from the side strains as an upright one (above 5), but fits no better when the picture is turned."""
_TURNS = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180)


class Detector(Protocol):
    """Finds faces with the picture's longer side scaled to `side` pixels; answers in pixels of the picture."""

    def detect(self, pixels: Pixels, *, side: int, min_score: float) -> tuple[Face, ...]: ...


def search(detector: Detector, pixels: Pixels) -> tuple[Face, ...]:
    """Every face of a BGR uint8 (H, W, 3) picture, the most prominent first.

    A further look is only taken where the looks before found nothing, or only a face that seems not to stand upright.
    """
    found = by_prominence(detector.detect(pixels, side=_SIDE, min_score=_MIN_SCORE), pixels)
    found = found or by_prominence(_framed(detector, pixels), pixels)
    found = found or by_prominence(detector.detect(pixels, side=_CLOSE_SIDE, min_score=_MIN_SCORE), pixels)
    if found and strain(found[0].landmarks) <= _UPRIGHT_STRAIN:
        return found
    looks = [by_prominence(_turned(detector, pixels, turn), pixels) for turn in _TURNS]
    turned = [look for look in looks if look and strain(look[0].landmarks) <= _TURNED_STRAIN]
    if turned:
        return min(turned, key=lambda look: strain(look[0].landmarks))
    if found:
        return found
    return by_prominence(detector.detect(pixels, side=_CLOSE_SIDE, min_score=_LAST_MIN_SCORE), pixels)


def _framed(detector: Detector, pixels: Pixels) -> tuple[Face, ...]:
    """A face that fills the picture is found when there is something around it."""
    border = int(_FRAME * max(pixels.shape[:2]))
    wide = cv2.copyMakeBorder(pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    faces = detector.detect(np.asarray(wide, dtype=np.uint8), side=_SIDE, min_score=_LAST_MIN_SCORE)
    back = np.array([[1, 0, -border], [0, 1, -border]], np.float32)
    return tuple(_moved(face, back) for face in faces)


def _turned(detector: Detector, pixels: Pixels, turn: int) -> tuple[Face, ...]:
    height, width = pixels.shape[:2]
    back = {
        cv2.ROTATE_90_CLOCKWISE: np.array([[0, 1, 0], [-1, 0, height]], np.float32),
        cv2.ROTATE_90_COUNTERCLOCKWISE: np.array([[0, -1, width], [1, 0, 0]], np.float32),
        cv2.ROTATE_180: np.array([[-1, 0, width], [0, -1, height]], np.float32),
    }[turn]
    turned = np.asarray(cv2.rotate(pixels, turn), dtype=np.uint8)
    return tuple(_moved(face, back) for face in detector.detect(turned, side=_SIDE, min_score=_MIN_SCORE))


def _moved(face: Face, matrix: NDArray[np.float32]) -> Face:
    """The face under a turn by quarters and a shift, (2, 3)."""
    x0, y0, x1, y1 = face.box
    corners = np.array([[x0, y0], [x1, y1]], np.float32) @ matrix[:, :2].T + matrix[:, 2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    landmarks = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, np.ascontiguousarray(landmarks, dtype=np.float32), face.detection_score)
