"""Whether the ground of a field has the grain of the card around it: what an editor wipes and writes again has none.

A weak sign. It sees fields painted over in pictures that have noise or printed ground to lose; it does not see a
field copied from another place of the same picture, a pasted portrait, or anything once the picture was shrunk or
saved badly.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView, Rectangle

Floats = NDArray[np.float32]
BLOCK = 7
RING = 42
"""Pixels of the flat card around a field that it is compared with."""
WINDOW = 96
"""Pixels of a line judged together: three characters, for an edit of a part of it."""
LEAST_GRAIN = 0.8
"""Grey levels around a field below which there is no grain to compare."""
SMOOTH = 25
"""Percentile of the blocks: those without letters."""


def grain_lost(view: CardView) -> dict[str, float]:
    """By field that was read: the share of the surrounding grain its own ground lacks, at most 1; higher = worse."""
    grey = cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine = grey - cv2.blur(grey, (3, 3))
    grain = np.asarray(cv2.blur(fine * fine, (BLOCK, BLOCK)), np.float32)
    spots = {name: lines for name, lines in view.lines.items() if lines}
    lost = {name: max(_lost(grain, line) for line in lines) for name, lines in spots.items()}
    return {name: share for name, share in lost.items() if share > 0}


def _lost(grain: Floats, line: Rectangle) -> float:
    x0, y0, x1, y1 = line
    own = grain[y0 : y1 + 1, x0 : x1 + 1]
    above = grain[max(0, y0 - RING) : max(0, y0 - BLOCK), x0 : x1 + 1]
    below = grain[y1 + BLOCK : y1 + RING, x0 : x1 + 1]
    around = [_smooth(part) for part in (above, below) if part.size > 8 * BLOCK * BLOCK]
    if not around or own.size < 4 * BLOCK * BLOCK or min(around) < LEAST_GRAIN:
        return 0.0
    starts = range(0, max(1, own.shape[1] - WINDOW + 1), WINDOW // 2)
    return 1 - min(_smooth(own[:, start : start + WINDOW]) for start in starts) / min(around)


def _smooth(power: Floats) -> float:
    """The grain of the smoothest quarter, in grey levels."""
    cells = power[::3, ::3].ravel()
    place = cells.size * SMOOTH // 100
    return float(np.sqrt(np.partition(cells, place)[place]))
