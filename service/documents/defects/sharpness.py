"""How sharp a field's letters are: the steepest edges, in the direction that has the least of them.

Print has strokes in every direction, so a direction without steep edges is one the camera moved in; out of focus, all
are soft. Steepness is counted in the contrast of the whole card, not of the letters: blur takes their contrast as
well.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView, Rectangle
from service.documents.upright import CARD_WIDTH
from service.evidence import Pixels

LEAST_CONTRAST = 40.0
"""Grey levels."""


def edge_steepness(view: CardView, names: Sequence[str]) -> dict[str, float]:
    """By field of `names` that was read: per cent of the card's contrast per pixel of a card 856 wide; lower = softer.

    A smaller card is measured at its own size: having few pixels is another defect than being blurred.
    """
    scale = min(1.0, view.width / CARD_WIDTH)
    grey = np.asarray(cv2.cvtColor(view.flat, cv2.COLOR_BGR2GRAY), np.uint8)
    low, high = np.percentile(grey[::4, ::4], (1, 95))
    contrast = float(high - low) + 1.0
    found: dict[str, float] = {}
    for name in names:
        steep = [_steepest(grey, line, scale) for line in view.lines.get(name, ())]
        if steep:
            found[name] = 100 * max(steep) / contrast
    return found


def picture_steepness(pixels: Pixels) -> float | None:
    """The same of a whole picture, its longer side taken as 1100 pixels; None where there is nothing to be sharp."""
    scale = min(1.0, 1100 / max(pixels.shape[:2]))
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    grey = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 0.8)
    contrast = float(np.percentile(grey[::2, ::2], 99) - np.percentile(grey[::2, ::2], 1))
    if contrast < LEAST_CONTRAST:
        return None
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    return 100 * min(float(np.percentile(np.abs(part[::2, ::2]), 99.5)) for part in (across, down)) / contrast


def _steepest(grey: NDArray[np.uint8], line: Rectangle, scale: float) -> float:
    x0, y0, x1, y1 = line
    part = grey[y0 : y1 + 1, x0 : x1 + 1]
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    if min(size) < 5:
        return 0.0
    if scale < 1:
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    strip = cv2.GaussianBlur(part.astype(np.float32), (0, 0), 0.8)
    across = cv2.Sobel(strip, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(strip, cv2.CV_32F, 0, 1, scale=0.125)
    both = ((across + down) * 0.7071, (across - down) * 0.7071)
    place = strip.size * 98 // 100
    return min(float(np.partition(np.abs(part), place, axis=None)[place]) for part in (across, down, *both))
