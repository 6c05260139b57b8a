"""What of the print is left in a picture: light that burnt a character took it from every reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.people import Person
from service.specimens.photograph import card_to_picture

_ONES = date(1111, 11, 11)
BLANK: dict[str, Any] = {
    "name": "", "sex": "", "ethnicity": " ", "birth_date": _ONES, "address": "", "number": "",
    "authority": "", "valid_from": _ONES, "valid_until": _ONES,
}  # fmt: skip
"""What to print instead of a field so as to see which ink is its own (dates: all but strokes that a 1 has too)."""
PATCH = 19
"""Pixels of a drawn card: half a character."""
INK = 60
"""Grey levels by which the card is darker where a field is printed."""
LEAST_CONTRAST = 5.0
"""Grey levels between ink and ground in the picture."""
LEAST_INK = 0.05
"""Of a patch."""


def without_fields(person: Person, draw: Callable[[Person], Pixels], fields: Iterable[str]) -> dict[str, Pixels]:
    """The card of a person as `draw` draws it, once without each of the fields."""
    return {name: draw(replace(person, **{name: BLANK[name]})) for name in fields}


def lost_fields(
    pixels: Pixels, quad: NDArray[np.float32], card: Pixels, without: Mapping[str, Pixels]
) -> tuple[str, ...]:
    """The fields of which the print lost half a character or more. `quad`: the corners in `pixels` of `card`, as drawn;
    `without`: the card drawn without each field."""
    height, width = card.shape[:2]
    matrix = card_to_picture(quad, (width, height))
    flat = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    grey = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return tuple(name for name, blank in without.items() if _least_contrast(grey, card, blank) < LEAST_CONTRAST)


def _least_contrast(grey: NDArray[np.float32], card: Pixels, blank: Pixels) -> float:
    ink = (cv2.subtract(blank, card).max(axis=2) > INK).astype(np.float32)
    ground = 1 - cv2.dilate(ink, np.ones((7, 7), np.uint8))
    share = _mean(ink)
    inked = _mean(grey * ink) / np.maximum(share, 1e-6)
    around = _mean(grey * ground) / np.maximum(_mean(ground), 1e-6)
    judged = (ink > 0) & (share > LEAST_INK) & (_mean(ground) > LEAST_INK)
    return float((around - inked)[judged].min(initial=255.0))


def _mean(values: NDArray[np.floating | np.integer]) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(values, (PATCH, PATCH)), np.float32)
