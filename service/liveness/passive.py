"""Passive presentation attack detection from one frame: the face's texture, what frames it, the grid of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, FaceCapture, Finding, Measure, PadDecision, PadResult, Picture, Pixels, Role
from service.liveness.frames import over_frames
from service.liveness.fusion import Fusion, signs
from service.liveness.moire import Pattern, pattern
from service.liveness.motion import motion
from service.liveness.surround import Surround, surround
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

_SIDE = 128
_SCALES = (1.5, 2.7)
"""Face box x 2.7 is what the weight was made for; x 1.5 steadies it (models/cards/passive_liveness.md)."""
_MIN_FACE_PX = 40.0
_MAX_TURN = 0.6
"""`Face.turn` of heads that were called attacks, and of profiles; 99 of 100 ordinary photos stay below 0.33."""
FRAME_SEEN = 0.8
GRID_SEEN = 4.8
"""From where on a sign is named; fewer than 1 in 100 bona fide pictures reach it (models/cards/passive_liveness.md)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one face shows. `weight_log_odds`: higher is more certainly a live person."""

    weight_log_odds: float
    around: Surround
    seen: Pattern

    @property
    def signs(self) -> NDArray[np.float64]:
        """As `fusion.signs`."""
        return signs(self.weight_log_odds, self.around, self.seen)


@dataclass(frozen=True, slots=True)
class PassiveLiveness:
    """Judges a selfie by one rule over three signs (`fusion`)."""

    session: Session
    fusion: Fusion

    @classmethod
    def build(cls, weights: Weights, threads: int, max_apcer: float) -> PassiveLiveness:
        """Raises WeightMissing, WeightMismatch, or CalibrationMissing where nothing supports `max_apcer`."""
        weight = weights.verified("passive_liveness")
        return cls(open_session(weight.path, threads), Fusion.build(weight, max_apcer))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The model inside, for measuring."""
        return (self.session,)

    def assess(self, picture: Picture, face: Face, others: tuple[Face, ...] = ()) -> PadResult:
        """Whether `face` in the picture is a live person's. `others`: the faces beside it; one that is clearly shown on
        a screen or on paper makes the picture an attack, whoever holds it."""
        threshold = self.fusion.bona_fide_from
        reason = self._unfit(picture.pixels, face)
        if reason is not None:
            return PadResult(PadDecision.UNSURE, None, threshold, (reason,))
        look = self.look(picture.pixels, face)
        score = round(self.fusion.bona_fide_score(look.signs), 4)
        findings = _findings(picture, look)
        if score < self.fusion.attack_below:
            return _result(PadDecision.ATTACK, score, threshold, "presentation_attack", findings)
        shown = self._shown_beside(picture, others)
        if shown is not None:
            return _result(PadDecision.ATTACK, score, threshold, "presentation_attack", shown)
        if score < threshold:
            return _result(PadDecision.UNSURE, score, threshold, "liveness_uncertain", findings)
        return PadResult(PadDecision.BONA_FIDE, score, threshold)

    def assess_frames(self, frames: Sequence[tuple[Picture, FaceCapture]]) -> PadResult:
        """The first is the selfie; the others were taken of the same person within seconds, in their order. Further
        frames can only speak against it: they are as easily forged. None but the first may lack a face."""
        judged = [self.assess(shot, found.face, found.others) for shot, found in frames if found.face]
        motions = [
            motion(shot.pixels, found.face, after.pixels)
            for (shot, found), (after, _) in pairwise(frames)
            if found.face and shot.pixels.shape == after.pixels.shape
        ]
        return over_frames(judged, motions, all_seen=len(judged) == len(frames) == len(motions) + 1)

    def look(self, pixels: Pixels, face: Face) -> Look:
        """The signs of one face in a BGR uint8 (H, W, 3) picture."""
        return Look(self._weight_log_odds(pixels, face), surround(pixels, face), pattern(pixels))

    def _unfit(self, pixels: Pixels, face: Face) -> str | None:
        """Why the face cannot be judged, as a reason code, or None."""
        if margin(pixels, face) < self.fusion.min_margin:
            return "face_margin_small"
        if face.box[2] - face.box[0] < _MIN_FACE_PX:
            return "face_too_small"
        along = face.landmarks[1] - face.landmarks[0]
        on_its_side = along[0] < abs(along[1])
        return "face_turned" if on_its_side or face.turn >= _MAX_TURN else None

    def _shown_beside(self, picture: Picture, others: tuple[Face, ...]) -> tuple[Finding, ...] | None:
        """The signs of another face that the rule and a closed frame both call shown; bystanders are neither."""
        for face in others:
            if face.box[2] - face.box[0] >= _MIN_FACE_PX:
                look = self.look(picture.pixels, face)
                framed = look.around.closed >= FRAME_SEEN
                if framed and self.fusion.bona_fide_score(look.signs) < self.fusion.attack_below:
                    return _findings(picture, look)
        return None

    def _weight_log_odds(self, pixels: Pixels, face: Face) -> float:
        """The mean over both windows. The wide one is mirrored: what the weight errs by then differs between them."""
        near, wide = (cv2.resize(crop(pixels, face.box, scale), (_SIDE, _SIDE)) for scale in _SCALES)
        return (self._log_odds(near) + self._log_odds(cv2.flip(wide, 1))) / 2

    def _log_odds(self, window: NDArray[Any]) -> float:
        blob = cv2.dnn.blobFromImage(window)
        live, flat, solid = (float(value) for value in self.session.run(blob)[0][0])
        return live - float(np.logaddexp(flat, solid))


def _result(
    decision: PadDecision, score: float, threshold: float, code: str, findings: tuple[Finding, ...]
) -> PadResult:
    return PadResult(decision, score, threshold, (code, *(finding.code for finding in findings)), findings)


def _findings(picture: Picture, look: Look) -> tuple[Finding, ...]:
    """The signs that are plain enough to be named, each with its region."""
    found = []
    if look.around.closed >= FRAME_SEEN and look.around.quad is not None:
        code = "paper_edge_seen" if look.around.pale else "screen_edge_seen"
        box = picture.to_original(_inside(look.around.quad, picture.pixels))
        found.append(
            Finding(code, Role.SELFIE, box=box, measure=Measure("closed_share", look.around.closed, FRAME_SEEN))
        )
    grid = look.seen.brightness + look.seen.colour
    if grid >= GRID_SEEN:
        found.append(Finding("moire", Role.SELFIE, measure=Measure("grid_log_power", grid, GRID_SEEN)))
    return tuple(found)


def _inside(quad: NDArray[np.float32], pixels: Pixels) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    return np.asarray(np.clip(quad, 0, (width, height)), np.float32)


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
