"""The column of the labels on the front of a resident's card, and what is no part of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row

_LABEL = re.compile(r"姓.|.名|住.|.址|出.|.生|性.|.别|民.|.族")
LABEL_COLUMN = 2.3
"""In characters of a name, from the left of the labels: 名 ends before it, a name begins behind it (their middles stand
at 1.3 and 3.3)."""


def near(row: Row) -> tuple[PlacedLine, ...]:
    """The row up to the first wide gap: beyond it lies the portrait."""
    kept = [row.lines[0]]
    for line in row.lines[1:]:
        if line.left - kept[-1].right > 4.5 * max(line.em, kept[-1].em):
            break
        kept.append(line)
    return tuple(kept)


def label_left(found: Sequence[Row]) -> float | None:
    """Where the column of labels begins, from the labels below the name that were read."""
    lefts = [line.left for row in found for line in row.lines if re.match(r"性别|出生|住址", line.text)]
    return float(sorted(lefts)[len(lefts) // 2]) if lefts else None


def in_column(lines: Sequence[PlacedLine], left: float) -> int:
    """How many characters stand in the column of the labels. The recogniser may have left out one of the label's: where
    it does not say where they stand, both are taken for read."""
    if any(len(line.spots) != len(line.text) for line in lines):
        return 2
    end = left + LABEL_COLUMN * max(line.em for line in lines)
    return sum(line.left + spot * (line.right - line.left) < end for line in lines for spot in line.spots)


def field_of(value: str, lines: Sequence[PlacedLine]) -> SideField | None:
    """The field read from `lines`; None without a value."""
    if not value:
        return None
    # A label in a line of its own says nothing about its value.
    scores = [line.text_score for line in lines if not _LABEL.fullmatch(line.text)]
    return SideField(value, min(scores or [line.text_score for line in lines]), tuple(line.quad for line in lines))
