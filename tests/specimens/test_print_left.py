"""What light took from a picture is known, and what is only hard to see is not called lost."""

from __future__ import annotations

import numpy as np
import pytest

from service.evidence import Pixels, Side
from service.specimens.card import draw_front
from service.specimens.field_places import field_places
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.print_left import lost_fields, without_fields
from service.specimens.sample import sample_person
from service.specimens.spoilt import glare

PERSON = sample_person()


@pytest.fixture(scope="module")
def card(fonts: Fonts, portrait: Pixels) -> Pixels:
    return draw_front(PERSON, portrait, fonts)


@pytest.fixture(scope="module")
def without(fonts: Fonts, portrait: Pixels) -> dict[str, Pixels]:
    return without_fields(PERSON, lambda person: draw_front(person, portrait, fonts), PERSON.front())


@pytest.mark.parametrize("condition", ["scan", "photo", "blur", "motion_blur", "low_light", "low_resolution", "jpeg"])
def test_nothing_is_lost_in_a_picture_that_is_only_bad(
    card: Pixels, without: dict[str, Pixels], condition: str
) -> None:
    picture = photograph(card, condition, np.random.default_rng(3))
    assert lost_fields(picture.pixels, picture.quad, card, without) == ()


@pytest.mark.parametrize("name", ["name", "sex", "ethnicity", "birth_date", "address", "number"])
def test_a_field_that_light_burnt_is_lost_and_none_far_from_it(
    card: Pixels, without: dict[str, Pixels], name: str
) -> None:
    picture = photograph(card, "photo", np.random.default_rng(3))
    place, size = field_places(PERSON, Side.FRONT)[name], (card.shape[1], card.shape[0])
    lost = lost_fields(glare(picture.pixels, picture.quad, size, place, 0.7), picture.quad, card, without)
    assert name in lost
    assert ("name" if name == "number" else "number") not in lost
