"""What the two sides of a card say about each other and about today. Pure."""

from __future__ import annotations

from datetime import date

from service.evidence import LONG_TERM, Check, CheckOutcome, DocumentReading, Side

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def cross_check(front: DocumentReading | None, back: DocumentReading | None, today: date) -> tuple[Check, ...]:
    """Both readings as captured under their roles; None where a picture is missing."""
    return (_sides(front, back), _validity(back, today), _validity_span(front, back))


def _sides(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    if front is None or back is None or front.side is None or back.side is None:
        return Check("sides", _UNKNOWN)
    if front.side is back.side:
        return Check("sides", _FAIL, ("same_side_twice",))
    if front.side is not Side.FRONT:
        return Check("sides", _FAIL, ("wrong_side",))
    return Check("sides", _PASS)


def _validity(back: DocumentReading | None, today: date) -> Check:
    span = _span(back)
    if back is None or span is None:
        return Check("validity", _UNKNOWN)
    measured = {"text_score": _score(back, "valid_from", "valid_until")}
    start, end = span
    if end is not None and end <= start:
        return Check("validity", _FAIL, ("validity_reversed",), measured)
    if start > today:
        return Check("validity", _FAIL, ("not_yet_valid",), measured)
    if end is not None and end < today:
        return Check("validity", _FAIL, ("document_expired",), measured)
    return Check("validity", _PASS, (), measured)


def _validity_span(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    """5 years below the age of 16, 10 from 16 to 25, 20 from 26 to 45, long-term from 46 (Resident Identity Card Law, art. 5)."""
    span = _span(back)
    if span is None or back is None:
        return Check("validity_span", _UNKNOWN)
    start, end = span
    measured: dict[str, float | int | str | bool] = {"text_score": _score(back, "valid_from", "valid_until")}
    years = None if end is None else end.year - start.year
    # A card issued on 29 February ends on 28 February or 1 March.
    whole = end is None or abs((end.replace(year=2000, day=min(end.day, 28)) - start.replace(year=2000, day=min(start.day, 28))).days) <= 1
    legal = whole and years in (None, 5, 10, 20)
    if not legal:
        return Check("validity_span", _FAIL, ("validity_span_unusual",), measured)
    return Check("validity_span", _PASS, (), measured)


def _span(back: DocumentReading | None) -> tuple[date, date | None] | None:
    if back is None:
        return None
    start, end = back.value("valid_from"), back.value("valid_until")
    if not start or not end:
        return None
    return date.fromisoformat(start), None if end == LONG_TERM else date.fromisoformat(end)


def _score(reading: DocumentReading, *names: str) -> float:
    return min(reading.fields[name].text_score for name in names)
