"""The default face engine: CenterFace finds, ArcFace alignment sets upright, a MobileFaceNet makes the template."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, FaceCapture, Finding, Picture, Pixels, Role, Template
from service.faces.align import chip
from service.faces.detect import FaceDetector
from service.faces.prominence import prominence
from service.faces.quality import quality_findings
from service.faces.search import search
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

MIN_SELFIE_EYES_PX = 20.0
MIN_PORTRAIT_EYES_PX = 16.0
"""Pixels between the eyes below which a comparison says nothing (models/cards/face_template.md)."""
_RIVAL = 0.5
"""A second face this prominent, measured against the first, makes it unclear who is meant."""


@dataclass(frozen=True, slots=True)
class FaceEngine:
    """Finds the face that counts and makes its template."""

    detector: FaceDetector
    encoder: Session
    model_sha256: str

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceEngine:
        """Raises WeightMissing or WeightMismatch."""
        weight = weights.verified("face_template")
        return cls(FaceDetector.build(weights, threads), open_session(weight.path, threads), weight.sha256)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Every model inside, for measuring."""
        return (self.detector.session, self.encoder)

    def find(self, pixels: Pixels) -> tuple[Face, ...]:
        """Every face of a BGR uint8 (H, W, 3) picture, the most prominent first (`prominence`)."""
        return search(self.detector, pixels)

    def subject(self, picture: Picture) -> FaceCapture:
        """The most prominent face, whoever else is in the picture; for comparing pictures, not for selfies."""
        faces = self.find(picture.pixels)
        if not faces:
            return FaceCapture(None, (Finding("face_not_found", Role.SELFIE),))
        if faces[0].eye_distance < MIN_SELFIE_EYES_PX:
            return FaceCapture(None, (Finding("face_too_small", Role.SELFIE),), len(faces))
        return FaceCapture(faces[0], quality_findings(picture.pixels, faces[0]), len(faces))

    def selfie(self, picture: Picture) -> FaceCapture:
        """The one face of a selfie. `face` is None where none, none large enough or more than one could be meant.

        Findings beside a face tell of poor quality; they inform and do not block.
        """
        faces = self.find(picture.pixels)
        if len(faces) > 1 and _rival(faces, picture.pixels):
            return FaceCapture(None, (Finding("several_faces", Role.SELFIE),), len(faces))
        return self.subject(picture)

    def portrait(self, pixels: Pixels) -> FaceCapture:
        """The face of a card's portrait, cut out upright with a margin, BGR uint8 (H, W, 3)."""
        faces = self.find(pixels)
        if not faces:
            return FaceCapture(None, (Finding("portrait_not_found", Role.FRONT),))
        if faces[0].eye_distance < MIN_PORTRAIT_EYES_PX:
            return FaceCapture(None, (Finding("portrait_too_small", Role.FRONT),), len(faces))
        return FaceCapture(faces[0], (), len(faces))

    def template(self, pixels: Pixels, face: Face) -> Template:
        """A unit vector of 512 values from a face in `pixels`, BGR uint8 (H, W, 3).

        The vector of the face and of its mirror image are averaged (models/cards/face_template.md says what it gains).
        """
        aligned = chip(pixels, face.landmarks)
        vector = self._encode(aligned) + self._encode(np.ascontiguousarray(aligned[:, ::-1]))
        return Template(_unit(vector), self.model_sha256)

    def _encode(self, aligned: Pixels) -> NDArray[np.float32]:
        blob = cv2.dnn.blobFromImage(aligned, 1.0 / 128.0, mean=(127.0, 127.0, 127.0))
        return _unit(self.encoder.run(np.asarray(blob, np.float32))[0][0])


def _rival(faces: tuple[Face, ...], pixels: Pixels) -> bool:
    return prominence(faces[1], pixels) >= _RIVAL * prominence(faces[0], pixels)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
