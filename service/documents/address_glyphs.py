"""Characters of an address that the recogniser was not sure of, looked at as those of a name are.

A village may be named with a character that the recogniser hardly met (塆): it answers with one it knows (湾), more or
less sure. The network that looks at names knows both alike. What the recogniser was sure of is not looked at, nor an
authority: the table of places spells nearly all of them, and blur raised more doubts than it found faults.
"""

from __future__ import annotations

import re
from dataclasses import replace

from service.documents.attempt import Attempt, doubted
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine
from service.documents.name_glyphs import NameGlyphs
from service.documents.variants import folded
from service.evidence import Pixels

SURE = 0.99
"""Sureness of a character from which it is not looked at."""
SURELY_OTHER = 0.15
"""Lead of another character from which it is surely that one: in blur all leads are small."""
BESIDE = 2
"""Characters to either side that tell, by their pitch, where an unsure one stands; beyond doubt themselves."""
FIRST_HAN = 0x3400
_HIDDEN = "\0"
"""In the place of a character that is not looked at."""


def checked_address(names: NameGlyphs, best: Attempt, pixels: Pixels) -> Attempt:
    """The attempt, its address doubted where an unsure character surely looks like another one. `pixels`: the picture,
    BGR."""
    found = best.side.fields.get("address")
    if found is None or not _looks_otherwise(names, best, found, pixels):
        return best
    return doubted(best, ["address"])


def _looks_otherwise(names: NameGlyphs, best: Attempt, found: SideField, pixels: Pixels) -> bool:
    lines = _own(found, best.lines)
    value = "".join(line.text for line in lines)
    if not value.strip(_HIDDEN):
        return False
    shown = replace(found, value=value)
    # That it looks like none in particular is no reason to doubt a place: most of them are spelled by a table.
    looks, _ = names.looks(shown, lines, best.to_picture, pixels)
    return any(look.other is not None and look.lead < -SURELY_OTHER for look in looks)


def _own(found: SideField, lines: tuple[PlacedLine, ...]) -> list[PlacedLine]:
    """The field's lines, all hidden but the unsure characters and their neighbours; labels and what the table of places
    spells otherwise, always."""
    own = [next((line for line in lines if line.quad is quad), None) for quad in found.quads]
    kept = [line for line in own if line is not None]
    label = sum(len(line.text) for line in kept) - len(found.value)
    if label < 0 or any(len(line.likely) != len(line.text) for line in kept):
        return []
    value = iter(_HIDDEN * label + found.value)
    return [_around_unsure(line, "".join(next(value) for _ in line.text)) for line in kept]


def _around_unsure(line: PlacedLine, value: str) -> PlacedLine:
    """`value`: what the line's characters say in the field. Digits stand closer than the characters beside them."""
    written = [
        read if folded(read) == said and ord(read) >= FIRST_HAN else _HIDDEN
        for read, said in zip(line.text, value, strict=True)
    ]
    near: set[int] = set()
    for run in re.finditer(f"[^{_HIDDEN}]+", "".join(written)):
        start, end = run.span()
        unsure = (place for place in range(start, end) if line.likely[place] < SURE)
        near.update(at for place in unsure for at in range(max(start, place - BESIDE), min(end, place + BESIDE + 1)))
    text = "".join(one if place in near else _HIDDEN for place, one in enumerate(written))
    return replace(line, text=text, likely=tuple(sure if sure < SURE else 1.0 for sure in line.likely))
