"""What is measured of a face before it is compared, and the gates it must pass: one reason code each.

The bounds lie outside what ordinary pictures show and where a comparison begins to suffer; what each costs and catches
is measured by `scripts/evaluate_quality` (models/cards/face_quality.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import CalibrationMissing
from service.evidence import Face, Measure, Pixels
from service.faces.align import chip
from service.faces.covered import (
    EYE_BAND,
    LOWER_HALF,
    Part,
    eye_signs,
    lens_signs,
    likeness_without,
    log_odds,
    mouth_signs,
    second_look,
)
from service.faces.encode import FaceEncoder
from service.faces.eyes import EyeClassifier
from service.faces.landmarks import SIDE, FaceLandmarks, FaceView
from service.faces.light import lit
from service.runtime.litert import LiteSession
from service.runtime.onnx import Session
from service.runtime.weights import Weights

Rule = Sequence[Sequence[float]]

_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
         150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
_HALVES = ((50, 117, 118, 101, 36, 205, 187, 207, 108, 69), (280, 346, 347, 330, 266, 425, 411, 427, 337, 299))
"""Points of the mesh: the face's outline, and the skin of its left and right half as seen in the picture."""
_BURNT = 250
_BRIGHTEST = 0.02
_ROUNDED = 20 / 12
"""Variance that rounding to whole greys gives a Laplacian: the sum of its squared weights, a twelfth each."""


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """Lengths in pixels of the picture, angles in degrees (absolute), brightness 0-255.

    `margin`: face box to the nearest edge of the picture, in box widths, negative where it reaches outside.
    `sharpness`: standard deviation of the Laplacian in hundredths of `highlights`, so that dim light is not taken for
    blur; higher is sharper. `highlights`: the grey that the brightest
    fiftieth of the face reaches, less a matter of the skin than brightness is. `one_sided`: difference of the
    brightness of the two halves over their sum, 0 to 1. `turn`: of `Face`. `closed_log_odds`,
    `mouth_covered_log_odds`, `eyes_covered_log_odds`: higher is more certain.
    """

    face_size: float
    margin: float
    sharpness: float
    brightness: float
    highlights: float
    burnt_share: float
    one_sided: float
    turn: float
    pitch: float
    roll: float
    closed_log_odds: float
    mouth_covered_log_odds: float
    eyes_covered_log_odds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """One bound. `measure`: a field of FaceQuality."""

    code: str
    measure: str
    bound: float
    worse: str = "higher"

    def fails(self, value: float) -> bool:
        """Whether the bound is reached."""
        return value >= self.bound if self.worse == "higher" else value <= self.bound


_TURNED = ("turn", 0.6)
_LOWERED = ("pitch", 35.0)
_DARK = ("highlights", 30.0, "lower")
_BRIGHT = ("brightness", 215.0)
_BURNT_OUT = ("burnt_share", 0.3)
_BLURRED = ("sharpness", 1.1, "lower")
GATES = (
    Gate("face_covered", "mouth_covered_log_odds", 0.0),
    Gate("eyes_covered", "eyes_covered_log_odds", -1.0),
    Gate("eyes_closed", "closed_log_odds", 5.0),
    Gate("face_turned", *_TURNED),
    Gate("face_lowered", *_LOWERED),
    Gate("face_tilted", "roll", 40.0),
    Gate("face_dark", *_DARK),
    Gate("face_bright", *_BRIGHT),
    Gate("face_bright", *_BURNT_OUT),
    Gate("face_one_sided", "one_sided", 0.5),
    Gate("face_blurred", *_BLURRED),
    Gate("face_margin_small", "margin", 0.05, "lower"),
)
PORTRAIT_GATES = (
    # Print and camera take half the detail that the first look needs: more certainty is asked for.
    Gate("portrait_covered", "mouth_covered_log_odds", 1.0),
    Gate("portrait_covered", "eyes_covered_log_odds", 1.0),
    Gate("portrait_turned", *_TURNED),
    Gate("portrait_turned", *_LOWERED),
    Gate("portrait_dark", *_DARK),
    Gate("portrait_bright", *_BRIGHT),
    Gate("portrait_bright", *_BURNT_OUT),
    Gate("portrait_blurred", *_BLURRED),
)
"""Of a selfie, and of a card's portrait: no office prints closed eyes, and a portrait is cut tight."""

_TELLING = (
    Gate("", "face_size", 25.0, "lower"),
    Gate("", "highlights", 70.0, "lower"),
    Gate("", "sharpness", 1.5, "lower"),
    Gate("", "turn", 0.45),
    Gate("", "mouth_covered_log_odds", -1.0),
    Gate("", "eyes_covered_log_odds", -2.0),
)
"""What a face must pass, besides its gates, for its being unlike another to speak against a person."""


@dataclass(frozen=True, slots=True)
class QualityGauge:
    """Measures faces. The rules are those of `service.faces.covered.log_odds`, the second ones of `second_look`."""

    landmarks: FaceLandmarks
    eyes: EyeClassifier
    encoder: FaceEncoder
    mouth_rule: Rule
    eyes_rule: Rule
    lens_rule: Rule
    mouth_without: Sequence[float]
    eyes_without: Sequence[float]

    @classmethod
    def build(cls, weights: Weights, threads: int) -> QualityGauge:
        """Raises WeightMissing, WeightMismatch or CalibrationMissing."""
        weight, template = weights.weights["face_landmarks"], weights.weights["face_template"]
        rules = weight.calibration
        if (rules.get("model_sha256"), rules.get("template_sha256")) != (weight.sha256, template.sha256):
            raise CalibrationMissing("The landmark weight has no rules for covered faces in models/manifest.toml.")
        landmarks, eyes = FaceLandmarks.build(weights, threads), EyeClassifier.build(weights, threads)
        encoder = FaceEncoder.build(weights, threads)
        names = ("mouth_covered", "eyes_covered", "lens_covered", "mouth_without", "eyes_without")
        return cls(landmarks, eyes, encoder, *(rules[name] for name in names))

    @property
    def sessions(self) -> tuple[LiteSession | Session, ...]:
        """The models inside, for measuring."""
        return (self.encoder.session, self.landmarks.session, self.eyes.session)

    def measure(self, pixels: Pixels, face: Face) -> FaceQuality:
        """Of `face` in a BGR uint8 (H, W, 3) picture."""
        view = self.landmarks.view(pixels, face)
        pose, grey = view.pose(), view.taken
        oval = _mask(view.points, _OVAL)
        state = self.eyes.state(view)

        def without(part: Part) -> float:
            return likeness_without(lit(chip(pixels, face.landmarks)), part, self.encoder)

        shades = cv2.calcHist([grey], [0], oval, [256], [0, 256]).ravel() / max(cv2.countNonZero(oval), 1)
        highlights = float(np.searchsorted(shades.cumsum(), 1 - _BRIGHTEST))
        return FaceQuality(
            face_size=face_size(face),
            margin=_margin(pixels, face),
            sharpness=100 * _sharpness(grey, oval, view) / max(highlights, 1.0),
            brightness=float(shades @ np.arange(256)),
            highlights=highlights,
            burnt_share=float(shades[_BURNT:].sum()),
            one_sided=_one_sided(grey, view),
            turn=face.turn,
            pitch=abs(pose.pitch),
            roll=abs(pose.roll),
            closed_log_odds=-state.open_log_odds if state.aspect < _WIDE_OPEN else -abs(state.open_log_odds),
            mouth_covered_log_odds=second_look(
                log_odds(mouth_signs(view), self.mouth_rule), partial(without, LOWER_HALF), self.mouth_without
            ),
            eyes_covered_log_odds=max(
                log_odds(lens_signs(view), self.lens_rule),
                second_look(log_odds(eye_signs(view), self.eyes_rule), partial(without, EYE_BAND), self.eyes_without),
            ),
        )


_WIDE_OPEN = 0.28
"""`EyeState.aspect` from which eyes are open whatever the classifier says: narrow eyes deceive it, not the mesh."""


def failed_gates(quality: FaceQuality, gates: tuple[Gate, ...] = GATES) -> tuple[Gate, ...]:
    """Those of `gates` that are not passed, most telling first, each code once."""
    failed = {gate.code: gate for gate in reversed(gates) if gate.fails(getattr(quality, gate.measure))}
    return tuple(gate for gate in gates if failed.get(gate.code) is gate)


def telling(quality: FaceQuality) -> bool:
    """Whether the face shows enough of a person that another face would be told from it."""
    return not failed_gates(quality, _TELLING)


def measured(quality: FaceQuality, gate: Gate) -> Measure:
    """What a finding of `gate` rests on."""
    return Measure(gate.measure, getattr(quality, gate.measure), gate.bound, gate.worse)


def face_size(face: Face) -> float:
    """Pixels between the eyes, or from eyes to mouth where the face is turned and its eyes lie close together."""
    eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
    return max(face.eye_distance, float(np.linalg.norm(mouth - eyes)))


def _margin(pixels: Pixels, face: Face) -> float:
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = face.box
    return float(min(x0, y0, width - x1, height - y1) / max(x1 - x0, 1.0))


def _sharpness(grey: Pixels, oval: Pixels, view: FaceView) -> float:
    """At the picture's own resolution where the window enlarges it: few pixels are not blur (`face_size` tells)."""
    if view.scale > 1.0:
        size = (max(24, round(SIDE / view.scale)),) * 2
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        oval = np.asarray(cv2.resize(oval, size, interpolation=cv2.INTER_AREA), np.uint8)
    spread = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F), mask=(oval > 127).astype(np.uint8))[1]
    return float(np.sqrt(max(spread.item() ** 2 - _ROUNDED, 0.0)))


def _one_sided(grey: Pixels, view: FaceView) -> float:
    left, right = (float(cv2.mean(grey, _mask(view.points, half))[0]) for half in _HALVES)
    return abs(left - right) / (left + right + 10)


def _mask(points: NDArray[np.float32], part: tuple[int, ...]) -> Pixels:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points[list(part), :2]).astype(np.int32)), 255)
    return mask
