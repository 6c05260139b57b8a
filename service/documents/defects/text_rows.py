"""The rows of a field on a flat card: where characters were read, must stand or may go on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from service.documents.defects.card_view import CHARACTER, CardView

OPEN = ("name", "address", "authority")
"""Fields of which a part reads as a whole; of the others it is known what a whole one is."""
FIRST_ROW = {"address": 0.18, "authority": 0.6}
"""Middle of the first row of running text, as a share of the place's height (GA 448)."""
PITCH = 36.0
"""Pixels of the flat card from one row of running text to the next."""
TALLEST = 38.0


class TextRow(NamedTuple):
    """A row in which text stands or may stand: ends, middle and height on the flat card, and the characters read."""

    left: float
    right: float
    middle: float
    height: float
    read: tuple[float, ...]


def text_rows(view: CardView, name: str, closed: Collection[str]) -> Iterator[TextRow]:
    """Where text of a field that was read stands, must stand or may go on. `closed`: fields that do not go on."""
    x0, top, x1, bottom = view.columns[name]
    rows = _read_rows(view, name)
    if name not in OPEN:
        yield from (row._replace(left=x0, right=x1) for row in rows)
        return
    # Where the row above is, or would be: one that is missing altogether lies in between.
    above = top + FIRST_ROW[name] * (bottom - top) - PITCH if name in FIRST_ROW else rows[0].middle - PITCH
    for row in rows:
        for middle in np.arange(row.middle - PITCH, above + 0.4 * PITCH, -PITCH):
            yield TextRow(x0, x1, float(middle), row.height, ())
        above = row.middle
        end = text_end(row, x0)
        # A row that wraps does not go on past its column.
        limit = end if row is rows[-1] and name in closed else max(end, x1) if name in FIRST_ROW else end + CHARACTER
        yield row._replace(left=x0, right=min(end + CHARACTER, limit))
    if name in FIRST_ROW and name not in closed and text_end(rows[-1], x0) > x1 - 1.2 * CHARACTER:
        yield TextRow(x0, x0 + CHARACTER, above + PITCH, rows[-1].height, ())


def _read_rows(view: CardView, name: str) -> list[TextRow]:
    """The lines of a field, those side by side joined, top to bottom."""
    rows: list[TextRow] = []
    lines = sorted(zip(view.lines[name], view.read[name], strict=True), key=lambda one: one[0][1] + one[0][3])
    for (x0, y0, x1, y1), read in lines:
        row = TextRow(x0, x1, (y0 + y1) / 2, min(y1 - y0, TALLEST), read)
        if name in OPEN and rows and row.middle - rows[-1].middle < 0.5 * PITCH:
            row = row._replace(read=rows.pop().read + read)
        rows.append(row)
    return rows


def text_end(row: TextRow, left: float) -> float:
    """Where the last character that was read ends; `left` where none was."""
    return max((spot + CHARACTER / 2 for spot in row.read if spot > left), default=left)
