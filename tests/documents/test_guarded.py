"""Fields that something else on the same side proves."""

from __future__ import annotations

import pytest

from service.documents.guarded import closed_fields, guarded_fields
from service.documents.kinds import SideField, SideReading
from service.evidence import Side

FRONT = {
    "name": "苏明远", "sex": "男", "ethnicity": "汉", "birth_date": "1968-03-16", "address": "北京市朝阳区光明路128号",
    "number": "110105196803160412",
}  # fmt: skip
BACK = {"authority": "北京市公安局朝阳分局", "valid_from": "2016-03-09", "valid_until": "2036-03-09"}


def guarded(fields: dict[str, str], text_score: float = 0.99) -> set[str]:
    read = {name: SideField(value, text_score, ()) for name, value in fields.items()}
    side = Side.FRONT if "name" in fields else Side.BACK
    return set(guarded_fields(SideReading("cn_resident_id", side, read, True, 1.0)))


def test_a_right_number_proves_what_it_repeats_and_is_proven_by_it() -> None:
    assert guarded(FRONT) == {"number", "birth_date", "sex"}
    assert guarded(FRONT, text_score=0.9) == {"birth_date", "sex"}


@pytest.mark.parametrize(
    ("changed", "proven"),
    [
        ({"number": "110105196803160413"}, set()),
        ({"birth_date": "1968-03-15"}, {"sex"}),
        ({"sex": "女"}, {"number", "birth_date"}),
        ({"number": ""}, set()),
    ],
)
def test_what_disagrees_proves_nothing(changed: dict[str, str], proven: set[str]) -> None:
    assert guarded(FRONT | changed) == proven


@pytest.mark.parametrize(
    ("first", "last", "proven"),
    [
        ("2016-03-09", "2036-03-09", True),
        ("2016-03-09", "2021-03-09", True),
        ("2016-03-09", "2036-03-08", False),
        ("2016-03-09", "2030-03-09", False),
        ("2016-03-09", "long-term", False),
    ],
)
def test_two_dates_prove_each_other(first: str, last: str, proven: bool) -> None:
    found = guarded(BACK | {"valid_from": first, "valid_until": last})
    assert found == ({"valid_from", "valid_until"} if proven else set())


@pytest.mark.parametrize(
    ("name", "value", "closed"),
    [
        ("authority", "北京市公安局朝阳分局", True),
        ("authority", "义县公安局", True),
        ("authority", "北京市公安局", False),
        ("address", "北京市朝阳区光明路128号3单元402室", True),
        ("address", "北京市朝阳区光明路128号", False),
        ("name", "王室", False),
    ],
)
def test_some_last_words_end_a_field(name: str, value: str, closed: bool) -> None:
    side = SideReading("cn_resident_id", Side.BACK, {name: SideField(value, 0.99, ())}, True, 1.0)
    assert closed_fields(side) == (frozenset({name}) if closed else frozenset())
