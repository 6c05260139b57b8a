"""Looking again where the first look finds no face: closer, with a frame around it, turned."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.faces.detect import FaceDetector

_SIDE = 320
"""Faces are looked for with the longer side at 320 pixels: LFW View 2 loses no picture there (reference, faces §8)."""
_CLOSE_SIDE = 640
_MIN_SCORE = 0.5
_LAST_MIN_SCORE = 0.35
_FRAME = 0.35
"""The border put around a tight crop, in parts of its longer side."""
_TURNS = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180)


def search(detector: FaceDetector, pixels: Pixels) -> tuple[Face, ...]:
    """Every face of a BGR uint8 (H, W, 3) picture; each further look is only taken where all before found nothing."""
    found = detector.detect(pixels, side=_SIDE, min_score=_MIN_SCORE)
    if found:
        return found
    found = _framed(detector, pixels) or detector.detect(pixels, side=_CLOSE_SIDE, min_score=_MIN_SCORE)
    if found:
        return found
    for turn in _TURNS:
        found = _turned(detector, pixels, turn)
        if found:
            return found
    return detector.detect(pixels, side=_CLOSE_SIDE, min_score=_LAST_MIN_SCORE)


def _framed(detector: FaceDetector, pixels: Pixels) -> tuple[Face, ...]:
    """A face that fills the picture is found when there is something around it."""
    border = int(_FRAME * max(pixels.shape[:2]))
    wide = cv2.copyMakeBorder(pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    faces = detector.detect(np.asarray(wide, dtype=np.uint8), side=_SIDE, min_score=_LAST_MIN_SCORE)
    back = np.array([[1, 0, -border], [0, 1, -border]], np.float32)
    return tuple(_moved(face, back) for face in faces)


def _turned(detector: FaceDetector, pixels: Pixels, turn: int) -> tuple[Face, ...]:
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
