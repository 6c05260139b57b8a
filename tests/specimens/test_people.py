from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from service.specimens.names import DOTTED, ETHNICITIES, invent_name
from service.specimens.people import age_on, check_character, invent_person, validity_end, validity_years
from service.specimens.regions import regions
from service.specimens.sample import sample_person
from service.specimens.score import passes
from tests.specimens.conftest import TODAY, some_people


# The two examples of GB 11643-1999.
@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_check_character_is_that_of_the_standard(number: str) -> None:
    assert check_character(number[:17]) == number[17]
    assert passes(number)


def test_the_check_character_closes_the_sum() -> None:
    # ISO 7064 MOD 11-2: the sum of the places times the powers of two is 1 modulo 11; X stands for 10.
    endings = set()
    for person in some_people(200):
        places = [10 if character == "X" else int(character) for character in person.number]
        assert sum(place * 2 ** (17 - at) for at, place in enumerate(places)) % 11 == 1
        endings.add(person.number[17])
    assert endings == set("0123456789X")


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002", "11010519491231002x", "", "١" * 18])
def test_a_wrong_number_does_not_pass(number: str) -> None:
    assert not passes(number)


def test_numbers_agree_with_what_the_card_prints() -> None:
    codes = {region.code for region in regions()}
    for person in some_people(400):
        assert passes(person.number)
        assert person.number[:6] in codes
        assert person.number[6:14] == f"{person.birth_date:%Y%m%d}"
        assert (int(person.number[16]) % 2 == 1) == (person.sex == "男")


def test_validity_is_legal_and_current() -> None:
    for person in some_people(400):
        assert person.valid_from <= TODAY
        assert person.valid_until == validity_end(person.birth_date, person.valid_from)
        if person.valid_until is not None:
            assert person.valid_until > TODAY
            assert (person.valid_until.month, person.valid_until.day) == (
                person.valid_from.month,
                person.valid_from.day,
            )


@pytest.mark.parametrize(
    ("age", "years"), [(0, 5), (15, 5), (16, 10), (25, 10), (26, 20), (45, 20), (46, None), (90, None)]
)
def test_the_law_says_how_long(age: int, years: int | None) -> None:
    assert validity_years(age) == years


def test_the_day_before_a_birthday_counts() -> None:
    assert age_on(date(2000, 6, 15), date(2016, 6, 14)) == 15
    assert age_on(date(2000, 6, 15), date(2016, 6, 15)) == 16


def test_people_are_reproducible_and_differ() -> None:
    first, again, other = (invent_person(np.random.default_rng(seed), TODAY) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_ages_and_sex_as_asked() -> None:
    rng = np.random.default_rng(3)
    people = [invent_person(rng, TODAY, ages=(18, 30), sex="女") for _ in range(100)]
    assert {person.sex for person in people} == {"女"}
    assert all(18 <= age_on(person.birth_date, TODAY) <= 30 for person in people)


def test_the_variety_a_reader_meets() -> None:
    people = some_people(600)
    lengths = {len(person.name) for person in people if "·" not in person.name}
    assert {2, 3, 4} <= lengths
    assert any("·" in person.name for person in people)
    assert len({person.ethnicity for person in people}) > 40
    assert any(person.valid_until is None for person in people)
    assert {5, 10, 20} <= {p.valid_until.year - p.valid_from.year for p in people if p.valid_until is not None}


def test_there_are_56_ethnicities_and_dotted_names_are_theirs() -> None:
    assert len(set(ETHNICITIES)) == 56
    assert set(ETHNICITIES) >= DOTTED
    assert "·" in invent_name(np.random.default_rng(1), "男", "维吾尔")


def test_exports_name_the_fields_as_the_reader_does() -> None:
    person = sample_person()
    assert person.front() == {
        "name": "苏明远",
        "sex": "男",
        "ethnicity": "汉",
        "birth_date": "1968-03-16",
        "address": person.address,
        "number": person.number,
    }
    assert person.back() == {
        "authority": "北京市公安局朝阳分局",
        "valid_from": "2016-05-09",
        "valid_until": "long-term",
    }
    assert passes(person.number)


def test_personal_data_stays_out_of_repr() -> None:
    person = sample_person()
    assert person.name not in repr(person)
    assert person.number not in repr(person)
    assert person.address not in repr(person)
