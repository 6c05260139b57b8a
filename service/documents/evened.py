"""A second reading of what reflected light has all but burnt: faint letters are given back their contrast.

Light that adds to the print pales it before it burns it: five grey levels of a stroke are still a stroke. What is burnt
stays burnt, and nothing that was read before is changed: the second reading may only add to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.guarded import guarded_fields
from service.documents.kinds import SideReading
from service.documents.text import Quad
from service.documents.upright import CARD_WIDTH, card_corners, map_points
from service.evidence import Pixels

Floats = NDArray[np.float32]
EM = 31.0
"""A character, in pixels of a card CARD_WIDTH wide."""
PALE = 238
"""Grey level of the darkest channel from which light has paled the print."""
GROUND, INK, FAINTEST = 225.0, 110.0, 5.0
"""Grey levels: of the evened ground, of ink below it, and of the faintest ink that is brought to it."""
SURE = 0.95
"""text_score of a field that was added or added to."""
ADDED = ("address", "authority")
"""Fields that may be added to, not found anew: what was read before bears out what is read now. A name may not; its
characters bear out nothing."""


def evened(pixels: Pixels, card: NDArray[np.float64]) -> Pixels:
    """BGR, with the print in and around the palest places as dark as elsewhere. `card`: see `Attempt.card`."""
    corners = map_points(card, card_corners())
    scale = float(np.linalg.norm(corners[1] - corners[0])) / CARD_WIDTH
    em = max(3, round(EM * scale))
    square = np.ones((em, em), np.uint8)
    darkest = np.asarray(pixels.min(axis=2), np.uint8)
    smooth = _blurred(darkest.astype(np.float32), max(0.5, 0.8 * scale))
    depth = np.maximum(_blurred(cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, square), em / 4) - smooth, 0)
    ink = _blurred(cv2.dilate(depth, square), em / 3)
    print_again = GROUND - depth * INK / np.maximum(ink, FAINTEST)
    pale = cv2.morphologyEx((darkest >= PALE).astype(np.uint8), cv2.MORPH_CLOSE, square)
    share = _blurred(cv2.dilate(pale, square).astype(np.float32), em / 3)[:, :, None]
    return np.asarray((share * print_again[:, :, None] + (1 - share) * pixels).clip(0, 255), np.uint8)


def adds(first: SideReading, again: SideReading) -> bool:
    """Whether the second reading says all that the first does, and more that is sure or proven."""
    if again.side is not first.side or again.kind != first.kind:
        return False
    proven, more = guarded_fields(again), False
    for name, found in again.fields.items():
        before = first.fields.get(name)
        if before is not None and before.value == found.value:
            continue
        longer = before is not None and name in ADDED and _within(before.value, found.value)
        new = before is None and (name == "ethnicity" or name in proven)
        if found.text_score < SURE or _overlap(found.quads) or not (longer or new):
            return False
        more = True
    return more and first.fields.keys() <= again.fields.keys()


def _within(part: str, whole: str) -> bool:
    """Whether the characters of `part` stand in `whole` in their order."""
    rest = iter(whole)
    return all(character in rest for character in part)


def _overlap(quads: Sequence[Quad]) -> bool:
    """Whether two lines share a third of the smaller: what stands there was read twice."""
    for one, other in combinations([quad.astype(np.float32) for quad in quads], 2):
        if cv2.intersectConvexConvex(one, other)[0] > min(map(cv2.contourArea, (one, other))) / 3:
            return True
    return False


def _blurred(values: NDArray[np.floating] | cv2.typing.MatLike, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
