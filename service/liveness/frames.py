"""Several frames of one selfie: what they say together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from service.evidence import Finding, PadDecision, PadResult, Role
from service.liveness.motion import Motion


def over_frames(judged: Sequence[PadResult], motions: Sequence[Motion], *, all_seen: bool) -> PadResult:
    """The first result is the selfie's. The others and the motion between them can lower the decision, never raise it.

    `all_seen`: every frame had a face and the size of the one before.
    """
    selfie = judged[0]
    codes = _codes(motions, all_seen)
    worst = min(judged, key=_standing)
    decision = worst.decision
    if decision is PadDecision.BONA_FIDE and codes:
        decision = PadDecision.UNSURE
    if "motion_planar" in codes and decision is PadDecision.UNSURE and worst.bona_fide_score is not None:
        # Two signs that do not rest on each other: the score was in doubt, and the motion was that of a flat thing.
        decision = PadDecision.ATTACK if worst.decision is PadDecision.UNSURE else decision
    leading = () if decision is worst.decision else ("liveness_uncertain",)
    leading = ("presentation_attack",) if decision is PadDecision.ATTACK else leading
    reasons = tuple(dict.fromkeys((*leading, *worst.reasons, *codes)))
    scores = [one.bona_fide_score for one in judged if one.bona_fide_score is not None]
    lowest = round(float(np.min(scores)), 4) if scores else None
    findings = (*worst.findings, *(Finding(code, Role.SELFIE) for code in codes))
    return replace(selfie, decision=decision, bona_fide_score=lowest, reasons=reasons, findings=findings)


def _standing(result: PadResult) -> int:
    return (PadDecision.ATTACK, PadDecision.UNSURE, PadDecision.BONA_FIDE).index(result.decision)


def _codes(motions: Sequence[Motion], all_seen: bool) -> tuple[str, ...]:
    found = {
        "frames_identical": any(one.identical for one in motions),
        "motion_planar": any(one.flat for one in motions),
        "motion_missing": bool(motions) and all(one.missing for one in motions),
        "frames_unusable": not all_seen,
    }
    return tuple(code for code, is_found in found.items() if is_found)
