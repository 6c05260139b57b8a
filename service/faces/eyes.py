"""Whether eyes are open: a small classifier over a grey 24 x 24 eye, and how far the lids of the mesh stand apart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.faces.landmarks import FaceView
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

_SIDE = 24
_REACH = 1.6
"""The net wants a square of 1.6 eye widths."""
_CORNERS = ((33, 133), (362, 263))
_LIDS = (((160, 144), (159, 145), (158, 153)), ((385, 380), (386, 374), (387, 373)))
"""Points of the mesh: corners of each eye, and points of the upper lid above points of the lower one."""


@dataclass(frozen=True, slots=True)
class EyeState:
    """`open_log_odds`, of the eye that is more certainly open: above 0 = open. `aspect`: lid distance over eye width of
    the wider eye, 0.2 to 0.4 where open; the mesh hardly follows a closing lid, so it only backs the first."""

    open_log_odds: float
    aspect: float


@dataclass(frozen=True, slots=True)
class EyeClassifier:
    """Judges both eyes of a face."""

    session: Session

    @classmethod
    def build(cls, weights: Weights, threads: int) -> EyeClassifier:
        """Raises WeightMissing or WeightMismatch."""
        return cls(open_session(weights.verified("face_eyes").path, threads))

    def state(self, view: FaceView) -> EyeState:
        """Of the face in `view`."""
        points = view.points[:, :2]
        return EyeState(
            open_log_odds=max(self._log_odds(view.grey, points[list(pair)]) for pair in _CORNERS),
            aspect=max(_aspect(points, *eye) for eye in zip(_CORNERS, _LIDS, strict=True)),
        )

    def _log_odds(self, grey: Pixels, corners: NDArray[np.float32]) -> float:
        centre = corners.mean(axis=0)
        scale = _SIDE / max(_REACH * float(np.linalg.norm(corners[1] - corners[0])), 1.0)
        matrix = np.array([[scale, 0, _SIDE / 2 - centre[0] * scale], [0, scale, _SIDE / 2 - centre[1] * scale]])
        eye = cv2.warpAffine(grey, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
        closed, opened = self.session.run((eye.astype(np.float32) / 255.0)[None, None])[0].ravel()
        return float(opened - closed)


def _aspect(points: NDArray[np.float32], corners: tuple[int, int], lids: tuple[tuple[int, int], ...]) -> float:
    apart = np.mean([np.linalg.norm(points[upper] - points[lower]) for upper, lower in lids])
    return float(apart / max(float(np.linalg.norm(points[corners[0]] - points[corners[1]])), 1.0))
