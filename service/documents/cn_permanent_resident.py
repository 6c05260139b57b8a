"""The foreign permanent resident's card of China (外国人永久居留身份证; versions of 2017 and 2023), and its zone (TD1).

The number of 2017 is a State's code and twelve digits; that of 2023 has 18 places, begins with 9 and ends with the
check character of GB 11643, like a resident's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from service.documents.cn_number import parse_number
from service.documents.dates import validity
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.mrz import ParsedMrz
from service.documents.mrz_fields import ZoneReading
from service.documents.text import Quad, ReadLine
from service.documents.visual_zone import labelled
from service.documents.zone_kinds import side_of_zone
from service.evidence import Check, CheckOutcome, Side

KIND = "cn_permanent_resident"
FIELDS = ("name", "sex", "birth_date", "nationality", "number", "valid_from", "valid_until")
_TITLE = re.compile(r"永久居留|PERMANENTRESIDENT", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![0-9A-Z])(?:[A-Z]{3}\d{12}|9\d{16}[\dX])(?![0-9A-Z])")
_NAME = re.compile(r"^[A-Z][A-Z,' \-·]{2,}$|^[\u3400-\u9fff·]{2,25}$")


@dataclass(frozen=True, slots=True)
class CnPermanentResident:
    """The side with the portrait; see `DocumentKind`."""

    name: str = KIND

    def claims(self, lines: Sequence[PlacedLine]) -> float:
        """The title is no other card's; a number of its kind beside labels in two languages is likely one."""
        if any(_TITLE.search(line.text) for line in lines):
            return 1.0
        return 0.5 if any(_NUMBER.search(line.text.upper()) for line in lines) and labelled(lines) else 0.0

    def read(self, lines: Sequence[PlacedLine], look: Callable[[Quad, str], ReadLine]) -> SideReading | None:  # noqa: ARG002
        """Labelled values; the back says nothing of its holder but in its zone."""
        claim = self.claims(lines)
        if claim < 0.5:
            return None
        fields = {name: value for name, value in labelled(lines).items() if name in FIELDS}
        fields |= _found(lines)
        complete = all(name in fields for name in FIELDS)
        certainty = claim + sum(value.text_score for value in fields.values())
        return SideReading(KIND, Side.FRONT, fields, complete, certainty, FIELDS, "other")

    def checks(self, side: SideReading) -> tuple[Check, ...]:
        """The check character of the numbers of 2023."""
        number = parse_number(side.fields["number"].value) if "number" in side.fields else None
        if number is None:
            return (Check("check_character", CheckOutcome.UNKNOWN),)
        if not number.check_character_right:
            return (Check("check_character", CheckOutcome.FAIL, ("check_character_wrong",)),)
        return (Check("check_character", CheckOutcome.PASS),)


@dataclass(frozen=True, slots=True)
class CnPermanentResidentZone:
    """The side with the zone; see `ZoneKind`."""

    name: str = KIND

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:
        """A card issued by China to somebody of another State, or with the title beside the zone."""
        if zone.format != "TD1" or zone.issuing_state != "CHN":
            return 0.0
        titled = any(_TITLE.search(line.text) for line in lines)
        return 1.0 if titled else 0.8 if zone.nationality not in ("", "CHN", "HKG", "MAC", "TWN") else 0.0

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """See `ZoneKind.read`."""
        return side_of_zone(KIND, reading, lines, today, ("valid_from", "authority"))


def _found(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Values that are told by their form wherever they stand, and the name below its label."""
    found: dict[str, SideField] = {}
    for line in lines:
        if match := _NUMBER.search(line.text.upper()):
            found["number"] = SideField(match[0], line.text_score, (line.quad,))
        start, end = validity(line.text)
        if start and end:
            found["valid_from"] = SideField(start, line.text_score, (line.quad,))
            found["valid_until"] = SideField(end, line.text_score, (line.quad,))
    label = next((line for line in lines if re.search(r"姓名|^NAME", line.text.upper())), None)
    if label and (name := _below(label, lines)):
        found["name"] = SideField(name.text.upper().replace(",", ", "), name.text_score, (name.quad,))
    return found


def _below(label: PlacedLine, lines: Sequence[PlacedLine]) -> PlacedLine | None:
    """The name nearest to its label, below it or right of it."""
    near = [
        line
        for line in lines
        if line is not label
        and _NAME.match(line.text.upper())
        and -0.5 * label.height < line.middle - label.middle < 3.2 * label.height
        and line.left > label.left - 2 * label.height
    ]
    return min(near, key=lambda line: abs(line.middle - label.middle) + abs(line.left - label.left), default=None)
