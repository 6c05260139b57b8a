"""Where the card lies, from lines written by hand in pixels of a card 1011 x 638."""

from __future__ import annotations

import numpy as np
import pytest

from service.documents.card_place import card_from_lines
from service.documents.text import Quad, ReadLine
from service.documents.upright import card_corners, map_points
from service.evidence import Side
from tests.documents.drawn_lines import line, placed

CORNERS = np.array([(0, 0), (1011, 0), (1011, 638), (0, 638)], np.float32)
NUMBER = np.array([(341, 540), (928, 540), (928, 585), (341, 585)], np.float32)


def lines(beside: float) -> list[ReadLine]:
    """`beside`: how far left of their labels two of the lines begin, with what lies beside the card."""
    return [
        line("姓名欧阳静", 72, 72, 34), line("性别女", 72 - beside, 152, 32),
        line("出生1990年3月7日", 72 - beside, 229, 32), line("住址北京市东城区景山前街4号", 72, 308, 32),
    ]  # fmt: skip


def corners(given: list[ReadLine], number: Quad | None) -> Quad:
    matrix = card_from_lines(placed(given), Side.FRONT, number)
    assert matrix is not None
    return map_points(matrix, card_corners())


@pytest.mark.parametrize("beside", [0, 30, 62])
def test_lines_that_begin_beside_their_labels_do_not_bend_the_card(beside: float) -> None:
    assert np.abs(corners(lines(beside), NUMBER) - CORNERS).max() < 0.05 * 1011


def test_nothing_to_go_by_is_none() -> None:
    assert card_from_lines(placed([line("甲乙丙", 100, 100)]), Side.FRONT, None) is None


@pytest.mark.parametrize("labels", [1, 2, 4])
@pytest.mark.parametrize("side", Side)
def test_lines_on_one_spot_are_none(labels: int, side: Side) -> None:
    heap = [line(one.text, 72, 72, 34) for one in lines(0)[:labels]]
    assert card_from_lines(placed(heap), side, np.full((4, 2), 90, np.float32)) is None


def test_labels_and_number_of_no_one_card_are_none() -> None:
    """In a strong perspective: half a card would be taken for all of it."""
    assert card_from_lines(placed(lines(0)), Side.FRONT, NUMBER * np.array((1.6, 1), np.float32)) is None
