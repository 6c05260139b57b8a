"""Layouts, check digits and fields of machine readable zones (ICAO Doc 9303)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.mrz import check_digit, find_layout, parse
from service.documents.mrz_dates import birth_date, expiry_date
from service.documents.mrz_layout import ALPHABET, LAYOUTS
from service.documents.mrz_solve import holds
from service.specimens.travellers import FORMATS, invent_traveller

TODAY = date(2026, 11, 24)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
"""The examples of Doc 9303-4 and -5."""


def test_the_fields_of_a_passport() -> None:
    zone = parse(TD3)
    assert zone is not None
    assert (zone.format, zone.document_code, zone.issuing_state, zone.nationality) == ("TD3", "P", "UTO", "UTO")
    assert (zone.surname, zone.given_names) == ("ERIKSSON", "ANNA MARIA")
    assert (zone.number, zone.birth, zone.sex, zone.expiry) == ("L898902C3", "740812", "F", "120415")
    assert zone.optional_data == ("ZE184226B",)
    assert zone.check_digits == dict.fromkeys(("number", "birth_date", "valid_until", "optional", "composite"), True)


def test_the_fields_of_a_card() -> None:
    zone = parse(TD1)
    assert zone is not None
    assert (zone.format, zone.number, zone.surname, zone.given_names) == ("TD1", "D23145890", "ERIKSSON", "ANNA MARIA")
    assert zone.optional_data == ("", "")
    assert zone.valid


@pytest.mark.parametrize("first", ["I<UTOD23145890<7349<<<<<<<<<<<", "IDBEL000590240<6013<<<<<<<<<<<"])
def test_a_long_number_goes_on_in_the_optional_data(first: str) -> None:
    second = {"I": "3407127M9507122UTO<<<<<<<<<<<2", "D": "8512017F1311048BEL851201002007"}[
        "I" if "<U" in first else "D"
    ]
    zone = parse((first, second, TD1[2]))
    assert zone is not None
    assert zone.valid
    assert zone.number == {"I<": "D23145890734", "ID": "000590240601"}[first[:2]]
    assert zone.optional_data[0] == ""


def test_an_empty_optional_field_may_have_a_filler_for_its_check_digit() -> None:
    empty = TD3[1][:28] + "<" * 14
    bodies = (empty + "<", empty + "0")
    for body in bodies:
        zone = parse((TD3[0], body + str(check_digit(body[:10] + body[13:20] + body[21:43]))))
        assert zone is not None
        assert zone.valid
    wrong = parse((TD3[0], TD3[1][:42] + "<" + TD3[1][43]))
    assert wrong is not None
    assert not wrong.check_digits["optional"]


def test_every_vector(shared_data: Path) -> None:
    with (shared_data / "vectors_dev" / "mrz_vectors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 30
    for row in rows:
        lines = tuple(row["mrz"].split("|"))
        layout = find_layout(lines)
        assert layout is not None
        assert (layout.format, holds(lines)) == (row["format"], row["status"] == "valid")


@pytest.mark.parametrize("lines", [(), ("",), TD3[:1], TD1[:2], (TD3[0], TD3[1][:-1]), (TD3[0], TD3[1][:-1] + "x")])
def test_what_is_no_zone(lines: tuple[str, ...]) -> None:
    assert parse(lines) is None


def test_a_visa_has_no_composite() -> None:
    visa = parse(("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"))
    assert visa is not None
    assert visa.format == "MRVA"
    assert visa.valid
    assert "composite" not in visa.check_digits


@given(st.sampled_from(range(44)), st.sampled_from("0123456789"))
def test_a_wrong_digit_in_the_second_line_is_seen(place: int, digit: str) -> None:
    """A digit for another digit always is: 7, 3 and 1 have no common factor with 10."""
    if not TD3[1][place].isdigit() or TD3[1][place] == digit:
        return
    assert not holds((TD3[0], TD3[1][:place] + digit + TD3[1][place + 1 :]))


@pytest.mark.parametrize("format", FORMATS)
def test_invented_zones_hold_and_say_what_they_were_made_of(format: str) -> None:
    for seed in range(60):
        person = invent_traveller(np.random.default_rng(seed), TODAY, format)
        zone = parse(person.lines)
        assert zone is not None
        assert holds(person.lines)
        assert zone.format == format
        assert (zone.issuing_state, zone.nationality) == (person.issuing_state, person.nationality)
        assert person.number.startswith(zone.number)
        assert zone.number == person.number or format != "TD1"
        assert birth_date(zone.birth, TODAY) == person.birth_date.isoformat()
        assert expiry_date(zone.expiry, TODAY) == person.valid_until.isoformat()
        assert f"{person.surname} {person.given_names}".startswith(f"{zone.surname} {zone.given_names}".strip()[:25])


def test_places_hold_what_may_stand_there() -> None:
    for layout in LAYOUTS:
        table = layout.alphabets()
        assert [len(line) for line in table] == [layout.length] * layout.lines
        assert all(set(allowed) <= set(ALPHABET) for line in table for allowed in line)
        assert table[layout.birth.line][layout.birth.start] == "0123456789<"
        assert "0" not in table[layout.names.line][layout.names.start]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("261124", "2026-11-24"),  # born today
        ("261125", "1926-11-25"),  # tomorrow is a hundred years ago
        ("740812", "1974-08-12"),
        ("000229", "2000-02-29"),
        ("49<<<<", "1949"),
        ("4907<<", "1949-07"),
        ("830231", None),
        ("83<<12", None),
        ("<<<<<<", None),
        ("8A0101", None),
    ],
)
def test_nobody_is_born_in_the_future(text: str, said: str | None) -> None:
    assert birth_date(text, TODAY) == said


@pytest.mark.parametrize(
    ("text", "said"), [("361231", "2036-12-31"), ("770101", "1977-01-01"), ("760101", "2076-01-01"), ("<<<<<<", None)]
)
def test_the_century_of_an_expiry(text: str, said: str | None) -> None:
    assert expiry_date(text, TODAY) == said
