"""How many codes may be sent, and when too few of them come back (SMS pumping; OWASP API4:2023)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Scope = Literal["number", "prefix", "address", "country", "tenant"]
"""What is counted together: one number; the numbers that differ in their last four digits; an applicant's IP address;
a calling code; all of a tenant."""

_UNITS: Mapping[str, str] = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CAP = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,4})([smhd])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` sends within any `span`."""

    scope: Scope
    most: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Breaker:
    """No more sends while less than `least_rate` of the codes sent within `span` were entered.

    Judged from `least_sends` codes on, of which each was entered or has expired.
    """

    scope: Scope
    span: timedelta
    least_sends: int
    least_rate: float


def caps(scope: Scope, text: str) -> tuple[Cap, ...]:
    """Caps as written in settings: `1/60s,5/1h,10/1d`. Raises ValueError."""
    found = [_CAP.fullmatch(part.strip()) for part in text.split(",")]
    if not all(found):
        raise ValueError("caps are written like 1/60s,5/1h,10/1d")
    return tuple(Cap(scope, int(m[1]), timedelta(**{_UNITS[m[3]]: int(m[2])})) for m in found if m)


CAPS = (
    *caps("number", "1/60s,5/1h,10/1d"),
    *caps("prefix", "20/1h,100/1d"),
    *caps("address", "10/1h,30/1d"),
    *caps("tenant", "5000/1d"),
)
BREAKERS = (
    Breaker("prefix", timedelta(days=1), 20, 0.1),
    Breaker("country", timedelta(hours=1), 50, 0.1),
)
