"""Whether the card's corners were cut with scissors: square, with white paper where a card is round.

A card's corners are arcs of 3.18 mm (ISO/IEC 7810). A copy that was cut out is square, and the white of its paper shows
beyond the printed arc. Either alone proves nothing: cards lie on white tables, and not every specimen is drawn round.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.page_place import SIZES
from service.documents.text import Quad
from service.evidence import Pixels

Floats = NDArray[np.float32]
RADIUS = 3.18
"""Millimetres."""
PER_MM, NEAR, FAR = 8, 2.0, 13.0
"""Samples a millimetre; how far the piece around a corner reaches out of the card and into it, in millimetres."""
BAND = slice(int((NEAR + 5) * PER_MM), int((NEAR + 12) * PER_MM))
"""Along a side, where it is straight."""
LEAST_CONTRAST = 14.0
"""Grey levels between the card and what surrounds it, for its edge to be seen."""
STRAIGHT = 0.2
"""Millimetres the seen edge may lie from a straight line."""
SQUARE = 0.7
"""Millimetres from the tip of a corner to the card along the bisector; an arc leaves 1.32."""
CLEAR = 0.25
"""Millimetres kept from an edge, for what focus spreads over it."""
DARK = 4.0
"""Grey levels added before the logarithm."""
LEAST_WIDTH = 420.0
"""Of the card in pixels: an arc takes six of them off the tip."""
LEAST_CORNERS = 3


def paper_corners(pixels: Pixels, card: Quad) -> float:
    """How much whiter than the card's ground the tips of its square corners are, as the log of a ratio, the third of
    its four corners; higher = more surely cut out of paper, 0 where fewer are square or their edges are not seen."""
    if float(np.linalg.norm(card[1] - card[0])) < LEAST_WIDTH:
        return 0.0
    tips: list[float] = []
    for place in range(4):
        tips.append(white_tip(_piece(pixels, card, place)))
        if sum(tip <= 0 for tip in tips) > 4 - LEAST_CORNERS:
            return 0.0
    return sorted(tips, reverse=True)[LEAST_CORNERS - 1]


def _piece(pixels: Pixels, card: Quad, place: int) -> Floats | None:
    """The piece around a corner, its tip at (NEAR, NEAR) millimetres, the card right of and below it."""
    corner, after, before = (card[(place + step) % 4].astype(np.float64) for step in (0, 1, 3))
    lengths = SIZES["TD1"] if place % 2 == 0 else SIZES["TD1"][::-1]
    along, down = (after - corner) / lengths[0], (before - corner) / lengths[1]
    start = corner - NEAR * (along + down)
    height, width = pixels.shape[:2]
    if not ((start >= 0) & (start < (width, height))).all():
        return None
    side = int((NEAR + FAR) * PER_MM)
    matrix = np.column_stack((along / PER_MM, down / PER_MM, start))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    piece = cv2.warpAffine(pixels, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(piece, np.float32)


def white_tip(piece: Floats | None) -> float:
    """How much whiter than the ground the tip of one square corner is; 0 where it is round or not seen."""
    if piece is None:
        return 0.0
    if (across := _edge(piece)) is None or (down := _edge(piece.transpose(1, 0, 2))) is None:
        return 0.0
    row, column = _meet(across, down)
    gap = tip_gap(piece, row, column)
    return _whiter(piece, row, column) if gap is not None and gap <= SQUARE else 0.0


def _edge(piece: Floats) -> tuple[float, float] | None:
    """Of the side along the rows: row = slope * column + shift, in samples; None where no straight one is seen."""
    part = piece[:, BAND]
    inside = np.median(part[int((NEAR + 1) * PER_MM) : int((NEAR + 2) * PER_MM)].reshape(-1, 3), axis=0)
    outside = np.median(part[: PER_MM * 3 // 4].reshape(-1, 3), axis=0)
    step = outside - inside
    if float(np.linalg.norm(step)) < LEAST_CONTRAST:
        return None
    beyond = (part[: int((NEAR + 1.5) * PER_MM)] - inside) @ (step / float(step @ step)) > 0.5
    edge = np.where(beyond, np.arange(len(beyond))[:, None] + 0.5, 0.0).max(axis=0)
    columns = np.arange(BAND.start, BAND.stop)
    near = np.abs(edge - np.median(edge)) < 0.8 * PER_MM
    if near.mean() < 0.7:
        return None
    slope, shift = np.polyfit(columns[near], edge[near], 1)
    if float(np.median(np.abs(slope * columns + shift - edge))) > STRAIGHT * PER_MM:
        return None
    return float(slope), float(shift)


def _meet(across: tuple[float, float], down: tuple[float, float]) -> tuple[float, float]:
    """Row and column where two sides meet."""
    column = (down[0] * across[1] + down[1]) / (1 - down[0] * across[0])
    return across[0] * column + across[1], column


def tip_gap(piece: Floats, row: float, column: float) -> float | None:
    """Millimetres from where the sides meet to the card, along the bisector; None where it is not seen."""
    y, x = round(row), round(column)
    if min(x, y) < PER_MM or max(x, y) > 5 * PER_MM:
        return None
    inside = np.median(piece[y + 3 * PER_MM : y + 5 * PER_MM, x + 3 * PER_MM : x + 5 * PER_MM].reshape(-1, 3), axis=0)
    step = np.median(piece[: y - PER_MM // 2, : x - PER_MM // 2].reshape(-1, 3), axis=0) - inside
    if float(np.linalg.norm(step)) < LEAST_CONTRAST:
        return None
    reach = np.arange(-PER_MM // 2, 3 * PER_MM)
    beyond = np.flatnonzero((piece[y + reach, x + reach] - inside) @ (step / float(step @ step)) > 0.5)
    last = reach[beyond[-1]] if len(beyond) else reach[0]
    return float(last + 0.5) * 2**0.5 / PER_MM


def _whiter(piece: Floats, row: float, column: float) -> float:
    """Of the tip beyond the printed arc: the log of its brightness in that of the ground within it, in the channel that
    gains most. Paper loses in none: what one loses counts against it."""
    rows, columns = np.mgrid[0 : piece.shape[0], 0 : piece.shape[1]]
    along, down = (columns + 0.5 - column) / PER_MM, (rows + 0.5 - row) / PER_MM
    off_arc = np.hypot(RADIUS - along, RADIUS - down) - RADIUS
    within = np.minimum(along, down)
    tip = piece[(within > CLEAR) & (np.maximum(along, down) < RADIUS) & (off_arc > CLEAR)]
    ground = piece[(within > 1.2) & (np.maximum(along, down) < 4.0) & (off_arc < -2 * CLEAR)]
    gain = np.log((np.median(tip, axis=0) + DARK) / (np.median(ground, axis=0) + DARK))
    return float(gain.max() + 2 * min(0.0, float(gain.min())))
