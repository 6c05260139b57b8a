"""Where the printed face lies, and cutting it out at the picture's own resolution."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.layout import PlacedLine
from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, map_points
from service.evidence import Pixels

AREA = (0.60, 0.10, 0.96, 0.78)
"""The portrait on the card (GA 448), left, top, right, bottom as shares of the card, a little generous."""
MARGIN = 0.04
"""Of the card's width on every side, for the face detector."""
LONGEST = 900

_ANCHORS = (
    # Text the line begins with, and the left end of its middle as shares of the card.
    ("姓名", 0.075, 0.145), ("性别", 0.075, 0.268), ("出生", 0.075, 0.390), ("住址", 0.075, 0.512),
    ("公民身份", 0.075, 0.880),
)  # fmt: skip
NUMBER_PLACE = (0.335, 0.925, 0.885)
"""Left, right and middle of the number."""


def card_from_lines(lines: Sequence[PlacedLine], number: Quad | None) -> NDArray[np.float64] | None:
    """The 3 x 3 map from the flat card to the picture, from where labels and number stand; None with too few."""
    pairs: list[tuple[tuple[float, float], NDArray[np.float32]]] = []
    for text, x, y in _ANCHORS:
        found = next((line for line in lines if line.text.startswith(text)), None)
        if found:
            pairs.append(((x, y), (found.quad[0] + found.quad[3]) / 2))
    if number is not None:
        left, right, y = NUMBER_PLACE
        pairs += [((left, y), (number[0] + number[3]) / 2), ((right, y), (number[1] + number[2]) / 2)]
    if len(pairs) < 3:
        return None
    flat = np.array([pair[0] for pair in pairs], np.float32) * (CARD_WIDTH, CARD_HEIGHT)
    seen = np.array([pair[1] for pair in pairs], np.float32)
    matrix, _ = cv2.estimateAffinePartial2D(flat.astype(np.float32), seen, ransacReprojThreshold=25.0)
    return None if matrix is None else np.vstack((np.asarray(matrix, np.float64), (0.0, 0.0, 1.0)))


def cut_portrait(pixels: Pixels, card_to_picture: NDArray[np.float64]) -> tuple[Pixels, Quad]:
    """The portrait, upright, and its corners in the picture. `card_to_picture` maps the flat card (CARD_WIDTH wide)."""
    left, top, right, bottom = AREA
    margin = MARGIN * CARD_WIDTH
    x0, y0 = left * CARD_WIDTH - margin, top * CARD_HEIGHT - margin
    x1, y1 = right * CARD_WIDTH + margin, bottom * CARD_HEIGHT + margin
    quad = map_points(card_to_picture, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
    width = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    height = width * (y1 - y0) / (x1 - x0)
    shrink = min(1.0, LONGEST / max(height, width, 1.0))
    size = (max(16, round(float(width * shrink))), max(16, round(float(height * shrink))))
    flat = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8), quad
