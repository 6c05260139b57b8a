"""What reflected light has burnt out of the fields, in characters that may have stood there.

Light on blank ground takes nothing. What counts is a place where print must or may go on and no character was read:
before the first character of a line, between two, one character beyond the last, a whole row; and a character that
was read though most of it is burnt. Text has no gaps, so beyond one blank character it does not go on, and a line of
running text that is not full is the last one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CHARACTER, CardView, Rectangle, extreme
from service.documents.defects.light import BURNT
from service.documents.defects.text_rows import OPEN, TextRow, text_rows

Mask = NDArray[np.uint8]
SHRINK = 2
"""Of `CardView.half`."""
CELL = (SHRINK / CHARACTER) ** 2
STROKES, PATCH, SPECK = 9, 9, 5
"""Pixels of the mask: what fills the strokes of a letter; the least side of a patch that could hide one; of one that
could hide a stroke."""
MOST_BURNT, GUESSED = 0.65, 0.5
"""Share of a character's place from which a reader guesses, and is sure of its guess; what such a character counts."""


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
        name: _lost(burnt, ground, list(text_rows(view, name, closed)), is_open=name in OPEN)
        if view.lines.get(name)
        else CELL * float(_part(burnt, place).sum())
        for name, place in view.places.items()
    }


def _lost(burnt: Mask, ground: Mask, rows: Sequence[TextRow], *, is_open: bool) -> float:
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


def _mask(darkest: Mask) -> Mask:
    return np.asarray(darkest >= BURNT, np.uint8)


def _opened(mask: Mask, side: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)


def _part(mask: Mask, place: Rectangle) -> Mask:
    """The part of a mask that shows a rectangle of the flat card; at least a pixel of it."""
    x0, y0, x1, y1 = (max(0, side) // SHRINK for side in place)
    return mask[y0 : y1 + 1, x0 : x1 + 1]


def _box(left: float, right: float, row: TextRow) -> Rectangle:
    return int(left), int(row.middle - row.height / 2), int(right), int(row.middle + row.height / 2)
