"""The number rules: GB 11643 against vectors of others, and as properties."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.cn_number import CHECK_CHARACTERS, check_character, number_is_valid, parse_number

DIGITS = "0123456789"
bodies = st.builds(
    lambda area, born, serial: area + f"{born:%Y%m%d}" + serial,
    st.text(DIGITS, min_size=6, max_size=6),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.text(DIGITS, min_size=3, max_size=3),
)


def rows(shared: Path) -> list[dict[str, str]]:
    with (shared / "vectors_dev" / "national_id_vectors.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["scheme"] == "CN18"]


def test_vectors_of_others(shared_data: Path) -> None:
    """Our rule differs from theirs in two stated ways: no 15-digit numbers, and no judgement of the county code."""
    wrong = []
    for row in rows(shared_data):
        wanted = row["status"] in {"valid", "valid_if_case_folded"} or row["detail"] == "region prefix does not exist"
        wanted = wanted and len(row["value"]) == 18
        if number_is_valid(row["value"]) != wanted:
            wrong.append((row["value"], row["status"], row["detail"]))
    assert wrong == []
    assert len(rows(shared_data)) >= 20


@given(bodies)
def test_the_right_check_character_is_accepted_and_every_other_refused(body: str) -> None:
    right = check_character(body)
    assert [last for last in CHECK_CHARACTERS if number_is_valid(body + last)] == [right]


@given(bodies, st.integers(0, 16), st.sampled_from(DIGITS))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, digit: str) -> None:
    number = body + check_character(body)
    changed = number[:place] + digit + number[place + 1 :]
    assert number_is_valid(changed) == (changed == number)


@given(bodies, st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(body: str, place: int) -> None:
    number = body + check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert number_is_valid(swapped) == (swapped == number)


@given(bodies)
def test_the_parts_say_what_they_were_made_of(body: str) -> None:
    number = parse_number(body + check_character(body))
    assert number is not None
    assert number.born == date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    assert number.sex == ("男" if int(body[16]) % 2 else "女")


@pytest.mark.parametrize("day", ["0231", "1301", "0230", "0000"])
def test_a_date_the_calendar_lacks_is_no_valid_number(day: str) -> None:
    body = "1101011990" + day + "123"
    number = parse_number(body + check_character(body))
    assert number is not None
    assert number.born is None
    assert not number_is_valid(number.text)


@pytest.mark.parametrize(
    "text",
    ["", "110101199003074", "11010119900307458", "1101011990030745811", "11010119900307458Y", "１10101199003074581"],
)
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_a_number_stays_out_of_representations() -> None:
    assert "199003" not in repr(parse_number("110101199003074581"))
