"""What lies over a field in the card's own colour: seen where it leaves a gap in the print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.alerts import COVERED
from service.documents.defects.cover import covered_characters
from tests.documents.defects.drawn_text import Box, drawn

PALE = 205
FIRST, THIRD, NEXT = (140, 250, 181, 300), (213, 250, 243, 300), (310, 296, 360, 334)


@pytest.mark.parametrize(("patch", "hidden"), [(FIRST, 0), (THIRD, 2)], ids=["the first", "one between two"])
def test_a_character_under_paper_is_missed(patch: Box, hidden: int) -> None:
    read = tuple(place for place in range(11) if place != hidden)
    assert covered_characters(drawn("address", patch, PALE, read=read))["address"] > COVERED


def test_a_row_under_paper_is_missed() -> None:
    assert covered_characters(drawn("address", (140, 250, 510, 297), PALE, first=False))["address"] > 5


def test_where_no_line_begins_at_its_column_the_outline_is_wrong_and_no_gap_is_paper() -> None:
    view = drawn("address", FIRST, PALE, read=range(1, 11))
    moved = {name: (x0 - 40, y0, x1 - 40, y1) for name, (x0, y0, x1, y1) in view.columns.items()}
    assert covered_characters(replace(view, columns=moved))["address"] == 0.0


def test_nothing_is_missed_where_all_was_read_or_print_stands_unread_or_light_took_it() -> None:
    rest = tuple(place for place in range(11) if place != 2)
    assert covered_characters(drawn("address", NEXT, PALE))["address"] == 0.0
    assert covered_characters(drawn("address", NEXT, PALE, read=rest))["address"] == 0.0
    assert covered_characters(drawn("address", THIRD, 255, read=rest))["address"] == 0.0
