"""Whether a card has colour: a black-and-white photocopy has one hue everywhere, whatever the light makes of it."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView

Floats = NDArray[np.float32]
SIZE = (64, 40)
"""The card shrunk so far that neither noise nor the coarse colours of JPEG count."""
EDGE = 0.05
"""Left out on every side: fingers and what lies under the card."""
DARK = 6.0
"""Grey levels added before the logarithm: in the dark the hue is noise."""


def colour_spread(view: CardView) -> float:
    """How far the hue of a tenth of the card lies from the rest, in log ratio of the channels; 0 = black and white.

    A slope across the card, as light of two colours makes it, does not count.
    """
    hue = hues(_middle(view))
    flat = hue.reshape(-1, 2)
    slope, solve = _plane()
    off = flat - slope @ (solve @ flat)
    return float(np.percentile(np.hypot(off[:, 0], off[:, 1]), 90))


def hues(pixels: NDArray[np.generic]) -> Floats:
    """Log of red and of blue over green, (H, W, 2): brightness and shadow fall out of it."""
    logs = np.log(pixels.astype(np.float32) + DARK)
    return np.stack((logs[:, :, 2] - logs[:, :, 1], logs[:, :, 0] - logs[:, :, 1]), axis=2)


def _middle(view: CardView) -> NDArray[np.generic]:
    height, width = view.half.shape[:2]
    x, y = round(EDGE * width), round(EDGE * height)
    return np.asarray(cv2.resize(view.half[y : height - y, x : width - x], SIZE, interpolation=cv2.INTER_AREA))


@cache
def _plane() -> tuple[Floats, Floats]:
    """The terms of a plane at every cell, and their pseudo-inverse."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    terms = np.stack((x.ravel() / SIZE[0], y.ravel() / SIZE[1], np.ones(x.size, np.float32)), axis=1)
    return terms, np.linalg.pinv(terms).astype(np.float32)
