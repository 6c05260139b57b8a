"""An aligned face -> the unit vector that stands for the person: a MobileFaceNet through ONNX Runtime."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights


@dataclass(frozen=True, slots=True)
class FaceEncoder:
    """Encodes chips of `service.faces.align`. Vectors of two weights (`model_sha256`) cannot be compared."""

    session: Session
    model_sha256: str

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceEncoder:
        """Raises WeightMissing or WeightMismatch."""
        weight = weights.verified("face_template")
        return cls(open_session(weight.path, threads), weight.sha256)

    def encode(self, aligned: Pixels) -> NDArray[np.float32]:
        """float32 (512,) of length 1 from a BGR uint8 (112, 112, 3) face: the face and its mirror image averaged."""
        mirrored = np.ascontiguousarray(aligned[:, ::-1])
        return unit(self.encode_once(aligned) + self.encode_once(mirrored))

    def encode_once(self, aligned: Pixels) -> NDArray[np.float32]:
        """As `encode`, without the mirror image: half the time, a little less certain."""
        blob = cv2.dnn.blobFromImage(aligned, 1.0 / 128.0, mean=(127.0, 127.0, 127.0))
        return unit(self.session.run(np.asarray(blob, np.float32))[0][0])


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length 1."""
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
