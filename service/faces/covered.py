"""Whether mouth or eyes are covered by a mask, dark glasses or a hand: a few signs, each with a meaning, and a logistic
rule over them whose coefficients stand in the manifest (`scripts/evaluate_quality covers` fits and measures them).

Where the rule is in doubt the template is asked: what lies under a cover cannot be missed when it is painted over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.faces.encode import FaceEncoder
from service.faces.landmarks import SIDE, FaceView

# Points of the mesh whose convex hull is the region.
_FOREHEAD = (151, 108, 337, 9, 107, 336)
_CHEEKS = ((50, 117, 118, 101, 36), (280, 346, 347, 330, 266))
_LOWER = ((152, 148, 377, 200, 199, 175, 201, 421), (205, 187, 147, 213, 192, 214, 207),
          (425, 411, 376, 433, 416, 434, 427))  # fmt: skip
_LIPS = (61, 291, 0, 17, 37, 267, 84, 314)
_NOSE = (4, 45, 275, 1, 19, 94)
_EYES = ((33, 133, 159, 145, 158, 153), (263, 362, 386, 374, 385, 380))
_UNDER_EYES = (
    (31, 228, 229, 230, 231, 232, 233, 24, 23, 22, 110),
    (261, 448, 449, 450, 451, 452, 453, 254, 253, 252, 339),
)
_LIDS = ((30, 29, 27, 28, 56, 190, 247), (260, 259, 257, 258, 286, 414, 467))
"""Of each eye: the skin below it that a lens covers too, and the upper lid up to the brow."""
_LIP_LINE = np.ones((15, 5), np.uint8)
"""Kernel: the line between the lips is flat and dark."""
_OPEN_EYE = 0.53
"""Brightness of an open eye over that of the skin around it, median of LFW."""


MOUTH_SHARE = 0.12
"""Cosine that the lower half of a selfie adds to its likeness to the card: of 286 mated pairs of uncovered photos five
lie below, of masked selfies that match four in five (models/cards/face_quality.md)."""
_DOUBT = 3.0
"""Log-odds nearer to 0 than this are looked at a second time; three faces of four are not."""


@dataclass(frozen=True, slots=True)
class Part:
    """Of an aligned face: the rows that are painted over, and where the skin is that they are painted with."""

    rows: slice
    skin: tuple[slice, slice]


LOWER_HALF = Part(slice(64, 112), (slice(30, 60), slice(0, 112)))
EYE_BAND = Part(slice(38, 66), (slice(70, 100), slice(20, 92)))


def painted(aligned: Pixels, part: Part) -> Pixels:
    """The aligned face, BGR uint8 (112, 112, 3), with `part` in the mean colour of its skin."""
    face = aligned.copy()
    face[part.rows] = aligned[part.skin].reshape(-1, 3).mean(axis=0)
    return face


def likeness_without(aligned: Pixels, part: Part, encoder: FaceEncoder) -> float:
    """How alike the template of an aligned face, BGR uint8 (112, 112, 3), stays when `part` is painted over: cosine,
    higher means that less was seen there."""
    return float(encoder.encode_once(painted(aligned, part)) @ encoder.encode_once(aligned))


def second_look(first: float, look: Callable[[], float], rule: Sequence[float]) -> float:
    """The log-odds `first`, moved by a likeness where they leave a doubt. `rule`: its weight, and where it is even."""
    weight, even = rule
    return first if abs(first) >= _DOUBT else first + weight * (look() - even)


def mouth_signs(view: FaceView) -> NDArray[np.float64]:
    """(4,): how dark the line between the lips is (over the skin's brightness); how far the lips' colour lies from the
    chin's, and the nose's from the forehead's (a, b of CIE Lab); the mesh's `presence`."""
    lab = np.asarray(cv2.cvtColor(view.window, cv2.COLOR_BGR2LAB), np.uint8)
    skin = _brightness(lab, _region(view, _FOREHEAD, *_CHEEKS))
    light = cv2.GaussianBlur(lab[:, :, 0], (0, 0), 2)
    dark = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, _LIP_LINE)
    lips = _region(view, _LIPS)
    return np.array([
        cv2.minMaxLoc(dark, lips)[1] / (skin + 10),
        _chroma(lab, lips, _region(view, *_LOWER)),
        _chroma(lab, _region(view, _NOSE), _region(view, _FOREHEAD)),
        view.presence,
    ])  # fmt: skip


def eye_signs(view: FaceView) -> NDArray[np.float64]:
    """(3,): the lesser contrast of the two eyes (over the skin's brightness); how far the brighter eye is from the
    brightness open eyes have beside the skin around them; the mesh's `presence`."""
    skin = float(cv2.mean(view.grey, _region(view, _FOREHEAD, *_CHEEKS))[0])
    found = [cv2.meanStdDev(view.grey, mask=_region(view, eye)) for eye in _EYES]
    means, deviations = ([float(one[part].item()) for one in found] for part in (0, 1))
    return np.array([min(deviations) / (skin + 10), abs(max(means) / (skin + 5) - _OPEN_EYE), view.presence])


def lens_signs(view: FaceView) -> NDArray[np.float64]:
    """(6,): the lesser contrast of the two eyes; the mesh's `presence`; how bright the skin below the brighter eye is,
    and its lid, against forehead and cheeks (natural logarithms); how far the colour below the eyes lies from the
    skin's, and how far from grey (a, b of CIE Lab, the lesser of both eyes, over the skin's own colour). Behind a lens
    the skin is darker and takes the lens's colour; in a shadow it is darker and keeps its own."""
    lab = np.asarray(cv2.cvtColor(view.window, cv2.COLOR_BGR2LAB), np.uint8)
    skin = np.array(cv2.mean(lab, _region(view, _FOREHEAD, *_CHEEKS))[:3])
    under, lids = (np.array([cv2.mean(lab, _region(view, one))[:3] for one in part]) for part in (_UNDER_EYES, _LIDS))
    colour = max(float(np.hypot(*(skin[1:] - 128))), 6.0)
    contrast, _, presence = eye_signs(view)
    return np.array([
        contrast,
        presence,
        *(np.log((part[:, 0].max() + 5) / (skin[0] + 5) + 0.02) for part in (under, lids)),
        np.hypot(*(under - skin)[:, 1:].T).min() / colour,
        np.hypot(*(under - 128)[:, 1:].T).min() / colour,
    ])  # fmt: skip


def log_odds(signs: NDArray[np.float64], rule: Sequence[Sequence[float]]) -> float:
    """Of being covered. `rule`: the constant alone, then per sign its weight, mean and standard deviation."""
    (constant,), *rows = rule
    weights, means, deviations = np.array(rows).T
    # No single sign may outvote the others: beyond four standard deviations it says nothing more.
    return float(constant + weights @ np.clip((signs - means) / deviations, -4, 4))


def _region(view: FaceView, *parts: tuple[int, ...]) -> Pixels:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for part in parts:
        corners = np.round(view.points[list(part), :2]).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(corners), 255)
    if not mask.any():
        mask[:] = 255  # a mesh outside its own window: nothing there to compare
    return mask


def _brightness(lab: Pixels, region: Pixels) -> float:
    return float(cv2.mean(lab, region)[0])


def _chroma(lab: Pixels, one: Pixels, other: Pixels) -> float:
    first, second = cv2.mean(lab, one), cv2.mean(lab, other)
    return float(np.hypot(first[1] - second[1], first[2] - second[2]))
