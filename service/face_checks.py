"""The questions a verdict asks of the two faces. Pure; `service.policy` makes a decision of the answers."""

from __future__ import annotations

from service.evidence import Check, CheckOutcome, Evidence, FaceCapture


def portrait_check(evidence: Evidence) -> Check:
    """Is the card's portrait there and good enough to compare."""
    if evidence.portrait is None or evidence.portrait.face is None:
        codes = tuple(f.code for f in evidence.portrait.findings) if evidence.portrait else ()
        return Check("portrait", CheckOutcome.UNKNOWN, codes or ("portrait_not_found",))
    return _gated("portrait", evidence.portrait, {"eye_distance_px": round(evidence.portrait.face.eye_distance, 1)})


def selfie_check(evidence: Evidence) -> Check:
    """Is there one face in the selfie, good enough to compare."""
    if evidence.selfie is None or evidence.selfie.face is None:
        codes = tuple(f.code for f in evidence.selfie.findings) if evidence.selfie else ()
        return Check("selfie", CheckOutcome.UNKNOWN, codes or ("face_not_found",))
    measured = {
        "faces_seen": evidence.selfie.faces_seen,
        "eye_distance_px": round(evidence.selfie.face.eye_distance, 1),
    }
    return _gated("selfie", evidence.selfie, measured)


def _gated(name: str, capture: FaceCapture, measured: dict[str, float]) -> Check:
    """A face that does not pass the gates of quality is not fit to approve anybody, however alike it is."""
    codes = tuple(dict.fromkeys(finding.code for finding in capture.findings))
    return Check(name, CheckOutcome.FAIL if codes else CheckOutcome.PASS, codes, measured)


def face_check(evidence: Evidence) -> Check:
    """Are the two the same person."""
    compared = evidence.comparison
    if compared is None:
        return Check("face", CheckOutcome.UNKNOWN, ("face_uncertain",))
    measured = {
        "similarity": compared.similarity,
        "threshold": compared.threshold,
        "clear_nonmatch_threshold": compared.clear_nonmatch_threshold,
        "max_fmr": compared.max_fmr,
        "margin": round(compared.similarity - compared.threshold, 4),
    }
    if compared.fmr is not None:
        measured["fmr_at_similarity"] = compared.fmr[0]
    if compared.match and compared.similarity < (compared.certain_from or compared.threshold):
        return Check("face", CheckOutcome.FAIL, ("face_borderline",), measured)
    if compared.match:
        return Check("face", CheckOutcome.PASS, (), measured)
    # A poor picture makes a true holder unlike: only a clear difference between good pictures declines.
    good = all(_telling(capture) for capture in (evidence.portrait, evidence.selfie))
    if compared.similarity < compared.clear_nonmatch_threshold and good:
        return Check("face", CheckOutcome.FAIL, ("face_mismatch",), measured)
    return Check("face", CheckOutcome.FAIL, ("face_uncertain",), measured)


def _telling(capture: FaceCapture | None) -> bool:
    return capture is not None and capture.telling and not capture.findings
