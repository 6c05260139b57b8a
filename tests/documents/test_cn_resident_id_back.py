"""Parsing the back from lines written by hand."""

from __future__ import annotations

import pytest

from service.documents.cn_resident_id_back import back_claim, read_back
from service.documents.text import ReadLine
from tests.documents.drawn_lines import BACK, FRONT, line, placed, turned

WANTED = {"authority": "北京市公安局东城分局", "valid_from": "2016-03-09", "valid_until": "2036-03-09"}


def values(lines: list[ReadLine]) -> dict[str, str]:
    return {name: found.value for name, found in read_back(placed(lines)).items()}


def without(*texts: str) -> list[ReadLine]:
    return [one for one in BACK if one.text not in texts]


def test_labels_apart_from_values() -> None:
    assert values(BACK) == WANTED


def test_labels_merged_with_values() -> None:
    merged = [
        line("中華人民共和國", 352, 90, 62), line("居民身份证", 352, 180, 88),
        line("签发机关 北京市公安局东城分局", 268, 470), line("有效期限 2016.03.09-2036.03.09", 268, 546),
    ]  # fmt: skip
    assert values(merged) == WANTED


@pytest.mark.parametrize("label", ["等发机关", "资发机关", "发机关"])
def test_a_blurred_label_is_none_of_the_authority(label: str) -> None:
    assert values([*without("签发机关", WANTED["authority"]), line(label + WANTED["authority"], 268, 470)]) == WANTED


@pytest.mark.parametrize("degrees", [90, 180, 270, 15, -15])
def test_a_turned_card_reads_the_same(degrees: float) -> None:
    assert values(turned(BACK, degrees)) == WANTED


@pytest.mark.parametrize("label_top", [446, 466, 486])
def test_an_authority_of_two_lines(label_top: float) -> None:
    lines = [
        *without("签发机关", "北京市公安局东城分局"),
        line("签发机关", 268, label_top, 30), line("恩施土家族苗族自治州恩施市", 420, 444), line("公安局", 420, 486),
    ]  # fmt: skip
    assert values(lines)["authority"] == "恩施土家族苗族自治州恩施市公安局"


@pytest.mark.parametrize(
    "script",
    [
        [("555", 352, 150, 0.52), ("5", 268, 440, 0.41), ("可55", 268, 505, 0.69)],
        [("Gihgvanh Fatcwng", 268, 440, 0.97), ("Geizhanh Miz Yauq", 268, 516, 0.96)],
        [("کكئۇ", 268, 505, 0.4)],
    ],
)
def test_another_script_beside_the_chinese_disturbs_nothing(script: list[tuple[str, float, float, float]]) -> None:
    lines = [line(text, left, top, 22, text_score) for text, left, top, text_score in script]
    assert values([*BACK, *lines]) == WANTED


@pytest.mark.parametrize(
    "authority",
    [
        "长沙市公安局岳麓分局",
        "佛山市顺德区公安局",
        "西宁市公安局城东公安分局",
        "积石山保安族东乡族撒拉族自治县公安局",
        "襄樊市公安局襄阳分局",
    ],
)
def test_authorities_old_and_long(authority: str) -> None:
    lines = [*without("北京市公安局东城分局"), line(authority, 420, 468)]
    assert values(lines)["authority"] == authority


def test_long_term() -> None:
    assert values([*without("2016.03.09-2036.03.09"), line("2016.03.09-长期", 420, 544)])["valid_until"] == "long-term"


def test_a_specimen_mark_is_no_part_of_the_authority() -> None:
    assert values([*BACK, line("样本SPECIMEN", 420, 400, 50)]) == WANTED


def test_digits_beside_the_card_are_no_part_of_the_authority() -> None:
    """Nor of its text score: they were read badly because they are not meant for anybody."""
    lines = [*BACK, line("13853404", 800, 470, 30, text_score=0.37)]
    assert values(lines) == WANTED
    assert read_back(placed(lines))["authority"].text_score == 0.99


def test_an_authority_with_a_hole_is_none() -> None:
    """Glare over a part of it: what is left would pass for the name of another office."""
    lines = [*without("北京市公安局东城分局"), line("北京市", 420, 470), line("东城分局", 700, 470)]
    assert "authority" not in values(lines)


@pytest.mark.parametrize("rest", ["和", "枣阳市公", "北京市公安局东城分"])
def test_an_authority_without_its_end_is_none(rest: str) -> None:
    """Light took the rest: no bureau is called so."""
    assert "authority" not in values([*without("北京市公安局东城分局"), line(rest, 420, 470)])


def test_nothing_is_made_up() -> None:
    assert values(without("北京市公安局东城分局", "2016.03.09-2036.03.09")) == {}
    assert values([]) == {}


def test_claims() -> None:
    assert back_claim(placed(BACK)) == 1.0
    assert back_claim(placed(FRONT)) == 0.0


def test_print_beside_the_card_does_not_hide_its_lines() -> None:
    beside = [line("order 2025-03-18 account", -460, 440 + 24 * place, 20) for place in range(6)]
    assert values([*BACK, *beside]) == WANTED


def test_a_label_read_badly_does_not_make_the_authority_doubtful() -> None:
    lines = [ReadLine(one.text, 0.4, one.quad) if one.text == "签发机关" else one for one in BACK]
    assert read_back(placed(lines))["authority"].text_score == pytest.approx(0.99)
