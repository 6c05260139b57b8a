"""The face engine: finds the face that counts, sets it upright, makes its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, FaceCapture, Finding, Picture, Pixels, Role, Template
from service.faces.align import chip
from service.faces.detect import FaceDetector
from service.faces.encode import FaceEncoder
from service.faces.landmarks import FaceLandmarks
from service.faces.prominence import prominence
from service.faces.quality import face_size, quality_findings
from service.faces.search import Detector, search
from service.runtime.litert import LiteSession
from service.runtime.onnx import Session
from service.runtime.weights import Weights

MIN_SELFIE_FACE_PX = 20.0
MIN_PORTRAIT_FACE_PX = 16.0
"""Face size (`quality.face_size`) below which a comparison says nothing (models/cards/face_template.md)."""
_RIVAL = 0.5
"""A second face this prominent, measured against the first, makes it unclear who is meant."""


class Encoder(Protocol):
    """Aligned face, BGR uint8 (112, 112, 3), -> unit float32 vector. `model_sha256` names the weight."""

    @property
    def model_sha256(self) -> str: ...
    def encode(self, aligned: Pixels) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class FaceEngine:
    """Finds the face that counts and makes its template. Holds no state between pictures."""

    detector: Detector
    encoder: Encoder
    landmarks: FaceLandmarks
    sessions: tuple[Session | LiteSession, ...] = ()
    """Every model inside, for measuring."""

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceEngine:
        """The default weights. Raises WeightMissing or WeightMismatch."""
        detector = FaceDetector.build(weights, threads)
        encoder = FaceEncoder.build(weights, threads)
        landmarks = FaceLandmarks.build(weights, threads)
        return cls(detector, encoder, landmarks, (detector.session, encoder.session, landmarks.session))

    @property
    def model_sha256(self) -> str:
        """Of the weight that makes the templates."""
        return self.encoder.model_sha256

    def find(self, pixels: Pixels) -> tuple[Face, ...]:
        """Every face of a BGR uint8 (H, W, 3) picture, the most prominent first (`prominence`)."""
        return search(self.detector, pixels)

    def subject(self, picture: Picture) -> FaceCapture:
        """The most prominent face, whoever else is in the picture; for comparing pictures, not for selfies."""
        return self._selfie(picture.pixels, self.find(picture.pixels))

    def selfie(self, picture: Picture) -> FaceCapture:
        """The one face of a selfie. `face` is None where none, none large enough or more than one could be meant.

        Findings beside a face tell of poor quality; they inform and do not block.
        """
        faces = self.find(picture.pixels)
        if len(faces) > 1 and _rival(faces, picture.pixels):
            return FaceCapture(None, (Finding("several_faces", Role.SELFIE),), len(faces))
        return self._selfie(picture.pixels, faces)

    def portrait(self, pixels: Pixels) -> FaceCapture:
        """The face of a card's portrait, cut out upright with a margin, BGR uint8 (H, W, 3)."""
        faces = self.find(pixels)
        if not faces:
            return FaceCapture(None, (Finding("portrait_not_found", Role.FRONT),))
        if face_size(faces[0]) < MIN_PORTRAIT_FACE_PX:
            return FaceCapture(None, (Finding("portrait_too_small", Role.FRONT),), len(faces))
        return FaceCapture(faces[0], (), len(faces))

    def template(self, pixels: Pixels, face: Face) -> Template:
        """The template of a face in `pixels`, BGR uint8 (H, W, 3)."""
        return Template(self.encoder.encode(chip(pixels, face.landmarks)), self.encoder.model_sha256)

    def _selfie(self, pixels: Pixels, faces: tuple[Face, ...]) -> FaceCapture:
        if not faces:
            return FaceCapture(None, (Finding("face_not_found", Role.SELFIE),))
        if face_size(faces[0]) < MIN_SELFIE_FACE_PX:
            return FaceCapture(None, (Finding("face_too_small", Role.SELFIE),), len(faces))
        return FaceCapture(faces[0], quality_findings(pixels, faces[0], self.landmarks), len(faces))


def _rival(faces: tuple[Face, ...], pixels: Pixels) -> bool:
    return prominence(faces[1], pixels) >= _RIVAL * prominence(faces[0], pixels)
