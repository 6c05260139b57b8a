"""What the two sides of a card say about each other, about today and about what the caller said. Pure.

Each question is a `Check` of its own in the verdict: `sides` here, the dates in `validity` (`travel_dates` for other
documents than a resident's card), the places in `region_checks`, numbers on both sides in `side_pairs`, what the
applicant typed in `claims`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from service.documents.claims import claim_checks
from service.documents.region_checks import region_checks
from service.documents.side_pairs import pair_checks
from service.documents.travel_dates import travel_date_checks
from service.documents.validity import validity_checks
from service.evidence import Check, CheckOutcome, Claim, DocumentReading, Side

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
EXPIRING_DAYS = 90


def cross_check(
    front: DocumentReading | None,
    back: DocumentReading | None,
    today: date,
    *,
    expiring_days: int = EXPIRING_DAYS,
    claim: Claim | None = None,
) -> tuple[Check, ...]:
    """Both readings as captured under their roles; None where a picture is missing."""
    return (
        _sides(front, back),
        *validity_checks(front, back, today, expiring_days),
        *region_checks(front, back),
        *pair_checks(front, back),
        *(claim_checks(front, claim) if claim else ()),
    )


def cross_check_travel(
    front: DocumentReading | None, back: DocumentReading | None, today: date, *, expiring_days: int = EXPIRING_DAYS
) -> tuple[Check, ...]:
    """The same of a document that is no resident's card, of one side or two."""
    readings = [reading for reading in (front, back) if reading is not None]
    both = (_sides(front, back),) if len(readings) == 2 else ()
    return (*both, *travel_date_checks(readings, today, expiring_days), *pair_checks(front, back))


def check_kind(readings: Sequence[DocumentReading], asked: str) -> Check:
    """Whether every picture shows the kind of document the caller asked for; UNKNOWN where one shows none."""
    other = next((one.kind for one in readings if one.kind not in (None, asked)), None)
    if other is not None:
        return Check("kind", _FAIL, ("kind_mismatch",), {"asked": asked, "found": other})
    known = bool(readings) and all(one.kind for one in readings)
    return Check("kind", _PASS if known else _UNKNOWN, (), {"asked": asked})


def _sides(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    if front is None or back is None or front.side is None or back.side is None:
        return Check("sides", _UNKNOWN)
    if front.side is back.side:
        return Check("sides", _FAIL, ("same_side_twice",))
    if front.side is not Side.FRONT:
        return Check("sides", _FAIL, ("wrong_side",))
    return Check("sides", _PASS)
