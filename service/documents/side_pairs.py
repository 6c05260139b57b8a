"""Whether the two sides of a permit or of a card with a zone on its back belong together. Pure.

A resident's card says it by places and dates alone (`region_checks`, `validity`); these print a number on both sides.
"""

from __future__ import annotations

import re

from service.documents import cn_hmt_permit
from service.documents.validity import Measured
from service.evidence import Check, CheckOutcome, DocumentReading, Side

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
NAME = "sides_agree"
ON_BOTH = ("number", "birth_date", "sex", "valid_until")
LEAST_SAME = 2
"""Values that must be the same on both sides, where none differs."""
CERTAIN = 0.9
"""text_score from which a value may contradict the other side's."""
PERMITS = {"810000": cn_hmt_permit.HONG_KONG, "820000": cn_hmt_permit.MACAU, "830000": cn_hmt_permit.TAIWAN}
"""First places of a residence permit's number -> the travel permit's on its back (State Council, 2018)."""


def pair_checks(front: DocumentReading | None, back: DocumentReading | None) -> tuple[Check, ...]:
    """`sides_agree`, for two sides of one kind that print the same on both; nothing for a resident's card."""
    if front is None or back is None or front.kind != back.kind or (front.side, back.side) != (Side.FRONT, Side.BACK):
        return ()
    if "permit_number" in back.fields:
        return (_by_prefix(front, back),)
    return (_by_values(front, back),) if back.mrz is not None else ()


def _by_prefix(front: DocumentReading, back: DocumentReading) -> Check:
    """The first places of the number say whose permit it is."""
    number = front.fields.get("number")
    scheme = PERMITS.get(number.value[:6]) if number else None
    if number is None or scheme is None:
        return Check(NAME, _UNKNOWN)
    permit = back.fields["permit_number"]
    same = bool(re.fullmatch(scheme, permit.value))
    measured: Measured = {"text_score": min(number.text_score, permit.text_score), "permit_same": same}
    return Check(NAME, _PASS, (), measured) if same else _differing(measured)


def _by_values(front: DocumentReading, back: DocumentReading) -> Check:
    same: dict[str, bool] = {}
    for name in ON_BOTH:
        one, other = front.fields.get(name), back.fields.get(name)
        if one and other and min(one.text_score, other.text_score) >= CERTAIN:
            same[name] = _plain(name, one.value) == _plain(name, other.value)
    measured: Measured = {f"{name}_same": value for name, value in same.items()}
    if not all(same.values()):
        return _differing(measured)
    return Check(NAME, _PASS if len(same) >= LEAST_SAME else _UNKNOWN, (), measured)


def _differing(measured: Measured) -> Check:
    return Check(NAME, _FAIL, ("sides_differ",), measured)


def _plain(name: str, value: str) -> str:
    if name == "sex":
        return {"男": "M", "女": "F"}.get(value[:1], value[-1:])
    return re.sub(r"\W", "", value)
