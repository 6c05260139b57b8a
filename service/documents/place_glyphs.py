"""Characters of an address or an authority that the recogniser was not sure of, looked at as those of a name are.

A village may be named with a character that the recogniser hardly met (塆): it answers with one it knows (湾), half
sure. The network that looks at names knows both alike. What the recogniser was sure of is not looked at.
"""

from __future__ import annotations

from dataclasses import replace

from service.documents.attempt import UNREAD, Attempt
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine
from service.documents.name_glyphs import NameGlyphs
from service.documents.variants import folded
from service.evidence import Pixels

PLACES = ("address", "authority")
SURE = 0.9
"""Sureness of a character from which it is not looked at."""
_HIDDEN = "\0"
"""In the place of a character that is not of the value."""


def checked_places(names: NameGlyphs, best: Attempt, pixels: Pixels) -> Attempt:
    """The attempt, an address or an authority doubted of which an unsure character does not look as it was read.
    `pixels`: the picture, BGR."""
    doubted = {
        name: replace(found, text_score=min(found.text_score, UNREAD))
        for name, found in best.side.fields.items()
        if name in PLACES and _looks_otherwise(names, best, found, pixels)
    }
    return replace(best, side=replace(best.side, fields={**best.side.fields, **doubted})) if doubted else best


def _looks_otherwise(names: NameGlyphs, best: Attempt, found: SideField, pixels: Pixels) -> bool:
    lines = _own(found, best.lines)
    if not any(sure < 1 for line in lines for sure in line.likely):
        return False
    asked = SideField("".join(line.text for line in lines), 1.0, found.quads)
    shown = replace(best, lines=tuple(lines), side=replace(best.side, fields={"name": asked}))
    return names.checked(shown, pixels).side.fields["name"].text_score < 1


def _own(found: SideField, lines: tuple[PlacedLine, ...]) -> list[PlacedLine]:
    """The field's lines, beyond doubt what was read surely, and hidden what says nothing about the value: labels, and
    what the table of places spells otherwise."""
    own = [next((line for line in lines if line.quad is quad), None) for quad in found.quads]
    kept = [line for line in own if line is not None]
    label = sum(len(line.text) for line in kept) - len(found.value)
    if label < 0 or any(len(line.likely) != len(line.text) for line in kept):
        return []
    value = iter(_HIDDEN * label + found.value)
    return [_beyond_doubt(line, "".join(next(value) for _ in line.text)) for line in kept]


def _beyond_doubt(line: PlacedLine, value: str) -> PlacedLine:
    shown = [folded(read) == printed for read, printed in zip(line.text, value, strict=True)]
    text = "".join(read if kept else _HIDDEN for read, kept in zip(line.text, shown, strict=True))
    likely = tuple(1.0 if sure >= SURE or not kept else sure for sure, kept in zip(line.likely, shown, strict=True))
    return replace(line, text=text, likely=likely)
