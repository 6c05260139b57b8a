"""Whether something lies over a field: a patch of another hue, or much darker, where pale ground should be; or blank
ground where print must be.

Skin, tape and most objects are seen by their colour. White paper or a card-coloured sticker is seen by the gap that it
leaves at the beginning of a line or in it; a whole field is missing in the reading. One over the end of a name or of an
address looks like a card on which no more is printed.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CHARACTER, CardView, Rectangle, extreme
from service.documents.defects.colour import hues
from service.documents.defects.light import BURNT
from service.documents.defects.text_rows import OPEN, text_rows
from service.evidence import Pixels

SHRINK = 4
OTHER_HUE = 0.22
"""In log ratio: twice what lies between the blue and the pink end of a card."""
DARK = 0.25
"""Of the ground's brightness: shadows of a hand leave a third and more."""
LEAST_GAP = 0.75
"""Characters: on good cards at most 0.3 lie before the first of a line, and 0.4 between two."""
BEGINNING, AT_COLUMN = ("name", "birth_date", "address", "authority", "valid_from"), 0.4
"""Fields that begin at the left of their column, and how near to it, in characters."""
BLANK = 0.35
"""Of the contrast of a field's ink."""
MIDDLE = 9
"""Pixels of the flat card above and below the middle of a row that no other row reaches."""


def covered_characters(view: CardView) -> dict[str, float]:
    """By field: the covered part of its place, in characters; higher = worse. The portrait is not judged."""
    ground = _ground(view)
    hue, light = hues(ground), extreme(ground, brightest=True).astype(np.float32)
    places = {name: place for name, place in view.places.items() if name != "portrait"}
    spots = np.zeros(light.shape, bool)
    for x0, y0, x1, y1 in places.values():
        spots[y0 // SHRINK : y1 // SHRINK + 1, x0 // SHRINK : x1 // SHRINK + 1] = True
    usual, bright = np.median(hue[spots], axis=0), max(float(np.median(light[spots])), 1.0)
    other = (np.linalg.norm(hue - usual, axis=2) > OTHER_HUE) | (light < DARK * bright)
    mask = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    cell = (SHRINK / CHARACTER) ** 2
    found = {
        name: cell * float(mask[y0 // SHRINK : y1 // SHRINK + 1, x0 // SHRINK : x1 // SHRINK + 1].sum())
        for name, (x0, y0, x1, y1) in places.items()
    }
    return {name: max(value, _unread(view, name)) for name, value in found.items()}


def _unread(view: CardView, name: str) -> float:
    """Characters of blank ground where running text must stand, beyond what lies between any two; 0 where light took
    them, or something is printed there that was not read."""
    if name not in OPEN or not view.lines.get(name):
        return 0.0
    grey = np.asarray(cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY), np.uint8)
    ink = max(_contrast(grey[y0 : y1 + 1, x0 : x1 + 1]) for x0, y0, x1, y1 in view.lines[name])
    return sum(
        (x1 - x0) / CHARACTER
        for x0, y0, x1, y1 in _gaps(view, name)
        if _contrast(grey[y0:y1, x0:x1]) < BLANK * ink and np.median(grey[y0:y1, x0:x1]) < BURNT
    )


def _gaps(view: CardView, name: str) -> Iterator[Rectangle]:
    """The places before the first character of each row that must be there, and between two of them."""
    for row in text_rows(view, name, (name,)) if _column_known(view) else ():
        read = sorted(spot for spot in row.read if spot > row.left)
        ends = [row.left, *(spot + CHARACTER / 2 for spot in read)]
        starts = [*(spot - CHARACTER / 2 for spot in read), row.right]
        for left, right in list(zip(ends, starts, strict=True))[: max(len(read), 1)]:
            if right - left >= LEAST_GAP * CHARACTER and row.middle > MIDDLE:
                yield int(left), int(row.middle - MIDDLE), int(right), int(row.middle + MIDDLE)


def _column_known(view: CardView) -> bool:
    """Whether any line of the side begins where the layout has it: else it is the card's outline that is wrong."""
    starts = [(min(line), view.columns[name][0]) for name in BEGINNING for line in view.read.get(name, ())]
    return any(abs(spot - CHARACTER / 2 - left) < AT_COLUMN * CHARACTER for spot, left in starts)


def _contrast(grey: NDArray[np.uint8]) -> float:
    low, high = np.percentile(grey, (2, 80))
    return float(high - low)


def _ground(view: CardView) -> Pixels:
    """The card without its letters: small, and every thin dark stroke filled from beside it."""
    height, width = view.flat.shape[:2]
    small = cv2.resize(view.half, (width // SHRINK, height // SHRINK), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
