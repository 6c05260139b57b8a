"""Whether something lies over a field: a patch of another hue, or much darker, where pale ground should be.

Skin, tape and most objects are seen. White paper or a card-coloured sticker is not: what it hides is missing print,
which the reading itself notices.
"""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.defects.card_view import CHARACTER, CardView, extreme
from service.documents.defects.colour import hues
from service.evidence import Pixels

SHRINK = 4
OTHER_HUE = 0.22
"""In log ratio: twice what lies between the blue and the pink end of a card."""
DARK = 0.25
"""Of the ground's brightness: shadows of a hand leave a third and more."""


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
    return {
        name: cell * float(mask[y0 // SHRINK : y1 // SHRINK + 1, x0 // SHRINK : x1 // SHRINK + 1].sum())
        for name, (x0, y0, x1, y1) in places.items()
    }


def _ground(view: CardView) -> Pixels:
    """The card without its letters: small, and every thin dark stroke filled from beside it."""
    height, width = view.flat.shape[:2]
    small = cv2.resize(view.half, (width // SHRINK, height // SHRINK), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
