"""Permits of China for residents of Hong Kong, Macau and Taiwan, as far as their layouts are public.

The residence permit (港澳居民居住证, 台湾居民居住证) has the layout of a resident's card without the ethnicity; its
number begins with 810000, 820000 or 830000, and its back adds the number of the travel permit and the count of issues.
The travel permits are read by their labels, each with its own scheme of numbers (NUMBERS); the one of mainland
residents to Hong Kong and Macau prints a line of 30 places (cn_permit_line).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.documents.cn_number import number_is_valid
from service.documents.cn_permit_line import looks_like_line, number_of_line
from service.documents.cn_resident_id_back import read_back
from service.documents.cn_resident_id_checks import front_checks
from service.documents.cn_resident_id_front import read_front
from service.documents.dates import validity
from service.documents.kinds import CardLayout, SideField, SideReading
from service.documents.layout import PlacedLine, rows
from service.documents.mrz_layout import ALPHABET
from service.documents.text import Quad, ReadLine
from service.documents.visual_zone import labelled
from service.evidence import Check, Side

KIND = "cn_hmt_permit"
FRONT_FIELDS = ("name", "sex", "birth_date", "address", "number")
BACK_FIELDS = ("authority", "valid_from", "valid_until", "permit_number", "issue_count")
TRAVEL_FIELDS = ("name", "sex", "birth_date", "number", "valid_from", "valid_until")

HONG_KONG, MACAU = (rf"(?:{place}\d{{8}}(?:\d{{2}})?|{place}A\d{{7}})" for place in "HM")
TAIWAN = r"\d{8}(?:\d{2})?"
NUMBERS = (
    (r"港澳居民[来來往][往来來]内地通行[证證]|HONGKONGANDMACA[OU]RESIDENTS", rf"(?:{HONG_KONG}|{MACAU})"),
    (r"[台臺][湾灣]居民[来來]往大[陆陸]通行[证證]|TAIWANRESIDENTS", TAIWAN),
    (r"往[来來]港澳通行[证證]|EXIT-?ENTRYPERMIT.*HONGKONG", r"(?:C\d{8}|C[A-Z]\d{7}|W\d{8})"),
    (r"往[来來][台臺][湾灣]通行[证證]|EXIT-?ENTRYPERMIT.*TAIWAN", r"(?:L\d{8}|L[A-Z]\d{7}|T\d{8})"),
)
"""Title -> number. A resident of Hong Kong or Macau keeps nine places for life, older cards add two for the count of
renewals (Ministry of Public Security, 2010); of another nationality they begin with HA or MA (2024)."""
PERMIT = f"{NUMBERS[0][1]}|{NUMBERS[1][1]}"
"""Of the first or the second, which come with a residence permit and print a zone of TD1."""

_NUMBER = re.compile(r"(?<!\d)8[123]0000(?:19|20)\d{9}[\dX]")
_RESIDENCE = re.compile(r"(?:港澳|[台臺][湾灣])居民居住[证證]")
_PERMIT_LABEL = re.compile(r"通行[证證][号號][码碼]?")
_ISSUES = re.compile(r"[签簽][发發]次[数數]\D{0,3}(\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<![\d.])((?:19|20)\d\d)[.\-/](\d\d)[.\-/](\d\d)(?![\d.\-])")


@dataclass(frozen=True, slots=True)
class CnHmtPermit:
    """See `DocumentKind`."""

    name: str = KIND

    def claims(self, lines: Sequence[PlacedLine]) -> float:
        """The titles and the first digits of the number are no other card's."""
        text = "\n".join(line.text for line in lines)
        return 1.0 if _NUMBER.search(text) or _RESIDENCE.search(text) or titled_scheme(lines) else 0.0

    def read(self, lines: Sequence[PlacedLine], look: Callable[[Quad, str], ReadLine]) -> SideReading | None:
        """The side and its fields."""
        text = "\n".join(line.text for line in lines)
        if _NUMBER.search(text):
            return _side(Side.FRONT, read_front(lines), FRONT_FIELDS)
        if _RESIDENCE.search(text):
            return _side(Side.BACK, read_back(lines) | _on_back(lines), BACK_FIELDS, "other")
        if scheme := titled_scheme(lines):
            return _side(Side.FRONT, _travel(lines, scheme, look), TRAVEL_FIELDS, "portrait_left")
        return None

    def checks(self, side: SideReading) -> tuple[Check, ...]:
        """Of the residence permit's number, as on a resident's card."""
        number = side.fields.get("number")
        return front_checks(side.fields) if number and _NUMBER.fullmatch(number.value) else ()


def _side(
    side: Side, found: dict[str, SideField], wanted: tuple[str, ...], layout: CardLayout = "resident"
) -> SideReading:
    fields = {name: value for name, value in found.items() if name in wanted}
    whole = all(name in fields for name in wanted)
    if whole and wanted is FRONT_FIELDS:
        whole = number_is_valid(fields["number"].value)
    certainty = 1 + sum(value.text_score for value in fields.values())
    return SideReading(KIND, side, fields, whole, certainty, wanted, layout)


def titled_scheme(lines: Sequence[PlacedLine]) -> str | None:
    """What the numbers of the travel permit with this title look like."""
    texts = [re.sub(r"\s", "", line.text.upper()) for line in lines]
    return next((number for title, number in NUMBERS if any(re.search(title, text) for text in texts)), None)


def _travel(lines: Sequence[PlacedLine], scheme: str, look: Callable[[Quad, str], ReadLine]) -> dict[str, SideField]:
    found = labelled(lines)
    found.pop("number", None)
    if "name_native" in found:
        found["name"] = found["name_native"]
    for line in lines:
        start, end = validity(line.text)
        if start and end:
            found["valid_from"] = SideField(start, line.text_score, (line.quad,))
            found["valid_until"] = SideField(end, line.text_score, (line.quad,))
        elif (match := _DAY.search(line.text)) and "birth_date" not in found:
            found["birth_date"] = SideField("-".join(match.groups()), line.text_score, (line.quad,))
        elif sex := re.search(r"(?:^|性[别別])\W*([男女])(?:$|/)", line.text):
            found["sex"] = SideField(sex[1], line.text_score, (line.quad,))
    return found | _numbered(lines, scheme, "number") | _by_line(lines, scheme, look)


def _by_line(lines: Sequence[PlacedLine], scheme: str, look: Callable[[Quad, str], ReadLine]) -> dict[str, SideField]:
    """The number as the line of 30 places has it, where all its check digits hold."""
    for line in lines:
        if not looks_like_line(line.text):
            continue
        read = look(line.quad, ALPHABET)
        number = number_of_line(read.text)
        if number and re.fullmatch(scheme, number):
            return {"number": SideField(number, read.text_score, (line.quad,))}
    return {}


def _on_back(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """The travel permit's number and the count of issues, beside their labels."""
    found: dict[str, SideField] = {}
    for row in rows(lines):
        text = row.text
        if _PERMIT_LABEL.search(text):
            found |= _numbered(row.lines, PERMIT, "permit_number")
        if match := _ISSUES.search(text):
            found["issue_count"] = SideField(str(int(match[1])), row.text_score, tuple(one.quad for one in row.lines))
    return found or _numbered(lines, PERMIT, "permit_number")


def _numbered(lines: Sequence[PlacedLine], scheme: str, name: str) -> dict[str, SideField]:
    """The number of a travel permit: what fits its scheme, and nothing else."""
    for line in lines:
        text = re.sub(r"\s", "", _PERMIT_LABEL.sub("", line.text.upper()))
        match = re.search(rf"(?<![0-9A-Z])(?:{scheme})(?![0-9A-Z.])", text)
        if match and not validity(line.text)[0] and not looks_like_line(line.text):
            return {name: SideField(match[0], line.text_score, (line.quad,))}
    return {}
