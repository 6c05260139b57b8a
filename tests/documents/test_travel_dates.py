"""What the dates of passports, permits and cards with a zone say about today."""

from __future__ import annotations

from datetime import date

import pytest

from service.documents.crosscheck import cross_check_travel
from service.documents.travel_dates import travel_date_checks
from service.evidence import Check, CheckOutcome, DocumentField, DocumentReading, Mrz, Side

TODAY = date(2026, 11, 24)
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
ZONE = Mrz("TD3", ("A" * 44,) * 2, "valid", ())


def passport(mrz: Mrz | None = ZONE, score: float = 0.97, **values: str) -> DocumentReading:
    fields = {name: DocumentField(value, score, None) for name, value in values.items()}
    return DocumentReading("passport", Side.FRONT, fields, mrz=mrz)


def checked(*readings: DocumentReading, today: date = TODAY) -> dict[str, Check]:
    return {check.name: check for check in travel_date_checks(readings, today, 90)}


@pytest.mark.parametrize(
    ("start", "end", "validity", "expiring"),
    [
        ("", "2030-01-01", (), ()),
        ("2020-01-01", "2030-01-01", (), ()),
        ("", "2026-11-24", (), ("document_expiring",)),
        ("", "2027-02-22", (), ("document_expiring",)),
        ("", "2027-02-23", (), ()),
        ("", "2026-11-23", ("document_expired",), ()),
        ("2026-11-25", "2036-11-24", ("not_yet_valid",), ()),
        ("2036-01-01", "2030-01-01", ("validity_reversed",), ()),
        ("2016-01-01", "long-term", (), ()),
    ],
)
def test_validity_against_today(start: str, end: str, validity: tuple[str, ...], expiring: tuple[str, ...]) -> None:
    days = {"valid_from": start, "valid_until": end}
    found = checked(passport(**{name: day for name, day in days.items() if day}))
    assert (found["validity"].reasons, found["expiring"].reasons) == (validity, expiring)
    assert found["validity"].outcome is (FAIL if validity else PASS)
    assert found["validity"].measured == {"text_score": 0.97}


@pytest.mark.parametrize("values", [{}, {"valid_until": "2030"}, {"valid_until": "2030-01"}])
def test_no_whole_day_is_unknown(values: dict[str, str]) -> None:
    found = checked(passport(**values))
    assert {check.outcome for check in found.values()} == {UNKNOWN}
    assert set(found) == {"validity", "expiring", "issue_date"}


@pytest.mark.parametrize(("born", "outcome"), [("2016-05-01", PASS), ("2016-05-02", FAIL), ("2016", UNKNOWN)])
def test_nobody_has_a_passport_before_they_are_born(born: str, outcome: CheckOutcome) -> None:
    check = checked(passport(birth_date=born, valid_from="2016-05-01"))["issue_date"]
    assert (check.outcome, check.reasons) == (outcome, ("issued_before_birth",) if outcome is FAIL else ())


def test_a_zone_comes_before_print_that_is_read_more_surely() -> None:
    printed, proven = passport(None, 0.999, valid_until="2040-01-01"), passport(valid_until="2020-01-01")
    for readings in ((printed, proven), (proven, printed)):
        assert checked(*readings)["validity"].reasons == ("document_expired",)


def test_two_pictures_are_asked_whether_they_are_two_sides() -> None:
    one = passport(valid_until="2030-01-01")
    assert [check.name for check in cross_check_travel(one, None, TODAY)] == ["validity", "expiring", "issue_date"]
    assert cross_check_travel(one, one, TODAY)[0] == Check("sides", FAIL, ("same_side_twice",))
