"""Whether the card is printed on a sheet of paper: white around it, and no edge that throws a shadow.

A card is 0.76 mm thick and lies on things, so light from anywhere draws a dark line along one of its sides at least; a
copy ends where its ink ends. That tells nothing where all of the picture is white and evenly lit: a scanner, too, draws
no shadow.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels

Floats = NDArray[np.float32]
REACH = 0.035
"""Of the card's width, from a side into the card and out of it: farther than a side is known."""
ALONG, TOGETHER, ACROSS = 256, 16, 71
"""Samples of a side, how many are averaged, and samples across it."""
ENDS = 14
"""Samples across that count as the card, and as what surrounds it."""
WHITER, EVEN, COLOURLESS = 0.97, 0.10, 0.15
"""Paper is at least so bright in brightnesses of the card, varies so little along a side, and has so little colour."""
ALIKE, ALL_WHITE = 0.12, 0.9
"""Share of brightness within which a pixel is paper too; share of the surroundings from which no sheet ends in them."""
UNEVEN = 0.03
"""Share of brightness the paper varies by over a picture that a lamp lit and a lens took; a scanner's lid less."""
SHADOWED = 1.0


def edge_shadow(pixels: Pixels, card: Quad, found: Quad | None = None) -> float:
    """How much darker than what lies on both sides of it the darkest side of the card is, as a share of brightness;
    lower = flatter. SHADOWED where it does not lie on white paper that a camera took. `found`: the outline that was
    found, where `card` comes from elsewhere and may lie within it."""
    sides = [side for place in range(4) if (side := _side(pixels, card, place)) is not None]
    if len(sides) < 3:
        return SHADOWED
    papers = np.array([np.median(side[:, -ENDS:].reshape(-1, 3), axis=0) for side in sides])
    cards = np.array([np.median(side[:, :ENDS]) for side in sides])
    even = max(
        float(np.median(side[:, -ENDS:].reshape(-1, 3).std(axis=0))) / max(float(side.max()), 1.0) for side in sides
    )
    colour = float((np.ptp(papers, axis=1) / np.maximum(papers.max(axis=1), 1.0)).max())
    whiter = float((papers.mean(axis=1) / np.maximum(cards, 1.0)).min())
    if (
        whiter < WHITER
        or even > EVEN
        or colour > COLOURLESS
        or _scanned(pixels, card if found is None else found, np.median(papers, axis=0))
    ):
        return SHADOWED
    return max(_dip(side.mean(axis=2)) for side in sides)


def _side(pixels: Pixels, card: Quad, place: int) -> Floats | None:
    """Profiles across a side, from the card outward, (n, ACROSS, 3); None where it lies out of the picture."""
    start, end = card[place].astype(np.float64), card[(place + 1) % 4].astype(np.float64)
    edge = end - start
    outward = np.array((edge[1], -edge[0])) / max(float(np.linalg.norm(edge)), 1.0)
    if outward @ (card.mean(axis=0) - start) > 0:
        outward = -outward
    step = outward * 2 * REACH * float(np.linalg.norm(card[1] - card[0])) / (ACROSS - 1)
    down, corner = 0.8 * edge / (ALONG - 1), start + 0.1 * edge - step * (ACROSS - 1) / 2
    ends = corner + np.arange(ALONG)[:, None, None] * down + np.array((0, ACROSS - 1))[None, :, None] * step
    height, width = pixels.shape[:2]
    seen = ((ends >= 0) & (ends < (width - 1, height - 1))).all(axis=(1, 2)).reshape(-1, TOGETHER).all(axis=1)
    if seen.mean() < 0.4:
        return None
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack((step, down, corner))
    levels = cv2.warpAffine(pixels, matrix, (ACROSS, ALONG), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    averaged = levels.astype(np.float32).reshape(-1, TOGETHER, ACROSS, 3).mean(axis=1)[seen]
    return np.asarray(cv2.blur(averaged, (3, 1)), np.float32)


def _dip(side: Floats) -> float:
    """Of one side: how much darker its darkest place is than the darker of what it divides."""
    least = np.minimum(np.median(side[:, :ENDS], axis=1), np.median(side[:, -ENDS:], axis=1))
    return float(np.median((least - side[:, ENDS - 4 : 4 - ENDS].min(axis=1)) / np.maximum(least, 20.0)))


def _scanned(pixels: Pixels, card: Quad, paper: Floats) -> bool:
    """Whether hardly anything else than the paper lies around the card, lit as evenly as no camera sees it."""
    small = np.asarray(pixels[::8, ::8], np.float32)
    mask = np.full(small.shape[:2], 1, np.uint8)
    grown = card.mean(axis=0) + (card - card.mean(axis=0)) * 1.05
    cv2.fillConvexPoly(mask, np.rint(grown / 8).astype(np.int32), 0)
    alike = (np.abs(small - paper) < ALIKE * float(paper.max())).all(axis=2)
    around = mask > 0
    if around.any() and float(alike[around].mean()) < ALL_WHITE:
        return False
    sheet = cv2.blur(small.mean(axis=2), (5, 5))[alike & around]
    return sheet.size == 0 or float(1 - np.percentile(sheet, 5) / np.percentile(sheet, 95)) < UNEVEN
