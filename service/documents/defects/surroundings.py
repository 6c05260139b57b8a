"""What lies around the card: the flat surface of a telephone's own picture of its screen, or another card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.card_rows import LEAST_ROWS, rows_fit
from service.documents.defects.card_view import CardView
from service.documents.ink_rows import find_rows
from service.documents.locate import LEAST_TRUST, Proposal
from service.documents.text import Quad
from service.documents.upright import flatten, on_card
from service.evidence import Pixels

TALL = 1.6
"""Long side / short side of a picture from which it may be a telephone's screen."""
VARIED = 8.0
"""Grey levels: a screen shows more around the card than one colour, unlike a scan."""
COLOURS = 4
"""Grey levels that fill a screen around the card. Light falls off over bare paper, and a camera that smooths its grain
away leaves many."""
STEPS = 2.5
"""Degrees the card may lie askew on a screen, as well as its corners are known."""
SEARCH = 1024
"""Longest side in pixels of the copy another card is looked for in."""
ALIKE = (0.7, 1.43)
"""Size of another card of the same format, in sizes of the first."""
PRINTED = (0.03, 0.5)
"""Share of steep pixels where there is print."""
Propose = Callable[[Pixels], Sequence[Proposal]]
"""See `Locator.propose`."""


def flat_share(view: CardView) -> float:
    """The share of what is around the card that has no grain at all and one of a few colours, in [0, 1]; 0 where it
    cannot be a screenshot."""
    height, width = view.pixels.shape[:2]
    if max(height, width) < TALL * min(height, width) or not _upright(view.card):
        return 0.0
    grey = cv2.cvtColor(view.pixels, cv2.COLOR_BGR2GRAY)
    outside = np.full(grey.shape, 255, np.uint8)
    cv2.fillConvexPoly(outside, np.rint(_grown(view.card, 1.06)).astype(np.int32), 0)
    around = outside[1:, 1:] > 0
    if around.mean() < 0.2 or float(grey[1:, 1:][around].std()) < VARIED:
        return 0.0
    still = (grey[1:, 1:] == grey[:-1, 1:]) & (grey[1:, 1:] == grey[1:, :-1])
    levels = np.bincount(grey[1:, 1:][around & still], minlength=256)
    return float(np.sort(levels)[-COLOURS:].sum() / around.sum())


def other_card(view: CardView, propose: Propose) -> Quad | None:
    """The corners of another card-sized, printed rectangle beside the card, in pixels of the picture; None if none.

    Its outline is trusted as that of the card itself is, or its print stands where a resident's card has it.
    """
    height, width = view.pixels.shape[:2]
    (x0, y0), (x1, y1) = view.card.min(axis=0), view.card.max(axis=0)
    if max(x0, width - x1) < 0.7 * (x1 - x0) and max(y0, height - y1) < 0.7 * (y1 - y0):
        return None
    shrink = min(1.0, SEARCH / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    small = np.asarray(cv2.resize(view.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    card = _grown(view.card * np.float32(shrink), 1.05)
    rest = _painted(small, card)
    for proposal in propose(rest):
        known = proposal.trust >= LEAST_TRUST or _rows(rest, proposal.quad) >= LEAST_ROWS
        if known and _beside(proposal.quad, card) and _printed(rest, proposal.quad):
            return np.asarray(proposal.quad / np.float32(shrink), np.float32)
    return None


def _upright(card: Quad) -> bool:
    edges = np.roll(card, -1, axis=0) - card
    askew = np.rad2deg(np.arctan2(np.abs(edges).min(axis=1), np.abs(edges).max(axis=1)))
    return bool(askew.max() < STEPS)


def _grown(card: Quad, factor: float) -> NDArray[np.float32]:
    middle = card.mean(axis=0)
    return np.asarray(middle + (card - middle) * factor, np.float32)


def _painted(small: Pixels, card: Quad) -> Pixels:
    """The picture with the card painted over in the colour around it."""
    corners = np.rint(card).astype(np.int32)
    mask = np.zeros(small.shape[:2], np.uint8)
    cv2.polylines(mask, [corners], isClosed=True, color=255, thickness=15)
    cv2.fillConvexPoly(mask, corners, 0)
    rest = small.copy()
    if mask.any():
        colour = np.median(small[mask > 0], axis=0)
        cv2.fillConvexPoly(rest, corners, tuple(float(level) for level in colour))
    return rest


def _rows(pixels: Pixels, quad: Quad) -> int:
    """How many rows of ink stand where a side of a resident's card has them."""
    return rows_fit([row.quad for row in find_rows(flatten(pixels, quad).pixels) if on_card(row.quad)])


def _beside(quad: Quad, card: Quad) -> bool:
    """Whether `quad` is of the card's size, and not over it."""
    size, other = (np.sqrt(cv2.contourArea(one.astype(np.float32))) for one in (card, quad))
    common, _ = cv2.intersectConvexConvex(quad.astype(np.float32), card.astype(np.float32))
    return bool(ALIKE[0] < other / max(size, 1.0) < ALIKE[1] and common < 0.15 * other * other)


def _printed(pixels: Pixels, quad: Quad) -> bool:
    size = (160, 100)
    flat = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(_grown(quad, 0.9), flat)
    grey = cv2.cvtColor(np.asarray(cv2.warpPerspective(pixels, matrix, size), np.uint8), cv2.COLOR_BGR2GRAY)
    steep = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 40
    return bool(PRINTED[0] < float(steep.mean()) < PRINTED[1])
