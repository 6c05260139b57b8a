"""Checks within the front, and of both sides against each other and today."""

from __future__ import annotations

from datetime import date

import pytest

from service.documents.cn_resident_id_checks import front_checks
from service.documents.crosscheck import check_kind, cross_check
from service.documents.kinds import SideField
from service.evidence import Check, CheckOutcome, Claim, DocumentField, DocumentReading, Side
from service.reasons import REASONS, Effect

TODAY = date(2026, 11, 24)
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def front(**values: str) -> dict[str, Check]:
    fields = {"number": "110101199003074581", "birth_date": "1990-03-07", "sex": "女"} | values
    return {check.name: check for check in front_checks({k: SideField(v, 0.9, ()) for k, v in fields.items() if v})}


def reading(side: Side | None, score: float = 0.98, **values: str) -> DocumentReading:
    fields = {name: DocumentField(value, score, None) for name, value in values.items()}
    return DocumentReading("cn_resident_id" if side else None, side, fields)


def both(start: str, end: str, born: str = "1990-03-07", today: date = TODAY) -> dict[str, Check]:
    sides = reading(Side.FRONT, birth_date=born), reading(Side.BACK, 0.91, valid_from=start, valid_until=end)
    return {check.name: check for check in cross_check(*sides, today)}


def test_a_sound_front() -> None:
    assert {name: check.outcome for name, check in front().items()} == {
        "check_character": PASS, "birth_date": PASS, "sex": PASS
    }  # fmt: skip
    assert all(check.measured["text_score"] == 0.9 for check in front().values())


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        ({"number": "110101199003074582"}, "check_character", "check_character_wrong"),
        ({"birth_date": "1990-03-08"}, "birth_date", "birth_date_mismatch"),
        ({"number": "110101199002314580", "birth_date": ""}, "birth_date", "birth_date_impossible"),
        ({"sex": "男"}, "sex", "sex_mismatch"),
    ],
)
def test_contradictions_of_the_front(values: dict[str, str], name: str, reason: str) -> None:
    check = front(**values)[name]
    assert (check.outcome, check.reasons) == (FAIL, (reason,))
    assert reason in REASONS


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [("number", {"check_character", "birth_date", "sex"}), ("birth_date", {"birth_date"}), ("sex", {"sex"})],
)
def test_what_is_missing_is_unknown(missing: str, unknown: set[str]) -> None:
    checks = front(**{missing: ""})
    assert {name for name, check in checks.items() if check.outcome is UNKNOWN} == unknown


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2006-11-23", "2026-11-23", "document_expired"),
        ("2026-11-25", "2046-11-25", "not_yet_valid"),
        ("2036-01-01", "2016-01-01", "validity_reversed"),
        ("2016-01-01", "2016-01-01", "validity_reversed"),
    ],
)
def test_validity_against_today(start: str, end: str, reason: str) -> None:
    check = both(start, end)["validity"]
    assert (check.outcome, check.reasons) == (FAIL, (reason,))
    assert check.measured["text_score"] == 0.91


@pytest.mark.parametrize(
    ("start", "end"), [("2006-11-24", "2026-11-24"), ("2026-11-24", "2046-11-24"), ("2016-01-01", "long-term")]
)
def test_a_card_is_valid_on_its_first_and_last_day(start: str, end: str) -> None:
    assert both(start, end)["validity"].outcome is PASS


@pytest.mark.parametrize(
    ("born", "start", "end", "reasons"),
    [
        ("1990-03-07", "2016-05-01", "2036-05-01", ()),
        ("1990-03-07", "2016-02-29", "2036-02-28", ()),
        ("1990-03-07", "2016-02-29", "2036-03-01", ()),
        ("2012-03-07", "2022-05-01", "2027-05-01", ()),
        ("1990-03-07", "2010-05-01", "2020-05-01", ()),
        ("1960-03-07", "2010-05-01", "long-term", ()),
        ("1990-03-07", "2015-03-01", "2025-03-01", ()),
        ("1990-03-07", "2016-05-01", "2033-05-01", ("validity_span_impossible",)),
        ("1990-03-07", "2016-05-01", "2036-06-01", ("validity_span_impossible",)),
        ("1990-03-07", "2016-05-01", "long-term", ("validity_span_unusual",)),
        ("1960-03-07", "2016-05-01", "2021-05-01", ("validity_span_unusual",)),
    ],
)
def test_spans_of_the_law(born: str, start: str, end: str, reasons: tuple[str, ...]) -> None:
    check = both(start, end, born)["validity_span"]
    assert check.reasons == reasons
    assert check.outcome is (FAIL if reasons else PASS)
    assert set(reasons) <= set(REASONS)


@pytest.mark.parametrize(
    ("born", "end"),
    [
        ("2002-01-01", "2023-05-01"),
        ("1992-01-01", "2023-05-01"),
        ("2001-01-01", "2038-05-01"),
        ("1971-01-01", "2038-05-01"),
        ("1973-05-01", "long-term"),
        ("1993-09-01", "2038-05-01"),
        ("2010-01-01", "long-term"),
    ],
)
def test_spans_the_law_does_not_give_at_that_age(born: str, end: str) -> None:
    assert both("2018-05-01", end, born)["validity_span"].reasons == ("validity_span_unusual",)


@pytest.mark.parametrize(
    ("born", "end"), [("2002-04-01", "2023-05-01"), ("2002-04-01", "2028-05-01"), ("1972-06-01", "long-term")]
)
def test_about_a_birthday_both_spans_are_given(born: str, end: str) -> None:
    assert both("2018-05-01", end, born)["validity_span"].outcome is PASS


@pytest.mark.parametrize(("born", "outcome"), [("2016-05-01", PASS), ("2016-05-02", FAIL)])
def test_nobody_has_a_card_before_they_are_born(born: str, outcome: CheckOutcome) -> None:
    check = both("2016-05-01", "2021-05-01", born)["issue_date"]
    assert (check.outcome, check.reasons) == (outcome, () if outcome is PASS else ("issued_before_birth",))
    assert check.measured == {"text_score": 0.91}


@pytest.mark.parametrize(("start", "outcome"), [("2003-12-31", FAIL), ("2004-01-01", PASS), ("2004-03-29", PASS)])
def test_no_card_is_older_than_its_kind(start: str, outcome: CheckOutcome) -> None:
    check = both(start, "long-term", "1950-01-01")["generation"]
    assert (check.outcome, check.reasons) == (outcome, () if outcome is PASS else ("generation_impossible",))


@pytest.mark.parametrize(
    ("end", "outcome", "reasons"),
    [
        ("2027-02-22", FAIL, ("document_expiring",)),
        ("2026-11-24", FAIL, ("document_expiring",)),
        ("2027-02-23", PASS, ()),
        ("long-term", PASS, ()),
        ("2026-11-23", UNKNOWN, ()),
    ],
)
def test_a_card_that_ends_soon_says_so(end: str, outcome: CheckOutcome, reasons: tuple[str, ...]) -> None:
    check = both("2007-02-23", end)["expiring"]
    assert (check.outcome, check.reasons) == (outcome, reasons)
    if end.startswith("2027"):
        assert check.measured["days_left"] == 90 + (end == "2027-02-23")


def test_how_soon_is_the_operators_wish() -> None:
    sides = reading(Side.FRONT), reading(Side.BACK, valid_from="2007-02-23", valid_until="2027-02-23")
    found = {check.name: check for check in cross_check(*sides, TODAY, expiring_days=91)}
    assert found["expiring"].reasons == ("document_expiring",)
    assert REASONS["document_expiring"].effect is Effect.HINT


def test_a_claim_is_checked_with_the_rest() -> None:
    front = reading(Side.FRONT, name="苏明远")
    found = {check.name: check for check in cross_check(front, None, TODAY, claim=Claim("苏明元"))}
    assert found["claimed_name"].reasons == ("claimed_name_differs",)


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (("cn_resident_id",), PASS),
        (("cn_resident_id", "cn_resident_id"), PASS),
        (("cn_resident_id", "passport"), FAIL),
        ((None, "passport"), FAIL),
        ((None, "cn_resident_id"), UNKNOWN),
        ((), UNKNOWN),
    ],
)
def test_the_kind_that_was_asked_for(kinds: tuple[str | None, ...], outcome: CheckOutcome) -> None:
    check = check_kind([DocumentReading(kind, None, {}) for kind in kinds], "cn_resident_id")
    assert check.outcome is outcome
    assert check.reasons == (("kind_mismatch",) if outcome is FAIL else ())


@pytest.mark.parametrize(
    ("sides", "outcome", "reasons"),
    [
        ((Side.FRONT, Side.BACK), PASS, ()),
        ((Side.FRONT, Side.FRONT), FAIL, ("same_side_twice",)),
        ((Side.BACK, Side.BACK), FAIL, ("same_side_twice",)),
        ((Side.BACK, Side.FRONT), FAIL, ("wrong_side",)),
        ((None, Side.BACK), UNKNOWN, ()),
        ((Side.FRONT, None), UNKNOWN, ()),
    ],
)
def test_sides(sides: tuple[Side | None, Side | None], outcome: CheckOutcome, reasons: tuple[str, ...]) -> None:
    check = next(c for c in cross_check(reading(sides[0]), reading(sides[1]), TODAY) if c.name == "sides")
    assert (check.outcome, check.reasons) == (outcome, reasons)


def test_a_missing_side_is_unknown() -> None:
    assert {check.outcome for check in cross_check(None, None, TODAY)} == {UNKNOWN}


@pytest.mark.parametrize(("end", "legal"), [("2023-03-07", True), ("2021-03-17", False), ("2020-04-07", False)])
def test_an_end_in_the_past_says_whether_its_span_is_one_the_law_knows(end: str, legal: bool) -> None:
    check = both("2013-03-07", end)["validity"]
    assert check.reasons == ("document_expired",)
    assert check.measured["span_legal"] is legal
