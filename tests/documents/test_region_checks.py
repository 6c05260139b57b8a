"""`region_code`, `authority_region` and `number_region` as checks of a verdict."""

from __future__ import annotations

import pytest

from service.documents.region_checks import region_checks
from service.evidence import Check, CheckOutcome, DocumentField, DocumentReading, Side
from service.reasons import REASONS, Effect

PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
FRONT = {"number": "430104199003074583", "address": "湖南省长沙市岳麓区麓山南路1号"}
BACK = {"authority": "长沙市公安局岳麓分局", "valid_from": "2018-03-07"}


def checks(front: dict[str, str] | None, back: dict[str, str] | None, score: float = 0.98) -> dict[str, Check]:
    def reading(side: Side, values: dict[str, str] | None) -> DocumentReading | None:
        if values is None:
            return None
        fields = {name: DocumentField(value, score, None) for name, value in values.items() if value}
        return DocumentReading("cn_resident_id", side, fields)

    found = region_checks(reading(Side.FRONT, front), reading(Side.BACK, back))
    assert all(code in REASONS for check in found for code in check.reasons)
    return {check.name: check for check in found}


def test_a_sound_card() -> None:
    found = checks(FRONT, BACK)
    assert {check.outcome for check in found.values()} == {PASS}
    assert found["region_code"].measured == {"status": "current"}
    assert found["authority_region"].measured == {"text_score": 0.98, "agrees": "county"}
    assert found["number_region"].measured == {"address": "county", "authority": "county"}


def test_an_unknown_code_is_a_hint_and_never_more() -> None:
    check = checks(FRONT | {"number": "990104199003074583"}, BACK)["region_code"]
    assert (check.outcome, check.reasons) == (FAIL, ("region_code_unknown",))
    assert REASONS["region_code_unknown"].effect is Effect.HINT


def test_a_retired_code_is_known() -> None:
    check = checks(FRONT | {"number": "110103199003074583"}, BACK)["region_code"]
    assert (check.outcome, check.measured) == (PASS, {"status": "retired"})


@pytest.mark.parametrize(
    ("authority", "differs"),
    [("广州市公安局天河分局", "province"), ("茶陵县公安局", "city"), ("长沙市公安局芙蓉分局", "county")],
)
def test_the_back_of_another_region(authority: str, differs: str) -> None:
    check = checks(FRONT, BACK | {"authority": authority})["authority_region"]
    assert (check.outcome, check.reasons) == (FAIL, ("authority_mismatch",))
    assert check.measured == {"text_score": 0.98, "differs": differs}
    assert REASONS["authority_mismatch"].effect is Effect.REVIEW


@pytest.mark.parametrize(
    ("front", "back"), [(FRONT, BACK | {"authority": "北京铁路公安局"}), (FRONT | {"address": "人民路1号"}, BACK)]
)
def test_what_no_table_knows_is_unknown_with_a_hint(front: dict[str, str], back: dict[str, str]) -> None:
    check = checks(front, back)["authority_region"]
    assert (check.outcome, check.reasons) == (UNKNOWN, ("authority_region_unknown",))
    assert REASONS["authority_region_unknown"].effect is Effect.HINT


def test_a_number_of_another_region_is_a_hint() -> None:
    check = checks(FRONT | {"number": "110105199003074583"}, BACK)["number_region"]
    assert (check.outcome, check.reasons) == (FAIL, ("number_region_differs",))
    assert check.measured == {"address": "differs", "authority": "differs"}
    assert REASONS["number_region_differs"].effect is Effect.HINT


def test_a_number_of_another_county_of_the_city_agrees_by_the_city() -> None:
    check = checks(FRONT | {"number": "430102199003074583"}, BACK)["number_region"]
    assert (check.outcome, check.measured) == (PASS, {"address": "city", "authority": "city"})


@pytest.mark.parametrize(
    ("front", "back", "unknown"),
    [
        (None, None, {"region_code", "authority_region", "number_region"}),
        (FRONT, None, {"authority_region"}),
        (None, BACK, {"region_code", "authority_region", "number_region"}),
        (FRONT | {"number": ""}, BACK, {"region_code", "number_region"}),
        (FRONT | {"number": "12"}, BACK, {"region_code", "number_region"}),
        (FRONT | {"address": ""}, BACK, {"authority_region"}),
    ],
)
def test_what_is_missing_is_unknown(
    front: dict[str, str] | None, back: dict[str, str] | None, unknown: set[str]
) -> None:
    assert {name for name, check in checks(front, back).items() if check.outcome is UNKNOWN} == unknown


def test_nothing_personal_is_measured() -> None:
    for check in checks(FRONT, BACK).values():
        assert not any(str(value) in (*FRONT.values(), *BACK.values()) for value in check.measured.values())
