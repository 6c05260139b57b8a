"""Where a card's ground has another tint than the print of its ground gives it there: paper, a label, a sticker.

The ground of a card runs slowly from one pale colour to another (GA 448: blue to pink to blue); a slip of paper on it
has one colour of its own and ends at an edge. A smooth surface fitted to the ground of the card itself follows the
first and not the second, and how well it fits tells how small a difference means anything: light of any colour falls
out.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView, extreme
from service.documents.defects.colour import hues
from service.documents.defects.light import BURNT
from service.evidence import Pixels

Floats = NDArray[np.float32]
LEAST_STEP, STEPS = 0.03, 6.5
"""In log ratio of channels; and in middle distances of the ground from what is fitted to it. White paper lies 0.04 to
0.09 from a card's ground, the ground of a card itself up to 0.025."""
SAMPLE = 2
"""Every so many cells the fit takes one, along and across."""
ROUNDS, FORGIVEN = 6, 2.0
"""Of the fit, and middle distances from it beyond which a cell soon counts nothing."""
EDGE, AROUND_PORTRAIT = 4, 3
"""Cells left out of the fit: what lies under the card, and the portrait's edge."""
BURNT_REACH = 15
"""Cells across: near what is burnt, light has paled the ground."""


def other_tint(view: CardView, ground: Pixels) -> Floats:
    """How far the tint is another, (h, w) as `ground` (the card without its letters, BGR, small): above 1 it is no
    ground of the card's; 0 where light has burnt it."""
    height, width = ground.shape[:2]
    hue = hues(cv2.GaussianBlur(ground.astype(np.float32), (0, 0), 0.8))
    darkest = extreme(ground, brightest=False)
    burnt = cv2.dilate((darkest >= BURNT).astype(np.uint8), np.ones((BURNT_REACH, BURNT_REACH), np.uint8)) > 0
    counted = ~burnt
    counted[:EDGE] = counted[-EDGE:] = False
    counted[:, :EDGE] = counted[:, -EDGE:] = False
    if "portrait" in view.columns:
        shrink = view.flat.shape[1] / width
        x0, y0, x1, y1 = (round(side / shrink) for side in view.columns["portrait"])
        near = AROUND_PORTRAIT
        counted[max(0, y0 - near) : y1 + near, max(0, x0 - near) : x1 + near] = False
    if counted.mean() < 0.2:
        return np.zeros((height, width), np.float32)
    apart, usual = _apart(hue, counted)
    return np.asarray(apart * ~burnt / max(LEAST_STEP, STEPS * usual), np.float32)


def _apart(hue: Floats, counted: NDArray[np.bool_]) -> tuple[Floats, float]:
    """How far every cell lies from a smooth surface through most of `counted`, and the middle one of these."""
    terms = _terms(*counted.shape)
    sample = np.zeros_like(counted)
    sample[::SAMPLE, ::SAMPLE] = counted[::SAMPLE, ::SAMPLE]
    some, wanted = terms[sample], hue[sample]
    weight, usual = np.ones((len(some), 1), np.float32), 0.0
    solved: Floats = np.zeros((terms.shape[2], 2), np.float32)
    for _ in range(ROUNDS):
        # Some thousand cells and ten terms: the normal equations are exact enough, and fast.
        solved = np.asarray(np.linalg.solve(some.T @ (some * weight), some.T @ (wanted * weight)), np.float32)
        apart = np.hypot(*(wanted - some @ solved).T)
        usual = float(np.median(apart)) + 1e-4
        weight = (1 / (1 + (apart[:, None] / (FORGIVEN * usual)) ** 4) ** 2).astype(np.float32)
    left = hue - terms @ solved
    return np.hypot(left[:, :, 0], left[:, :, 1]), usual


@cache
def _terms(height: int, width: int) -> Floats:
    """(h, w, 10): up to the fourth power along the card, which runs from one colour to another and back."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    powers = (np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x**4, y**3, x * x * y)
    return np.stack(powers, axis=2).astype(np.float32)
