"""Whether a field has the noise of the card around it: what an editor wipes or writes over a finished picture has none
of the camera's.

A weak sign. It needs noise to compare with: none is left in a picture saved badly or shrunk, and a telephone that
smooths one part more than another takes it there. Noise added by the forger, or a field copied from the same picture,
is not seen. Nor is another portrait: the fine lines of a card's ground look like noise, and no portrait has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView, Rectangle

Floats = NDArray[np.float32]
KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Blind to slopes and to edges and lines that are straight for three pixels (Immerkaer 1996)."""
BLOCK = 5
RING = 42
"""Pixels of the flat card around a field that it is compared with."""
WINDOW = 64
"""Pixels of a line judged together: two characters, for an edit of a part of it."""
LEAST_GRAIN = 0.18
"""Grey levels around a field below which there is no noise to compare."""
CLIPPED, NOT_SEEN, MOST_CLIPPED = (8, 250), 255.0, 0.02
"""Grey levels beyond which light or darkness has taken the noise, what stands for it, and how much may be so."""
SMOOTH = 10
"""Percentile of the blocks: those without letters."""


def grain_lost(view: CardView) -> dict[str, float]:
    """By field that was read: the share of the noise around it that it lacks, at most 1."""
    grain = _grain(view)
    lost = {name: max(_line_lost(grain, line) for line in lines) for name, lines in view.lines.items() if lines}
    return {name: share for name, share in lost.items() if share > 0}


def _grain(view: CardView) -> Floats:
    """Grey levels of noise around each pixel; NOT_SEEN where it was clipped."""
    grey = cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY)
    noise = cv2.blur(np.abs(cv2.filter2D(grey, cv2.CV_32F, KERNEL)), (BLOCK, BLOCK))
    noise[(grey < CLIPPED[0]) | (grey > CLIPPED[1])] = NOT_SEEN
    return np.asarray(noise, np.float32)


def _line_lost(grain: Floats, line: Rectangle) -> float:
    x0, y0, x1, y1 = line
    own = grain[y0 : y1 + 1, x0 : x1 + 1]
    above = grain[max(0, y0 - RING) : max(0, y0 - BLOCK), x0 : x1 + 1]
    below = grain[y1 + BLOCK : y1 + RING, x0 : x1 + 1]
    if _clipped(own):
        return 0.0
    starts = range(0, max(1, own.shape[1] - WINDOW + 1), WINDOW // 2)
    return _lost([own[:, start : start + WINDOW] for start in starts], [above, below])


def _lost(own: Sequence[Floats], around: Sequence[Floats]) -> float:
    enough = [_smooth(part) for part in around if part.size > 8 * BLOCK * BLOCK]
    if not enough or min(enough) < LEAST_GRAIN or min(part.size for part in own) < 4 * BLOCK * BLOCK:
        return 0.0
    if any(_clipped(part) for part in around):
        return 0.0
    return 1 - min(_smooth(part) for part in own) / min(enough)


def _clipped(grain: Floats) -> bool:
    return grain.size > 0 and float((grain == NOT_SEEN).mean()) > MOST_CLIPPED


def _smooth(grain: Floats) -> float:
    """The noise of the smoothest tenth, in grey levels."""
    cells = grain[::3, ::3].ravel()
    place = cells.size * SMOOTH // 100
    return float(np.partition(cells, place)[place])
