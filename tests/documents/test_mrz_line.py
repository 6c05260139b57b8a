"""Long lines among boxes, and characters at equal distances among columns."""

from __future__ import annotations

import numpy as np
import pytest

from service.documents.mrz_band import long_lines, stacked
from service.documents.mrz_glyphs import Columns
from service.documents.mrz_layout import ALPHABET
from service.documents.mrz_line import follow
from service.documents.text import Quad


def box(left: float, top: float, width: float, height: float, degrees: float = 0.0) -> Quad:
    points = np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return np.asarray(points @ turn, dtype=np.float32)


def columns(text: str, first: float = 12.0, pitch: float = 4.0, total: int = 200, sure: float = 0.98) -> Columns:
    """What the network says of a line: two columns a character, blanks between."""
    found = np.full((total, 38), 0.0, np.float32)
    found[:, 0] = 0.99
    for place, character in enumerate(text):
        for column in (round(first + place * pitch), round(first + place * pitch) + 1):
            found[column] = 1e-4
            found[column, 1 + ALPHABET.index(character)] = sure
            found[column, 0] = 1 - sure
    return found


def said(text: str, found: Columns, length: int) -> tuple[str, float]:
    chain = follow(found, (30, 36, 44))[length]
    return "".join(ALPHABET[row.argmax()] for row in chain.probabilities), chain.inked


@pytest.mark.parametrize("pitch", [3.8, 4.0, 4.3])
def test_characters_at_equal_distances_are_followed(pitch: float) -> None:
    text = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    assert said(text, columns(text, pitch=pitch, total=230), 44)[0] == text


def test_a_filler_that_is_not_seen_is_counted_by_its_place() -> None:
    text = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
    faint = columns(text)
    faint[12 + 4 * 30 : 12 + 4 * 30 + 2] = faint[0]
    read, _ = said(text, faint, 44)
    assert read[:30] == text[:30]
    assert read[31:] == text[31:]


def test_the_right_length_has_most_in_favour_of_it() -> None:
    text = "D231458907UTO7408122F1204159<<<<<<<6"
    found = {length: said(text, columns(text), length)[1] * length for length in (30, 36, 44)}
    assert max(found, key=lambda length: found[length]) == 36


def test_a_strip_too_short_has_no_chain() -> None:
    assert follow(columns("ABC", total=60), (30,)) == {}


def test_an_empty_strip_speaks_against_a_line() -> None:
    assert follow(columns(""), (30,))[30].inked < -2


@pytest.mark.parametrize("degrees", [0, 17, 90, 180, 251])
def test_two_long_lines_one_below_the_other_may_be_a_zone(degrees: float) -> None:
    lines = [box(50, 400, 600, 30, degrees), box(52, 450, 598, 30, degrees)]
    others = [box(50, 100, 90, 30, degrees), box(300, 100, 200, 24, degrees)]
    found = stacked(long_lines([*others, *lines]))
    assert len(found) == 2
    assert {tuple(quad.mean(axis=0).round()) for quad in found} == {tuple(quad.mean(axis=0).round()) for quad in lines}


def test_a_line_found_in_pieces_is_joined() -> None:
    pieces = [box(50, 400, 280, 30), box(340, 401, 150, 28), box(500, 400, 150, 31), box(50, 450, 600, 30)]
    found = stacked(long_lines(pieces))
    assert sorted(round(float(np.linalg.norm(quad[1] - quad[0]))) for quad in found) == [600, 600]


def test_short_lines_are_none() -> None:
    assert long_lines([box(50, 50 * n, 150, 30) for n in range(6)]) == []
    assert long_lines([]) == []
    assert stacked([]) == []
