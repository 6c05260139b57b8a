"""Ink that no character was read from: the field it belongs to is doubted."""

from __future__ import annotations

import numpy as np
import pytest

from service.documents.attempt import UNREAD, Attempt, with_unread
from service.documents.ink_rows import InkRow
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.text import Quad
from service.documents.text_recognizer import TextRecognizer
from service.evidence import Side
from service.runtime.onnx import Session

HEIGHT, PITCH = 30.0, 37.0
"""Of a name's characters on the flat card."""
QUAD: Quad = np.array([(110, 90), (320, 90), (320, 130), (110, 130)], np.float32)


def attempt(text: str, middles: list[float], quad: Quad = QUAD, name: str = "name") -> Attempt:
    """A side with one field, its characters read at `middles` (x on the flat card)."""
    start, end = float(quad[0][0]), float(quad[1][0])
    spots = tuple((middle - start) / (end - start) for middle in middles)
    line = PlacedLine(text, 1.0, quad, 110, 320, 110, 40, 0.0, spots=spots)
    side = SideReading("cn_resident_id", Side.FRONT, {name: SideField(text, 1.0, (quad,))}, True, 1.0)
    return Attempt("rectified", side, (line,), np.eye(3))


def row(left: float, right: float, holes: tuple[tuple[float, float], ...] = ()) -> InkRow:
    return InkRow(QUAD, holes, (left, right))


def score(read: Attempt, ink: InkRow, name: str = "name") -> float:
    return with_unread(read, [ink]).side.fields[name].text_score


FOUR = [215.0 + place * PITCH for place in range(4)]
INK = (215.0 - HEIGHT / 2, FOUR[-1] + HEIGHT / 2)


def test_all_of_the_ink_was_read() -> None:
    assert score(attempt("司徒婷鋆", FOUR), row(*INK)) == 1.0


@pytest.mark.parametrize("left_out", range(4))
def test_a_character_left_out_anywhere(left_out: int) -> None:
    middles = [middle for place, middle in enumerate(FOUR) if place != left_out]
    assert score(attempt("司徒婷", middles), row(*INK)) == UNREAD


def test_a_card_on_its_head() -> None:
    turned = np.roll(QUAD, 2, axis=0)
    assert score(attempt("司徒婷鋆", FOUR[::-1], turned), row(*INK)) == 1.0
    assert score(attempt("司徒婷", FOUR[::-1][:3], turned), row(*INK)) == UNREAD


def test_the_gap_between_label_and_value_is_none() -> None:
    label = [125.0, 155.0]
    ink = row(110, 292, holes=((170.0, 225.0),))
    assert score(attempt("姓名司徒", [*label, 240.0, 277.0]), ink) == 1.0
    assert score(attempt("姓名徒", [*label, 277.0]), ink) == UNREAD


def test_a_first_character_left_out_behind_the_label_of_a_card_on_its_head() -> None:
    turned, label = np.roll(QUAD, 2, axis=0), [305.0, 275.0]
    ink = row(138, 320, holes=((205.0, 260.0),))
    assert score(attempt("姓名司徒", [*label, 190.0, 153.0], turned), ink) == 1.0
    assert score(attempt("姓名徒", [*label, 153.0], turned), ink) == UNREAD


def test_an_engine_that_does_not_say_where_is_not_doubted() -> None:
    assert score(attempt("司徒婷", []), row(*INK)) == 1.0


def test_an_address_may_have_ink_beside_it() -> None:
    assert score(attempt("司徒婷", FOUR[:3], name="address"), row(*INK), "address") == 1.0


def test_a_space_is_no_character_that_was_read_there() -> None:
    recognizer = TextRecognizer(Session(None, (), {}), ("", "甲", "乙", " "), np.arange(4), {})
    read = recognizer.decode(np.eye(4, dtype=np.float32)[[1, 0, 3, 2]])
    assert (read.text, read.spots) == ("甲 乙", (0.125, 0.875))
