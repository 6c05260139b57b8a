"""Dates as cards print them. Pure."""

from __future__ import annotations

import re
from datetime import date

from service.evidence import LONG_TERM

_BIRTH = re.compile(r"((?:19|20)\d\d)年?(\d{1,2})月(\d{1,2})(?:日|$)|((?:19|20)\d\d)年(\d{1,2})月?(\d{1,2})日")
_UNMARKED = re.compile(r"((?:19|20)\d\d)年?(\d{3,4})日?$")
_SPAN = re.compile(
    r"(\d{4})[.,。·]?(\d{2})[.,。·]?(\d{2})[^\d长長]{0,4}(?:(\d{4})[.,。·]?(\d{2})[.,。·]?(\d{2})|([长長]期?|期))"
)
_LOOKALIKES = str.maketrans("OoIl|曰目囗", "00111日日日")


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def birth_date(text: str) -> str | None:
    """`1987年3月12日`, possibly with a mark lost, to ISO 8601; None where it is no date.

    With 月 lost, only a reading with one meaning counts: 1987 1 12 and 1987 11 2 look the same without it.
    """
    text = re.sub(r"\s", "", text).translate(_LOOKALIKES)
    if found := _BIRTH.search(text):
        year, month, day = (group for group in found.groups() if group)
        # `1987年312日`: the mark between month and day is missing, and the digits split more than one way.
        if "月" in found[0]:
            return _iso(year, month, day)
    return _unmarked(text)


def _unmarked(text: str) -> str | None:
    """A date without 月: every place for it is tried, and only one may make a date. Two digits are but a month."""
    found = _UNMARKED.search(text)
    if not found:
        return None
    year, digits = found.groups()
    options = {_iso(year, digits[:length], digits[length:]) for length in (1, 2) if 0 < len(digits) - length <= 2}
    options.discard(None)
    return options.pop() if len(options) == 1 else None


def validity(text: str) -> tuple[str | None, str | None]:
    """`2016.03.09-2036.03.09` or `2016.03.09-长期` to two ISO 8601 dates or `long-term`; None for what is no date."""
    found = _SPAN.search(re.sub(r"\s", "", text))
    if not found:
        return None, None
    start = _iso(*found.groups()[:3])
    end = LONG_TERM if found[7] else _iso(*found.groups()[3:6])
    return start, end


def _iso(year: str, month: str, day: str) -> str | None:
    found = real_date(int(year), int(month), int(day)) if year and month and day else None
    return found.isoformat() if found and found.year >= 1900 else None
