"""The dates of a machine readable zone: two digits of the year, the century by rule. Pure.

A holder was born at most today, so a birth date lies in the hundred years that end today. A document lasts ten years
or so and is shown while it is valid or not long after: an end of validity lies in the hundred years of which
YEARS_AHEAD are still to come.
"""

from __future__ import annotations

from datetime import date

from service.documents.mrz import ParsedMrz

YEARS_AHEAD = 50


def birth_date(text: str, today: date) -> str | None:
    """`YYMMDD` to ISO 8601; to `YYYY-MM` or `YYYY` where fillers stand for what is unknown; None where impossible."""
    return _resolved(text, _limit(today, 0), today.year)


def expiry_date(text: str, today: date) -> str | None:
    """`YYMMDD` to ISO 8601; None where impossible or wholly unknown."""
    return _resolved(text, _limit(today, YEARS_AHEAD), today.year + YEARS_AHEAD)


def dates_possible(parsed: ParsedMrz) -> bool:
    """Whether both exist in some century, unknown parts allowed."""
    return all(_exists(text) for text in (parsed.birth, parsed.expiry))


def _limit(today: date, years: int) -> str:
    """The last day that is still of the later century, month and day as `MMDD`."""
    return f"{today:%m%d}" if years == 0 else "1231"


def _exists(text: str) -> bool:
    if text == "<<<<<<":
        return True
    # 29 February is of some year where the year itself is unknown.
    year = text[:2].replace("<<", "00")
    return _resolved(year + text[2:], "1231", 2099) is not None


def _resolved(text: str, last_day: str, last_year: int) -> str | None:
    year, month, day = text[:2], text[2:4], text[4:6]
    known = [part for part in (year, month, day) if part != "<<"]
    if not year.isdigit() or not all(part.isdigit() for part in known):
        return None
    full = last_year - (last_year - int(year)) % 100
    if full == last_year and month.isdigit() and f"{month}{day if day.isdigit() else '01'}" > last_day:
        full -= 100
    if month == "<<":
        return f"{full}" if day == "<<" else None
    try:
        found = date(full, int(month), int(day) if day != "<<" else 1)
    except ValueError:
        return None
    return found.isoformat() if day != "<<" else f"{found:%Y-%m}"
