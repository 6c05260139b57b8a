"""Which fields of a side something else printed on it proves, and which end where they were read to. Pure.

What light took of the first, and what it burnt beyond the second, was not needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.documents.cn_number import parse_number
from service.documents.kinds import SideReading
from service.documents.validity import LEGAL_YEARS
from service.evidence import LONG_TERM

SURE = 0.95
"""text_score of the number: its check character alone lets one wrong number of eleven pass."""


_ENDS = {"address": re.compile(r"室$"), "authority": re.compile(r"(?:分局|[县旗]公安局)$")}
"""A bureau of a city or district may go on (公安局朝阳分局), an address nearly anywhere but after its room."""


def guarded_fields(side: SideReading) -> frozenset[str]:
    """Names of the fields. Name, address and authority never are: the rest of one passes for the whole."""
    values = {name: found.value for name, found in side.fields.items()}
    proven = _by_number(values)
    if "birth_date" in proven and side.fields["number"].text_score >= SURE:
        proven |= {"number"}
    if _lawful(values.get("valid_from"), values.get("valid_until")):
        proven |= {"valid_from", "valid_until"}
    return frozenset(proven)


def closed_fields(side: SideReading) -> frozenset[str]:
    """Names of the fields whose last words end them: nothing can follow unseen."""
    return frozenset(name for name, end in _ENDS.items() if name in side.fields and end.search(side.fields[name].value))


def _by_number(values: Mapping[str, str]) -> set[str]:
    """Of birth date and sex, which a right number repeats."""
    number = parse_number(values.get("number", ""))
    if number is None or not number.check_character_right or number.born is None:
        return set()
    repeated = {"birth_date": number.born.isoformat(), "sex": number.sex}
    return {name for name, value in repeated.items() if values.get(name) == value}


def _lawful(first: str | None, last: str | None) -> bool:
    """Whether two dates lie a number of years apart that the law knows, to the day."""
    if first is None or last is None or last == LONG_TERM:
        return False
    return first[4:] == last[4:] and int(last[:4]) - int(first[:4]) in LEGAL_YEARS
