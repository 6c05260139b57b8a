"""What lies over a field in the card's own colour: seen where it leaves a gap in the print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.documents.alerts import COVERED
from service.documents.defects.card_view import view_card
from service.documents.defects.cover import covered_characters
from service.evidence import Side
from tests.documents.defects.drawn_text import Box, drawn

PALE = 205
FIRST, THIRD, NEXT = (140, 250, 181, 300), (213, 250, 243, 300), (310, 296, 360, 334)


@pytest.mark.parametrize(("patch", "hidden"), [(FIRST, 0), (THIRD, 2)], ids=["the first", "one between two"])
def test_a_character_under_paper_is_missed(patch: Box, hidden: int) -> None:
    read = tuple(place for place in range(11) if place != hidden)
    assert covered_characters(drawn("address", patch, PALE, read=read))["address"] > COVERED


def test_a_row_under_paper_is_missed() -> None:
    assert covered_characters(drawn("address", (140, 250, 510, 297), PALE, first=False))["address"] > 5


SUNSET = np.linspace((1.0, 1.0, 1.0), (0.78, 0.9, 1.0), 856)[None]
"""Light that is white at the left and red at the right."""


@pytest.mark.parametrize("light", [None, SUNSET], ids=["white light", "light of two colours"])
def test_paper_over_the_end_of_a_line_is_seen_by_its_tint(light: np.ndarray | None) -> None:
    end, beneath = (225, 50, 330, 110), (140, 335, 260, 375)
    assert covered_characters(drawn("name", end, (212, 205, 202), read=(0, 1), tint=light))["name"] > COVERED
    assert covered_characters(drawn("address", beneath, (196, 206, 208), tint=light))["address"] > COVERED
    assert covered_characters(drawn("name", end, (200, 200, 200), tint=light))["name"] == 0.0


def test_paper_so_white_that_a_channel_is_burnt_is_seen() -> None:
    assert covered_characters(drawn("name", (225, 50, 330, 110), (240, 247, 255), read=(0, 1)))["name"] > COVERED


def test_a_speck_of_another_tint_is_no_paper() -> None:
    assert covered_characters(drawn("name", (255, 60, 283, 92), (212, 205, 202), read=(0, 1)))["name"] == 0.0


def test_what_coarse_compression_does_to_the_ground_is_no_paper() -> None:
    blocks = 1 + np.random.default_rng(5).normal(0, 0.01, (34, 54, 3))
    coarse = np.kron(blocks, np.ones((16, 16, 1)))[:540, :856]
    slip = (225, 50, 330, 110)
    assert covered_characters(drawn("name", slip, (208, 200, 196), read=(0, 1), tint=coarse))["name"] == 0.0
    assert covered_characters(drawn("name", slip, (208, 200, 196), read=(0, 1)))["name"] > COVERED


def test_near_burnt_light_no_tint_is_judged() -> None:
    lit = np.ones((540, 856, 3))
    lit[40:140, 240:480] = (1.3, 1.24, 1.2)
    lit[56:124, 260:460] = 1.4
    assert covered_characters(drawn("name", NEXT, PALE, tint=lit))["name"] == 0.0


def test_a_gap_is_missed_though_the_paper_left_a_stroke_of_what_it_hides() -> None:
    read = (0, 2)
    strip = (189, 50, 208, 110)
    assert covered_characters(drawn("name", strip, 200, read=read))["name"] > COVERED


def test_a_place_without_any_ink_is_covered_where_its_field_was_not_read() -> None:
    view = drawn("birth_date", (140, 180, 430, 240), PALE)
    unread = {name: lines for name, lines in view.lines.items() if name != "birth_date"}
    assert covered_characters(replace(view, lines=unread))["birth_date"] > COVERED
    printed = drawn("birth_date", NEXT, PALE)
    unread = {name: lines for name, lines in printed.lines.items() if name != "birth_date"}
    assert covered_characters(replace(printed, lines=unread))["birth_date"] == 0.0
    burnt = drawn("birth_date", (240, 180, 360, 240), 255)
    unread = {name: lines for name, lines in burnt.lines.items() if name != "birth_date"}
    assert covered_characters(replace(burnt, lines=unread))["birth_date"] == 0.0


def test_a_number_read_with_its_label_moves_no_place() -> None:
    corners = np.array([(0, 0), (856, 0), (856, 540), (0, 540)], np.float32)
    number = np.array([(58, 448), (796, 448), (796, 496), (58, 496)], np.float32)
    view = view_card(np.full((540, 856, 3), 200, np.uint8), corners, Side.FRONT, {"number": (number,)})
    assert abs(view.columns["name"][0] - 0.175 * 856) < 3


def test_where_no_line_begins_at_its_column_the_outline_is_wrong_and_no_gap_is_paper() -> None:
    view = drawn("address", FIRST, PALE, read=range(1, 11))
    moved = {name: (x0 - 40, y0, x1 - 40, y1) for name, (x0, y0, x1, y1) in view.columns.items()}
    assert covered_characters(replace(view, columns=moved))["address"] == 0.0


def test_nothing_is_missed_where_all_was_read_or_print_stands_unread_or_light_took_it() -> None:
    rest = tuple(place for place in range(11) if place != 2)
    assert covered_characters(drawn("address", NEXT, PALE))["address"] == 0.0
    assert covered_characters(drawn("address", NEXT, PALE, read=rest))["address"] == 0.0
    assert covered_characters(drawn("address", THIRD, 255, read=rest))["address"] == 0.0
