"""How far a card reaches out of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.documents.page_place import SIZES
from service.documents.text import Quad
from service.evidence import Pixels

SHAPE = SIZES["TD1"][0] / SIZES["TD1"][1]
"""Width over height of a card (ISO/IEC 7810)."""
ON_FRAME, ASKEW = 0.004, 0.05
"""Of the card's width, and a pixel: a side that comes so near to the picture's own edge, and nowhere leaves it farther,
is no side of the card: an outline keeps the card's slope where the frame cuts it."""


def outside(card: Quad, pixels: Pixels) -> float:
    """In card widths, 0 and up, higher = more is missing: the middles of its sides, and its corners half.

    A corner is known half as well as a side, and holds no text. An outline that ends where the picture does says by its
    shape how much of the card is missing there.
    """
    height, width = pixels.shape[:2]
    middles = (card + np.roll(card, -1, axis=0)) / 2
    size = np.array((width, height), np.float32)
    card_width = max(float(np.linalg.norm(card[1] - card[0])), 1.0)
    sides, corners = (float(np.maximum(-points, points - size).max()) / card_width for points in (middles, card))
    return max(sides, corners / 2, _cut_off(card, size), 0.0)


def at_frame(quads: Sequence[Quad], pixels: Pixels, near: float) -> bool:
    """Whether one of the quads in a picture comes as `near` as this, in pixels, to the picture's own edge."""
    size = np.array(pixels.shape[1::-1], np.float32)
    return any(float(np.minimum(quad, size - quad).min()) <= near for quad in quads)


def _cut_off(card: Quad, size: Quad) -> float:
    """What an outline lacks of a card's shape, in card widths, where the picture's frame is one or two of its sides; a
    picture that is all card has none to lack."""
    lengths = np.maximum(np.linalg.norm(np.roll(card, -1, axis=0) - card, axis=1), 1.0)
    apart = np.hstack((card, size - card))
    ends = np.stack((apart, np.roll(apart, -1, axis=0)))
    slack = (ON_FRAME * float(lengths[0]) + 1, ASKEW * float(lengths[0]))
    on_frame = ((ends.min(axis=0) <= slack[0]) & (ends.max(axis=0) <= slack[1])).any(axis=1)
    if on_frame.sum() > 2:
        return 0.0
    across, down = float(lengths[::2].mean()), float(lengths[1::2].mean())
    # Above and below, a card that is too low; left and right, one too narrow.
    low = 1 / SHAPE - down / across if on_frame[::2].any() else 0.0
    return max(low, 1 - across / (down * SHAPE) if on_frame[1::2].any() else 0.0)
