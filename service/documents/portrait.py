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
LEFT_AREA = (0.0, 0.08, 0.4, 0.78)
"""The same on a page whose lower edge holds a machine readable zone: all that is left of the data."""
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
    return _cut(pixels, quad, (y1 - y0) / (x1 - x0)), quad


def cut_left_portrait(
    pixels: Pixels, page: Quad, size: tuple[float, float] = (CARD_WIDTH, CARD_HEIGHT)
) -> tuple[Pixels, Quad]:
    """The same of a page or card with the portrait at its left (Doc 9303-3, zone V). `page`: its corners in the
    picture, from its own top left; `size`: its width and height, in any unit."""
    left, top, right, bottom = LEFT_AREA
    area = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(unit, page.astype(np.float32)), dtype=np.float64)
    quad = map_points(to_picture, area)
    return _cut(pixels, quad, (bottom - top) * size[1] / ((right - left) * size[0])), quad


def _cut(pixels: Pixels, quad: Quad, aspect: float) -> Pixels:
    """The place `quad` upright, `aspect` times as high as wide, as sharp as the picture has it."""
    width = max(float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[3])), 1.0)
    height = width * aspect
    shrink = min(1.0, LONGEST / max(height, width))
    size = (max(16, round(width * shrink)), max(16, round(height * shrink)))
    flat = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8)
