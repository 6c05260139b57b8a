"""Rows of print found by their ink, and what their places say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.card_rows import LEAST_ROWS, holed, rows_fit, width_needed
from service.documents.ink_rows import InkRow, find_rows, overlooked
from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, GROWTH, flatten
from service.evidence import Pixels, Side
from service.specimens.card import draw_back, draw_front
from service.specimens.fonts import Fonts
from service.specimens.people import invent_person
from service.specimens.photograph import photograph
from service.specimens.press import Press
from service.specimens.sample import sample_portraits

PERSON = invent_person(np.random.default_rng(77), date(2026, 11, 24))


@pytest.fixture(scope="module", params=["front", "back"])
def card(request: pytest.FixtureRequest, assets: Path) -> tuple[Side, Pixels]:
    fonts = Fonts.build(assets)
    if request.param == "front":
        return Side.FRONT, draw_front(PERSON, sample_portraits(assets, 1)[0], fonts)
    return Side.BACK, draw_back(PERSON, fonts)


def flat(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return flatten(pixels, corners).pixels


def share(quad: Quad) -> tuple[float, float]:
    """Left end and middle as shares of the card."""
    return float(quad[:, 0].min()) / CARD_WIDTH - GROWTH, float(quad[:, 1].mean()) / CARD_HEIGHT - GROWTH


def test_each_printed_row_is_found_whole(card: tuple[Side, Pixels]) -> None:
    side, pixels = card
    rows = [row.quad for row in find_rows(flat(pixels))]
    printed = {Side.FRONT: (0.148, 0.272, 0.393, 0.517, 0.882), Side.BACK: (0.765, 0.885)}[side]
    for y in printed:
        here = [quad for quad in rows if abs(share(quad)[1] - y) < 0.03 and share(quad)[0] < 0.6]
        assert here, y
        # A row is as high as its print with a margin: 37 to 60 of 540 pixels.
        assert all(30 < quad[3][1] - quad[0][1] < 70 for quad in here)


@pytest.mark.parametrize("turns", [0, 2])
def test_the_rows_of_a_card_fit_a_card_either_way_up(card: tuple[Side, Pixels], turns: int) -> None:
    rows = find_rows(flat(np.ascontiguousarray(np.rot90(card[1], turns))))
    assert rows_fit([row.quad for row in rows]) > LEAST_ROWS


def test_other_print_does_not_fit() -> None:
    page = np.full((638, 1011, 3), 240, np.uint8)
    for line in range(14):
        cv2.putText(page, "INVOICE 2025-03-18 TOTAL 128.50 page 4 of 7", (30, 50 + 43 * line), 0, 1.2, (40, 40, 40), 2)
    assert rows_fit([row.quad for row in find_rows(flat(page))]) < LEAST_ROWS
    assert rows_fit([]) == 0


@pytest.mark.parametrize("condition", ["low_light", "shadow", "motion_blur", "webcam"])
def test_light_and_blur_do_not_hide_rows(card: tuple[Side, Pixels], condition: str) -> None:
    taken = photograph(card[1], condition, np.random.default_rng(3))
    outline = np.array(taken.box, np.float32)
    rows = find_rows(flatten(taken.pixels, outline).pixels)
    assert rows_fit([row.quad for row in rows]) >= LEAST_ROWS


def test_nothing_is_found_on_an_empty_card() -> None:
    assert find_rows(flat(np.full((638, 1011, 3), 200, np.uint8))) == []


def row(left: float, right: float, y: float, holes: tuple[float, ...] = ()) -> InkRow:
    """In shares of the card."""
    x = [(left + GROWTH) * CARD_WIDTH, (right + GROWTH) * CARD_WIDTH]
    top, bottom = ((y + GROWTH + up) * CARD_HEIGHT for up in (-0.035, 0.035))
    quad = np.array([(x[0], top), (x[1], top), (x[1], bottom), (x[0], bottom)], np.float32)
    around = [((hole + GROWTH) * CARD_WIDTH - 15, (hole + GROWTH) * CARD_WIDTH + 15) for hole in holes]
    return InkRow(quad, tuple(around))


@pytest.mark.parametrize(
    ("place", "needed"),
    [
        ((0.07, 0.30, 0.148), 1.0),  # a name needs all its pixels
        ((0.07, 0.58, 0.517), 0.7),
        ((0.338, 0.918, 0.882), 0.7),
        ((0.072, 0.281, 0.882), 0.0),  # the number's label
        ((0.63, 0.93, 0.09), 0.0),  # over the portrait
        ((0.345, 0.87, 0.352), 0.0),  # a title
        ((0.262, 0.80, 0.765), 0.7),
    ],
)
def test_what_a_row_needs(place: tuple[float, float, float], needed: float) -> None:
    quad = row(*place).quad
    assert width_needed(quad) == needed
    middle = np.array((CARD_WIDTH, CARD_HEIGHT), np.float32) * (0.5 + GROWTH)
    assert width_needed((2 * middle - quad).astype(np.float32)) == needed


def test_a_hole_in_a_value_is_one_and_the_gap_after_a_label_is_not() -> None:
    assert not holed(row(0.07, 0.58, 0.517, (0.158,)), Side.FRONT, turned=False)
    assert holed(row(0.07, 0.58, 0.517, (0.158, 0.3)), Side.FRONT, turned=False)
    assert holed(row(0.42, 0.93, 0.483, (0.7,)), Side.FRONT, turned=True)
    assert not holed(row(0.42, 0.93, 0.483, (0.842,)), Side.FRONT, turned=True)
    assert not holed(row(0.26, 0.7, 0.765, (0.404,)), Side.BACK, turned=False)
    assert holed(row(0.26, 0.7, 0.765, (0.404, 0.55)), Side.BACK, turned=False)


def test_a_character_hidden_in_an_address_leaves_a_hole(assets: Path) -> None:
    pixels = draw_front(PERSON, sample_portraits(assets, 1)[0], Fonts.build(assets))
    scale = 1011 / CARD_WIDTH
    ground = pixels[430:470, 60:100].reshape(-1, 3).mean(axis=0)
    pixels[305:345, 182 + 4 * 37 - 2 : 182 + 5 * 37 - 2] = ground
    found = [
        one for one in find_rows(flat(pixels)) if abs(share(one.quad)[1] - 0.517) < 0.03 and share(one.quad)[0] < 0.3
    ]
    assert any(holed(one, Side.FRONT, turned=False) for one in found)
    hole = max(sum(ends) / 2 for one in found for ends in one.holes)
    assert abs(hole - GROWTH * CARD_WIDTH - (182 + 4.5 * 37) / scale) < 12


def test_a_flat_character_at_an_end_belongs_to_its_row(assets: Path) -> None:
    """一 is one thin stroke, which the search for rows takes for noise."""
    person = replace(PERSON, name="段曦一")
    for serif in (False, True):
        pixels = draw_front(person, sample_portraits(assets, 1)[0], Fonts.build(assets), Press(serif=serif))
        (name,) = (one.quad for one in find_rows(flat(pixels)) if share(one.quad)[1] < 0.2 and share(one.quad)[0] < 0.5)
        end = float(name[1][0]) / CARD_WIDTH - GROWTH
        assert end > (182 + 2.9 * 43) / 1011


def test_a_last_line_of_one_character_is_a_row_even_half_lost_in_shadow(assets: Path) -> None:
    """Without it the address is read without its end, and looks whole."""
    person = replace(PERSON, address="长沙市芙蓉区中山街920号")
    press = Press(address_columns=10)
    pixels = flat(draw_front(person, sample_portraits(assets, 1)[0], Fonts.build(assets), press))

    def last() -> list[Quad]:
        rows = [row.quad for row in find_rows(pixels)]
        return [quad for quad in rows if 0.56 < share(quad)[1] < 0.62 and share(quad)[0] < 0.3]

    (whole,) = last()
    (left, top), (right, bottom) = whole.min(axis=0).astype(int), whole.max(axis=0).astype(int)
    pixels[top:bottom, int(left + 0.36 * (right - left)) : right] = np.median(
        pixels[top:bottom, left:right], axis=(0, 1)
    )
    assert len(last()) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_thin_character_alone_in_the_last_line_of_an_address(turned: bool) -> None:
    """号 in a light font: its tail is as wide as a stroke, and its head hardly a row."""
    flat = np.full((604, 958, 3), 235, np.uint8)
    for top in (300, 336):
        cv2.putText(flat, "MMMMMMMMMM", (206, top + 24), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (40, 40, 40), 2)
    cv2.rectangle(flat, (212, 372), (224, 382), (40, 40, 40), 2)
    cv2.polylines(
        flat, [np.array([(208, 387), (228, 387)]), np.array([(222, 388), (220, 398)])], False, (40, 40, 40), 2
    )
    flat = np.ascontiguousarray(flat[::-1, ::-1]) if turned else flat
    x, y = (957 - 218, 603 - 385) if turned else (218, 385)
    found = find_rows(flat)
    row = next(row for row in found if cv2.pointPolygonTest(row.quad, (x, y), False) > 0)
    assert row.height > 24
    assert [quad is row.quad for quad in overlooked(found, [])] == [True]
    assert overlooked(found, [row.quad]) == []


@pytest.mark.parametrize("turns", [0, 2])
@pytest.mark.parametrize("digit", "124")
def test_a_digit_alone_in_the_last_line_of_an_address_is_found_once(assets: Path, turns: int, digit: str) -> None:
    person = replace(PERSON, address="长沙市芙蓉区中山街1" + digit)
    press = Press(address_columns=9.6)
    drawn = draw_front(person, sample_portraits(assets, 1)[0], Fonts.build(assets), press)
    pixels = flat(np.ascontiguousarray(np.rot90(drawn, turns)))
    found = find_rows(pixels)
    (last,) = (row for row in found if row.ends[1] - row.ends[0] < 0.95 * row.height)
    middle = share(last.quad)[1]
    assert abs((1 - middle if turns else middle) - 0.585) < 0.02
    assert overlooked(found, [row.quad for row in found if row is not last])[0] is last.quad


def test_a_speck_below_an_address_is_no_digit(assets: Path) -> None:
    drawn = draw_front(PERSON, sample_portraits(assets, 1)[0], Fonts.build(assets), Press(address_columns=30))
    count = len(find_rows(flat(drawn)))
    for x, y, width, height in ((196, 360, 9, 9), (300, 358, 5, 26), (196, 440, 5, 26)):
        speckled = drawn.copy()
        speckled[y : y + height, x : x + width] = 30
        assert len(find_rows(flat(speckled))) == count


def test_a_row_torn_apart_by_thin_strokes_is_found_once(assets: Path) -> None:
    """Each part finds the ends of the whole row; read twice it would stand twice in the address."""
    person = replace(PERSON, address="长沙市一一一一街11号")
    drawn = draw_front(person, sample_portraits(assets, 1)[0], Fonts.build(assets))
    found = [one for one in find_rows(flat(drawn)) if abs(share(one.quad)[1] - 0.517) < 0.03]
    spans = sorted(one.ends for one in found if share(one.quad)[0] < 0.6)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
