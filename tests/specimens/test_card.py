from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.evidence import Pixels
from service.specimens.card import (
    BACK_MARK_BOX,
    FRONT_MARK_BOX,
    MARK,
    NUMBER_BOX,
    PORTRAIT_BOX,
    columns,
    draw_back,
    draw_front,
    wrap,
)
from service.specimens.fonts import Fonts
from service.specimens.press import varied_press
from service.specimens.sample import sample_person
from service.specimens.stock import HEIGHT, WIDTH
from tests.specimens.conftest import some_people

Region = tuple[int, int, int, int]
TEXT_BOXES: list[Region] = [(60, 60, 630, 480), (60, 520, 930, 585), (330, 80, 930, 290), (260, 440, 960, 600)]


def inside(pixels: Pixels, box: Region) -> Pixels:
    x0, y0, x1, y1 = box
    return pixels[y0:y1, x0:x1]


def red_share(pixels: Pixels) -> float:
    near = np.abs(pixels[:, :, ::-1].astype(int) - np.array(MARK)).max(axis=2) < 60
    return float(near.mean())


def overlap(a: Region, b: Region) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_both_sides_have_the_size_of_a_card_at_300_dpi(fonts: Fonts, portrait: Pixels) -> None:
    person = sample_person()
    for side in (draw_front(person, portrait, fonts), draw_back(person, fonts)):
        assert side.shape == (HEIGHT, WIDTH, 3)
        assert side.dtype == np.uint8
        assert side.flags.c_contiguous


def test_both_sides_are_plainly_marked(fonts: Fonts, portrait: Pixels) -> None:
    person = sample_person()
    assert red_share(inside(draw_front(person, portrait, fonts), FRONT_MARK_BOX)) > 0.1
    assert red_share(inside(draw_back(person, fonts), BACK_MARK_BOX)) > 0.1


def test_the_mark_covers_no_field() -> None:
    for taken in (NUMBER_BOX, PORTRAIT_BOX, *TEXT_BOXES[:2]):
        assert not overlap(FRONT_MARK_BOX, taken)
    for taken in TEXT_BOXES[2:]:
        assert not overlap(BACK_MARK_BOX, taken)


@pytest.mark.parametrize("field", ["name", "sex", "ethnicity", "birth_date", "address", "number"])
def test_every_front_field_is_printed(field: str, fonts: Fonts, portrait: Pixels) -> None:
    person = sample_person()
    other = next(p for p in some_people(50) if getattr(p, field) != getattr(person, field))
    changed = replace(person, **{field: getattr(other, field)})
    before, after = (draw_front(p, portrait, fonts) for p in (person, changed))
    assert not np.array_equal(before, after)
    box = NUMBER_BOX if field == "number" else TEXT_BOXES[0]
    differs = np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 0
    x0, y0, x1, y1 = box
    assert differs[y0:y1, x0:x1].sum() == differs.sum()


@pytest.mark.parametrize("field", ["authority", "valid_from", "valid_until"])
def test_every_back_field_is_printed(field: str, fonts: Fonts) -> None:
    person = sample_person()
    other = next(p for p in some_people(50) if getattr(p, field) != getattr(person, field))
    changed = replace(person, **{field: getattr(other, field)})
    assert not np.array_equal(draw_back(person, fonts), draw_back(changed, fonts))


def test_the_portrait_is_the_one_given(fonts: Fonts, portrait: Pixels) -> None:
    black = np.zeros_like(portrait)
    printed = inside(draw_front(sample_person(), black, fonts), PORTRAIT_BOX)
    assert np.median(printed) < 10


def test_drawing_is_reproducible(fonts: Fonts, portrait: Pixels) -> None:
    person = sample_person()
    assert np.array_equal(draw_front(person, portrait, fonts), draw_front(person, portrait, fonts))
    assert np.array_equal(draw_back(person, fonts), draw_back(person, fonts))


def test_a_varied_press_prints_elsewhere_but_stays_off_the_mark(fonts: Fonts, portrait: Pixels) -> None:
    rng = np.random.default_rng(1)
    presses = [varied_press(rng) for _ in range(6)]
    assert len(set(presses)) == 6
    longest = max(some_people(300), key=lambda person: len(person.address))
    standard = inside(draw_front(longest, portrait, fonts), FRONT_MARK_BOX)
    for press in presses:
        card = draw_front(longest, portrait, fonts, press)
        assert np.array_equal(inside(card, FRONT_MARK_BOX), standard)
        # The address ends before the portrait begins, and the number on the card.
        assert inside(card, (PORTRAIT_BOX[0] - 20, 100, PORTRAIT_BOX[0] - 6, 460)).min() > 120
        assert inside(card, (WIDTH - 50, 500, WIDTH, 600)).min() > 120


def test_addresses_break_into_one_to_four_lines_and_lose_nothing() -> None:
    counts = set()
    for person in some_people(600):
        lines = wrap(person.address, 11)
        assert "".join(lines) == person.address
        assert all(sum(map(columns, line)) <= 11 + 1e-6 for line in lines)
        counts.add(len(lines))
    assert counts == {1, 2, 3, 4}
