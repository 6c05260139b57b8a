"""Regions by code and name, and whether an address and an authority can be of one place."""

from __future__ import annotations

import pytest

from service.documents.places import (
    common_level,
    differing_level,
    named_in_address,
    place_of_address,
    place_of_authority,
)
from service.documents.regions import core, load_regions
from service.specimens.bureaus import counties
from service.specimens.regions import regions as specimen_regions

REGIONS = load_regions()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("110105", "current"),
        ("330113", "current"),  # 临平区, of 2021
        ("110103", "retired"),  # 崇文区, until 2009
        ("522401", "retired"),
        ("810000", "current"),
        ("830000", "current"),
        ("000000", "unknown"),
        ("991299", "unknown"),
        ("110199", "unknown"),
    ],
)
def test_codes_are_current_retired_or_unknown(code: str, status: str) -> None:
    assert REGIONS.status(code) == status


def test_the_table_is_whole() -> None:
    current = {code for code, names in REGIONS.by_code.items() if any(one.last is None for one in names)}
    assert 2800 < sum(not code.endswith("00") for code in current) < 3000
    assert 30 < sum(code.endswith("0000") for code in current) < 36
    for names in REGIONS.by_code.values():
        for one in names:
            assert len(one.code) == 6
            assert one.code.isdigit()
            assert len(one.name) > 1
            assert one.first is None or one.last is None or one.first <= one.last


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("朝阳区", "朝阳"),
        ("酉阳土家族苗族自治县", "酉阳"),
        ("长白朝鲜族自治县", "长白"),
        ("管城回族区", "管城"),
        ("广西壮族自治区", "广西"),
        ("浦东新区", "浦东"),
        ("东乡族自治县", "东乡族"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("和县", "和县"),
    ],
)
def test_names_without_kind_and_people(name: str, short: str) -> None:
    assert core(name) == short


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("湖南省长沙市岳麓区麓山南路1号", {"430104"}),
        ("长沙市岳麓区麓山南路1号", {"430104"}),
        ("湖南省长少市岳麓区麓山南路1号", {"430104"}),
        ("朝阳区光明路2号", {"110105", "220104"}),
        ("广西龙胜各族自治县龙胜镇", {"450328", "452328"}),
        ("新疆石河子市北三路", {"659001", "6503"}),
        ("广东省东莞市南城街道", {"4419", "442502"}),
        ("内蒙古包头市土默特右旗", {"150221"}),
    ],
)
def test_addresses(text: str, stems: set[str]) -> None:
    place = place_of_address(text, REGIONS)
    assert place is not None
    assert place.stems == stems


@pytest.mark.parametrize("text", ["", "人民路12号", "Main Street 5", "光明小区3栋"])
def test_an_address_without_a_region(text: str) -> None:
    assert place_of_address(text, REGIONS) is None


@pytest.mark.parametrize(
    "text",
    [
        "北京铁路公安局",
        "黑龙江省农垦总局公安局",
        "大庆油田公安局",
        "郑州铁路公安局",
        "公安局",
        "",
        "苏州工业园区公安局",
        "中国银行",
    ],
)
def test_bureaus_of_no_region_are_not_known(text: str) -> None:
    assert place_of_authority(text, REGIONS) is None


@pytest.mark.parametrize("region", specimen_regions(), ids=lambda region: region.code)
def test_every_specimen_region_agrees_with_its_authority(region: object) -> None:
    for prefix in {region.prefix, region.county}:  # type: ignore[attr-defined]
        address = place_of_address(f"{prefix}人民路12号", REGIONS)
        authority = place_of_authority(region.authority, REGIONS)  # type: ignore[attr-defined]
        assert address is not None
        assert authority is not None
        assert common_level(address, authority, 2012) is not None


def test_the_authority_of_another_specimen_region_does_not_agree() -> None:
    places = [
        (one, place_of_address(f"{one.prefix}人民路12号", REGIONS), place_of_authority(one.authority, REGIONS))
        for one in specimen_regions()
    ]
    agreeing = {
        (one.prefix, other.authority)
        for one, address, _ in places
        for other, _, authority in places
        if one is not other and address and authority and common_level(address, authority, 2018)
    }
    # A bureau called after a street is known by its city alone.
    assert agreeing == {("河南省巩义市", "郑州市公安局金水路分局")}


def test_every_county_of_the_table_agrees_with_its_own_bureau() -> None:
    """Every seventh, in the ways bureaus are called; `scripts/regions measure` takes them all, and strangers too."""
    for county in list(counties(REGIONS.today(), core))[::7]:
        for address in county.addresses:
            for name in county.authorities:
                one, other = place_of_address(address, REGIONS), place_of_authority(name, REGIONS)
                assert one is not None, address
                assert other is not None, name
                assert common_level(one, other, 2024) is not None, (address, name)


AGREE = [
    ("湖南省长沙市岳麓区麓山南路1号", "长沙市公安局岳麓分局", 2015),
    ("湖南省长沙市芙蓉区五一路", "长沙市公安局高新区分局", 2015),
    ("广东省佛山市顺德区大良街道", "佛山市顺德区公安局", 2012),
    ("广东省深圳市宝安区西乡街道", "深圳市公安局龙华分局", 2013),  # 龙华 became a district in 2016
    ("上海市南汇区惠南镇", "上海市公安局浦东分局", 2010),  # merged in 2009
    ("北京市朝阳区光明路", "北京市公安局", 2018),
    ("北京市朝阳区光明路", "北京市朝阳区公安分局", 2018),
    ("安徽省巢湖市庐江县", "庐江县公安局", 2008),  # now of Hefei
    ("四川省资阳市简阳市", "简阳市公安局", 2018),  # now of Chengdu
    ("新疆沙湾县", "沙湾市公安局", 2022),
    ("湖南省湘西土家族苗族自治州吉首市", "湘西自治州公安局", 2012),
    ("江苏省苏州市姑苏区", "苏州市公安局沧浪分局", 2014),  # merged in 2012
    ("天津市滨海新区塘沽", "天津市公安局塘沽分局", 2012),
    ("长白朝鲜族自治县长白镇", "长白县公安局", 2012),
    ("河南省郑州市管城回族区", "郑州市公安局管城分局", 2012),
    ("湖北省襄樊市襄阳区", "襄樊市公安局襄阳分局", 2008),
    ("贵州省毕节地区大方县", "大方县公安局", 2009),
    ("河北省迁安市野鸡坨镇", "千安市公安局", 2012),  # misread
    ("湖北省荆州市公安县斗湖堤镇", "公安县公安局", 2012),
    ("青海省西宁市城东区", "西宁市公安局城东公安分局", 2012),
]


@pytest.mark.parametrize(("address", "authority", "year"), AGREE, ids=[f"{a}-{b}" for a, b, _ in AGREE])
def test_true_holders_are_not_hit(address: str, authority: str, year: int) -> None:
    one, other = place_of_address(address, REGIONS), place_of_authority(authority, REGIONS)
    assert one is not None
    assert other is not None
    assert common_level(one, other, year) is not None


@pytest.mark.parametrize(
    ("address", "authority", "level"),
    [
        ("湖南省长沙市岳麓区", "广州市公安局天河分局", "province"),
        ("湖南省长沙市岳麓区", "株洲市公安局荷塘分局", "city"),
        ("湖南省长沙市岳麓区", "茶陵县公安局", "city"),
        ("湖南省长沙市岳麓区", "长沙市公安局芙蓉分局", "county"),
        ("北京市朝阳区", "北京市公安局海淀分局", "county"),
        ("北京市朝阳区", "上海市公安局徐汇分局", "province"),
        ("朝阳区光明路", "朝阳市公安局双塔分局", "province"),
        ("湖南省长沙市岳麓区", "千安市公安局", "province"),
    ],
)
def test_backs_of_other_regions(address: str, authority: str, level: str) -> None:
    one, other = place_of_address(address, REGIONS), place_of_authority(authority, REGIONS)
    assert one is not None
    assert other is not None
    assert common_level(one, other, 2018) is None
    assert differing_level(one, other) == level
    assert not named_in_address(other, one, address)


def test_a_county_that_became_part_of_a_city_is_found_by_its_name() -> None:
    text = "山东省莱芜市莱城区凤城街道"
    address, authority = place_of_address(text, REGIONS), place_of_authority("济南市公安局莱芜区分局", REGIONS)
    assert address is not None
    assert authority is not None
    assert common_level(address, authority, 2019) is None
    assert named_in_address(authority, address, text)
