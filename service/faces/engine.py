"""The face engine: finds the face that counts, sets it upright, makes its template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.evidence import Box, Face, FaceCapture, Finding, Measure, Picture, Pixels, Role, Template
from service.faces.covered import LOWER_HALF, MOUTH_SHARE, painted
from service.faces.detect import FaceDetector
from service.faces.prepare import prepared
from service.faces.prominence import prominence
from service.faces.quality import PORTRAIT_GATES, QualityGauge, face_size, failed_gates, measured, telling
from service.faces.search import Detector, search
from service.runtime.litert import LiteSession
from service.runtime.onnx import Session
from service.runtime.weights import Weights

MIN_SELFIE_FACE_PX = 20.0
MIN_PORTRAIT_FACE_PX = 16.0
"""Face size (`quality.face_size`) below which a comparison says nothing (models/cards/face_template.md)."""
_RIVAL = 0.65
"""A second face this prominent, measured against the first, makes it unclear who is meant: two side by side have 0.8
to 1, one as large at the picture's edge beside one in its middle 0.5 to 0.6."""
_BESIDE = 0.3
"""From here on the other might still be the holder: that the first is unlike the card then speaks against nobody."""


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
    gauge: QualityGauge
    sessions: tuple[Session | LiteSession, ...] = ()
    """Every model inside, for measuring."""

    @classmethod
    def build(cls, weights: Weights, threads: int) -> FaceEngine:
        """The default weights. Raises WeightMissing or WeightMismatch."""
        detector = FaceDetector.build(weights, threads)
        gauge = QualityGauge.build(weights, threads)
        return cls(detector, gauge.encoder, gauge, (detector.session, *gauge.sessions))

    @property
    def model_sha256(self) -> str:
        """Of the weight that makes the templates."""
        return self.encoder.model_sha256

    def find(self, pixels: Pixels) -> tuple[Face, ...]:
        """Every face of a BGR uint8 (H, W, 3) picture, the most prominent first (`prominence`)."""
        return search(self.detector, pixels)

    def subject(self, picture: Picture) -> FaceCapture:
        """The most prominent face, whoever else is in the picture and however poor it is; for comparing pictures."""
        faces = self.find(picture.pixels)
        return _unusable(picture, faces) or FaceCapture(faces[0], (), len(faces))

    def selfie(self, picture: Picture) -> FaceCapture:
        """The one face of a selfie. `face` is None where none, none large enough or more than one could be meant."""
        faces = self.find(picture.pixels)
        if _beside(faces, picture.pixels) >= _RIVAL:
            found = Finding("several_faces", Role.SELFIE, box=_region(picture, faces[1]))
            return FaceCapture(None, (found,), len(faces))
        return _unusable(picture, faces) or FaceCapture(faces[0], (), len(faces), faces[1:])

    def gated(self, picture: Picture, found: FaceCapture) -> FaceCapture:
        """What `selfie` found, with a finding for each gate its face does not pass (`quality.GATES`), which is the
        face's region, and whether it is `telling`."""
        if found.face is None:
            return found
        quality = self.gauge.measure(picture.pixels, found.face)
        region = _region(picture, found.face)
        failed = (
            Finding(gate.code, Role.SELFIE, box=region, measure=measured(quality, gate))
            for gate in failed_gates(quality)
        )
        alone = _beside((found.face, *found.others), picture.pixels) < _BESIDE
        return replace(found, findings=tuple(failed), telling=alone and telling(quality))

    def portrait(self, pixels: Pixels) -> FaceCapture:
        """The face of a card's portrait, cut out upright with a margin, BGR uint8 (H, W, 3).

        Findings beside a face name the gates it does not pass; their region is the whole portrait.
        """
        faces = self.find(pixels)
        if not faces:
            return FaceCapture(None, (Finding("portrait_not_found", Role.FRONT),))
        if face_size(faces[0]) < MIN_PORTRAIT_FACE_PX:
            return FaceCapture(None, (Finding("portrait_too_small", Role.FRONT),), len(faces))
        quality = self.gauge.measure(pixels, faces[0])
        failed = failed_gates(quality, PORTRAIT_GATES)
        found = (Finding(gate.code, Role.FRONT, measure=measured(quality, gate)) for gate in failed)
        return FaceCapture(faces[0], tuple(found), len(faces), telling=telling(quality))

    def template(self, pixels: Pixels, face: Face) -> Template:
        """The template of a face in `pixels`, BGR uint8 (H, W, 3)."""
        return Template(self.encoder.encode(prepared(pixels, face, self.gauge.landmarks)), self.encoder.model_sha256)

    def hidden(self, picture: Picture, face: Face, probe: Template, reference: Template) -> Finding | None:
        """`face_covered` where the lower half of a selfie's `face` adds nothing to the likeness of its template `probe`
        to `reference`: it is no part of the person, whatever it looks like.

        Said of the weight it was measured on alone: the likeness of another has another scale.
        """
        encoder = self.gauge.encoder
        if probe.model_sha256 != encoder.model_sha256:
            return None
        bare = encoder.encode_once(painted(prepared(picture.pixels, face, self.gauge.landmarks), LOWER_HALF))
        share = Measure("mouth_share", float((probe.vector - bare) @ reference.vector), MOUTH_SHARE, "lower")
        if share.value > share.threshold:
            return None
        return Finding("face_covered", Role.SELFIE, box=_region(picture, face), measure=share)


def _unusable(picture: Picture, faces: tuple[Face, ...]) -> FaceCapture | None:
    """Why there is nothing to compare, or None."""
    if not faces:
        return FaceCapture(None, (Finding("face_not_found", Role.SELFIE),))
    size = face_size(faces[0])
    if size >= MIN_SELFIE_FACE_PX:
        return None
    small = Measure("face_size", size, MIN_SELFIE_FACE_PX, "lower")
    return FaceCapture(
        None, (Finding("face_too_small", Role.SELFIE, box=_region(picture, faces[0]), measure=small),), len(faces)
    )


def _region(picture: Picture, face: Face) -> Box:
    x0, y0, x1, y1 = face.box
    return picture.to_original(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32))


def _beside(faces: tuple[Face, ...], pixels: Pixels) -> float:
    """How prominent the second face is against the first, 0 to 1; 0 where there is none."""
    return prominence(faces[1], pixels) / prominence(faces[0], pixels) if len(faces) > 1 else 0.0
