"""Where the page or card with a machine readable zone lies: the zone's characters are its ruler.

ICAO Doc 9303 fixes the size of each format (parts 4 to 7), the pitch of the characters and the lines' place on the page
(part 3), so the zone says where the outline must be. A short zone at the bottom is a poor lever for the far edge: the
outline is moved onto edges of the picture, and one that leaves the zone at another place than its own is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.sides import FAR_REACHES, Fitted, copy_to_fit, fit_sides
from service.documents.text import Quad
from service.documents.upright import FlatCard, map_points
from service.evidence import Pixels

SIZES = {"TD1": (85.6, 53.98), "TD2": (105.0, 74.0), "TD3": (125.0, 88.0), "MRVA": (120.0, 80.0), "MRVB": (105.0, 74.0)}
"""Width and height in millimetres."""
PITCH, LINE = 2.54, 6.35
"""Millimetres from character to character and from line to line."""
LOWEST = {"TD1": 6.8}
LOWEST_OTHER = 10.3
"""Millimetres from the middle of the lowest line to the lower edge."""
FLAT_SIDE, MARGIN = 800, 3.0
"""Longest side in pixels of a flat page, and millimetres around it, for no outline is exact."""
SLACK = 4.0
"""Millimetres that the zone may stand from its place on average (Doc 9303 allows 1 to 3; pages bend, and are cut)."""
STRAY, MISFIT = 0.06, 1.5
"""Support that an outline loses for each of them, and for what its proportions are off by (logarithm)."""
FRAME = 0.9
"""What the picture's own frame counts for."""
SURE, LEAST = 0.75, 0.45
"""Support (see `Fitted`), less what it loses, from which no other outline is tried, and below which one is no better
than what the zone alone says."""


def page_outline(
    pixels: Pixels, format: str, zone: Sequence[Quad], outlines: Callable[[], Iterable[Quad]]
) -> Quad | None:
    """The corners of the page in a BGR picture, clockwise from its own top left, float32 (4, 2).

    `zone`: the box around the characters of each line. `outlines`: other outlines (clockwise) that may be the page's,
    asked for where the zone's own does not lie on edges. None where most of the page lies outside the picture.
    """
    copy, scale = copy_to_fit(pixels)
    ends = _ends(zone) * scale
    own = list(_own(format, ends))
    best: tuple[float, Quad] = (LEAST, own[0])
    for fitted in _fitted(copy, own, outlines, scale):
        quad, strayed = _turned(fitted.quad, format, ends)
        sure = float(fitted.support.mean()) - STRAY * strayed - MISFIT * _misfit(quad, format)
        if strayed < SLACK and sure > best[0]:
            best = (sure, quad)
            if sure - float(fitted.support.mean() - fitted.support.min()) > SURE:
                break
    return np.asarray(best[1] / scale, np.float32) if _seen(best[1], copy) else None


def flat_page(pixels: Pixels, page: Quad, format: str) -> FlatCard:
    """The page set upright, FLAT_SIDE pixels long, with a margin and, of TD1, the other side where it is shown too.

    The zone of TD1 is on the back: a picture of both sides shows the front above or below it.
    """
    width, height = SIZES[format]
    to_picture = np.asarray(
        cv2.getPerspectiveTransform(_page(format).astype(np.float32), page.astype(np.float32)), np.float64
    )
    low = np.array((-MARGIN, -MARGIN))
    high = np.array((width + MARGIN, height + MARGIN))
    if format == "TD1":
        seen = [
            bool(_inside(map_points(to_picture, _page(format) + np.array((0, sign * height))), pixels))
            for sign in (-1, 1)
        ]
        low[1] -= height * seen[0]
        high[1] += height * seen[1]
    dot = FLAT_SIDE / float((high - low).max())
    size = np.round((high - low) * dot).astype(int)
    to_picture = to_picture @ np.array([(1 / dot, 0, low[0]), (0, 1 / dot, low[1]), (0, 0, 1)])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(pixels, to_picture, size.tolist(), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return FlatCard(np.asarray(flat, dtype=np.uint8), to_picture)


def _inside(quad: Quad, pixels: Pixels) -> bool:
    """Whether all of it lies in the picture, give or take a little."""
    size = np.array((pixels.shape[1], pixels.shape[0]))
    slack = 0.1 * float(np.linalg.norm(quad[3] - quad[0]))
    return bool((quad > -slack).all() and (quad < size + slack).all())


def _fitted(
    copy: Pixels, own: Sequence[Quad], outlines: Callable[[], Iterable[Quad]], scale: float
) -> Iterator[Fitted]:
    # A scan ends where its page ends.
    yield Fitted(_frame(copy), np.full(4, FRAME, np.float32), 0.0)
    yield from (fit_sides(copy, quad) for quad in own)
    yield from (fit_sides(copy, quad, FAR_REACHES) for quad in own)
    yield from (fit_sides(copy, quad * np.float32(scale)) for quad in outlines())


def _ends(zone: Sequence[Quad]) -> NDArray[np.float64]:
    """The left and right ends of the middles of the first and the last line, (2, 2, 2)."""
    return np.array([[(quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2] for quad in (zone[0], zone[-1])], np.float64)


def _places(format: str) -> NDArray[np.float64]:
    """Where these ends stand on the page, in millimetres."""
    width, height = SIZES[format]
    length = PITCH * {"TD1": 30, "TD2": 36, "MRVB": 36}.get(format, 44)
    left = (width - length) / 2
    low = height - LOWEST.get(format, LOWEST_OTHER)
    high = low - LINE * (2 if format == "TD1" else 1)
    return np.array([[(left, y), (left + length, y)] for y in (high, low)])


def _page(format: str) -> NDArray[np.float64]:
    return _rectangle(*SIZES[format])


def _frame(copy: Pixels) -> Quad:
    return _rectangle(copy.shape[1], copy.shape[0]).astype(np.float32)


def _rectangle(width: float, height: float) -> NDArray[np.float64]:
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _own(format: str, ends: NDArray[np.float64]) -> Iterator[Quad]:
    """Outlines that the zone alone points to: seen from above; as its lines are apart; in perspective."""
    places = _places(format)
    along = (ends[:, 1] - ends[:, 0]).mean(axis=0) / (places[0, 1, 0] - places[0, 0, 0])
    across = np.array((-along[1], along[0]))
    apart = (ends[1] - ends[0]).mean(axis=0) / (places[1, 0, 1] - places[0, 0, 1])
    middle, origin = ends.mean(axis=(0, 1)), places.mean(axis=(0, 1))
    page = _page(format) - origin
    for down in (across, across * float(apart @ across) / float(across @ across), apart):
        yield np.asarray(middle + page[:, :1] * along + page[:, 1:] * down, np.float32)
    matrix = cv2.getPerspectiveTransform(places.reshape(4, 2).astype(np.float32), ends.reshape(4, 2).astype(np.float32))
    yield map_points(np.asarray(matrix, np.float64), _page(format))


def _turned(quad: Quad, format: str, ends: NDArray[np.float64]) -> tuple[Quad, float]:
    """The outline from the corner that is the page's own top left, and how far the zone is from its place, in mm."""
    places = _places(format).reshape(4, 2)
    page = _page(format).astype(np.float32)
    found: list[tuple[float, Quad]] = []
    for turn in range(4):
        rolled = np.roll(quad, -turn, axis=0).astype(np.float32)
        matrix = np.asarray(cv2.getPerspectiveTransform(rolled, page), np.float64)
        apart = np.linalg.norm(map_points(matrix, ends.reshape(4, 2)) - places, axis=1)
        found.append((float(apart.mean()), rolled))
    strayed, rolled = min(found, key=lambda one: one[0])
    return rolled, strayed


def _misfit(quad: Quad, format: str) -> float:
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1) + 1e-6
    width, height = SIZES[format]
    return abs(float(np.log((sides[0] + sides[2]) / (sides[1] + sides[3]) * height / width)))


def _seen(quad: Quad, copy: Pixels) -> bool:
    """Whether most of the outline lies in the picture."""
    if not cv2.isContourConvex(quad.astype(np.int32)):
        return False
    inside, _ = cv2.intersectConvexConvex(quad, _frame(copy))
    return float(inside) > 0.6 * float(cv2.contourArea(quad))
