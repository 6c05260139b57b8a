"""468 landmarks of a face, and from them where the head points: MediaPipe's face mesh through LiteRT."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.runtime.litert import LiteSession, open_lite_session
from service.runtime.weights import Weights

_SIDE = 192
_REACH = 1.5
"""The net wants the face box enlarged 1.5 times, eyes level."""
_LEFT_EDGE, _RIGHT_EDGE, _FOREHEAD, _CHIN = 234, 454, 10, 152
"""Points of the mesh on the outline of the face, left and right as seen in the picture."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees. `yaw` > 0 when the face looks to the right of the picture, `pitch` > 0 when it looks down, `roll` > 0
    when it leans clockwise in the picture."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """Finds the mesh of a face that was already found."""

    session: LiteSession

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceLandmarks:
        """Raises WeightMissing or WeightMismatch."""
        return cls(open_lite_session(weights.verified("face_landmarks").path, threads))

    def mesh(self, pixels: Pixels, face: Face) -> NDArray[np.float32]:
        """float32 (468, 3): x, y in pixels of the BGR uint8 (H, W, 3) picture, z likewise, smaller is nearer."""
        matrix = _window(face)
        window = cv2.warpAffine(pixels, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
        tensor = cv2.cvtColor(window, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / np.float32(255.0)
        points = self.session.run(tensor)[0].reshape(-1, 3)
        back = cv2.invertAffineTransform(matrix)
        placed = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * np.linalg.norm(back[0, :2])
        return np.asarray(np.hstack([placed, depth]), np.float32)

    def pose(self, pixels: Pixels, face: Face) -> HeadPose:
        """Where the head points."""
        mesh = self.mesh(pixels, face).astype(np.float64)
        across = mesh[_RIGHT_EDGE] - mesh[_LEFT_EDGE]
        down = mesh[_CHIN] - mesh[_FOREHEAD]
        level = float(np.hypot(across[0], across[1]))
        return HeadPose(
            yaw=_degrees(float(across[2]), level),
            pitch=_degrees(float(-down[2]), float(np.hypot(down[0], down[1]))),
            roll=_degrees(float(across[1]), float(across[0])),
        )


def _degrees(opposite: float, adjacent: float) -> float:
    return float(np.degrees(np.arctan2(opposite, adjacent)))


def _window(face: Face) -> NDArray[np.float64]:
    """The affine map (2, 3) from the picture to the net's input: face in the middle, eyes level."""
    x0, y0, x1, y1 = face.box
    along = face.landmarks[1] - face.landmarks[0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    scale = _SIDE / (_REACH * max(x1 - x0, y1 - y0))
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, angle, scale), np.float64)
    matrix[:, 2] += np.array([_SIDE / 2 - centre[0], _SIDE / 2 - centre[1]])
    return matrix
