"""Cut the printed face out of the card at the picture's own resolution."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, map_points
from service.evidence import Pixels

AREA = (0.60, 0.10, 0.96, 0.78)
"""The portrait on the card (GA 448), left, top, right, bottom as shares of the card, a little generous."""
MARGIN = 0.04
"""Of the card's width on every side, for the face detector."""
LONGEST = 900


def cut_portrait(pixels: Pixels, card_to_picture: NDArray[np.float64]) -> tuple[Pixels, Quad]:
    """The portrait, upright, and its corners in the picture. `card_to_picture` maps the flat card (CARD_WIDTH wide)."""
    left, top, right, bottom = AREA
    margin = MARGIN * CARD_WIDTH
    x0, y0 = left * CARD_WIDTH - margin, top * CARD_HEIGHT - margin
    x1, y1 = right * CARD_WIDTH + margin, bottom * CARD_HEIGHT + margin
    quad = map_points(card_to_picture, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
    width = max(float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[3])), 1.0)
    height = width * (y1 - y0) / (x1 - x0)
    shrink = min(1.0, LONGEST / max(height, width))
    size = (max(16, round(width * shrink)), max(16, round(height * shrink)))
    flat = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8), quad
