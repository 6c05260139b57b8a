"""China's cards for foreigners and for residents of Hong Kong, Macau and Taiwan, from lines as a reader gives them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from service.documents.cn_hmt_permit import CnHmtPermit
from service.documents.cn_hmt_permit_zone import CnHmtPermitZone
from service.documents.cn_number import check_character
from service.documents.cn_permanent_resident import CnPermanentResident, CnPermanentResidentZone
from service.documents.cn_permit_line import looks_like_line, number_of_line
from service.documents.cn_resident_id import CnResidentId
from service.documents.kinds import SideReading
from service.documents.mrz import parse
from service.documents.mrz_layout import ALPHABET
from service.documents.text import Quad, ReadLine
from service.evidence import CheckOutcome, Side
from service.specimens.hmt_permits import permit_zone
from tests.documents.drawn_lines import BACK, FRONT, line, placed

HMT_NUMBER = "81000019900307458" + check_character("81000019900307458")
PERMANENT_NUMBER = "91156198205030012"[:17] + check_character("91156198205030012")

HMT_FRONT = [
    line("姓名", 72, 76, 30), line("欧阳静", 182, 70, 40),
    line("性别", 72, 154, 30), line("女", 182, 152),
    line("出生", 72, 232, 30), line("1990年3月7日", 182, 230),
    line("住址", 72, 310, 30), line("广东省深圳市福田区福华路", 182, 308), line("4号院2单元101室", 182, 352),
    line("公民身份号码", 72, 540, 30), line(HMT_NUMBER, 334, 534, 40),
]  # fmt: skip

HMT_BACK = [
    line("中华人民共和国", 352, 90, 62), line("港澳居民居住证", 352, 180, 80),
    line("签发机关", 268, 440, 30), line("深圳市公安局福田分局", 420, 438),
    line("有效期限", 268, 500, 30), line("2021.03.09-2026.03.09", 420, 498),
    line("通行证号码", 268, 560, 30), line("H12345678", 450, 558),
    line("签发次数", 268, 620, 30), line("02", 450, 618),
]  # fmt: skip

PERMANENT = [
    line("中华人民共和国", 300, 40, 40), line("外国人永久居留身份证", 300, 100, 40),
    line("姓名/Name", 100, 180, 20), line("MUSTERMANN, ERIKA", 100, 210, 30),
    line("性别/Sex", 100, 270, 20), line("女/F", 100, 300, 30),
    line("出生日期/Date of Birth", 300, 270, 20), line("1982.05.03", 300, 300, 30),
    line("国籍/Nationality", 100, 360, 20), line("德国/DEU", 100, 390, 30),
    line("有效期限/Period of Validity", 100, 450, 20), line("2023.12.01-2033.11.30", 100, 480, 30),
    line("证件号码/ID No.", 100, 540, 20), line(PERMANENT_NUMBER, 100, 570, 30),
]  # fmt: skip


def look(quad: Quad, alphabet: str) -> ReadLine:
    return ReadLine("", 0.0, quad)


def values(side: SideReading | None) -> dict[str, str]:
    assert side is not None
    return {name: found.value for name, found in side.fields.items()}


def test_a_residence_permit_is_told_from_a_residents_card_by_its_number() -> None:
    kind, lines = CnHmtPermit(), placed(HMT_FRONT)
    assert kind.claims(lines) >= CnResidentId().claims(lines)
    side = kind.read(lines, look)
    assert values(side) == {
        "name": "欧阳静", "sex": "女", "birth_date": "1990-03-07",
        "address": "广东省深圳市福田区福华路4号院2单元101室", "number": HMT_NUMBER,
    }  # fmt: skip
    assert side is not None
    assert side.complete
    assert {check.outcome for check in kind.checks(side)} == {CheckOutcome.PASS}


def test_the_back_of_a_residence_permit() -> None:
    side = CnHmtPermit().read(placed(HMT_BACK), look)
    assert side is not None
    assert side.side is Side.BACK
    assert (values(side)["permit_number"], values(side)["issue_count"]) == ("H12345678", "2")
    assert side.complete
    assert (values(side)["valid_from"], values(side)["valid_until"]) == ("2021-03-09", "2026-03-09")


def test_a_travel_permit_is_read_by_its_labels() -> None:
    lines = placed([
        line("港澳居民来往内地通行证", 200, 40, 40), line("姓名", 100, 120, 24), line("陈大文", 180, 118, 30),
        line("出生日期", 100, 200, 24), line("1982.05.03", 230, 198, 30),
        line("性别", 100, 260, 24), line("男", 180, 258, 30),
        line("有效期限", 100, 320, 24), line("2019.06.01-2029.05.31", 230, 318, 30),
        line("证件号码", 100, 380, 24), line("H1234567801", 230, 378, 30),
    ])  # fmt: skip
    found = values(CnHmtPermit().read(lines, look))
    assert found == {
        "name": "陈大文", "sex": "男", "birth_date": "1982-05-03", "number": "H1234567801",
        "valid_from": "2019-06-01", "valid_until": "2029-05-31",
    }  # fmt: skip


def travel(title: str, number: str) -> dict[str, str]:
    lines = placed(
        [line(title, 100, 40, 40), line("姓名", 100, 120, 24), line("陈大文", 180, 118), line(number, 600, 118)]
    )
    return values(CnHmtPermit().read(lines, look))


@pytest.mark.parametrize(
    ("title", "right", "wrong"),
    [
        ("港澳居民来往内地通行证", "M12345678", "A12345678"),
        ("港澳居民来往内地通行证", "HA1234567", "HB1234567"),
        ("港澳居民来往内地通行证", "H1234567801", "H12345678012"),
        ("台湾居民来往大陆通行证", "01234567", "H12345678"),
        ("往来港澳通行证", "C12345678", "12345678"),
        ("往来港澳通行证", "CA1234567", "CA12345678"),
        ("往来台湾通行证", "L12345678", "C12345678"),
    ],
)
def test_each_travel_permit_has_its_own_numbers(title: str, right: str, wrong: str) -> None:
    assert travel(title, right)["number"] == right
    assert "number" not in travel(title, wrong)


def test_a_residence_permit_with_a_wrong_check_character_is_not_complete() -> None:
    wrong = HMT_NUMBER[:-1] + ("1" if HMT_NUMBER[-1] != "1" else "2")
    lines = [*HMT_FRONT[:-1], line(wrong, 334, 534, 40)]
    side = CnHmtPermit().read(placed(lines), look)
    assert side is not None
    assert not side.complete
    assert CnHmtPermit().checks(side)[0].outcome is CheckOutcome.FAIL


def test_the_line_of_a_permit_to_hong_kong_gives_the_number_where_every_digit_holds() -> None:
    printed = permit_zone("CS", "CA1234567", date(2032, 3, 3), date(1990, 2, 6))
    assert len(printed) == 30
    assert number_of_line(printed) == "CA1234567"
    assert number_of_line(permit_zone("CS", "C1234567", date(2032, 3, 3), date(1990, 2, 6))) == "C1234567"
    for place in (3, 11, 15, 19, 24, 27, 29):
        changed = printed[:place] + str((int(printed[place]) + 1) % 10 if printed[place].isdigit() else 1)
        assert number_of_line(changed + printed[place + 1 :]) is None
    assert not looks_like_line("2022.03.04-2032.03.03")


def test_the_line_speaks_louder_than_a_number_read_elsewhere() -> None:
    printed = permit_zone("CS", "CA1234567", date(2032, 3, 3), date(1990, 2, 6))
    lines = placed(
        [line("往来港澳通行证", 100, 40, 40), line("CA1284567", 600, 118), line(printed[:-1] + "O", 60, 560)]
    )

    def zone(quad: Quad, alphabet: str) -> ReadLine:
        assert set(alphabet) == set(ALPHABET)
        return ReadLine(printed, 0.98, quad)

    assert values(CnHmtPermit().read(lines, zone))["number"] == "CA1234567"
    assert values(CnHmtPermit().read(lines, look))["number"] == "CA1284567"


def test_a_residents_card_is_none_of_them() -> None:
    for lines in (placed(FRONT), placed(BACK)):
        assert CnHmtPermit().claims(lines) == 0
        assert CnHmtPermit().read(lines, look) is None
        assert CnPermanentResident().claims(lines) == 0
        assert CnPermanentResident().read(lines, look) is None


def test_the_front_of_a_permanent_residents_card() -> None:
    kind, lines = CnPermanentResident(), placed(PERMANENT)
    assert kind.claims(lines) > CnResidentId().claims(lines)
    side = kind.read(lines, look)
    found = values(side)
    assert (found["number"], found["birth_date"]) == (PERMANENT_NUMBER, "1982-05-03")
    assert (found["valid_from"], found["valid_until"]) == ("2023-12-01", "2033-11-30")
    assert found["name"].replace(" ", "") == "MUSTERMANN,ERIKA"
    assert side is not None
    assert [check.outcome for check in kind.checks(side)] == [CheckOutcome.PASS]


def test_a_zone_of_china_for_a_foreigner_is_a_permanent_residents() -> None:
    zone = parse(("I<CHND231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"))
    own = parse(("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"))
    assert zone is not None
    assert own is not None
    assert CnPermanentResidentZone().claims(zone, []) > 0.5
    assert CnPermanentResidentZone().claims(own, []) == 0


@pytest.mark.parametrize(
    ("first", "permit"),
    [
        ("CRCHNH123456787<<<<<<<<<<<<<<<", True),
        ("CRCHNHA12345671<<<<<<<<<<<<<<<", True),
        ("CTCHN01234567<2<<<<<<<<<<<<<<<", True),
        ("CRCHNX123456787<<<<<<<<<<<<<<<", False),
        ("I<CHNH123456787<<<<<<<<<<<<<<<", False),
        ("C<UTOH123456787<<<<<<<<<<<<<<<", False),
    ],
)
def test_a_zone_of_china_with_a_permits_number_is_a_permits(first: str, permit: bool) -> None:
    """Also of a holder with another nationality: HA and MA are foreigners'."""
    zone = parse((first, "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"))
    assert zone is not None
    claimed = CnHmtPermitZone().claims(zone, [])
    assert (claimed > CnPermanentResidentZone().claims(zone, [])) is permit
    assert (claimed > 0.5) is permit
    titled = placed([line("台湾居民来往大陆通行证", 100, 100)])
    assert (CnHmtPermitZone().claims(zone, titled) == 1.0) is (zone.issuing_state == "CHN")


def test_boxes_are_kept() -> None:
    side = CnPermanentResident().read(placed(PERMANENT), look)
    assert side is not None
    assert all(isinstance(quad, np.ndarray) for found in side.fields.values() for quad in found.quads)
