"""What the back's two dates say: about today, the law, the holder's age and the card itself. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from service.evidence import LONG_TERM, Check, CheckOutcome, DocumentReading

LEGAL_YEARS = (5, 10, 20, None)
"""Of validity; None = long-term."""
SECOND_GENERATION = date(2004, 1, 1)
"""The Resident Identity Card Law came into force, and with it the cards read here (from 29 March on)."""
ISSUE_DAYS = 100
"""The law counts the age at the application; the card, and its first day, comes up to 60 days later (90 where roads are
few, art. 12). As much is forgiven the other way: a card renewed just before the birthday that changes its length."""

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
Measured = dict[str, float | int | str | bool]


def validity_checks(
    front: DocumentReading | None, back: DocumentReading | None, today: date, expiring_days: int
) -> tuple[Check, ...]:
    """`validity`, `expiring`, `validity_span`, `issue_date`, `generation`."""
    return (
        _validity(back, today),
        _expiring(back, today, expiring_days),
        _validity_span(front, back),
        _issue_date(front, back),
        _generation(back),
    )


def issued(back: DocumentReading | None) -> date | None:
    """The day a card is valid from."""
    start = back.value("valid_from") if back else None
    return date.fromisoformat(start) if start else None


def _validity(back: DocumentReading | None, today: date) -> Check:
    span = _span(back)
    if back is None or span is None:
        return Check("validity", _UNKNOWN)
    start, end = span
    # A span no law knows is most likely misread, and then an end in the past proves nothing (policy._doubtful).
    measured: Measured = {**_read(back), "span_legal": _whole_years(start, end) in LEGAL_YEARS}
    return valid_on(start, end, today, measured)


def valid_on(start: date | None, end: date | None, today: date, measured: Measured) -> Check:
    """`validity` of a document with these two days. `start` None = not known, `end` None = long-term."""
    if start is not None and end is not None and end <= start:
        return Check("validity", _FAIL, ("validity_reversed",), measured)
    if start is not None and start > today:
        return Check("validity", _FAIL, ("not_yet_valid",), measured)
    if end is not None and end < today:
        return Check("validity", _FAIL, ("document_expired",), measured)
    return Check("validity", _PASS, (), measured)


def _expiring(back: DocumentReading | None, today: date, expiring_days: int) -> Check:
    span = _span(back)
    return Check("expiring", _UNKNOWN) if span is None else ending(span[1], today, expiring_days)


def ending(end: date | None, today: date, expiring_days: int) -> Check:
    """`expiring`: whether what is valid until `end` (None = long-term) will end soon; UNKNOWN for what has ended, of
    which `validity` speaks."""
    if end is None:
        return Check("expiring", _PASS, (), {"expiring_days": expiring_days})
    if end < today:
        return Check("expiring", _UNKNOWN)
    measured: Measured = {"days_left": (end - today).days, "expiring_days": expiring_days}
    if end <= today + timedelta(days=expiring_days):
        return Check("expiring", _FAIL, ("document_expiring",), measured)
    return Check("expiring", _PASS, (), measured)


def _validity_span(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    """Whether the span is one the law knows, and the one for the holder's age (Resident Identity Card Law, art. 5)."""
    span = _span(back)
    if span is None or back is None:
        return Check("validity_span", _UNKNOWN)
    measured = _read(back)
    years = _whole_years(*span)
    if years not in LEGAL_YEARS:
        return Check("validity_span", _FAIL, ("validity_span_impossible",), measured)
    born = _born(front)
    if born is None:
        return Check("validity_span", _UNKNOWN, (), measured)
    if years not in _years_at(span[0], born):
        return Check("validity_span", _FAIL, ("validity_span_unusual",), measured)
    return Check("validity_span", _PASS, (), measured)


def _issue_date(front: DocumentReading | None, back: DocumentReading | None) -> Check:
    """Nobody has a card before they are born. An issue in the future is `validity`'s to say."""
    start, born = issued(back), _born(front)
    if start is None or born is None or front is None or back is None:
        return Check("issue_date", _UNKNOWN)
    read = (back.fields["valid_from"].text_score, front.fields["birth_date"].text_score)
    return issued_after(born, start, {"text_score": min(read)})


def issued_after(born: date, start: date, measured: Measured) -> Check:
    """`issue_date` of a document that is valid from `start`."""
    if start < born:
        return Check("issue_date", _FAIL, ("issued_before_birth",), measured)
    return Check("issue_date", _PASS, (), measured)


def _generation(back: DocumentReading | None) -> Check:
    start = issued(back)
    if start is None or back is None:
        return Check("generation", _UNKNOWN)
    measured: Measured = {"text_score": back.fields["valid_from"].text_score}
    if start < SECOND_GENERATION:
        return Check("generation", _FAIL, ("generation_impossible",), measured)
    return Check("generation", _PASS, (), measured)


def _whole_years(start: date, end: date | None) -> int | None:
    """Years of a span that ends on the day it began (29 February: a day about); 0 for any other, None = open."""
    if end is None:
        return None
    years = end.year - start.year
    anniversary = start.toordinal() + round(years * 365.2425)
    return years if abs(end.toordinal() - anniversary) <= 2 and abs(end.day - start.day) in (0, 1, 27, 28) else 0


def _years_at(start: date, born: date) -> set[int | None]:
    """What the law gives at the age of issue, within ISSUE_DAYS."""
    return {_years_of_age(_age(born, start + timedelta(days=days))) for days in (-ISSUE_DAYS, 0, ISSUE_DAYS)}


def _age(born: date, day: date) -> int:
    return max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _years_of_age(age: int) -> int | None:
    return next((years for limit, years in ((16, 5), (26, 10), (46, 20)) if age < limit), None)


def _span(back: DocumentReading | None) -> tuple[date, date | None] | None:
    start, end = issued(back), back.value("valid_until") if back else None
    if start is None or not end:
        return None
    return start, None if end == LONG_TERM else date.fromisoformat(end)


def _born(front: DocumentReading | None) -> date | None:
    born = front.value("birth_date") if front else None
    return date.fromisoformat(born) if born else None


def _read(back: DocumentReading) -> Measured:
    return {"text_score": min(back.fields[name].text_score for name in ("valid_from", "valid_until"))}
