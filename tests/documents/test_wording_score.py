"""The score of a name, an address or an authority: what its least sure character leaves of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.documents.attempt import Attempt, with_doubts
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.text_recognizer import TextRecognizer
from service.documents.wording_score import wording_score
from service.evidence import Side
from service.runtime.onnx import Session
from tests.documents.drawn_lines import line, placed


def seen(text: str, *sureness: float) -> PlacedLine:
    return placed([replace(line(text, 100, 100), likely=sureness)])[0]


def test_a_guessed_character_counts_as_half_however_long_the_line() -> None:
    guessed = seen("河南省郑州市白马乡鹏掌坡村", *[1.0] * 9, 0.4, *[1.0] * 3)
    assert wording_score(0.95, [guessed], "河南省郑州市白马乡鹏掌坡村") == pytest.approx(0.7)


def test_the_sure_line_leaves_the_score() -> None:
    assert wording_score(0.97, [seen("黄馥", 0.99, 0.99)], "黄馥") == 0.97


@pytest.mark.parametrize(
    ("text", "value"),
    [("姓名黄馥", "黄馥"), ("性各黄馥", "黄馥"), ("住址漢口路", "汉口路"), ("姓名艾力•艾", "艾力·艾")],
)
def test_what_is_not_in_the_value_says_nothing_about_it(text: str, value: str) -> None:
    unsure_label = [0.3, 0.3, *[1.0] * (len(text) - 2)]
    assert wording_score(0.99, [seen(text, *unsure_label)], value) == 0.99
    unsure_value = [1.0, 1.0, 0.3, *[1.0] * (len(text) - 3)]
    assert wording_score(0.99, [seen(text, *unsure_value)], value) == pytest.approx(0.65)


def test_a_label_in_a_line_of_its_own_says_nothing() -> None:
    assert wording_score(0.99, [seen("住址", 0.3, 0.3), seen("人民路", 1.0, 1.0, 1.0)], "人民路") == 0.99


def test_a_character_that_the_table_of_regions_mended_is_no_longer_doubted() -> None:
    assert wording_score(0.98, [seen("重庆市西阳", 1, 1, 1, 0.3, 1)], "重庆市酉阳") == 0.98


def test_an_engine_that_does_not_say_leaves_the_score() -> None:
    assert wording_score(0.9, [seen("黄馥")], "黄馥") == 0.9


def test_only_free_text_is_doubted() -> None:
    lines = (seen("黄馥", 1.0, 0.4), seen("男", 0.4))
    fields = {name: SideField(one.text, 0.99, (one.quad,)) for name, one in zip(("name", "sex"), lines, strict=True)}
    attempt = Attempt("whole", SideReading("cn_resident_id", Side.FRONT, fields, False, 1.0), lines, np.eye(3))
    scores = {name: found.text_score for name, found in with_doubts(attempt).side.fields.items()}
    assert scores == {"name": pytest.approx(0.7), "sex": 0.99}


def test_a_character_is_as_sure_as_where_it_is_seen_best() -> None:
    recognizer = TextRecognizer(Session(None, (), {}), ("", "甲", "乙", " "), np.zeros(4, np.int64), {})
    steps = np.array([(0.4, 0.6, 0, 0), (0, 0.9, 0.1, 0), (1, 0, 0, 0), (0, 0, 0, 1), (0, 0.3, 0.7, 0)], np.float32)
    read = recognizer.decode(steps)
    assert read.text == "甲 乙"
    assert read.likely == pytest.approx((0.9, 0.7))
