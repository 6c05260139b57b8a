"""A second look at one place of a card, with only the characters that can stand there. Pure.

It mends what the recogniser took for another character or the detector left out. It never invents: what it reads must
pass the same tests as the first reading, and a check character is only ever tested, not solved for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from service.documents.cn_number import number_is_valid, parse_number
from service.documents.cn_resident_id_back import VALIDITY_LABEL, validity_row
from service.documents.cn_resident_id_front import (
    BIRTH_LABEL,
    ETHNICITY_LABEL,
    NUMBER,
    NUMBER_LABEL,
    birth_row,
    left_rows,
    sex_row,
)
from service.documents.dates import birth_date, validity
from service.documents.ethnicities import ETHNICITY_CHARACTERS, leading_ethnicity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, rows
from service.documents.place_names import SURE, near_addresses, near_authorities
from service.documents.regions import load_regions
from service.documents.text import Quad, ReadLine
from service.documents.wording_score import counted_half
from service.evidence import Side

CERTAIN = 0.9
"""text_score from which a second reading replaces one that failed its test."""
POSSIBLE = 0.05
"""Sureness from which a character is one the recogniser wavered about."""
LEAST_NAME = 3
"""Characters of a place's name, its kind among them."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look for what."""

    name: str
    quad: Quad = field(repr=False)
    alphabet: str
    meant: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Of a place name: by what the line may say, what the field then says."""


def looks(lines: Sequence[PlacedLine], side: Side, fields: Mapping[str, SideField]) -> list[Look]:
    """The places worth a second look: fields that are missing or fail their own test."""
    if side is Side.BACK:
        dates = [] if {"valid_from", "valid_until"} <= set(fields) else _validity_look(lines)
        return dates + _place_look(lines, "authority", fields)
    found = _place_look(lines, "address", fields)
    number = fields.get("number")
    if number is None or not number_is_valid(number.value):
        found += _number_look(lines, number)
    parsed = parse_number(number.value) if number else None
    birth = fields.get("birth_date")
    if birth is None or (parsed and parsed.born and birth.value != parsed.born.isoformat()):
        found += _birth_look(lines)
    if "ethnicity" not in fields:
        found += _ethnicity_look(lines)
    return found if "sex" in fields else found + _sex_look(lines)


def settle(look: Look, line: ReadLine, fields: Mapping[str, SideField]) -> dict[str, SideField]:
    """The fields after a second look."""
    if look.meant:
        return _settle_place(look, line, fields)
    read = {
        "number": _settle_number,
        "birth_date": _settle_birth,
        "ethnicity": _settle_ethnicity,
        "sex": _settle_sex,
        "validity": _settle_validity,
    }[look.name](line.text)
    if line.text_score < CERTAIN:
        read = {}
    return {**fields, **{name: SideField(value, line.text_score, (line.quad,)) for name, value in read.items()}}


def _settle_place(look: Look, line: ReadLine, fields: Mapping[str, SideField]) -> dict[str, SideField]:
    """The place the recogniser held for possible, where it read one that does not exist. It stays doubtful."""
    value, sureness = look.meant.get(line.text), min(line.likely, default=0.0)
    if value is None or sureness < POSSIBLE:
        return dict(fields)
    before = fields[look.name]
    text_score = min(before.text_score, counted_half(sureness))
    mended = replace(before, value=value, text_score=text_score, variants=(before.value,))
    return {**fields, look.name: mended}


def _settle_number(text: str) -> dict[str, str]:
    match = NUMBER.fullmatch(text)
    return {"number": text} if match and number_is_valid(text) else {}


def _settle_birth(text: str) -> dict[str, str]:
    value = birth_date(text)
    return {"birth_date": value} if value else {}


def _settle_ethnicity(text: str) -> dict[str, str]:
    value = leading_ethnicity(text)
    return {"ethnicity": value} if value else {}


def _settle_sex(text: str) -> dict[str, str]:
    return {"sex": text} if text in ("男", "女") else {}


def _settle_validity(text: str) -> dict[str, str]:
    start, end = validity(text)
    return {"valid_from": start, "valid_until": end} if start and end else {}


def _place_look(lines: Sequence[PlacedLine], name: str, fields: Mapping[str, SideField]) -> list[Look]:
    """Where an address or an authority names a place that does not exist, one character off from some that do."""
    found = fields.get(name)
    if found is None or found.text_score >= SURE:
        return []
    near = near_authorities if name == "authority" else near_addresses
    spelled = near(found.value, load_regions())
    for line in lines if spelled else ():
        start = line.text.find(found.value[:LEAST_NAME])
        if start >= 0 and any(line.quad is quad for quad in found.quads):
            label, printed = line.text[:start], line.text[start:]
            meant = {label + one[: len(printed)]: one for one in spelled}
            doubtful = {one for one in printed if printed.count(one) == 1} - set("".join(spelled))
            return [Look(name, line.quad, "".join(sorted(set("".join((line.text, *meant))) - doubtful)), meant)]
    return []


def _number_look(lines: Sequence[PlacedLine], number: SideField | None) -> list[Look]:
    if number:
        return [Look("number", number.quads[0], "0123456789X")]
    digits = [line for line in lines if re.search(r"\d{8}", line.text) and not re.search(r"[.年]", line.text)]
    if digits:
        line = max(digits, key=lambda one: one.right - one.left)
        return [Look("number", stretched(line, 0.0, 0.5), "0123456789X")]
    label = next((line for line in lines if NUMBER_LABEL.search(line.text)), None)
    return [Look("number", beside(label, 0.3, 17.5), "0123456789X")] if label else []


def _birth_look(lines: Sequence[PlacedLine]) -> list[Look]:
    row = birth_row(left_rows(lines))
    if row is None:
        return []
    first = row.lines[0]
    quad = beside(first, 0.2, 9.5) if BIRTH_LABEL.fullmatch(first.text) else _from_character(first, _labelled(first), 9)
    return [Look("birth_date", quad, "0123456789年月日")]


def _labelled(line: PlacedLine) -> int:
    match = BIRTH_LABEL.match(line.text)
    return match.end() if match else 0


def _ethnicity_look(lines: Sequence[PlacedLine]) -> list[Look]:
    found = left_rows(lines)
    row = sex_row(found, birth_row(found))
    line = next((one for one in row.lines if ETHNICITY_LABEL.search(one.text)), None) if row else None
    match = ETHNICITY_LABEL.search(line.text) if line else None
    if line is None or match is None:
        return []
    quad = beside(line, 0.0, 4.0) if match.end() == len(line.text) else _from_character(line, match.end(), 4)
    return [Look("ethnicity", quad, ETHNICITY_CHARACTERS)]


def _sex_look(lines: Sequence[PlacedLine]) -> list[Look]:
    label = next((line for line in lines if line.text == "性别"), None)
    return [Look("sex", beside(label, 0.0, 2.8), "男女")] if label else []


def _validity_look(lines: Sequence[PlacedLine]) -> list[Look]:
    row = validity_row(rows(lines))
    if row is None:
        return []
    first = row.lines[0]
    match = VALIDITY_LABEL.search(first.text)
    whole = match is not None and match.end() == len(first.text)
    quad = beside(first, 0.2, 13.0) if whole else _from_character(first, match.end() if match else 0, 13)
    return [Look("validity", quad, "0123456789.-长期")]


def beside(line: PlacedLine, gap: float, length: float) -> Quad:
    """The place to the right of a line: `gap` away and `length` long, in characters."""
    along, em = _along(line)
    start = line.quad[(1, 2), :] + along * em * gap
    end = start + along * em * length
    return np.array([start[0], end[0], end[1], start[1]], np.float32)


def stretched(line: PlacedLine, left: float, right: float) -> Quad:
    """The line itself, made longer at its ends, in characters."""
    along, em = _along(line)
    a, b, c, d = line.quad
    return np.array([a - along * em * left, b + along * em * right, c + along * em * right, d - along * em * left])


def _from_character(line: PlacedLine, place: int, length: float) -> Quad:
    """From about the character `place` on, `length` characters or to the end of the line, whichever is more."""
    along, em = _along(line)
    start = line.quad[(0, 3), :] + along * em * place
    reach = max(length * em, float(np.linalg.norm(line.quad[1] - line.quad[0])) - em * place)
    end = start + along * reach
    return np.array([start[0], end[0], end[1], start[1]], np.float32)


def _along(line: PlacedLine) -> tuple[Quad, float]:
    """The line's direction and the width of a character, in pixels of the picture read."""
    edge = line.quad[1] - line.quad[0] + line.quad[2] - line.quad[3]
    return np.asarray(edge / (np.linalg.norm(edge) + 1e-6), dtype=np.float32), line.em
