"""Where a machine readable zone may lie: long lines of text, one below the other, among all boxes. Pure (numpy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad

LEAST_ASPECT = 8.0
"""Length of a line's box by its height. A line of a card of 30 characters has 14 and more where its box is whole."""
FRAGMENT_ASPECT = 1.6
MOST_LINES = 24
TWIN, ALIKE = 0.1, 0.5
"""How much the ends of two lines may differ, by their length: of a zone whose boxes are whole, and of any."""


def long_lines(quads: Sequence[Quad]) -> list[Quad]:
    """Boxes that continue each other joined; the long ones of them, the longest (by their height) first."""
    joined = _join([quad.astype(np.float64) for quad in quads if _aspect(quad) >= FRAGMENT_ASPECT])
    long = [quad for quad in joined if _aspect(quad) >= LEAST_ASPECT]
    return [quad.astype(np.float32) for quad in sorted(long, key=_aspect, reverse=True)[:MOST_LINES]]


def stacked(lines: Sequence[Quad]) -> list[Quad]:
    """The lines that may be of a zone: first those with another as long right above or below them, then those with one
    about as long, as high and as straight."""
    twins = [line for line in lines if any(other is not line and _neighbours(line, other, TWIN) for other in lines)]
    loose = [line for line in lines if any(other is not line and _neighbours(line, other, ALIKE) for other in lines)]
    return [*twins, *(line for line in loose if not any(line is twin for twin in twins))]


def _aspect(quad: NDArray[np.floating]) -> float:
    across, down = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))
    return across / max(down, 1e-6)


def _neighbours(one: Quad, other: Quad, slack: float) -> bool:
    """`slack`: share of a line's length by which the ends of both may differ."""
    along, height, length = _frame(one)
    _, other_height, other_length = _frame(other)
    shift = other.mean(axis=0) - one.mean(axis=0)
    aside = abs(float(along[0] * shift[1] - along[1] * shift[0]))
    alike = 0.5 < other_height / height < 2 and abs(np.log(other_length / length)) < slack
    return bool(alike and 0.5 * height < aside < 4 * height and abs(float(along @ shift)) < 0.5 * slack * length)


def _frame(quad: NDArray[np.floating]) -> tuple[NDArray[np.float64], float, float]:
    """Direction, height and length of a box."""
    edge = (quad[1] - quad[0] + quad[2] - quad[3]).astype(np.float64) / 2
    length = float(np.linalg.norm(edge)) + 1e-9
    return edge / length, float(np.linalg.norm(quad[3] - quad[0])) + 1e-9, length


def _join(quads: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Join pairs until none is left: fillers at the end are often found as a box of their own."""
    rest = sorted(quads, key=_aspect, reverse=True)
    done: list[NDArray[np.float64]] = []
    while rest:
        line = rest.pop(0)
        while (place := next((n for n, other in enumerate(rest) if _continues(line, other)), None)) is not None:
            line = _around(line, rest.pop(place))
        done.append(line)
    return done


def _continues(line: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    along, height, _ = _frame(line)
    other_along, other_height, _ = _frame(other)
    if not 0.6 < other_height / height < 1.67 or abs(float(along @ other_along)) < 0.99:
        return False
    start, end = _reach(line, along, line.mean(axis=0))
    low, high = _reach(other, along, line.mean(axis=0))
    shift = other.mean(axis=0) - line.mean(axis=0)
    aside = abs(float(along[0] * shift[1] - along[1] * shift[0]))
    return aside < 0.4 * height and low - end < 2.5 * height and start - high < 2.5 * height


def _reach(quad: NDArray[np.float64], along: NDArray[np.float64], origin: NDArray[np.float64]) -> tuple[float, float]:
    places = (quad - origin) @ along
    return float(places.min()), float(places.max())


def _around(line: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """One box over both, in the direction from the middle of the first to that of the second, heights averaged."""
    along, height, _ = _frame(line)
    far = other.mean(axis=0) - line.mean(axis=0)
    if np.linalg.norm(far) > 4 * height:
        direction = far / np.linalg.norm(far)
        along = direction if float(direction @ along) > 0 else -direction
    origin = line.mean(axis=0)
    reaches = [_reach(quad, along, origin) for quad in (line, other)]
    low, high = min(start for start, _ in reaches), max(end for _, end in reaches)
    across = np.array((-along[1], along[0])) * (height + _frame(other)[1]) / 4
    ends = (origin + along * low, origin + along * high)
    return np.array((ends[0] - across, ends[1] - across, ends[1] + across, ends[0] + across))
