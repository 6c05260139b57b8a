"""Find the rows of print on a flat card by their ink, without a network: a few milliseconds where a detector takes most
of a hundred. Pure (numpy, cv2).

A card prints its text in rows of known size on a light ground, so a black top-hat filter shows strokes and nothing
else, whatever the light. It knows nothing of text: what it finds is proven by reading, else the detector looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, GROWTH
from service.evidence import Pixels

RIM = 0.02
"""Of the card's width: its edge and what lies on it hold no print."""
STROKE = 13
"""Side in half pixels of the filter: wider than a stroke of the largest print."""
FAINTEST, SHARE = 8.0, 0.35
"""Ink is darker than its ground by this many grey levels, and by this share of what the darkest ink is."""
GAP = 27
"""Half pixels between two characters of a row; also between a label and its value."""
HEIGHTS = (8, 42)
"""Half pixels of a row."""
SLIMMEST = 0.4
"""Of its height, the width of a row: the last line of an address may be one character (号), half lost in shadow."""
MARGIN = 0.16
"""Of a row's height, added above and below, as the recogniser is used to from its detector."""
AHEAD, BEHIND = 0.15, 0.35
"""The same, before and after a row."""


LONE_LEFT, LONE_MIDDLE = (0.13, 0.23), (0.5, 0.82)
"""Shares of the card: where the last line of an address begins, which may be a single character (号, 室)."""

BROAD = 0.04
"""A character's width, at most."""
ONE_CHARACTER = 1.5
"""Width of a row of one character, in its heights, at most."""
THIN = 0.7
"""Of its height, the width of a character that may be opened away."""
PITCH, DIGIT = (1.0, 2.1), (0.6, 1.1)
"""In heights of the row beside it: how far apart their middles are, and how high a digit is."""
NEXT = 0.7
"""In row heights: how far the next character may begin after an end."""
HOLE = 0.95
"""In row heights: characters of one word never stand as far apart."""


@dataclass(frozen=True, slots=True)
class InkRow:
    """A row of print. `quad` in pixels of the flat card; `holes` = where gaps wider than HOLE begin and end (x)."""

    quad: Quad = field(repr=False)
    holes: tuple[tuple[float, float], ...]
    ends: tuple[float, float] = (0.0, 0.0)
    """x there of the first and the last ink."""

    @property
    def height(self) -> float:
        """Of the ink."""
        return float(self.quad[3][1] - self.quad[0][1]) / (1 + 2 * MARGIN)


def find_rows(flat: Pixels) -> list[InkRow]:
    """Rows of print on a flat card as `flatten` makes it (BGR); 0 and 180 degrees are not told apart."""
    size = (flat.shape[1] // 2, flat.shape[0] // 2)
    half = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ink = _ink(half)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, GAP), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined)
    rows = []
    for place in range(1, count):
        x, y, width, height, _ = (int(side) for side in boxes[place])
        slim = width < ONE_CHARACTER * height
        if slim:
            # Of one character's strokes the thin ones were opened away.
            y, bottom = _ends(ink[:, x : x + width].T, (y, y + height), 1)
            height = bottom - y
        if HEIGHTS[0] <= height <= HEIGHTS[1] and width > SLIMMEST * height:
            band = ink[y : y + height]
            left, right = _ends(band, (x, x + width), round(NEXT * height))
            own = band * (labels[y : y + height] == place)
            if slim:
                own[:, x : x + width] = band[:, x : x + width]
            # A flat character (一) at an end is no part of the component, but stands in its row.
            own[:, left:x] = band[:, left:x]
            own[:, x + width : right] = band[:, x + width : right]
            rows.append(_row(own[:, left:right], (left, y)))
    found = _apart([row for row in rows if row is not None])
    return [*found, *_thin_rows(ink, found)]


def _apart(rows: Sequence[InkRow]) -> list[InkRow]:
    """Without those that lie within another: light may tear a row apart, and each part finds the ends of the whole."""
    kept: list[InkRow] = []
    for row in sorted(rows, key=lambda one: one.ends[0] - one.ends[1]):
        x, y = row.quad.mean(axis=0).tolist()
        if all(cv2.pointPolygonTest(other.quad, (x, y), False) < 0 for other in kept):
            kept.append(row)
    return kept


def _thin_rows(ink: NDArray[np.uint8], rows: Sequence[InkRow]) -> list[InkRow]:
    """A digit alone in the last line of an address, opened away with the specks if it is but a stroke (1)."""
    thin = []
    for x, y, width, height, area in _upright_strokes(ink):
        middle = (2 * x + float(width), 2 * y + float(height))
        if any(cv2.pointPolygonTest(row.quad, middle, False) >= 0 for row in rows):
            continue
        beside = ink[y : y + height, max(0, x - height) : x + width + height]
        row = _row(ink[y : y + height, x : x + width], (x, y)) if int(beside.sum()) == area else None
        if row is not None and _lone(row) and any(_next_to(row, other) for other in rows):
            thin.append(row)
    return thin


def _upright_strokes(ink: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int, int]]:
    """Left, top, width, height and area of slim ink as high as a row, where an address may end, either way up."""
    for first, last in (LONE_LEFT, (1 - LONE_LEFT[1], 1 - LONE_LEFT[0])):
        start, end = (round((share + GROWTH) * CARD_WIDTH / 2) for share in (first - BROAD, last + BROAD))
        boxes = cv2.connectedComponentsWithStats(ink[:, start:end])[2][1:]
        widths, heights = boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]
        slim = (heights >= HEIGHTS[0]) & (heights <= HEIGHTS[1]) & (widths < THIN * heights)
        for x, y, width, height, area in boxes[slim].tolist():
            yield x + start, y, width, height, area


def _next_to(row: InkRow, other: InkRow) -> bool:
    """Whether `row` stands a line's pitch above or below `other`, within its length and about as high as its print."""
    pitch = abs(float(row.quad[:, 1].mean() - other.quad[:, 1].mean())) / other.height
    within = other.ends[0] - 0.3 * other.height < row.ends[0] and row.ends[1] < other.ends[1] + 0.3 * other.height
    return within and PITCH[0] < pitch < PITCH[1] and DIGIT[0] < row.height / other.height < DIGIT[1]


def overlooked(rows: Sequence[InkRow], quads: Sequence[Quad]) -> list[Quad]:
    """The last character of an address, alone in its row, where none of `quads` holds it: detectors overlook those."""
    middles = [(row.quad, tuple(row.quad.mean(axis=0).tolist())) for row in rows if _lone(row)]
    return [one for one, middle in middles if all(cv2.pointPolygonTest(quad, middle, False) < 0 for quad in quads)]


def _lone(row: InkRow) -> bool:
    """Whether the row is one character where an address may end, the card lying either way up."""
    (left, right), height = row.ends, row.height
    y = float(row.quad[:, 1].mean()) / CARD_HEIGHT - GROWTH
    x, end = left / CARD_WIDTH - GROWTH, right / CARD_WIDTH - GROWTH
    return right - left < ONE_CHARACTER * height and any(
        LONE_LEFT[0] < across < LONE_LEFT[1] and LONE_MIDDLE[0] < down < LONE_MIDDLE[1]
        for across, down in ((x, y), (1 - end, 1 - y))
    )


def _ends(band: NDArray[np.uint8], span: tuple[int, int], reach: int) -> tuple[int, int]:
    """Where a row ends on both sides when every ink within `reach` of its end belongs to it."""
    inked = band.max(axis=0)
    left, right = span
    while (more := np.flatnonzero(inked[max(0, left - reach) : left])).size:
        left = max(0, left - reach) + int(more[0])
    while (more := np.flatnonzero(inked[right : right + reach])).size:
        right += int(more[-1]) + 1
    return left, right


def _ink(half: Pixels) -> NDArray[np.uint8]:
    """1 where there is ink. Red shows black and blue print alike, and the coloured ground hardly."""
    red = cv2.GaussianBlur(half[:, :, 2], (3, 3), 0)
    hat = cv2.morphologyEx(red, cv2.MORPH_BLACKHAT, np.ones((STROKE, STROKE), np.uint8))
    left, top = (int(length * GROWTH / 2 + CARD_WIDTH * RIM / 2) for length in (CARD_WIDTH, CARD_HEIGHT))
    card = np.zeros_like(hat)
    card[top : hat.shape[0] - top, left : hat.shape[1] - left] = 1
    counts = np.bincount(hat[card > 0], minlength=256).cumsum()
    darkest = float(np.searchsorted(counts, 0.985 * counts[-1]))
    return np.asarray((hat > max(FAINTEST, SHARE * darkest)) * card, dtype=np.uint8)


def _row(ink: NDArray[np.uint8], corner: tuple[int, int]) -> InkRow | None:
    """The box of one row around its ink, as slanted as the row."""
    y, x = np.nonzero(ink)
    if len(x) < 12:
        return None
    slope = _slope(x, y) if ink.shape[1] > 3 * ink.shape[0] else 0.0
    # The outermost specks are none of the row's.
    level, speck = np.sort(y - slope * x), len(x) // 200
    top, bottom = float(level[speck]), float(level[-1 - speck]) + 1
    height = bottom - top
    top, bottom = top - MARGIN * height, bottom + MARGIN * height
    left, right = float(x.min()) - AHEAD * height, float(x.max()) + 1 + BEHIND * height
    corners = [(left, top + slope * left), (right, top + slope * right)]
    corners += [(right, bottom + slope * right), (left, bottom + slope * left)]
    quad = np.asarray((np.array(corners) + corner) * 2, dtype=np.float32)
    inked = np.flatnonzero(np.bincount(x))
    gaps = np.flatnonzero(np.diff(inked) > HOLE * height)
    start, end = (2.0 * (inked + step + corner[0]) for step in (0, 1))
    holes = tuple((float(end[gap]), float(start[gap + 1])) for gap in gaps)
    return InkRow(quad, holes, (float(start[0]), float(end[-1])))


def _slope(x: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    """How far the row falls per pixel to the right, from the middle of its ink in both halves."""
    middle = (x.min() + x.max()) / 2
    left, right = x < middle, x >= middle
    if left.sum() < 6 or right.sum() < 6:
        return 0.0
    return float((y[right].mean() - y[left].mean()) / (x[right].mean() - x[left].mean()))
