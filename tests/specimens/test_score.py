from __future__ import annotations

from typing import Any

import pytest

from service.specimens.sample import sample_person
from service.specimens.score import interval, judge, rate, report
from service.specimens.verdicts import judge_case, report_cases, wrongs

LABEL = {"file": "a.jpg", "side": "front", "condition": "photo", **sample_person().front()}


def answer(**changed: str) -> dict[str, Any]:
    values = {**sample_person().front(), **changed}
    fields = {name: {"value": value, "text_score": 0.9, "box": None} for name, value in values.items()}
    return {"file": "a.jpg", "side": "front", "fields": fields, "elapsed_ms": 120}


def test_a_faithful_reading_is_exact() -> None:
    judged = judge(LABEL, answer())
    assert judged.all_exact
    assert not judged.misses
    assert not judged.side_wrong
    assert not judged.false_number
    assert judged.elapsed_ms == 120


def test_what_light_took_is_counted_beside() -> None:
    unread = answer()
    del unread["fields"]["address"]
    table = report([judge(LABEL | {"lost": "address"}, unread), judge(LABEL, answer())]).splitlines()
    counted = {row.split()[0]: [word for word in row.split() if "/" in word] for row in table[1:7]}
    assert counted["address"] == ["1/2", "1/1"]
    assert counted["name"] == ["2/2", "2/2"]


def test_one_wrong_character_is_a_miss() -> None:
    judged = judge(LABEL, answer(name="苏明运"))
    assert not judged.all_exact
    assert judged.misses == {"name": ("苏明远", "苏明运")}


def test_another_number_that_passes_is_the_grave_mistake() -> None:
    assert judge(LABEL, answer(number="11010519491231002X")).false_number
    assert not judge(LABEL, answer(number="110105194912310021")).false_number


def test_the_other_side_is_wrong_and_no_side_is_a_miss() -> None:
    assert judge(LABEL, {**answer(), "side": "back"}).side_wrong
    missed = judge(LABEL, {"file": "a.jpg", "side": None, "fields": {}})
    assert not missed.side_wrong
    assert not missed.all_exact
    refused = judge(LABEL, {"file": "a.jpg", "error": {"code": "picture_broken", "detail": ""}})
    assert not any(refused.exact.values())


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 0, 0, 1), (10, 10, 0.7225, 1), (0, 10, 0, 0.2775), (50, 100, 0.4038, 0.5962)]
)
def test_wilsons_interval(k: int, n: int, low: float, high: float) -> None:
    assert interval(k, n) == pytest.approx((low, high), abs=2e-4)


def test_the_report_counts_fields_conditions_and_grave_mistakes() -> None:
    text = report([judge(LABEL, answer()), judge(LABEL, answer(number="11010519491231002X"))])
    assert f"number          {rate(1, 2)}" in text
    assert f"name            {rate(2, 2)}" in text
    assert "photo" in text
    assert "wrong sides 0" in text
    assert "wrong numbers reported valid 1" in text
    assert "median 120" in text


def test_cases_are_counted_by_group_and_wrongs_are_named() -> None:
    cases = [
        judge_case("a", "london", True, {"decision": "approved", "reasons": []}),
        judge_case("b", "london", True, {"decision": "declined", "reasons": [{"code": "face_mismatch"}]}),
        judge_case("c", "expired", False, {"decision": "approved", "reasons": []}),
        judge_case("d", "expired", False, {"decision": "declined", "reasons": [{"code": "document_expired"}]}),
        judge_case("e", "sex", False, {"error": {"code": "picture_broken"}}),
        judge_case("f", "sex", False, None),
    ]
    assert [case.id for case in wrongs(cases)] == ["b", "c"]
    text = report_cases(cases)
    assert f"true holders approved {rate(1, 2)}" in text
    assert "true holders declined 1" in text
    assert f"faulty cases approved {rate(1, 4)}" in text
    assert "document_expired 1" in text
