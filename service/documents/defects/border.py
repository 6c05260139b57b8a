"""How far a card reaches out of the picture."""

from __future__ import annotations

import numpy as np

from service.documents.text import Quad
from service.evidence import Pixels


def outside(card: Quad, pixels: Pixels) -> float:
    """In card widths, 0 and up, higher = more is missing: the middles of its sides, and its corners half.

    A corner is known half as well as a side, and holds no text.
    """
    height, width = pixels.shape[:2]
    middles = (card + np.roll(card, -1, axis=0)) / 2
    size = np.array((width, height), np.float32)
    card_width = max(float(np.linalg.norm(card[1] - card[0])), 1.0)
    sides, corners = (float(np.maximum(-points, points - size).max()) / card_width for points in (middles, card))
    return max(sides, corners / 2, 0.0)
