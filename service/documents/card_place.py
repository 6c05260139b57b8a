"""Where the card lies, from where its printed labels stand: for want of an outline, or against a wrong one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.layout import PlacedLine
from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, map_points
from service.evidence import Side


@dataclass(frozen=True, slots=True)
class Anchor:
    """Text a line begins with, and where the middle of its left end stands, as shares of the card (GA 448)."""

    pattern: str
    x: float
    y: float
    right: float | None = None
    """Where the text ends, for those long enough to tell the card's direction and size alone."""


FRONT_ANCHORS = (
    Anchor("姓名", 0.072, 0.148),
    Anchor("性别", 0.072, 0.272),
    Anchor("出生", 0.072, 0.393),
    Anchor("住址", 0.072, 0.517),
    Anchor("公民身份", 0.072, 0.882, 0.281),
)
NUMBER_ENDS = ((0.338, 0.882), (0.918, 0.882))
BACK_ANCHORS = (
    Anchor("中[华華]人民共", 0.345, 0.185, 0.87),
    Anchor("居民身份[证證]", 0.345, 0.352, 0.87),
    Anchor("[签簽][发發]机", 0.262, 0.765, 0.393),
    Anchor("有效期限", 0.262, 0.885, 0.393),
)
SKEW, STRETCH = 0.2, 0.25
"""Cosine of the angle between the card's sides, and log of the factor between their scales, that a tilt may make."""
ENOUGH = 3
"""Labels that were read, for an outline to be doubted by them."""
ASTRAY = 0.12
"""How far, in card widths, an end of the number may stand from its place: beyond, labels and number agree on no card
without perspective, and half a card would be taken for all of it."""
LEAST_SCALE = 0.02
"""Of a flat card: less is a card some seventeen pixels wide."""
ALONE = 0.035
"""Printers differ: how far, in card widths, an anchor may stand from its place before it is left out."""


def card_from_lines(lines: Sequence[PlacedLine], side: Side, number: Quad | None) -> NDArray[np.float64] | None:
    """The 3 x 3 map from the flat card to the picture that was read; None where no anchor is long enough."""
    flat: list[tuple[float, float]] = []
    seen: list[NDArray[np.float32]] = []
    for anchor, found in _anchored(lines, side):
        flat.append((anchor.x, anchor.y))
        seen.append((found.quad[0] + found.quad[3]) / 2)
    if number is not None:
        flat += NUMBER_ENDS
        seen += [(number[0] + number[3]) / 2, (number[1] + number[2]) / 2]
    if len(flat) < 3:
        rough = _rough_ends(lines, FRONT_ANCHORS if side is Side.FRONT else BACK_ANCHORS)
        flat, seen = rough[0] + flat, rough[1] + seen
    if len(flat) < 2:
        return None
    places = np.array(flat, np.float32) * np.array((CARD_WIDTH, CARD_HEIGHT), np.float32)
    card = _fit(places, np.array(seen, np.float32), shear=number is not None and len(flat) >= 5)
    if card is None or number is None:
        return card
    ends = map_points(np.linalg.inv(card).astype(np.float64), np.array(seen[-2:]))
    return card if float(np.abs(ends - places[-2:]).max()) < ASTRAY * CARD_WIDTH else None


def overrules(lines: Sequence[PlacedLine], side: Side, number: Quad | None) -> bool:
    """Whether enough labels were read to doubt an outline by them. Of a back read by its rows there are two, close to
    each other, and the label of an authority of two lines stands higher."""
    return number is not None or len(_anchored(lines, side)) >= ENOUGH


def _anchored(lines: Sequence[PlacedLine], side: Side) -> list[tuple[Anchor, PlacedLine]]:
    """The labels of the side that were read."""
    found = (
        (anchor, next((line for line in lines if re.match(anchor.pattern, line.text)), None))
        for anchor in (FRONT_ANCHORS if side is Side.FRONT else BACK_ANCHORS)
    )
    return [(anchor, line) for anchor, line in found if line is not None]


def _rough_ends(
    lines: Sequence[PlacedLine], anchors: Sequence[Anchor]
) -> tuple[list[tuple[float, float]], list[NDArray[np.float32]]]:
    """The right ends of labels that stand alone: a poor measure of the card's size, for want of a better one."""
    flat: list[tuple[float, float]] = []
    seen: list[NDArray[np.float32]] = []
    for anchor in anchors:
        found = next((line for line in lines if re.match(anchor.pattern, line.text) and len(line.text) < 8), None)
        if found and anchor.right is not None:
            flat.append((anchor.right, anchor.y))
            seen.append((found.quad[1] + found.quad[2]) / 2)
    return flat, seen


def _fit(flat: NDArray[np.float32], seen: NDArray[np.float32], *, shear: bool) -> NDArray[np.float64] | None:
    """A map without perspective: its two more parameters would follow the printers' differences."""
    size = np.ptp(seen, axis=0).max() / max(np.ptp(flat, axis=0).max(), 1.0)
    near = float(ALONE * CARD_WIDTH * size)
    matrix: Any = cv2.estimateAffine2D(flat, seen, ransacReprojThreshold=near)[0] if shear else None
    if matrix is None or not _rigid(matrix[:, :2]):
        matrix = cv2.estimateAffinePartial2D(flat, seen, ransacReprojThreshold=near)[0]
    # Lines that agree on no card give none at all, or one without an extent.
    if matrix is None or not float(np.linalg.det(matrix[:, :2])) > LEAST_SCALE**2:
        return None
    return np.vstack((np.asarray(matrix, np.float64), (0.0, 0.0, 1.0)))


def _rigid(matrix: NDArray[np.float64]) -> bool:
    """Whether a 2 x 2 map leaves a card its proportions and right angles, as a tilt of the camera nearly does.

    Lines that begin with something beside their label agree with each other, at times, on a card that is none.
    """
    across, down = np.linalg.norm(matrix, axis=0)
    upright = abs(float(matrix[:, 0] @ matrix[:, 1])) < SKEW * across * down
    return bool(upright and abs(np.log(across / down)) < STRETCH)
