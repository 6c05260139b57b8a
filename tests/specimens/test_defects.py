"""Spoilt specimens: every defect at every level, reproducible, with its region in the picture."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from service.evidence import Pixels, Side
from service.specimens.defects import DEFECTS, Subject, spoil
from service.specimens.field_places import field_places
from service.specimens.fonts import Fonts
from service.specimens.people import invent_person
from service.specimens.stock import HEIGHT, WIDTH
from service.specimens.strangers import NO_DOCUMENTS, no_document


def subject(portrait: Pixels, side: Side) -> Subject:
    return Subject(invent_person(np.random.default_rng(4), date(2026, 11, 24)), portrait, portrait, side)


@pytest.mark.parametrize("defect", [name for name in DEFECTS if name != "screen_recapture"])
def test_a_defect_is_drawn_the_same_again_and_where_it_says(fonts: Fonts, portrait: Pixels, defect: str) -> None:
    once, again = (spoil(defect, 2, subject(portrait, Side.FRONT), fonts, np.random.default_rng(6)) for _ in range(2))
    assert np.array_equal(once.pixels, again.pixels)
    assert once.pixels.dtype == np.uint8
    if once.region is not None:
        height, width = once.pixels.shape[:2]
        middle = once.region.mean(axis=0)
        assert (middle > 0).all()
        assert (middle < (width, height)).all()
    assert (once.card is None) == (defect == "not_a_document")


def test_a_screen_is_drawn(fonts: Fonts, portrait: Pixels) -> None:
    shown = spoil("screen_recapture", 3, subject(portrait, Side.BACK), fonts, np.random.default_rng(6))
    assert shown.pixels.shape == (960, 1280, 3)
    assert shown.card is not None
    assert np.ptp(shown.card[:, 0]) > 600


def test_an_unknown_defect_or_stranger_is_refused(fonts: Fonts, portrait: Pixels) -> None:
    with pytest.raises(KeyError):
        spoil("nothing", 1, subject(portrait, Side.FRONT), fonts, np.random.default_rng(6))
    with pytest.raises(KeyError):
        no_document("nothing", np.random.default_rng(6))


@pytest.mark.parametrize("kind", NO_DOCUMENTS)
def test_strangers_are_pictures(kind: str) -> None:
    assert no_document(kind, np.random.default_rng(2)).shape == (960, 1280, 3)


@pytest.mark.parametrize("side", list(Side))
def test_the_places_of_the_fields_lie_on_the_card(portrait: Pixels, side: Side) -> None:
    for x0, y0, x1, y1 in field_places(subject(portrait, side).person, side).values():
        assert 0 < x0 < x1 < WIDTH
        assert 0 < y0 < y1 < HEIGHT
