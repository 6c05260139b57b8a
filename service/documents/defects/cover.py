"""Whether something lies over a field: a patch of another hue, or much darker, where pale ground should be; a slip of
paper in another tint than the ground around it; or blank ground where print must be.

Skin, tape and most objects are seen by their colour, white paper by its tint. What has the card's own tint is seen by
the gap that it leaves at the beginning of a line or in it; a whole field is missing in the reading. Over the end of a
name or of an address it looks like a card on which no more is printed.
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
from service.documents.defects.tint import other_tint
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
BLANK, BLANK_RUN = 0.35, 0.45
"""Of the contrast of a field's ink; characters of ground side by side without any, more than lies between any two."""
LEAST_PAPER = 1.3
"""Characters in another tint: what hides one reaches beyond it; the compression of a small picture tints up to one."""
TINT_OF_LABELS, PATCH = 2.5, 4
"""Where blue labels stand among the digits of the birth date, how far a tint must be another; least side in cells."""
FIRST_CHARACTERS = {"name": 2.2, "sex": 1.3, "ethnicity": 1.3}
"""Of a field that was not read: where one of any length has print, from the left of its column; elsewhere all of it."""
MISSING, MISSING_IN_BIRTH_DATE, LIT = 1.0, 1.7, 0.1
"""Characters of blank ground that no such field has before its last ink (a month of one digit stands apart); share of
the place from which it was light that took them."""
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
    found = {name: cell * _area(mask, place) for name, place in places.items()}
    tint = other_tint(view, ground)
    paper, far = (_patches(tint > least) for least in (1.0, TINT_OF_LABELS))
    grey = np.asarray(cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY), np.uint8)
    for name in places:
        seen = cell * _area(far if name == "birth_date" else paper, _whole_place(view, name))
        found[name] = max(found[name], seen if seen >= LEAST_PAPER else 0.0, _unread(view, grey, name))
    return found


def _patches(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    side = np.ones((PATCH, PATCH), np.uint8)
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, side), np.uint8)


def _area(mask: NDArray[np.generic], place: Rectangle) -> float:
    x0, y0, x1, y1 = (side // SHRINK for side in place)
    return float(mask[y0 : y1 + 1, x0 : x1 + 1].sum())


def _whole_place(view: CardView, name: str) -> Rectangle:
    """Where the field stands or may go on: a row more, for an address."""
    (a, b, c, d), (x0, y0, x1, y1) = view.places[name], view.columns[name]
    if name in OPEN:
        return min(a, x0), min(b, y0), max(c, x1), max(d, y1)
    # They are read in a line with the label between them.
    return view.columns[name] if name in ("sex", "ethnicity") else view.places[name]


def _unread(view: CardView, grey: NDArray[np.uint8], name: str) -> float:
    """Characters that are missing where print must stand and blank ground is, beyond what lies between any two; 0 where
    light took them, or all of the gap is filled with print that was not read."""
    lines = view.lines.get(name) or [line for others in view.lines.values() for line in others]
    if not lines or (view.lines.get(name) and name not in OPEN):
        return 0.0
    ink = max(_contrast(grey[y0 : y1 + 1, x0 : x1 + 1]) for x0, y0, x1, y1 in lines)
    if not view.lines.get(name):
        return _missing(grey, view.columns[name], name, BLANK * ink)
    return sum(
        (x1 - x0) / CHARACTER
        for x0, y0, x1, y1 in _gaps(view, name)
        if _blank_run(grey[y0:y1, x0:x1], BLANK * ink) >= BLANK_RUN * CHARACTER
        and np.median(grey[y0:y1, x0:x1]) < BURNT
    )


def _missing(grey: NDArray[np.uint8], place: Rectangle, name: str, least_ink: float) -> float:
    """Characters of blank ground at the place of a field that was not read, up to its last ink."""
    x0, y0, x1, y1 = place
    part = grey[y0:y1, x0 : x0 + round(min(x1 - x0, FIRST_CHARACTERS.get(name, 99.0) * CHARACTER))]
    if part.size == 0 or float((part >= BURNT).mean()) > LIT:
        return 0.0
    inked = np.flatnonzero(_inked(part, least_ink))
    run = part.shape[1] if inked.size == 0 else int(np.diff(np.concatenate(((-1,), inked))).max()) - 1
    enough = run >= CHARACTER * (MISSING_IN_BIRTH_DATE if name == "birth_date" else MISSING)
    return run / CHARACTER if enough else 0.0


def _inked(grey: NDArray[np.uint8], least_ink: float) -> NDArray[np.bool_]:
    """By column: whether anything in it is so much darker than the ground."""
    return np.asarray(grey.min(axis=0) < np.percentile(grey, 80) - least_ink)


def _blank_run(grey: NDArray[np.uint8], least_ink: float) -> int:
    """The most columns side by side without ink."""
    edges = np.flatnonzero(np.concatenate(((True,), _inked(grey, least_ink), (True,))))
    return int(np.diff(edges).max()) - 1


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
