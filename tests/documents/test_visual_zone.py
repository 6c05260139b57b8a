"""Labelled values beside a machine readable zone, and whether both say the same."""

from __future__ import annotations

import numpy as np
import pytest

from service.documents.kinds import SideField
from service.documents.layout import PlacedLine
from service.documents.visual_zone import dates, labelled, matches
from service.evidence import CheckOutcome
from tests.documents.drawn_lines import line, placed

PRC = [
    line("护照号/Passport No.", 900, 60, 20), line("G12345678", 900, 90, 30),
    line("姓/Surname", 400, 140, 20), line("ZHANG", 400, 170, 30),
    line("名/Given names", 400, 220, 20), line("XIAO MING", 400, 250, 30),
    line("性别/Sex", 400, 300, 20), line("男/M", 400, 330, 30),
    line("国籍/Nationality", 700, 300, 20), line("中国/CHINESE", 700, 330, 30),
    line("出生日期/Date of birth", 400, 380, 20), line("03 MAY 1982", 400, 410, 30),
    line("签发日期/Date of issue", 400, 460, 20), line("12 JUN 2020", 400, 490, 30),
    line("有效期至/Date of expiry", 400, 540, 20), line("11 JUN 2030", 400, 570, 30),
]  # fmt: skip


def zone(**values: str) -> dict[str, SideField]:
    said = {"number": "G12345678", "surname": "ZHANG", "birth_date": "1982-05-03", "valid_until": "2030-06-11"} | values
    quad = np.zeros((4, 2), np.float32)
    return {name: SideField(value, 0.99, (quad,)) for name, value in said.items()}


def page(**changes: str) -> list[PlacedLine]:
    """PRC with texts replaced, by the text that stood there without its spaces and points."""
    swapped = []
    for one in PRC:
        key = "".join(character for character in one.text if character.isalnum())
        swapped.append(line(changes.get(key, one.text), *map(float, one.quad[0]), 30))
    return placed(swapped)


def test_labels_in_two_languages_lead_to_their_values() -> None:
    found = {name: value.value for name, value in labelled(placed(PRC)).items()}
    assert found["number"] == "G12345678"
    assert (found["surname"], found["given_names"]) == ("ZHANG", "XIAOMING")
    assert (found["birth_date"], found["valid_from"], found["valid_until"]) == (
        "1982-05-03",
        "2020-06-12",
        "2030-06-11",
    )
    assert found["sex"] == "男/M"
    assert found["nationality"] == "中国/CHINESE"


def test_a_value_may_stand_in_the_box_of_its_label() -> None:
    lines = placed([line("Date of birth: 03.05.1982", 100, 100), line("Passport No. AB1234567", 100, 200)])
    found = {name: value.value for name, value in labelled(lines).items()}
    assert found == {"birth_date": "1982-05-03", "number": "AB1234567"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03MAY1982", (82, 5, 3)),
        ("12AUG/AOUT74", (74, 8, 12)),
        ("07SEP40", (40, 9, 7)),
        ("26MAÍ/MAY99", None),
        ("14.08.1994", (94, 8, 14)),
        ("2020.06.12", (20, 6, 12)),
        ("2020年6月12日", (20, 6, 12)),
        ("311266-9539", None),
        ("45.67.1999", None),
    ],
)
def test_dates_as_documents_print_them(text: str, day: tuple[int, int, int] | None) -> None:
    assert dates(text) == ({day} if day else set()) or (day in dates(text) and "." in text)


def test_a_zone_that_says_what_is_printed_matches() -> None:
    check = matches(zone(), placed(PRC))
    assert check.outcome is CheckOutcome.PASS
    assert check.measured == {
        "number_same": True,
        "birth_date_same": True,
        "valid_until_same": True,
        "surname_same": True,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"G12345678": "G12345679"},
        {"03MAY1982": "04 MAY 1982"},
        {"11JUN2030": "11 JUN 2031"},
        {"ZHANG": "KOWALSKI"},
    ],
    ids=["number", "birth_date", "valid_until", "surname"],
)
def test_a_value_that_was_changed_is_a_mismatch(changes: dict[str, str]) -> None:
    check = matches(zone(), page(**changes))
    assert check.outcome is CheckOutcome.FAIL
    assert check.reasons == ("mrz_visual_mismatch",)


def test_letters_read_for_digits_are_no_mismatch() -> None:
    assert matches(zone(number="G12O45678"), page(G12345678="G12045678")).outcome is CheckOutcome.PASS


def test_a_transliterated_name_is_no_mismatch() -> None:
    assert matches(zone(surname="MUELLER"), page(ZHANG="MÜLLER")).outcome is CheckOutcome.PASS


def test_a_badly_read_value_contradicts_nothing() -> None:
    lines = placed([*PRC[:1], line("G12345679", 900, 90, 30, text_score=0.6), *PRC[2:]])
    assert matches(zone(), lines).outcome is CheckOutcome.UNKNOWN


def test_without_a_visual_zone_nothing_is_known() -> None:
    check = matches(zone(), [])
    assert check.outcome is CheckOutcome.UNKNOWN
    assert check.reasons == ()


@pytest.mark.parametrize("label", ["Authority/Autorité", "Authority l'Autorité", "AUTHORITY AUTORITE"])
def test_a_label_in_french_is_no_value(label: str) -> None:
    lines = placed([line(label, 400, 140, 20), line("PASSPORT OFFICE", 400, 170, 30)])
    assert labelled(lines)["authority"].value.replace(" ", "") == "PASSPORTOFFICE"


def test_a_label_by_itself_gives_nothing() -> None:
    assert "authority" not in labelled(placed([line("Authority/Autorité", 400, 140, 20), line("l'Autorité", 400, 170)]))


@pytest.mark.parametrize(
    ("zone_name", "printed"), [("ZHAMG", "ZHANG"), ("KOWALSKA", "KOWALSKI"), ("MULLER", "MÖLLER"), ("WANG", "ZHANG")]
)
def test_a_letter_changed_in_a_name_is_a_mismatch_or_unknown(zone_name: str, printed: str) -> None:
    check = matches(zone(surname=zone_name), page(ZHANG=printed))
    short = len(zone_name) != len(printed)
    assert check.outcome is (CheckOutcome.UNKNOWN if short else CheckOutcome.FAIL)
    assert check.measured["surname_same"] is False


def test_a_letter_changed_in_a_given_name_without_its_label_is_a_mismatch() -> None:
    lines = [line(one.text, *map(float, one.quad[0]), 30) for one in PRC if "Given" not in one.text]
    assert matches(zone(given_names="XIAO MINA"), placed(lines)).outcome is CheckOutcome.FAIL
    assert matches(zone(given_names="XIAO MING"), placed(lines)).outcome is CheckOutcome.PASS


@pytest.mark.parametrize(
    ("zone_name", "printed"),
    [("MUELLER", "MÜLLER"), ("MULLER", "MÜLLER"), ("MUXXLLER", "MÜLLER"), ("AEVARSDOTTIR", "ÆVARSDÓTTIR"),
     ("GARCIA LOPEZ", "GARCÍA LÓPEZ"), ("SOEREN", "SØREN"), ("NUNEZ", "NÚÑEZ"), ("OZDEMIR", "0ZDEMIR"),
     ("PETRENKO", "ПЕТРЕНКО/PETRENKO"), ("VERYLONGNAM", "VERYLONGNAMECUTINTHEZONE")],
)  # fmt: skip
def test_names_as_states_transliterate_them_match(zone_name: str, printed: str) -> None:
    assert matches(zone(surname=zone_name), page(ZHANG=printed)).outcome is CheckOutcome.PASS


def test_a_sign_that_the_reader_lost_is_no_mismatch() -> None:
    assert matches(zone(surname="AEVARSDOTTIR"), page(ZHANG="EVARSDÓTTIR")).outcome is CheckOutcome.UNKNOWN


def test_a_signature_is_no_name_misspelt() -> None:
    signed = placed([*PRC, line("Zhanq", 100, 600)])
    assert matches(zone(given_names="ZHANG"), signed).outcome is CheckOutcome.PASS
    lines = [one for one in PRC if one.text != "ZHANG" and "Surname" not in one.text]
    assert matches(zone(), placed([*lines, line("Zhanq", 100, 600)])).outcome is CheckOutcome.UNKNOWN


def test_a_value_below_the_next_label_is_not_this_labels() -> None:
    """The value between them was not found."""
    lines = [line("Surname/Nom", 400, 140, 20), line("Nationality/Nationalité", 400, 180, 20), line("CZE", 400, 200)]
    assert "surname" not in labelled(placed(lines))
    assert labelled(placed(lines))["nationality"].value == "CZE"


@pytest.mark.parametrize(
    ("sex", "printed", "outcome"),
    [("M", "男/M", CheckOutcome.PASS), ("F", "男/M", CheckOutcome.FAIL), ("F", "K", CheckOutcome.PASS)],
)
def test_the_sex_is_compared_where_it_is_printed_as_the_standard_has_it(
    sex: str, printed: str, outcome: CheckOutcome
) -> None:
    assert matches(zone(sex=sex), page(男M=printed)).outcome is outcome
