"""What reflected light has burnt out of the fields, in characters that may have stood there.

Light on blank ground takes nothing. What counts is a place where print must or may go on and no character was read:
before the first character of a line, between two, one character beyond the last, a whole row; and a character that
was read though most of it is burnt. Text has no gaps, so beyond one blank character it does not go on, and a line of
running text that is not full is the last one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CHARACTER, CardView, Rectangle, extreme
from service.documents.defects.light import BURNT

Mask = NDArray[np.uint8]
SHRINK = 2
"""Of `CardView.half`."""
CELL = (SHRINK / CHARACTER) ** 2
STROKES, PATCH, SPECK = 9, 9, 5
"""Pixels of the mask: what fills the strokes of a letter; the least side of a patch that could hide one; of one that
could hide a stroke."""
OPEN = ("name", "address", "authority")
"""Fields of which a part reads as a whole; of the others it is known what a whole one is."""
FIRST_ROW = {"address": 0.18, "authority": 0.6}
"""Middle of the first row of running text, as a share of the place's height (GA 448)."""
PITCH = 36.0
"""Pixels of the flat card from one row of running text to the next."""
TALLEST = 38.0
MOST_BURNT, GUESSED = 0.65, 0.5
"""Share of a character's place from which a reader guesses, and is sure of its guess; what such a character counts."""


class _Row(NamedTuple):
    """A row in which text stands or may stand: ends, middle and height on the flat card, and the characters read."""

    left: float
    right: float
    middle: float
    height: float
    read: tuple[float, ...]


def burnt_characters(view: CardView, closed: Collection[str] = ()) -> dict[str, float]:
    """By field, in characters: what light may have taken; higher = worse.

    Of the portrait and of a field that was not read: all that is burnt. `closed`: fields that cannot go on after
    the last character read.
    """
    darkest = extreme(view.half, brightest=False)
    burnt = _opened(_mask(darkest), SPECK)
    # Faint strokes in ground without any contrast left are no sign that all of them are there.
    filled = cv2.morphologyEx(darkest, cv2.MORPH_CLOSE, np.ones((STROKES, STROKES), np.uint8))
    ground = _mask(np.asarray(filled, np.uint8))
    return {
        name: _lost(burnt, ground, list(_rows(view, name, closed)), is_open=name in OPEN)
        if view.lines.get(name)
        else CELL * float(_part(burnt, place).sum())
        for name, place in view.places.items()
    }


def _lost(burnt: Mask, ground: Mask, rows: Sequence[_Row], *, is_open: bool) -> float:
    unread = np.zeros_like(ground)
    for row in rows:
        _part(unread, _box(row.left, row.right, row))[:] = 1
    shares: list[float] = []
    for row in rows:
        for spot in row.read:
            if row.left - CHARACTER / 2 < spot < row.right:
                place = _box(spot - CHARACTER / 2, spot + CHARACTER / 2, row)
                _part(unread, place)[:] = 0
                shares.append(float(_part(burnt, place).mean()))
    hidden = CELL * float(_opened(ground * unread, PATCH).sum()) if is_open else 0.0
    return hidden + GUESSED * sum(share for share in shares if share >= MOST_BURNT)


def _rows(view: CardView, name: str, closed: Collection[str]) -> Iterator[_Row]:
    """Where text of a field stands, must stand or may go on."""
    x0, top, x1, bottom = view.columns[name]
    rows = _read_rows(view, name)
    if name not in OPEN:
        yield from (row._replace(left=x0, right=x1) for row in rows)
        return
    # Where the row above is, or would be: one that is missing altogether lies in between.
    above = top + FIRST_ROW[name] * (bottom - top) - PITCH if name in FIRST_ROW else rows[0].middle - PITCH
    for row in rows:
        for middle in np.arange(row.middle - PITCH, above + 0.4 * PITCH, -PITCH):
            yield _Row(x0, x1, float(middle), row.height, ())
        above = row.middle
        end = _end(row, x0)
        # A row that wraps does not go on past its column.
        limit = end if row is rows[-1] and name in closed else max(end, x1) if name in FIRST_ROW else end + CHARACTER
        yield row._replace(left=x0, right=min(end + CHARACTER, limit))
    if name in FIRST_ROW and name not in closed and _end(rows[-1], x0) > x1 - 1.2 * CHARACTER:
        yield _Row(x0, x0 + CHARACTER, above + PITCH, rows[-1].height, ())


def _read_rows(view: CardView, name: str) -> list[_Row]:
    """The lines of a field, those side by side joined, top to bottom."""
    rows: list[_Row] = []
    lines = sorted(zip(view.lines[name], view.read[name], strict=True), key=lambda one: one[0][1] + one[0][3])
    for (x0, y0, x1, y1), read in lines:
        row = _Row(x0, x1, (y0 + y1) / 2, min(y1 - y0, TALLEST), read)
        if name in OPEN and rows and row.middle - rows[-1].middle < 0.5 * PITCH:
            row = row._replace(read=rows.pop().read + read)
        rows.append(row)
    return rows


def _end(row: _Row, left: float) -> float:
    """Where the last character that was read ends; `left` where none was."""
    return max((spot + CHARACTER / 2 for spot in row.read if spot > left), default=left)


def _mask(darkest: Mask) -> Mask:
    return np.asarray(darkest >= BURNT, np.uint8)


def _opened(mask: Mask, side: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)


def _part(mask: Mask, place: Rectangle) -> Mask:
    """The part of a mask that shows a rectangle of the flat card; at least a pixel of it."""
    x0, y0, x1, y1 = (max(0, side) // SHRINK for side in place)
    return mask[y0 : y1 + 1, x0 : x1 + 1]


def _box(left: float, right: float, row: _Row) -> Rectangle:
    return int(left), int(row.middle - row.height / 2), int(right), int(row.middle + row.height / 2)
