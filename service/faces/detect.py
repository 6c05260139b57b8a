"""Where the faces are, and their five landmarks: CenterFace through ONNX Runtime."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.runtime.image import shrink
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

_STRIDE = 32
_CELL = 4.0
"""The net answers one cell for 4 x 4 input pixels."""
_OVERLAP = 0.3
_LANDMARK_COLUMNS = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8]
"""The net answers (y, x) per point; we speak (x, y)."""


@dataclass(frozen=True, slots=True)
class FaceDetector:
    """Finds faces. `session` is CenterFace with its sides freed."""

    session: Session

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceDetector:
        """Raises WeightMissing or WeightMismatch."""
        return cls(open_session(weights.verified("face_detection").path, threads, dynamic_axes=(0, 2, 3)))

    def detect(self, pixels: Pixels, *, side: int, min_score: float) -> tuple[Face, ...]:
        """Faces in a BGR uint8 (H, W, 3) picture, looked for with its longer side scaled to `side` pixels.

        Boxes and landmarks are in pixels of `pixels`; a box may reach outside. Highest detection score first.
        """
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        heat, size, offset, points = self.session.run(_blob(pixels, scale))
        rows, columns = np.nonzero(heat[0, 0] > min_score)
        if rows.size == 0:
            return ()
        scores = heat[0, 0, rows, columns]
        extent = np.exp(size[0][:, rows, columns]) * _CELL
        centre = (np.stack([rows, columns]) + offset[0][:, rows, columns] + 0.5) * _CELL
        corner = centre - extent / 2
        landmarks = points[0][_LANDMARK_COLUMNS][:, rows, columns].reshape(5, 2, -1)
        landmarks = landmarks * extent[[1, 0]] + corner[[1, 0]]
        boxes = np.concatenate([corner[[1, 0]], (corner + extent)[[1, 0]]]).T / scale
        kept = _suppressed(boxes, scores)
        return tuple(_face(boxes[i], landmarks[:, :, i] / scale, float(scores[i])) for i in kept)


def _blob(pixels: Pixels, scale: float) -> NDArray[np.float32]:
    """RGB float32 (1, 3, h, w), sides a multiple of 32: scaled evenly, the rest black at the right and below."""
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    small = shrink(pixels, (width, height))
    canvas = np.zeros((-height % _STRIDE + height, -width % _STRIDE + width, 3), np.uint8)
    canvas[:height, :width] = small
    return np.asarray(cv2.dnn.blobFromImage(canvas, swapRB=True), dtype=np.float32)


def _suppressed(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> list[int]:
    corners = boxes.astype(np.float64)
    corners[:, 2:] -= corners[:, :2]
    kept = cv2.dnn.NMSBoxes(corners.tolist(), scores.tolist(), 0.0, _OVERLAP)
    return [int(index) for index in kept]


def _face(box: NDArray[np.float32], landmarks: NDArray[np.float32], score: float) -> Face:
    x0, y0, x1, y1 = (float(value) for value in box)
    return Face((x0, y0, x1, y1), np.ascontiguousarray(landmarks, dtype=np.float32), score)
