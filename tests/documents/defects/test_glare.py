"""Light on blank ground takes nothing; light where a character may have stood does."""

from __future__ import annotations

import pytest

from service.documents.alerts import BURNT
from service.documents.defects.glare import burnt_characters
from tests.documents.defects.drawn_text import ALL, MORE, Box, drawn


def lost(
    field: str, light: Box, *, second: Box | None = MORE, first: bool = True, closed: bool = False, read: range = ALL
) -> float:
    """What a light takes of a field."""
    view = drawn(field, light, 255, second=second, first=first, read=read)
    return burnt_characters(view, {field} if closed else ())[field]


@pytest.mark.parametrize(
    ("field", "light"),
    [
        ("name", (290, 50, 420, 110)),
        ("address", (345, 296, 520, 400)),
        ("address", (150, 345, 300, 400)),
        ("address", (500, 250, 540, 340)),
        ("birth_date", (425, 180, 520, 240)),
    ],
    ids=[
        "far beyond a name",
        "blank part of the last line",
        "below the last line",
        "beside the column",
        "after a date",
    ],
)
def test_light_on_blank_ground_takes_nothing(field: str, light: Box) -> None:
    assert lost(field, light) == 0.0


@pytest.mark.parametrize(
    ("field", "light", "read"),
    [
        ("name", (140, 50, 182, 110), range(1, 20)),
        ("name", (246, 50, 290, 110), ALL),
        ("address", (140, 255, 182, 300), range(1, 20)),
        ("address", (308, 298, 350, 332), ALL),
        ("name", (180, 60, 244, 100), ALL),
    ],
    ids=[
        "the first of a name",
        "next to a name's last",
        "the first of an address",
        "next to its last",
        "two that were read",
    ],
)
def test_light_where_a_character_may_have_stood_counts(field: str, light: Box, read: range) -> None:
    assert lost(field, light, read=read) > BURNT


def test_a_full_line_may_go_on_in_the_next_and_one_that_is_not_does_not() -> None:
    next_line = (140, 296, 300, 340)
    assert lost("address", next_line, second=None) > BURNT
    assert lost("name", next_line) == 0.0


def test_a_row_between_two_that_were_read_is_missed() -> None:
    third = (150, 334, 306, 368)
    assert lost("address", (140, 297, 510, 334), second=third) > 5


def test_the_first_row_of_an_address_is_missed() -> None:
    light = (140, 255, 510, 297)
    assert lost("address", light, first=False) > 5
    assert lost("address", (140, 370, 510, 420), first=False) == 0.0


def test_a_closed_field_goes_on_in_no_row_but_those_above_its_last() -> None:
    assert lost("address", (308, 298, 350, 332), closed=True) == 0.0
    assert lost("address", (465, 255, 500, 297), closed=True, read=range(10)) > BURNT


def test_a_line_whose_characters_are_not_placed_was_read_whole() -> None:
    assert lost("name", (180, 80, 200, 90), read=range(0)) == 0.0
