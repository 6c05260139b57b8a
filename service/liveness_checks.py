"""The questions a verdict asks about the selfie's liveness. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from service.evidence import Check, CheckOutcome, Evidence, PadDecision


def liveness_check(evidence: Evidence) -> Check:
    """Whether a live person is shown; what was seen follows the deciding reason."""
    result = evidence.liveness
    if result is None:
        return Check("liveness", CheckOutcome.UNKNOWN, ("liveness_uncertain",))
    measured: dict[str, float | int | str | bool] = {"threshold": result.threshold}
    if result.bona_fide_score is not None:
        measured["bona_fide_score"] = result.bona_fide_score
    if result.decision is PadDecision.BONA_FIDE:
        return Check("liveness", CheckOutcome.PASS, (), measured)
    attack = result.decision is PadDecision.ATTACK
    leading = "presentation_attack" if attack else "liveness_uncertain"
    reasons = tuple(dict.fromkeys((leading, *result.reasons)))
    return Check("liveness", CheckOutcome.FAIL if attack else CheckOutcome.UNKNOWN, reasons, measured)


def selfie_original_checks(evidence: Evidence) -> Iterator[Check]:
    """Whether the selfie is another photograph than the card's portrait. Asked of faces that match: where they do not,
    the check `face` says so and nothing is approved."""
    if evidence.comparison is None or not evidence.comparison.match:
        return
    found = evidence.portrait_likeness
    if found is None:
        yield Check("selfie_original", CheckOutcome.UNKNOWN)
        return
    measured = {found.name: found.value, "threshold": found.threshold}
    if found.value >= found.threshold:
        yield Check("selfie_original", CheckOutcome.FAIL, ("selfie_is_portrait",), measured)
    else:
        yield Check("selfie_original", CheckOutcome.PASS, (), measured)
