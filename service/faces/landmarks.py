"""468 landmarks of a face, and from them where the head points: MediaPipe's face mesh through LiteRT."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.faces.light import lit
from service.runtime.litert import LiteSession, open_lite_session
from service.runtime.weights import Weights

SIDE = 192
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
class FaceView:
    """A face as the mesh saw it. `window` BGR uint8 (192, 192, 3), eyes level, lit where it was dim, `grey` (192, 192)
    the same; `taken` is the grey as the picture has it; `points` float32 (468, 3) in its pixels,
    z smaller is nearer. `presence`: the net's logit that a whole face is there, higher is more certain; good faces have
    15 to 65, covered ones less. `to_window` float64 (2, 3) maps the picture to the window."""

    window: Pixels = field(repr=False)
    points: NDArray[np.float32] = field(repr=False)
    grey: NDArray[np.uint8] = field(repr=False)
    taken: NDArray[np.uint8] = field(repr=False)
    presence: float
    to_window: NDArray[np.float64] = field(repr=False)

    @property
    def scale(self) -> float:
        """Window pixels per pixel of the picture."""
        return float(np.linalg.norm(self.to_window[0, :2]))

    def mesh(self) -> NDArray[np.float32]:
        """float32 (468, 3): x, y in pixels of the picture, z likewise."""
        back = cv2.invertAffineTransform(self.to_window)
        placed = self.points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.asarray(np.hstack([placed, self.points[:, 2:] / self.scale]), np.float32)

    def pose(self) -> HeadPose:
        """Where the head points."""
        mesh = self.mesh().astype(np.float64)
        across = mesh[_RIGHT_EDGE] - mesh[_LEFT_EDGE]
        down = mesh[_CHIN] - mesh[_FOREHEAD]
        level = float(np.hypot(across[0], across[1]))
        return HeadPose(
            yaw=_degrees(float(across[2]), level),
            pitch=_degrees(float(-down[2]), float(np.hypot(down[0], down[1]))),
            roll=_degrees(float(across[1]), float(across[0])),
        )


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """Finds the mesh of a face that was already found."""

    session: LiteSession

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceLandmarks:
        """Raises WeightMissing or WeightMismatch."""
        return cls(open_lite_session(weights.verified("face_landmarks").path, threads))

    def view(self, pixels: Pixels, face: Face) -> FaceView:
        """The mesh of `face` in a BGR uint8 (H, W, 3) picture."""
        matrix = _window(face)
        seen = np.asarray(cv2.warpAffine(pixels, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        window, taken = lit(seen), _grey(seen)
        tensor = cv2.cvtColor(window, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / np.float32(255.0)
        points, presence = self.session.run(tensor)[:2]
        return FaceView(
            window=window,
            points=points.reshape(-1, 3),
            grey=taken if window is seen else _grey(window),
            taken=taken,
            presence=float(presence.ravel()[0]),
            to_window=matrix,
        )


def _grey(window: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(window, cv2.COLOR_BGR2GRAY), np.uint8)


def _degrees(opposite: float, adjacent: float) -> float:
    return float(np.degrees(np.arctan2(opposite, adjacent)))


def _window(face: Face) -> NDArray[np.float64]:
    """The affine map (2, 3) from the picture to the net's input: face in the middle, eyes level."""
    x0, y0, x1, y1 = face.box
    along = face.landmarks[1] - face.landmarks[0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    scale = SIDE / (_REACH * max(x1 - x0, y1 - y0))
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, angle, scale), np.float64)
    matrix[:, 2] += np.array([SIDE / 2 - centre[0], SIDE / 2 - centre[1]])
    return matrix
