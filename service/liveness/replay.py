"""Seen before? A selfie that is the card's own portrait is no selfie, however alike the faces are."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Measure, Pixels

_SIDE = 96
"""Both faces are laid into a square of this side, as a card's portrait has no more to give."""
_PLACES = np.array([(33.0, 38.0), (63.0, 38.0), (36.0, 70.0), (60.0, 70.0)])
"""Of eyes and corners of the mouth."""
_WINDOW = (slice(24, 84), slice(24, 72))
"""Rows and columns from the brows to the chin: beyond them a narrow portrait has ended and the card begins, and hair
and collar tell nothing of an expression."""
SAME = 0.9855
"""Between the most alike of true selfies (London, smiles that hardly are) and the least alike of copies of portraits
(scripts/evaluate_selfies replay, models/cards/passive_liveness.md)."""
_SHRUNK = 0.7
_FINE = 2.4
"""Blur that takes the printer's and the camera's grain from both."""
_COARSE = 5.0
"""Blur that holds the light, which differs between a print and its original."""
_BROAD = 2.5, 8.0
"""The same two, where one face is laid onto the other: on closer detail that stops beside the place."""
_ROUNDS = 15
_REACH = 5.0
"""The square reaches 3.4 times as far from the middle of eyes, nose and mouth as they do."""

Floats = NDArray[np.float32]


def same_photograph(reference: Pixels, known: Face, probe: Pixels, shown: Face) -> Measure:
    """Whether two faces are one photograph: the correlation of their detail after one was laid onto the other.

    Two photos of one person differ in expression, pose and light; a copy does not, printed or photographed, nor does
    its mirror image, which is looked for too. BGR uint8 (H, W, 3) pictures.
    """
    one = _laid(*_near(reference, known.landmarks))
    near, landmarks = _near(probe, shown.landmarks)
    mirrored = np.array([(near.shape[1] - 1, 0.0)]) + landmarks[[1, 0, 2, 4, 3]] * (-1.0, 1.0)
    flipped = np.asarray(cv2.flip(near, 1), np.uint8)
    broad, detail = _detail(one, *_BROAD), _detail(one)
    others = [_moved_onto(broad, _laid(*face)) for face in ((near, landmarks), (flipped, mirrored))]
    found = max(_by_blocks(detail, _detail(other)) for other in others)
    return Measure("portrait_likeness", round(found, 4), SAME)


def _near(pixels: Pixels, landmarks: NDArray[np.floating]) -> tuple[Pixels, NDArray[np.floating]]:
    """The part of the picture that `_laid` looks at, and the landmarks in it."""
    middle = landmarks.mean(axis=0)
    reach = _REACH * float(np.abs(landmarks - middle).max())
    (x0, y0), (x1, y1) = np.maximum(middle - reach, 0).astype(int), (middle + reach).astype(int) + 1
    part = pixels[y0:y1, x0:x1]
    return (part, landmarks - (x0, y0)) if min(part.shape[:2]) > 1 else (pixels, landmarks)


def _laid(pixels: Pixels, landmarks: NDArray[np.floating]) -> Floats:
    """The face's brightness, eyes and mouth in their places, float32 (96, 96)."""
    given = np.asarray(landmarks[[0, 1, 3, 4]], np.float64)
    # OpenCV answers None for points that all fall together; its stubs do not say so.
    matrix: Any = cv2.estimateAffinePartial2D(given, _PLACES, method=cv2.LMEDS)[0]
    if matrix is None:
        return np.zeros((_SIDE, _SIDE), np.float32)
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.4 / shrink) if shrink < _SHRUNK else pixels
    chip = cv2.warpAffine(soft, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _detail(grey: Floats, finest: float = _FINE, coarsest: float = _COARSE) -> Floats:
    """Between grain and light, with the contrast evened out."""
    fine = cv2.GaussianBlur(grey, (0, 0), finest)
    level = cv2.GaussianBlur(fine, (0, 0), coarsest)
    spread = np.sqrt(cv2.GaussianBlur((fine - level) ** 2, (0, 0), coarsest)) + 2.0
    return np.asarray((fine - level) / spread, np.float32)


def _moved_onto(broad: Floats, other: Floats) -> Floats:
    """The second shifted, turned and sheared onto the face whose broad detail is given (enhanced correlation)."""
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _ROUNDS, 1e-4)
    looked_at = np.zeros(other.shape, np.uint8)
    looked_at[_WINDOW] = 1
    align: Any = cv2.findTransformECC
    warp = np.eye(2, 3, dtype=np.float32)
    # Two that have nothing in common do not converge; they are then compared as they lie.
    with suppress(cv2.error):
        warp = align(broad, _detail(other, *_BROAD), warp, cv2.MOTION_AFFINE, stop, looked_at, 5)[1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(other, warp, (_SIDE, _SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)


def _by_blocks(one: Floats, other: Floats) -> float:
    """The third lowest correlation of nine blocks of the window of two details: two may be lost to a finger or a
    reflection, while another expression changes more than two."""
    first, second = one[_WINDOW], other[_WINDOW]
    high, wide = first.shape[0] // 3, first.shape[1] // 3
    cut = [(slice(y, y + high), slice(x, x + wide)) for y in (0, high, 2 * high) for x in (0, wide, 2 * wide)]
    return sorted(_correlation(first[place], second[place]) for place in cut)[2]


def _correlation(one: Floats, other: Floats) -> float:
    a, b = one.ravel() - one.mean(), other.ravel() - other.mean()
    return float(a @ b / max(float(np.sqrt((a @ a) * (b @ b))), 1e-9))
