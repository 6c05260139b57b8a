"""What the places of rows on a flat card say: whether it is one, and which rows hold a field (GA 448). Pure (numpy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.documents.ink_rows import InkRow
from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, GROWTH
from service.evidence import Side

_LEFT_OF_PORTRAIT = (0.11, 0.67)
FRONT_ROWS = (
    *((0.072, y, _LEFT_OF_PORTRAIT) for y in (0.148, 0.272, 0.393, 0.517)),
    (0.338, 0.882, (0.86, 0.98)),
)
BACK_ROWS = (
    *((0.345, y, (0.8, 0.94)) for y in (0.185, 0.352)),
    *((0.262, y, (0.33, 0.98)) for y in (0.765, 0.885)),
)
"""Left end, middle, and bounds of the right end of rows, as shares of the card."""
NEAR = (0.05, 0.045)
"""Printers and outlines differ by as much."""
FIELDS_ABOVE, FIELDS_LEFT = 0.7, 0.67
NUMBER_BELOW, LABEL_LEFT = 0.8, 0.32
NAME_ABOVE = 0.21
SQUEEZED = 0.7
"""Digits and common characters are read as well so; the rare characters of names are not."""
VALUES_LEFT = {Side.FRONT: 0.19, Side.BACK: 0.43}
"""A gap before this share of the card is the one between a label and its value."""
SIDE_ROWS = len(BACK_ROWS)
"""So many leave no doubt about an outline."""
LEAST_ROWS = 3
"""Rows that stand where a side has them, for an outline to be the card's."""


def rows_fit(rows: Sequence[Quad]) -> int:
    """How many of a side's rows stand where they should on a flat card, it lying either way up."""
    if not rows:
        return 0
    shares = np.array(rows, np.float64) / (CARD_WIDTH, CARD_HEIGHT) - GROWTH
    x, y = shares[..., 0], shares[..., 1]
    spans = np.stack((x.min(axis=1), x.max(axis=1), y.mean(axis=1)), axis=1)
    turned = np.stack((1 - spans[:, 1], 1 - spans[:, 0], 1 - spans[:, 2]), axis=1)
    return max(_standing(way, places) for way in (spans, turned) for places in (FRONT_ROWS, BACK_ROWS))


def width_needed(row: Quad) -> float:
    """What share of a row's width is enough to read it (see `TextReader.read`); 0 for one that holds no field.

    `row`: of a flat card, turned so that it reads from its first corner. Titles and the portrait reach farther right
    than any field above the number; the number needs no label.
    """
    left, right, y = _span(row)
    if row[1][0] < row[0][0]:
        left, right, y = 1 - right, 1 - left, 1 - y
    if (y < FIELDS_ABOVE and right > FIELDS_LEFT) or (y > NUMBER_BELOW and right < LABEL_LEFT):
        return 0.0
    return 1.0 if y < NAME_ABOVE else SQUEEZED


def holed(row: InkRow, side: Side, *, turned: bool) -> bool:
    """Whether the value in a row has a hole: glare or a finger hid characters. `turned`: the card lies on its head."""
    shares = [(start + end) / 2 / CARD_WIDTH - GROWTH for start, end in row.holes]
    return any((1 - share if turned else share) > VALUES_LEFT[side] for share in shares)


def runs_into_portrait(row: Quad, *, turned: bool) -> bool:
    """Whether a row of the front holds a field and, grown onto it, the portrait: `width_needed` takes it for none."""
    left, right, y = _span(row)
    if turned:
        left, right, y = 1 - right, 1 - left, 1 - y
    return left < LABEL_LEFT and right > FIELDS_LEFT and y < FIELDS_ABOVE


def _span(row: Quad) -> tuple[float, float, float]:
    """Left, right, middle height as shares of the card."""
    x, y = row[:, 0] / CARD_WIDTH - GROWTH, row[:, 1] / CARD_HEIGHT - GROWTH
    return float(x.min()), float(x.max()), float(y.mean())


def _standing(spans: NDArray[np.float64], places: Sequence[tuple[float, float, tuple[float, float]]]) -> int:
    left, right, y = spans.T
    return sum(
        bool(((abs(left - x) < NEAR[0]) & (abs(y - middle) < NEAR[1]) & (right > ends[0]) & (right < ends[1])).any())
        for x, middle, ends in places
    )
