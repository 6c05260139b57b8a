"""Parsing the front from lines written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.documents.cn_resident_id_front import front_claim, read_front
from service.documents.ethnicities import ETHNICITIES
from service.documents.text import ReadLine
from tests.documents.drawn_lines import BACK, FRONT, line, placed, turned

WANTED = {
    "name": "欧阳静",
    "sex": "女",
    "ethnicity": "汉",
    "birth_date": "1990-03-07",
    "address": "北京市东城区景山前街4号院2单元101室",
    "number": "110101199003074581",
}


def values(lines: list[ReadLine]) -> dict[str, str]:
    return {name: found.value for name, found in read_front(placed(lines)).items()}


def without(*texts: str) -> list[ReadLine]:
    return [one for one in FRONT if one.text not in texts]


def test_labels_apart_from_values() -> None:
    assert values(FRONT) == WANTED


def test_labels_merged_with_values() -> None:
    merged = [
        line("姓名 欧阳静", 72, 74, 36), line("性别 女 民族 汉", 72, 154), line("出生 1990年3月7日", 72, 232),
        line("住址 北京市东城区景山前街", 72, 310), line("4号院2单元101室", 182, 352),
        line("公民身份号码 110101199003074581", 72, 540),
    ]  # fmt: skip
    assert values(merged) == WANTED


@pytest.mark.parametrize("degrees", [90, 180, 270, 12, -20, 45])
def test_a_turned_card_reads_the_same(degrees: float) -> None:
    assert values(turned(FRONT, degrees)) == WANTED


def test_the_order_of_the_lines_does_not_matter() -> None:
    assert values(FRONT[::-1]) == WANTED


def test_a_birth_date_in_many_pieces() -> None:
    pieces = [("1990", 182), ("年", 262), ("3", 320), ("月", 352), ("7", 416), ("日", 448)]
    assert values([*without("1990年3月7日"), *(line(text, x, 230) for text, x in pieces)]) == WANTED


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "古力娜扎尔·拜合提亚尔·吾买尔", "王䶮", "李㛃"])
def test_names_are_kept_as_read(name: str) -> None:
    for dot in ("·", "•", "・"):
        lines = [*without("欧阳静"), line(name.replace("·", dot), 182, 70, 30)]
        assert values(lines)["name"] == name


LONG = "古力娜扎尔·拜合提亚尔·阿卜杜外力·吾买尔江·买买提"
"""25 characters, the longest a card holds."""


@pytest.mark.parametrize("length", [2, 3, 4, 10, 11, 17, 25])
@pytest.mark.parametrize("merged", [False, True])
def test_names_of_two_to_twenty_five_characters(length: int, merged: bool) -> None:
    name = LONG[:length].strip("·")
    base = without("欧阳静", *(["姓名"] if merged else []))
    label = "姓名" if merged else ""
    if length <= 10:
        drawn = [line(label + name, 72 if merged else 182, 72, 38)]
    else:
        drawn = [line(label + name[:9], 72 if merged else 182, 60, 27), line(name[9:], 182, 96, 27)]
    assert values([*base, *drawn])["name"] == name


@pytest.mark.parametrize("tops", [(60, 96), (76, 112), (44, 80)])
def test_the_label_of_a_long_name_stands_at_either_line(tops: tuple[int, int]) -> None:
    drawn = [line(text, 182, top, 27) for text, top in zip((LONG[:14], LONG[14:]), tops, strict=True)]
    assert values([*without("欧阳静"), *drawn])["name"] == LONG


@pytest.mark.parametrize(
    ("read", "variants"),
    [
        ("欧阳静", ()),
        ("歐陽静", ("欧阳静",)),
        ("洗星海", ("冼星海",)),
        ("王鱻", ("王龘",)),
        ("李龚", ("李䶮",)),
        ("龚李", ()),
        ("張曰华", ("张曰华", "张日华")),
        ("阿依古丽·买买提", ()),
    ],
)
def test_a_name_that_reads_two_ways_is_kept_and_says_so(read: str, variants: tuple[str, ...]) -> None:
    field = read_front(placed([*without("欧阳静"), line(read, 182, 70, 40)]))["name"]
    assert (field.value, field.variants) == (read, variants)
    assert all(variant not in repr(field) for variant in variants)


@pytest.mark.parametrize("ethnicity", ETHNICITIES)
def test_every_ethnicity_of_the_standard(ethnicity: str) -> None:
    assert values([*without("汉"), line(ethnicity, 386, 152)])["ethnicity"] == ethnicity
    assert values([*without("汉", "民族"), line(f"民族{ethnicity}", 292, 152)])["ethnicity"] == ethnicity


def test_there_are_56_ethnicities() -> None:
    assert len(set(ETHNICITIES)) == len(ETHNICITIES) == 56


# What the recogniser made of Tibetan, Uyghur, Mongolian and Zhuang lines on drawn specimens: text, left, top, score.
TIBETAN = [("251a3.351", 182, 50, 0.49), ("252", 182, 190, 0.44), ("可可可", 182, 268, 0.25), ("5", 334, 505, 0.6)]
BELOW = [("55", 130, 172, 0.83), ("渝罚", 72, 180, 0.17), ("6266", 72, 110, 0.56)]
MONGOLIAN = [("O6Iftovorortogr/Tomo]", 72, 190, 0.49), ("POTHOTVATV", 72, 262, 0.7), ("AO", 72, 330, 0.38)]
ZHUANG = [
    ("Mingzcoh", 182, 48, 0.97),
    ("Singqbied Sai Minzcuz Bouxcuengh", 182, 126, 0.95),
    ("Diegyouq", 182, 282, 0.98),
]


@pytest.mark.parametrize("script", [TIBETAN, BELOW, MONGOLIAN, ZHUANG], ids=["tibetan", "below", "mongolian", "zhuang"])
def test_another_script_beside_the_chinese_disturbs_nothing(script: list[tuple[str, float, float, float]]) -> None:
    lines = [line(text, left, top, 22, text_score) for text, left, top, text_score in script]
    assert values([*FRONT, *lines]) == WANTED


def test_on_a_poor_picture_nothing_is_taken_for_another_script() -> None:
    poor = [ReadLine(one.text, 0.6, one.quad) for one in FRONT]
    assert values(poor) == WANTED


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_addresses_of_one_to_four_lines(lines: int) -> None:
    parts = ["内蒙古自治区包头市土默", "特右旗青山镇河西村14", "组73号平房东面第二个", "院子3号"][:lines]
    base = without("北京市东城区景山前街", "4号院2单元101室")
    drawn = [line(part, 182, 308 + 44 * place) for place, part in enumerate(parts)]
    assert values([*base, *drawn])["address"] == "".join(parts)


def test_an_address_with_a_hole_is_not_read() -> None:
    base = without("北京市东城区景山前街")
    assert "address" not in values([*base, line("北京市", 182, 308), line("前街", 440, 308)])


@pytest.mark.parametrize(
    ("printed", "value"), [("漢", "汉"), ("維吾爾", "维吾尔"), ("土家族", "土家"), ("傈僳", "傈僳")]
)
def test_ethnicities_of_the_list(printed: str, value: str) -> None:
    assert values([*without("汉"), line(printed, 386, 152)])["ethnicity"] == value


def test_an_address_that_names_an_ethnicity_gives_none() -> None:
    address = line("甘肃省积石山保安族东乡", 182, 308), line("族撒拉族自治县城关镇", 182, 352)
    lines = [*without("民族", "汉", "北京市东城区景山前街", "4号院2单元101室"), *address]
    assert "ethnicity" not in values(lines)


def test_an_ethnicity_outside_the_list_stays_unread() -> None:
    assert "ethnicity" not in values([*without("汉"), line("火星", 386, 152)])


def test_misread_labels() -> None:
    lines = [*without("住址", "姓名"), line("佳址", 72, 310, 30), line("姓各", 72, 76, 30)]
    assert values(lines) == WANTED


def test_fields_without_their_labels() -> None:
    found = values(without("姓名", "住址"))
    assert found == WANTED


def test_a_number_with_a_wrong_check_character_is_reported_as_read() -> None:
    wrong = [*without("110101199003074581"), line("110101199003074582", 334, 534, 40)]
    assert values(wrong)["number"] == "110101199003074582"


@pytest.mark.parametrize("text", ["1101011990", "110101199003", "11010119900307", "074581", "1101011990030745"])
def test_a_part_of_a_number_is_no_number(text: str) -> None:
    assert "number" not in values([*without("110101199003074581"), line(text, 334, 534, 40)])


def test_a_blurred_label_is_not_of_the_name() -> None:
    name = WANTED["name"]
    assert values([*without("姓名", name, "姓名" + name), line("姓者" + name, 72, 74)])["name"] == name


@pytest.mark.parametrize(
    ("read", "middles"),
    [
        ("胜各欧阳静", (87, 117, 202, 245, 288)),
        ("名欧阳静", (117, 202, 245, 288)),
        ("欧阳静", (202, 245, 288)),
    ],
)
def test_what_is_left_of_a_label_tells_where_the_name_begins(read: str, middles: tuple[float, ...]) -> None:
    """The recogniser leaves out what it cannot make out; the first character of a name must not go with the label."""
    left, right = 72, 310
    spots = tuple((middle - left) / (right - left) for middle in middles)
    quad = np.array([(left, 70), (right, 70), (right, 119), (left, 119)], np.float32)
    merged = ReadLine(read, 0.95, quad, spots=spots, likely=(0.95,) * len(read))
    assert values([*without("姓名", "欧阳静"), merged])["name"] == "欧阳静"


@pytest.mark.parametrize("read", ["住班", "住旺", "主址"])
@pytest.mark.parametrize("merged", [True, False])
def test_a_blurred_label_is_not_of_the_address(read: str, merged: bool) -> None:
    first = "北京市东城区景山前街"
    middles = (87, 117, *(200 + 32 * place for place in range(len(first))))
    spots = tuple((middle - 72) / (506 - 72) for middle in middles)
    quad = np.array([(72, 308), (506, 308), (506, 349), (72, 349)], np.float32)
    whole = [ReadLine(read + first, 0.95, quad, spots=spots, likely=(0.95,) * len(spots))]
    apart = [line(read, 72, 310, 30), line(first, 182, 308)]
    rest = without("住址", first)
    assert values([*rest, *(whole if merged else apart)])["address"] == WANTED["address"]
    label = replace(line(read, 72, 310, 30), spots=(0.24, 0.72), likely=(0.95, 0.95))
    assert "address" not in values([*rest, label])


@pytest.mark.parametrize("label", ["性制", "性判", "别"])
def test_a_blurred_label_of_the_sex(label: str) -> None:
    assert values([*without("性别"), line(label, 72, 154, 30)]) == WANTED


@pytest.mark.parametrize("text", ["110101", "110101199003~+581", "1101011990030:"])
def test_a_part_of_a_number_is_no_address(text: str) -> None:
    lines = [*without("110101199003074581", "公民身份号码"), line(text, 334, 480, 40)]
    assert values(lines)["address"] == WANTED["address"]


@pytest.mark.parametrize("pieces", [("11", "0307458"), ("110", "4581"), ("1",)])
def test_pieces_of_a_burnt_number_take_no_address_away(pieces: tuple[str, ...]) -> None:
    left = [line(text, 334 + 300 * place, 534, 40) for place, text in enumerate(pieces)]
    assert values([*without("110101199003074581"), *left])["address"] == WANTED["address"]


def test_two_numbers_prefer_the_one_that_is_one() -> None:
    assert values([*FRONT, line("110101199003074588", 334, 480, 40)])["number"] == "110101199003074581"


def test_a_field_scores_like_its_worst_line() -> None:
    lines = [*without("4号院2单元101室"), line("4号院2单元101室", 182, 352, text_score=0.7)]
    fields = read_front(placed(lines))
    assert fields["address"].text_score == pytest.approx(0.7)
    assert len(fields["address"].quads) >= 2
    assert fields["number"].text_score == pytest.approx(0.99)


def test_claims() -> None:
    assert front_claim(placed(FRONT)) == 1.0
    assert front_claim(placed(BACK)) == 0.0
    assert front_claim([]) == 0.0


def test_an_address_without_its_first_line_is_not_read() -> None:
    assert "address" not in values(without("北京市东城区景山前街"))
    assert "address" not in values(without("住址", "北京市东城区景山前街"))


def test_an_address_without_a_line_between_is_not_read() -> None:
    three = [*FRONT, line("6号楼", 182, 396)]
    assert values(three)["address"] == WANTED["address"] + "6号楼"
    assert "address" not in values([one for one in three if one.text != "4号院2单元101室"])
    assert values([*FRONT, line("GunghminzSonhfwnhHauma", 72, 500, 22)]) == WANTED  # beside the number's label


def test_a_card_askew_on_a_printed_page() -> None:
    page = [line("order 2025-03-18 account invoice total", -400, -300 + 40 * place, 22) for place in range(30)]
    assert values([*turned(FRONT, 12), *page]) == WANTED


@pytest.mark.parametrize(("label", "field"), [("姓名", "name"), ("住址", "address"), ("出生", "birth_date")])
def test_a_label_read_badly_does_not_make_its_value_doubtful(label: str, field: str) -> None:
    lines = [ReadLine(one.text, 0.4, one.quad) if one.text == label else one for one in FRONT]
    assert read_front(placed(lines))[field].text_score == pytest.approx(0.99)
