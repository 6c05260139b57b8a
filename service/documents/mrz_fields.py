"""The fields of a document from its machine readable zone, named as everywhere else in this house. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from service.documents.kinds import SideField
from service.documents.mrz import ParsedMrz, parse
from service.documents.mrz_dates import birth_date, expiry_date
from service.documents.mrz_layout import Span
from service.documents.mrz_solve import AMBIGUOUS, INVALID, Solution
from service.documents.text import Quad
from service.evidence import Check, CheckOutcome, Finding, Mrz

_SAID: dict[str, Callable[[ParsedMrz, date], str | None]] = {
    "name": lambda zone, _: f"{zone.surname} {zone.given_names}".strip(),
    "surname": lambda zone, _: zone.surname,
    "given_names": lambda zone, _: zone.given_names,
    "sex": lambda zone, _: zone.sex or "X",
    "nationality": lambda zone, _: zone.nationality,
    "birth_date": lambda zone, today: birth_date(zone.birth, today),
    "number": lambda zone, _: zone.number,
    "issuing_state": lambda zone, _: zone.issuing_state,
    "valid_until": lambda zone, today: expiry_date(zone.expiry, today),
    "document_code": lambda zone, _: zone.document_code,
    "optional_data": lambda zone, _: " ".join(text for text in zone.optional_data if text),
}
"""`X` = the sex is not told. States are codes of Doc 9303-3, 5 (`CHN`, `D`)."""


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """A zone as read and solved, in pixels of the picture."""

    zone: ParsedMrz
    solution: Solution
    quads: tuple[Quad, ...] = field(repr=False)
    """One box a line."""
    text_scores: tuple[float, ...] = ()
    """By line, in [0, 1], higher = surer."""


def zone_fields(reading: ZoneReading, today: date) -> dict[str, SideField]:
    """What the zone says. What its candidates disagree about is left out: nothing is picked silently."""
    zones = [reading.zone, *(found for lines in reading.solution.candidates if (found := parse(lines)))]
    fields: dict[str, SideField] = {}
    for name, say in _SAID.items():
        said = {say(zone, today) for zone in zones}
        value = said.pop()
        if value and not said:
            lines = sorted({span.line for span in _places(reading.zone, name)})
            score = min(reading.text_scores[line] for line in lines)
            fields[name] = SideField(value, score, tuple(reading.quads[line] for line in lines))
    return fields


def _places(zone: ParsedMrz, name: str) -> tuple[Span, ...]:
    layout = zone.layout
    return {
        "sex": (layout.sex,),
        "nationality": (layout.nationality,),
        "birth_date": (layout.birth,),
        "number": (layout.number,),
        "issuing_state": (layout.issuing_state,),
        "document_code": (layout.document_code,),
        "valid_until": (layout.expiry,),
        "optional_data": layout.optional,
    }.get(name, (layout.names,))


def zone_evidence(reading: ZoneReading) -> Mrz:
    """As `DocumentReading.mrz` carries it."""
    solution = reading.solution
    return Mrz(reading.zone.format, solution.lines, solution.status, solution.candidates)


def zone_check(reading: ZoneReading) -> Check:
    """Whether every check digit of the format holds, for one reading alone."""
    measured: dict[str, float | int | str | bool] = {
        f"{name}_holds": holds for name, holds in reading.zone.check_digits.items()
    }
    measured |= {"text_score": round(min(reading.text_scores), 4), "repaired": reading.solution.repaired}
    if reading.solution.status == AMBIGUOUS:
        measured["candidates"] = len(reading.solution.candidates)
        return Check("mrz_check_digits", CheckOutcome.UNKNOWN, ("mrz_ambiguous",), measured)
    if reading.solution.status == INVALID:
        return Check("mrz_check_digits", CheckOutcome.FAIL, ("mrz_invalid",), measured)
    return Check("mrz_check_digits", CheckOutcome.PASS, (), measured)


def zone_alerts(reading: ZoneReading, fields: Sequence[str]) -> tuple[Finding, ...]:
    """What is wrong with the zone, and in which field where that is known. `fields`: names of those that were read."""
    if reading.solution.status == INVALID:
        wrong = [name for name, holds in reading.zone.check_digits.items() if not holds and name in _SAID]
        return (Finding("mrz_invalid", field=wrong[0] if len(wrong) == 1 else None),)
    if reading.solution.status == AMBIGUOUS:
        missing = [name for name in ("number", "surname", "given_names", "optional_data") if name not in fields]
        return (Finding("mrz_ambiguous", field=missing[0] if len(missing) == 1 else None),)
    return ()
