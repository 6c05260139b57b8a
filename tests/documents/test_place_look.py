"""A second look at a place that does not exist: what the recogniser held for possible and exists is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.cn_resident_id import CnResidentId
from service.documents.kinds import SideReading
from service.documents.text import Quad, ReadLine
from tests.documents.drawn_lines import BACK, line, placed

READ = "签发机关拉萨市公安局城美分局"


def read(text: str, again: str, sureness: float, text_score: float = 0.98) -> tuple[SideReading, list[str]]:
    """The back with its authority read as `text`, a second time as `again`; and the alphabets of second looks."""
    alphabets: list[str] = []

    def look(quad: Quad, alphabet: str) -> ReadLine:
        alphabets.append(alphabet)
        return replace(line(again, 268, 470), likely=tuple(sureness if one == "关" else 1.0 for one in again[4:]))

    lines = [one for one in BACK if one.text not in ("签发机关", "北京市公安局东城分局")]
    side = CnResidentId().read(placed([*lines, line(text, 268, 470, 32, text_score)]), look)
    assert side is not None
    return side, alphabets


def test_a_place_that_exists_and_was_possible_is_meant_and_stays_doubtful() -> None:
    side, alphabets = read(READ, READ.replace("美", "关"), 0.2)
    found = side.fields["authority"]
    assert (found.value, found.variants) == ("拉萨市公安局城关分局", ("拉萨市公安局城美分局",))
    assert found.text_score == pytest.approx(0.6)
    assert "关" in alphabets[0]
    assert "美" not in alphabets[0]


@pytest.mark.parametrize(("again", "sureness"), [(READ.replace("美", "关"), 0.01), (READ.replace("美", ""), 1.0)])
def test_what_was_not_possible_changes_nothing(again: str, sureness: float) -> None:
    side, _ = read(READ, again, sureness)
    assert side.fields["authority"].value == "拉萨市公安局城美分局"
    assert side.fields["authority"].text_score == 0.98


@pytest.mark.parametrize(
    ("text", "score"), [(READ, 0.995), (READ.replace("美", "关"), 0.9), (READ.replace("城美", "高新"), 0.9)]
)
def test_no_look_at_what_was_read_surely_or_may_be_right(text: str, score: float) -> None:
    assert read(text, "", 1.0, score)[1] == []
