"""Traditional forms, folded where the text is official and left alone where it is a name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.documents.cn_resident_id_front import read_front
from service.documents.text_recognizer import TextRecognizer
from service.documents.variants import SIMPLIFIED, folded
from service.runtime.onnx import Session
from tests.documents.drawn_lines import FRONT, line, placed


def test_the_table_maps_one_form_outside_gb2312_to_one_inside() -> None:
    assert len(SIMPLIFIED) > 500
    for traditional, simplified in SIMPLIFIED.items():
        simplified.encode("gb2312")
        with pytest.raises(UnicodeEncodeError):
            traditional.encode("gb2312")


def test_folding() -> None:
    assert folded("漢陽區東風路") == "汉阳区东风路"
    assert folded("汉阳区䶮") == "汉阳区䶮"


@pytest.mark.parametrize(("simplified_share", "text"), [(0.2, "黄"), (0.001, "黃")])
def test_only_a_wavering_reading_of_a_name_follows_the_print(simplified_share: float, text: str) -> None:
    recognizer = TextRecognizer(Session(None, (), {}), ("", "黃", "黄", " "), np.array([0, 2, 0, 0]), {})
    step = [0.0, 1 - simplified_share, simplified_share, 0.0]
    read = recognizer.decode(np.array([step], np.float32))
    assert read.text == text
    assert read.text_score == pytest.approx(1.0 if text == "黄" else 1 - simplified_share)
    assert read.as_seen == (None if text == "黃" else "黃")


def test_a_name_that_was_swapped_says_what_was_seen() -> None:
    wavering = replace(line("黄静", 182, 70, 40), as_seen="黃静")
    field = read_front(placed([*(one for one in FRONT if one.text != "欧阳静"), wavering]))["name"]
    assert (field.value, field.variants) == ("黄静", ("黃静",))


def test_an_address_is_folded_and_a_name_is_not() -> None:
    lines = [one for one in FRONT if one.text not in ("欧阳静", "北京市东城区景山前街")]
    fields = read_front(placed([*lines, line("黃靜", 182, 70, 40), line("北京市東城區景山前街", 182, 308)]))
    assert fields["name"].value == "黃靜"
    assert fields["address"].value.startswith("北京市东城区")
