"""Whether two sides that print the same things belong together."""

from __future__ import annotations

from datetime import date

import pytest

from service.documents.crosscheck import cross_check
from service.documents.side_pairs import pair_checks
from service.evidence import Check, CheckOutcome, DocumentField, DocumentReading, Mrz, Side

PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def reading(side: Side, kind: str = "cn_hmt_permit", *, zone: bool = False, **values: str) -> DocumentReading:
    fields = {name: DocumentField(value, 0.99, None) for name, value in values.items()}
    mrz = Mrz("TD1", ("A" * 30,) * 3, "valid", ()) if zone else None
    return DocumentReading(kind, side, fields, mrz=mrz)


def only(checks: tuple[Check, ...]) -> Check:
    assert len(checks) == 1
    assert checks[0].reasons == (("sides_differ",) if checks[0].outcome is FAIL else ())
    return checks[0]


@pytest.mark.parametrize(
    ("number", "permit", "outcome"),
    [
        ("810000199003074585", "H12345678", PASS),
        ("810000199003074585", "HA1234567", PASS),
        ("820000199003074585", "M1234567801", PASS),
        ("830000199003074585", "01234567", PASS),
        ("810000199003074585", "M12345678", FAIL),
        ("810000199003074585", "01234567", FAIL),
        ("820000199003074585", "HA1234567", FAIL),
        ("830000199003074585", "H12345678", FAIL),
        ("440305199003074585", "H12345678", UNKNOWN),
    ],
)
def test_the_number_of_a_residence_permit_says_whose_permit_is_on_its_back(
    number: str, permit: str, outcome: CheckOutcome
) -> None:
    front, back = reading(Side.FRONT, number=number), reading(Side.BACK, permit_number=permit)
    assert only(pair_checks(front, back)).outcome is outcome
    assert "sides_agree" in [check.name for check in cross_check(front, back, date(2026, 11, 24))]


ZONE = {"number": "H12345678", "birth_date": "1990-03-07", "sex": "F", "valid_until": "2030-01-01"}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [({}, PASS), ({"number": "H12345679"}, FAIL), ({"birth_date": "1991-03-07"}, FAIL), ({"sex": "男"}, FAIL)],
)
def test_what_a_front_prints_is_what_the_zone_on_its_back_says(changes: dict[str, str], outcome: CheckOutcome) -> None:
    front = reading(Side.FRONT, **(ZONE | {"sex": "女"} | changes))
    check = only(pair_checks(front, reading(Side.BACK, zone=True, **ZONE)))
    assert check.outcome is outcome
    assert check.measured["valid_until_same"] is True


def test_too_little_on_both_sides_says_nothing() -> None:
    front = reading(Side.FRONT, number="H12345678")
    assert only(pair_checks(front, reading(Side.BACK, zone=True, **ZONE))).outcome is UNKNOWN


def test_a_value_read_badly_contradicts_nothing() -> None:
    front = reading(Side.FRONT, **(ZONE | {"number": "H12345679"}))
    front.fields["number"] = DocumentField("H12345679", 0.6, None)
    assert only(pair_checks(front, reading(Side.BACK, zone=True, **ZONE))).outcome is PASS


def test_nothing_is_said_of_a_residents_card_or_of_one_side() -> None:
    front, back = reading(Side.FRONT, "cn_resident_id", number="1"), reading(Side.BACK, "cn_resident_id")
    assert pair_checks(front, back) == ()
    assert pair_checks(front, None) == ()
    assert pair_checks(reading(Side.FRONT, **ZONE), reading(Side.BACK, "mrz_card", zone=True, **ZONE)) == ()
