"""Where the values of a drawn card stand, in pixels of the clean card."""

from __future__ import annotations

from service.evidence import Side
from service.specimens.card import AUTHORITY_COLUMNS, NAME_COLUMNS, NUMBER_BOX, PORTRAIT_BOX, columns, wrap
from service.specimens.people import Person
from service.specimens.press import Press

Rectangle = tuple[int, int, int, int]
"""x0, y0, x1, y1."""


def field_places(person: Person, side: Side) -> dict[str, Rectangle]:
    """The rectangle around each value of a card drawn with the standard press (an address: all its lines)."""
    return _front(person) if side is Side.FRONT else _back(person)


def line_ends(person: Person, side: Side, hidden: int) -> dict[str, Rectangle]:
    """The same around the last `hidden` characters of each field of running text; one at least is left."""
    lines: dict[str, tuple[int, int, str, int]] = {}
    if side is Side.FRONT:
        if sum(map(columns, person.name)) <= NAME_COLUMNS:
            lines["name"] = (182, 105, person.name, 43)
        address = wrap(person.address, Press().address_columns)
        lines["address"] = (182, 337 + 43 * (len(address) - 1), address[-1], 37)
    else:
        authority = wrap(person.authority, AUTHORITY_COLUMNS)
        lines["authority"] = (420, 500 + 20 * (len(authority) - 1), authority[-1], 36)
    ends: dict[str, Rectangle] = {}
    for name, (left, baseline, text, pitch) in lines.items():
        kept = max(len(text) - hidden, 1 if name == "name" else 0)
        x0, x1 = (left + _length(part, pitch) for part in (text[:kept], text))
        ends[name] = (x0, baseline - pitch + 4, x1, baseline + 8)
    return ends


def _front(person: Person) -> dict[str, Rectangle]:
    lines = wrap(person.address, Press().address_columns)
    return {
        "name": _around(182, 105, person.name, 43, 37),
        "sex": _around(182, 183, person.sex, 38, 32),
        "ethnicity": _around(386, 183, person.ethnicity, 36, 32),
        "birth_date": (182, 230, 484, 268),
        "address": (182, 304, 182 + max(_length(line, 37) for line in lines), 345 + 43 * (len(lines) - 1)),
        "number": NUMBER_BOX,
        "portrait": PORTRAIT_BOX,
    }


def _back(person: Person) -> dict[str, Rectangle]:
    lines = wrap(person.authority, AUTHORITY_COLUMNS)
    top = 500 - 20 * (len(lines) - 1)
    right = 420 + max(_length(line, 36) for line in lines)
    return {
        "authority": (420, top - 32, right, top + 8 + 40 * (len(lines) - 1)),
        "valid_from": (420, 542, 580, 582),
        "valid_until": (596, 542, 772, 582),
    }


def _around(left: int, baseline: int, text: str, pitch: int, size: int) -> Rectangle:
    return left, baseline - size, left + _length(text, pitch), baseline + 8


def _length(text: str, pitch: int) -> int:
    return round(sum(columns(character) for character in text) * pitch)
