"""What the dates of passports, permits and cards with a zone say about today, and about each other. Pure.

The law of the resident's card gives spans by age (`validity`); these only have to be valid, and issued after birth.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from service.documents.validity import Measured, ending, issued_after, valid_on
from service.evidence import LONG_TERM, Check, CheckOutcome, DocumentField, DocumentReading

_UNKNOWN = CheckOutcome.UNKNOWN


def travel_date_checks(readings: Sequence[DocumentReading], today: date, expiring_days: int) -> tuple[Check, ...]:
    """`validity`, `expiring`, `issue_date`, each from whichever side prints the date; UNKNOWN where none does."""
    start, end, born = (_printed(readings, name) for name in ("valid_from", "valid_until", "birth_date"))
    return (*_of_today(start, end, today, expiring_days), _issue_date(start, born))


def _of_today(
    start: DocumentField | None, end: DocumentField | None, today: date, expiring_days: int
) -> tuple[Check, Check]:
    last = _day(end)
    if end is None or (last is None and end.value != LONG_TERM):
        return Check("validity", _UNKNOWN), Check("expiring", _UNKNOWN)
    return valid_on(_day(start), last, today, _read(end, start)), ending(last, today, expiring_days)


def _issue_date(start: DocumentField | None, born: DocumentField | None) -> Check:
    issued, birth = _day(start), _day(born)
    if issued is None or birth is None:
        return Check("issue_date", _UNKNOWN)
    return issued_after(birth, issued, _read(start, born))


def _printed(readings: Sequence[DocumentReading], name: str) -> DocumentField | None:
    """The surest one: a zone's, proven by its check digits, comes before the print beside it."""
    found = [(reading.mrz is not None, reading.fields[name]) for reading in readings if name in reading.fields]
    return max(found, key=lambda one: (one[0], one[1].text_score), default=(False, None))[1]


def _day(found: DocumentField | None) -> date | None:
    """None for what is not a whole day: a zone may know the year of birth alone (Doc 9303-3, 4.7)."""
    try:
        return date.fromisoformat(found.value) if found is not None else None
    except ValueError:
        return None


def _read(*fields: DocumentField | None) -> Measured:
    return {"text_score": min(field.text_score for field in fields if field is not None)}
