"""Set a card upright: from its outline in the picture to a flat card of fixed size, and back."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels

CARD_WIDTH, CARD_HEIGHT = 856, 540
"""Pixels of the flat card: ten to the millimetre."""
GROWTH = 0.06
"""An outline is never exact: this share of the card is added on every side."""


@dataclass(frozen=True, slots=True)
class FlatCard:
    """A card seen from straight above. `to_picture`: 3 x 3 homography from `pixels` to the picture it was cut from."""

    pixels: Pixels = field(repr=False)
    to_picture: NDArray[np.float64] = field(repr=False)


def flatten(pixels: Pixels, quad: Quad) -> FlatCard:
    """Cut the card with outline `quad` (clockwise, a long side first) out of a BGR picture, a margin around it."""
    margin = np.array((CARD_WIDTH, CARD_HEIGHT)) * GROWTH
    corners = (card_corners() + margin).astype(np.float32)
    size = (int(CARD_WIDTH + 2 * margin[0]), int(CARD_HEIGHT + 2 * margin[1]))
    to_picture = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(pixels, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return FlatCard(np.asarray(flat, dtype=np.uint8), np.asarray(to_picture, dtype=np.float64))


def without_margin(flat: FlatCard, *, turned: bool) -> Pixels:
    """The card itself, (CARD_HEIGHT, CARD_WIDTH, 3), its text upright where it stood on its head (`turned`)."""
    x, y = round(CARD_WIDTH * GROWTH), round(CARD_HEIGHT * GROWTH)
    card = flat.pixels[y : y + CARD_HEIGHT, x : x + CARD_WIDTH]
    return np.ascontiguousarray(card[::-1, ::-1] if turned else card)


def on_card(quad: Quad) -> bool:
    """Whether the middle of a box in a flat card lies on the card, not on the margin around it."""
    x, y = quad.mean(axis=0) - np.array((CARD_WIDTH, CARD_HEIGHT)) * GROWTH
    return bool(0 < x < CARD_WIDTH and 0 < y < CARD_HEIGHT)


def flatten_box(pixels: Pixels, quad: Quad) -> FlatCard:
    """Cut the rectangle `quad` (clockwise, text along its first edge) out of a BGR picture, as wide as a card."""
    across, down = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))
    scale = CARD_WIDTH * (1 + 2 * GROWTH) / max(across, down, 1.0)
    size = (max(32, int(across * scale)), max(32, int(down * scale)))
    corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    to_picture = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(pixels, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return FlatCard(np.asarray(flat, dtype=np.uint8), np.asarray(to_picture, dtype=np.float64))


def card_corners() -> NDArray[np.float64]:
    """Corners of the card itself, clockwise from its top left, (4, 2)."""
    return np.array([(0, 0), (CARD_WIDTH, 0), (CARD_WIDTH, CARD_HEIGHT), (0, CARD_HEIGHT)], np.float64)


def map_points(matrix: NDArray[np.float64], points: NDArray[np.generic]) -> NDArray[np.float32]:
    """Points (N, 2) through a 3 x 3 homography."""
    shaped = np.asarray(points, np.float64).reshape(-1, 1, 2)
    return np.asarray(cv2.perspectiveTransform(shaped, matrix), dtype=np.float32).reshape(-1, 2)
