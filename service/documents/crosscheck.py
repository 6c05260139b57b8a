"""What the two sides of a card say about each other and about today. Pure."""

from __future__ import annotations

from datetime import date

from service.evidence import LONG_TERM, Check, CheckOutcome, DocumentReading, Side

LEGAL_YEARS = (5, 10, 20, None)
"""Of validity; None = long-term."""

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
    start, end = span
    # A span no law knows is most likely misread, and then an end in the past proves nothing (policy._doubtful).
    measured: dict[str, float | int | str | bool] = {
        "text_score": _score(back, "valid_from", "valid_until"),
        "span_legal": _whole_years(start, end) in LEGAL_YEARS,
    }
    if end is not None and end <= start:
        return Check("validity", _FAIL, ("validity_reversed",), measured)
    if start > today:
        return Check("validity", _FAIL, ("not_yet_valid",), measured)
    if end is not None and end < today:
        return Check("validity", _FAIL, ("document_expired",), measured)
    return Check("validity", _PASS, (), measured)


def _validity_span(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    """Whether the span is one the law knows, and the one for the holder's age (Resident Identity Card Law, art. 5)."""
    span = _span(back)
    if span is None or back is None:
        return Check("validity_span", _UNKNOWN)
    measured = {"text_score": _score(back, "valid_from", "valid_until")}
    years = _whole_years(*span)
    if years not in LEGAL_YEARS:
        return Check("validity_span", _FAIL, ("validity_span_impossible",), measured)
    born = front.value("birth_date") if front else None
    if born is None:
        return Check("validity_span", _UNKNOWN, (), measured)
    if years not in _years_at(span[0], date.fromisoformat(born)):
        return Check("validity_span", _FAIL, ("validity_span_unusual",), measured)
    return Check("validity_span", _PASS, (), measured)


def _whole_years(start: date, end: date | None) -> int | None:
    """Years of a span that ends on the day it began (29 February: a day about); 0 for any other, None = open."""
    if end is None:
        return None
    years = end.year - start.year
    anniversary = start.toordinal() + round(years * 365.2425)
    return years if abs(end.toordinal() - anniversary) <= 2 and abs(end.day - start.day) in (0, 1, 27, 28) else 0


def _years_at(issued: date, born: date) -> set[int | None]:
    """What the law gives at the age of issue; both where the birthday is within a year, when cards are renewed."""
    age = issued.year - born.year - ((issued.month, issued.day) < (born.month, born.day))
    return {_years_of_age(max(0, age + slack)) for slack in (-1, 0, 1)}


def _years_of_age(age: int) -> int | None:
    return next((years for limit, years in ((16, 5), (26, 10), (46, 20)) if age < limit), None)


def _span(back: DocumentReading | None) -> tuple[date, date | None] | None:
    if back is None:
        return None
    start, end = back.value("valid_from"), back.value("valid_until")
    if not start or not end:
        return None
    return date.fromisoformat(start), None if end == LONG_TERM else date.fromisoformat(end)


def _score(reading: DocumentReading, *names: str) -> float:
    return min(reading.fields[name].text_score for name in names)
