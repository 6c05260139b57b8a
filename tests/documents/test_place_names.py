"""Place names held against the table: what is mended, and what stays as it was read."""

from __future__ import annotations

import pytest

from service.documents.place_names import mended_address, mended_authority, near_addresses, near_authorities
from service.documents.regions import load_regions

REGIONS = load_regions()


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("重庆市西阳土家族苗族自治县青山镇红旗村938号", "重庆市酉阳土家族苗族自治县青山镇红旗村938号"),
        ("云南省西双版纳体族自治州景洪市友谊路818号", "云南省西双版纳傣族自治州景洪市友谊路818号"),
        ("福建省福州市联楼区幸福路147号", "福建省福州市鼓楼区幸福路147号"),
        ("新疆积田市学府巷211号", "新疆和田市学府巷211号"),
        ("培山西省太原市小店区文化路447号", "山西省太原市小店区文化路447号"),
    ],
)
def test_a_name_nobody_bears_is_the_only_one_that_is_near(read: str, meant: str) -> None:
    assert mended_address(read, 0.95, REGIONS) == meant


@pytest.mark.parametrize(
    "text",
    [
        "福建省福州市鼓楼区幸福路147号",
        "福建省福州市鼓楼路147号",  # a street is no district
        "湖北省东口镇长江路5号",
        "积田市学府巷211号",  # no province says which three characters are meant
        "",
    ],
)
def test_what_the_table_does_not_decide_stays_as_it_was_read(text: str) -> None:
    assert mended_address(text, 0.95, REGIONS) == text


def test_a_sure_reading_stands_against_the_table() -> None:
    renamed = "重庆市西阳土家族苗族自治县青山镇"
    assert mended_address(renamed, 0.995, REGIONS) == renamed


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("管和田市公安局", "和田市公安局"),
        ("西阳土家族苗族自治县公安局", "酉阳土家族苗族自治县公安局"),
        ("福州市公安局鼓楼分局", "福州市公安局鼓楼分局"),
        ("哈尔滨铁路公安局", "哈尔滨铁路公安局"),
    ],
)
def test_an_authority_begins_with_a_known_name(read: str, meant: str) -> None:
    assert mended_authority(read, 0.9, REGIONS) == meant


def test_all_places_that_a_name_nobody_bears_may_mean() -> None:
    meant = near_addresses("山东省郭城县和平街道", REGIONS)
    assert {"山东省郓城县和平街道", "山东省聊城县和平街道"} <= set(meant)
    assert "山东省海城县和平街道" not in meant  # lies in another province
    assert {"郓城县公安局", "海城县公安局"} <= set(near_authorities("郭城县公安局", REGIONS))
    assert near_authorities("拉萨市公安局城美分局", REGIONS) == ("拉萨市公安局城关分局",)


@pytest.mark.parametrize(
    "text", ["郓城县公安局", "拉萨市公安局城关分局", "成都市公安局高新分局", "哈尔滨铁路公安局", ""]
)
def test_an_authority_that_may_be_one_has_no_other_meaning(text: str) -> None:
    assert near_authorities(text, REGIONS) == ()


@pytest.mark.parametrize("text", ["山东省郓城县郭城路", "郭城县和平街道", "福建省福州市鼓楼路147号", ""])
def test_an_address_of_known_places_or_of_no_province_has_no_other_meaning(text: str) -> None:
    assert near_addresses(text, REGIONS) == ()
