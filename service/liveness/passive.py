"""Passive presentation attack detection: one frame, judged by what is around the face and by its texture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from service.errors import CalibrationMissing
from service.evidence import Face, PadDecision, PadResult, Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

_SIDE = 128
_SCALES = (1.5, 2.7)
"""Face box x 2.7 is what the weight was made for; x 1.5 steadies it (models/cards/passive_liveness.md)."""
_MIN_FACE_PX = 40.0
_MAX_TURN = 0.5
"""`Face.turn` of heads that were called attacks; 99 of 100 ordinary photos stay below 0.33."""


@dataclass(frozen=True, slots=True)
class PassiveLiveness:
    """Judges a selfie. A bona fide score from `bona_fide_from` on is bona fide, one below `attack_below` an attack.

    `min_margin` is the smallest crop, in face boxes, that can be judged: on tighter ones the weight guesses.
    """

    session: Session
    bona_fide_from: float
    attack_below: float
    min_margin: float

    @classmethod
    def build(cls, weights: Weights, threads: int) -> PassiveLiveness:
        """Raises WeightMissing, WeightMismatch or CalibrationMissing."""
        weight = weights.verified("passive_liveness")
        limits = weight.calibration
        if limits.get("model_sha256") != weight.sha256:
            raise CalibrationMissing("The passive liveness weight has no calibration in models/manifest.toml.")
        session = open_session(weight.path, threads)
        return cls(session, limits["bona_fide_from"], limits["attack_below"], limits["min_margin"])

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The model inside, for measuring."""
        return (self.session,)

    def assess(self, pixels: Pixels, face: Face) -> PadResult:
        """Whether `face` in a BGR uint8 (H, W, 3) picture is a live person's."""
        reason = self._unfit(pixels, face)
        if reason is not None:
            return PadResult(PadDecision.UNSURE, None, self.bona_fide_from, (reason,))
        score = round(self.bona_fide_score(pixels, face), 4)
        if score >= self.bona_fide_from:
            return PadResult(PadDecision.BONA_FIDE, score, self.bona_fide_from)
        if score < self.attack_below:
            return PadResult(PadDecision.ATTACK, score, self.bona_fide_from, ("presentation_attack",))
        return PadResult(PadDecision.UNSURE, score, self.bona_fide_from, ("liveness_uncertain",))

    def _unfit(self, pixels: Pixels, face: Face) -> str | None:
        """Why the face cannot be judged, as a reason code, or None."""
        if margin(pixels, face) < self.min_margin:
            return "face_margin_small"
        if face.box[2] - face.box[0] < _MIN_FACE_PX:
            return "face_too_small"
        along = face.landmarks[1] - face.landmarks[0]
        on_its_side = along[0] < abs(along[1])
        return "face_turned" if on_its_side or face.turn > _MAX_TURN else None

    def bona_fide_score(self, pixels: Pixels, face: Face) -> float:
        """In [0, 1], higher is more certainly a live person: the odds of the crops averaged."""
        odds = [self._log_odds(crop(pixels, face.box, scale)) for scale in _SCALES]
        return float(1.0 / (1.0 + np.exp(-np.mean(odds))))

    def _log_odds(self, window: Pixels) -> float:
        blob = cv2.dnn.blobFromImage(cv2.resize(window, (_SIDE, _SIDE)))
        live, flat, solid = (float(value) for value in self.session.run(blob)[0][0])
        return live - float(np.logaddexp(flat, solid))


def margin(pixels: Pixels, face: Face) -> float:
    """How many face boxes fit into the picture, at most 2.7: the crop that the weight really sees."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = face.box
    return float(min((height - 1) / (y1 - y0), (width - 1) / (x1 - x0), _SCALES[-1]))


def crop(pixels: Pixels, box: tuple[float, float, float, float], scale: float) -> Pixels:
    """The box enlarged `scale` times: shrunk where it is larger than the picture, shifted where it leaves it.

    The rule of the weight's family (Silent-Face-Anti-Spoofing, `CropImage`).
    """
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box
    scale = min((height - 1) / (y1 - y0), (width - 1) / (x1 - x0), scale)
    left, right = _shifted((x0 + x1) / 2, (x1 - x0) * scale, width)
    top, bottom = _shifted((y0 + y1) / 2, (y1 - y0) * scale, height)
    return pixels[top : bottom + 1, left : right + 1]


def _shifted(centre: float, extent: float, limit: int) -> tuple[int, int]:
    low = min(max(centre - extent / 2, 0.0), limit - 1 - extent)
    return max(0, int(low)), min(limit - 1, int(low + extent))
