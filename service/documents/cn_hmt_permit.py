"""Permits of China for residents of Hong Kong, Macau and Taiwan, as far as their layouts are public.

The residence permit (港澳居民居住证, 台湾居民居住证) has the layout of a resident's card without the ethnicity;
its number begins with 810000, 820000 or 830000. The travel permits (港澳居民来往内地通行证, 台湾居民来往大陆通行证)
are read by their labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.documents.cn_number import number_is_valid
from service.documents.cn_resident_id_back import read_back
from service.documents.cn_resident_id_checks import front_checks
from service.documents.cn_resident_id_front import read_front
from service.documents.dates import validity
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.text import Quad, ReadLine
from service.documents.visual_zone import labelled
from service.evidence import Check, Side

KIND = "cn_hmt_permit"
FRONT_FIELDS = ("name", "sex", "birth_date", "address", "number")
BACK_FIELDS = ("authority", "valid_from", "valid_until", "permit_number")
TRAVEL_FIELDS = ("name", "sex", "birth_date", "number", "valid_from", "valid_until")

_NUMBER = re.compile(r"(?<!\d)8[123]0000(?:19|20)\d{9}[\dX]")
_RESIDENCE = re.compile(r"(?:港澳|台湾|臺灣)居民居住[证證]")
_TRAVEL = re.compile(r"居民[来來]往(?:内地|大[陆陸])通行[证證]|往[来來]港澳通行[证證]")
_PERMIT = re.compile(r"(?<![0-9A-Z])(?:[HM]\d{8}(?:\d{2})?|\d{8})(?![0-9A-Z.])")
_DAY = re.compile(r"(?<![\d.])((?:19|20)\d\d)[.\-/](\d\d)[.\-/](\d\d)(?![\d.\-])")


@dataclass(frozen=True, slots=True)
class CnHmtPermit:
    """See `DocumentKind`."""

    name: str = KIND

    def claims(self, lines: Sequence[PlacedLine]) -> float:
        """The titles and the first digits of the number are no other card's."""
        text = "\n".join(line.text for line in lines)
        return 1.0 if _NUMBER.search(text) or _RESIDENCE.search(text) or _TRAVEL.search(text) else 0.0

    def read(self, lines: Sequence[PlacedLine], look: Callable[[Quad, str], ReadLine]) -> SideReading | None:  # noqa: ARG002
        """The side and its fields."""
        text = "\n".join(line.text for line in lines)
        if _TRAVEL.search(text):
            return _side(Side.FRONT, _travel(lines), TRAVEL_FIELDS)
        if _NUMBER.search(text):
            return _side(Side.FRONT, read_front(lines), FRONT_FIELDS)
        if _RESIDENCE.search(text):
            return _side(Side.BACK, read_back(lines) | _permit(lines, "permit_number"), BACK_FIELDS)
        return None

    def checks(self, side: SideReading) -> tuple[Check, ...]:
        """Of the residence permit's number, as on a resident's card."""
        number = side.fields.get("number")
        return front_checks(side.fields) if number and _NUMBER.fullmatch(number.value) else ()


def _side(side: Side, found: dict[str, SideField], wanted: tuple[str, ...]) -> SideReading:
    fields = {name: value for name, value in found.items() if name in wanted}
    whole = all(name in fields for name in wanted)
    if whole and wanted is FRONT_FIELDS:
        whole = number_is_valid(fields["number"].value)
    return SideReading(KIND, side, fields, whole, 1 + sum(value.text_score for value in fields.values()), wanted)


def _travel(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    found = labelled(lines)
    if "name_native" in found:
        found["name"] = found["name_native"]
    for line in lines:
        start, end = validity(line.text)
        if start and end:
            found["valid_from"] = SideField(start, line.text_score, (line.quad,))
            found["valid_until"] = SideField(end, line.text_score, (line.quad,))
        elif (match := _DAY.search(line.text)) and "birth_date" not in found:
            found["birth_date"] = SideField("-".join(match.groups()), line.text_score, (line.quad,))
        elif sex := re.search(r"(?:^|性[别別])([男女])(?:$|/)", line.text):
            found["sex"] = SideField(sex[1], line.text_score, (line.quad,))
    return found | _permit(lines, "number")


def _permit(lines: Sequence[PlacedLine], name: str) -> dict[str, SideField]:
    """The number of a travel permit: H or M and eight digits (and two of the renewal), or eight digits."""
    for line in lines:
        if (match := _PERMIT.search(line.text.upper())) and not validity(line.text)[0]:
            return {name: SideField(match[0], line.text_score, (line.quad,))}
    return {}
