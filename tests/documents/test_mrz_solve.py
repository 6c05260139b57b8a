"""What check digits prove, and what they do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from service.documents.mrz import check_digit, find_layout
from service.documents.mrz_layout import ALPHABET
from service.documents.mrz_solve import AMBIGUOUS, INVALID, VALID, Solution, solve

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def seen(lines: tuple[str, ...], *doubts: tuple[int, int, str, float]) -> list[NDArray[np.float64]]:
    """Sure of every character, but for the doubts: line, place, another character and its probability."""
    tables = []
    for line in lines:
        rows = np.full((len(line), len(ALPHABET)), 1e-9)
        rows[np.arange(len(line)), [ALPHABET.index(one) for one in line]] = 1.0
        tables.append(rows)
    for line, place, character, probability in doubts:
        tables[line][place] *= 1 - probability
        tables[line][place, ALPHABET.index(character)] = probability
    return tables


def solved(lines: tuple[str, ...], *doubts: tuple[int, int, str, float]) -> Solution:
    layout = find_layout(lines)
    assert layout is not None
    return solve(layout, seen(lines, *doubts))


def test_a_sure_reading_that_holds_is_valid() -> None:
    assert solved(TD3) == Solution(VALID, TD3)


def test_check_digits_choose_between_two_readings() -> None:
    # O for 0 in the number: likelier by sight, but it does not hold.
    found = solved(TD3, (1, 5, "O", 0.8))
    assert (found.status, found.lines, found.repaired) == (VALID, TD3, 1)


def test_a_place_for_digits_is_never_a_letter() -> None:
    found = solved(TD3, (1, 13, "T", 0.99), (1, 14, "A", 0.9))
    assert (found.status, found.lines) == (VALID, TD3)


def test_a_place_for_letters_is_never_a_digit() -> None:
    found = solved(TD3, (0, 4, "0", 0.99))
    assert (found.status, found.lines) == (VALID, TD3)


def test_a_sure_reading_that_does_not_hold_is_invalid_and_stays_as_read() -> None:
    broken = (TD3[0], TD3[1].replace("L898902C3", "L898902C4"))
    assert solved(broken) == Solution(INVALID, broken)


@pytest.mark.parametrize("doubt", [(1, 8, "D", 0.3), (1, 7, "M", 0.3)])
def test_check_digits_cannot_tell_what_counts_alike(doubt: tuple[int, int, str, float]) -> None:
    """D for 3, M for C: their values differ by ten and the digits hold for both."""
    found = solved(TD3, doubt)
    assert found.status == AMBIGUOUS
    assert found.lines == TD3
    other = TD3[1][: doubt[1]] + doubt[2] + TD3[1][doubt[1] + 1 :]
    assert found.candidates == (TD3, (TD3[0], other))


def test_a_doubtful_name_is_ambiguous_since_no_digit_covers_it() -> None:
    found = solved(TD3, (0, 5, "F", 0.4))
    assert found.status == AMBIGUOUS
    assert len(found.candidates) == 2


def test_a_document_code_begins_as_the_standard_has_it_unless_the_picture_is_sure() -> None:
    assert solved(TD3, (0, 0, "B", 0.1)) == Solution(VALID, TD3)
    other = ("B" + TD3[0][1:], TD3[1])
    assert solved(other) == Solution(VALID, other)
    assert solved(TD3, (0, 0, "B", 0.95)).status == AMBIGUOUS


def test_the_code_of_a_passport_has_no_digit_and_that_of_a_card_seldom() -> None:
    passport = ("PO" + TD3[0][2:], TD3[1])
    assert solved(passport, (0, 1, "0", 0.9)) == Solution(VALID, passport)
    card = ("C1USAD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert solved(card) == Solution(VALID, card)
    other = ("CI" + card[0][2:], *card[1:])
    assert solved(other, (0, 1, "1", 0.2)) == Solution(VALID, other)


def test_a_state_that_does_not_exist_is_no_rival() -> None:
    assert solved(TD3, (1, 11, "Y", 0.3)) == Solution(VALID, TD3)
    taiwan = (TD3[0].replace("UTO", "TWN"), TD3[1])
    assert solved(taiwan, (0, 2, "Y", 0.3)) == Solution(VALID, taiwan)
    iran = (TD3[0].replace("UTO", "IRN"), TD3[1])
    assert solved(iran, (0, 4, "Q", 0.3)).status == AMBIGUOUS  # Iraq exists
    nowhere = (TD3[0].replace("UTO", "QQQ"), TD3[1])
    assert solved(nowhere) == Solution(VALID, nowhere)


def test_an_impossible_date_is_not_valid() -> None:
    lines = (TD3[0], "L898902C36UTO7413132F1204159ZE184226B<<<<<10")
    assert solved(lines).status == INVALID


def test_nothing_is_solved_for() -> None:
    """Every digit could be made to hold by some other character; none is likely."""
    broken = (TD3[0], TD3[1][:9] + "1" + TD3[1][10:])
    assert solved(broken).lines == broken


@pytest.mark.parametrize("likely", [1e-4, 1e-3])
def test_a_wrong_digit_that_was_printed_is_not_corrected(likely: float) -> None:
    """The picture speaks against the right digit, however well it would hold."""
    broken = (TD3[0], TD3[1][:9] + "5" + TD3[1][10:])
    assert solved(broken, (1, 9, "6", likely)) == Solution(INVALID, broken)


def test_a_correction_that_the_picture_hardly_allows_is_told_beside_what_stands_there() -> None:
    broken = (TD3[0], TD3[1][:9] + "5" + TD3[1][10:])
    found = solved(broken, (1, 9, "6", 0.02))
    assert (found.status, found.candidates) == (AMBIGUOUS, (TD3, broken))
    assert solved(broken, (1, 9, "6", 0.2)).status == VALID


def test_an_o_that_was_surely_read_as_0_is_proven_by_two_check_digits() -> None:
    number = "L8O8912C3"
    body = f"{number}{check_digit(number)}" + TD3[1][10:43]
    true = (TD3[0], body + str(check_digit(body[:10] + body[13:20] + body[21:43])))
    read = (true[0], true[1].replace("L8O", "L80"))
    found = solved(read)
    assert (found.status, found.lines, found.repaired) == (VALID, true, 1)


def test_two_places_of_one_weight_are_ambiguous() -> None:
    number = "L8O8902C3"
    body = f"{number}{check_digit(number)}" + TD3[1][10:43]
    true = (TD3[0], body + str(check_digit(body[:10] + body[13:20] + body[21:43])))
    found = solved((true[0], true[1].replace("L8O", "L80")))
    assert found.status == AMBIGUOUS
    assert true in found.candidates


def test_the_same_in_optional_data_is_not_proven_by_one() -> None:
    lines = ("I<UTOD231458907O<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    second = lines[1] + str(check_digit(lines[0][5:] + lines[1][:7] + lines[1][8:15] + lines[1][18:29]))
    read = (lines[0].replace("7O<", "70<"), second, lines[2])
    assert solved(read).status == INVALID


def test_many_doubts_end() -> None:
    rng = np.random.default_rng(5)
    layout = find_layout(TD3)
    assert layout is not None
    tables = [rng.dirichlet(np.ones(37), 44) for _ in range(2)]
    assert solve(layout, tables).status in (VALID, INVALID, AMBIGUOUS)
