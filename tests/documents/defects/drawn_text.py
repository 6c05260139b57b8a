"""A flat card with rows of strokes for text, a patch of one colour laid over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView, view_card
from service.documents.upright import card_corners
from service.evidence import Side

Box = tuple[int, int, int, int]
TEXT = {"name": (150, 60, 244, 100), "address": (150, 262, 496, 296), "birth_date": (150, 192, 420, 230)}
MORE = (150, 298, 306, 332)
"""A second line of the address, ending in the middle of its column."""
INK = {"name": 3, "address": 11, "birth_date": 9}
ALL = range(20)


def drawn(
    field: str,
    patch: Box,
    colour: int | tuple[int, int, int],
    *,
    second: Box | None = MORE,
    first: bool = True,
    read: range | tuple[int, ...] = ALL,
    tint: NDArray[np.float64] | None = None,
) -> CardView:
    """Of the first line of `field` the characters `read` were read, whatever the patch hides. `tint`: factor on all."""
    pixels = np.full((540, 856, 3), 200, np.uint8)
    lines = {name: [box] for name, box in TEXT.items()}
    spots = {name: [tuple((place + 0.5) / INK[name] for place in range(INK[name]))] for name in TEXT}
    spots[field][0] = tuple(spot for place, spot in enumerate(spots[field][0]) if place in read)
    if second:
        lines["address"].append(second)
        spots["address"].append(tuple((place + 0.5) / 5 for place in range(5)))
    for boxes in lines.values():
        for x0, y0, x1, y1 in boxes:
            pixels[y0 + 6 : y1 - 6, x0 + 2 : x1 : 8] = 30
    if not first:
        lines["address"].pop(0)
        spots["address"].pop(0)
    x0, y0, x1, y1 = patch
    pixels[y0:y1, x0:x1] = colour
    if tint is not None:
        pixels = np.asarray((pixels * tint).clip(0, 255), np.uint8)
    quads = {name: tuple(np.array([(a, b), (c, b), (c, d), (a, d)], np.float32) for a, b, c, d in boxes)
             for name, boxes in lines.items()}  # fmt: skip
    places = {name: tuple(own) for name, own in spots.items()}
    return view_card(pixels, card_corners().astype(np.float32), Side.FRONT, quads, pixels, places)
