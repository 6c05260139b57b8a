"""A card as it was found, laid flat, with the places of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, card_corners, map_points
from service.evidence import Pixels, Side

Rectangle = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the flat card."""

CHARACTER = 31.0
"""Side of a printed character with its spacing, in pixels of the flat card (GA 448 prints about 3 mm high)."""

_FRONT = {
    "name": (0.175, 0.095, 0.42, 0.195),
    "sex": (0.175, 0.225, 0.265, 0.315),
    "ethnicity": (0.375, 0.225, 0.52, 0.315),
    "birth_date": (0.175, 0.345, 0.50, 0.435),
    "address": (0.175, 0.465, 0.59, 0.76),
    "number": (0.325, 0.825, 0.93, 0.925),
    "portrait": (0.64, 0.15, 0.925, 0.735),
}
_BACK = {
    "authority": (0.41, 0.69, 0.92, 0.815),
    "valid_from": (0.41, 0.84, 0.58, 0.925),
    "valid_until": (0.585, 0.84, 0.77, 0.925),
}
"""Where values stand (GA 448), x0, y0, x1, y1 as shares of the card."""


@dataclass(frozen=True, slots=True)
class CardView:
    """`flat`: BGR (CARD_HEIGHT, CARD_WIDTH, 3). `width`: of the card in pixels of `pixels`."""

    pixels: Pixels = field(repr=False)
    card: Quad = field(repr=False)
    """The corners in `pixels`, clockwise from the card's own top left."""
    side: Side
    flat: Pixels = field(repr=False)
    half: Pixels = field(repr=False)
    """`flat` at half its size."""
    to_picture: NDArray[np.float64] = field(repr=False)
    """From the flat card to `pixels`."""
    lines: Mapping[str, tuple[Rectangle, ...]] = field(repr=False)
    """The lines each field was read from, on the flat card."""
    places: Mapping[str, Rectangle] = field(repr=False)
    """Where every value of the side stands: what was read, stretched to the place the layout gives it."""
    columns: Mapping[str, Rectangle] = field(repr=False)
    """Where the layout alone has every value, laid where the lines that were read say it is."""
    read: Mapping[str, tuple[tuple[float, ...], ...]] = field(repr=False)
    """Where along each of `lines` a character was read, x on the flat card."""

    @property
    def width(self) -> float:
        """Of the card, in pixels of the picture."""
        a, b, c, d = self.card
        return float(np.linalg.norm(b - a) + np.linalg.norm(c - d)) / 2

    def corners(self, place: Rectangle) -> Quad:
        """A rectangle of the flat card as a quadrilateral in `pixels`."""
        x0, y0, x1, y1 = place
        return map_points(self.to_picture, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64))


def view_card(
    pixels: Pixels,
    card: Quad,
    side: Side,
    lines: Mapping[str, tuple[Quad, ...]],
    flat: Pixels | None = None,
    spots: Mapping[str, tuple[tuple[float, ...], ...]] | None = None,
) -> CardView:
    """`card` and `lines` in `pixels`; `flat`, where it is given, is the card cut out of them.

    `spots`: where along each line its characters were read (`ReadLine.spots`); without them all of a line was.
    """
    to_picture = cv2.getPerspectiveTransform(card_corners().astype(np.float32), card.astype(np.float32))
    if flat is None:
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (CARD_WIDTH, CARD_HEIGHT)
        warped = cv2.warpPerspective(pixels, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        flat = np.asarray(warped, np.uint8)
    to_flat = np.linalg.inv(to_picture).astype(np.float64)
    placed = {name: tuple(_rectangle(map_points(to_flat, quad)) for quad in quads) for name, quads in lines.items()}
    columns = _columns(side, placed)
    half = cv2.resize(flat, (CARD_WIDTH // 2, CARD_HEIGHT // 2), interpolation=cv2.INTER_AREA)
    return CardView(
        pixels,
        card,
        side,
        flat,
        np.asarray(half, np.uint8),
        np.asarray(to_picture, np.float64),
        placed,
        _places(side, placed, columns),
        columns,
        {name: _read(found, (spots or {}).get(name, ())) for name, found in placed.items()},
    )


def extreme(pixels: Pixels, *, brightest: bool) -> NDArray[np.uint8]:
    """The brightest or the darkest channel of each pixel, (H, W)."""
    blue, green, red = cv2.split(pixels)
    choose = cv2.max if brightest else cv2.min
    return np.asarray(choose(choose(blue, green), red), np.uint8)


def _columns(side: Side, lines: Mapping[str, tuple[Rectangle, ...]]) -> dict[str, Rectangle]:
    """The layout is laid where the lines that were read say it is: corners are known to a few per cent only."""
    layout = {name: _placed(place) for name, place in _layout(side).items()}
    across, down = _fit(lines, layout)
    return {name: _moved(place, across, down) for name, place in layout.items()}


def _places(
    side: Side, lines: Mapping[str, tuple[Rectangle, ...]], columns: Mapping[str, Rectangle]
) -> dict[str, Rectangle]:
    joined = {name: _joined(lines.get(name, ()), place) for name, place in columns.items()}
    return joined if side is Side.BACK else _left_of_portrait(joined)


def _read(lines: Sequence[Rectangle], spots: Sequence[tuple[float, ...]]) -> tuple[tuple[float, ...], ...]:
    """The shares of `spots` as x on the flat card; characters side by side where there are none."""
    filled = (*spots, *[()] * (len(lines) - len(spots)))
    return tuple(
        tuple(x0 + share * (x1 - x0) for share in own) or tuple(np.arange(x0, x1, CHARACTER / 2).tolist())
        for (x0, _, x1, _), own in zip(lines, filled, strict=True)
    )


def _layout(side: Side) -> Mapping[str, tuple[float, float, float, float]]:
    return _FRONT if side is Side.FRONT else _BACK


def _placed(place: tuple[float, float, float, float]) -> Rectangle:
    x0, y0, x1, y1 = place
    return round(x0 * CARD_WIDTH), round(y0 * CARD_HEIGHT), round(x1 * CARD_WIDTH), round(y1 * CARD_HEIGHT)


def _rectangle(quad: Quad) -> Rectangle:
    # A point on the horizon of a wrongly guessed plane lies nowhere.
    near = np.nan_to_num(quad, posinf=0.0, neginf=0.0)
    (x0, y0), (x1, y1) = near.min(axis=0).tolist(), near.max(axis=0).tolist()
    limits = ((x0, CARD_WIDTH), (y0, CARD_HEIGHT), (x1, CARD_WIDTH), (y1, CARD_HEIGHT))
    a, b, c, d = (int(_within(value, limit)) for value, limit in limits)
    return a, b, c, d


def _within(value: float, limit: int) -> float:
    return min(max(value, 0.0), limit)


def _left_of_portrait(places: Mapping[str, Rectangle]) -> dict[str, Rectangle]:
    """A line that was read too far, across the portrait or down to the number, is no place of a field."""
    right, bottom = places["portrait"][0], places["number"][1]
    kept = {name: place for name, place in places.items() if name in ("portrait", "number")}
    return {
        name: kept.get(name, (min(x0, right), min(y0, bottom), min(x1, right), min(y1, bottom)))
        for name, (x0, y0, x1, y1) in places.items()
    }


_Line = tuple[float, float]
"""Factor and shift."""
LONGEST = 1.2
"""Of the number, in lengths of the layout's; with its label it is half as long again."""


def _fit(lines: Mapping[str, tuple[Rectangle, ...]], layout: Mapping[str, Rectangle]) -> tuple[_Line, _Line]:
    """From the layout to where its fields were read: along the card by the number, down it by the lines' middles.

    Other lines may begin with their labels, and end where their values do.
    """
    read = {name: _joined(found, found[0]) for name, found in lines.items() if found and name in layout}
    ends = [(layout["number"][end], read["number"][end]) for end in (0, 2)] if "number" in read else []
    if ends and ends[1][1] - ends[0][1] > LONGEST * (ends[1][0] - ends[0][0]):
        # Read with its label: only its end is known.
        ends = ends[1:]
    middles = [
        ((layout[name][1] + layout[name][3]) / 2, (box[1] + box[3]) / 2)
        for name, box in read.items()
        if name not in ("address", "authority")
    ]
    return _straight(ends, CARD_WIDTH), _straight(middles, CARD_HEIGHT)


def _straight(pairs: Sequence[tuple[float, float]], length: int) -> _Line:
    """Through pairs of places; only shifted where they lie too close together to tell a factor."""
    if not pairs:
        return 1.0, 0.0
    there, here = np.array(pairs, np.float64).T
    if np.ptp(there) < 0.3 * length:
        return 1.0, float(np.median(here - there))
    factor, shift = np.polyfit(there, here, 1)
    return (float(factor), float(shift)) if 0.8 < factor < 1.25 else (1.0, float(np.median(here - there)))


def _moved(place: Rectangle, across: _Line, down: _Line) -> Rectangle:
    x0, y0, x1, y1 = place
    xs = [round(_within(across[0] * x + across[1], CARD_WIDTH)) for x in (x0, x1)]
    ys = [round(_within(down[0] * y + down[1], CARD_HEIGHT)) for y in (y0, y1)]
    return xs[0], ys[0], xs[1], ys[1]


def _joined(lines: tuple[Rectangle, ...], place: Rectangle) -> Rectangle:
    if not lines:
        return place
    return (
        place[0],
        min(line[1] for line in lines),
        max(place[2], *(line[2] for line in lines)),
        max(line[3] for line in lines),
    )
