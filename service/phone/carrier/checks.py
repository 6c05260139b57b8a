"""What a carrier said, as a check of the verdict."""

from __future__ import annotations

from service.evidence import Check, CheckOutcome, Claim


def carrier_checks(claim: Claim | None, *, required: bool) -> tuple[Check, ...]:
    """The check `carrier_match`; none where nobody was asked and nobody need be.

    A carrier that does not know gives no reason, and stands in nobody's way, unless the policy requires it to know.
    """
    said = claim.carrier if claim else None
    if said is None and not required:
        return ()
    if said == "match":
        return (Check("carrier_match", CheckOutcome.PASS),)
    if said == "mismatch":
        return (Check("carrier_match", CheckOutcome.FAIL, ("carrier_mismatch",)),)
    return (Check("carrier_match", CheckOutcome.UNKNOWN, ("carrier_unknown",) if required else ()),)
