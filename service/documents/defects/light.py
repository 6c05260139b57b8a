"""How the card is lit: too dark, or washed out."""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.defects.card_view import CardView, extreme
from service.evidence import Pixels

BURNT = 250
"""Grey level of the darkest channel from which nothing is left to see."""


def ground_level(view: CardView) -> float:
    """Grey level of the card's bright ground, in [0, 255]; lower = darker."""
    return bright_level(view.flat)


def bright_level(pixels: Pixels) -> float:
    """The brightest channel's 70th percentile, in [0, 255]."""
    return float(np.percentile(extreme(np.ascontiguousarray(pixels[::8, ::8]), brightest=True), 70))


def burnt_share(view: CardView) -> float:
    """The share of the card that is burnt out, in [0, 1]; higher = worse."""
    return burnt_part(view.half)


def burnt_part(pixels: Pixels) -> float:
    """The share of a picture that is burnt out, in [0, 1]."""
    return float((extreme(pixels, brightest=False) >= BURNT).mean())


def ink_contrast(view: CardView) -> float:
    """Grey levels between ground and ink, the middle one of the fields; lower = fainter."""
    grey = cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY)
    steps = [
        np.percentile(grey[y0 : y1 + 1, x0 : x1 + 1], 80) - np.percentile(grey[y0 : y1 + 1, x0 : x1 + 1], 2)
        for name, (x0, y0, x1, y1) in view.places.items()
        if name != "portrait"
    ]
    return float(np.median(steps))
