"""Unsure characters of an address that do not look as they were read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.documents.address_glyphs import checked_address
from service.documents.attempt import UNREAD, Attempt
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.name_glyphs import NameGlyphs
from service.evidence import Pixels, Side
from service.runtime.weights import Weights
from service.specimens.fonts import Fonts

EM, PITCH, LEFT, TOP = 36, 43, 30, 20
SURE = 0.999
PRINTED = "住址白塔乡塆子村"
PLACE = PRINTED.index("塆")


@pytest.fixture(scope="module")
def names(weights: Weights) -> NameGlyphs:
    return NameGlyphs.build(weights, 1)


@pytest.fixture(scope="module")
def picture(root: Path) -> Pixels:
    font = Fonts.build(root / "models" / "assets").sans(EM)
    image = Image.new("RGB", (LEFT * 2 + PITCH * len(PRINTED), TOP * 2 + 48), (225, 222, 214))
    for place, character in enumerate(PRINTED):
        spot = (LEFT + place * PITCH, TOP + 36)
        ImageDraw.Draw(image).text(spot, character, font=font, fill=(28, 26, 30), anchor="ls")
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def attempt(read: str, likely: dict[int, float], value: str | None = None, field: str = "address") -> Attempt:
    """The line `read` of the picture; all its characters are sure but those at the places of `likely`."""
    width = PITCH * len(read)
    quad = np.array([(0, 0), (width, 0), (width, 48), (0, 48)], np.float32) + np.float32((LEFT - 4, TOP - 2))
    spots = tuple((place * PITCH + 4 + EM / 2 + 1) / width for place in range(len(read)))
    sure = tuple(likely.get(place, SURE) for place in range(len(read)))
    line = PlacedLine(read, SURE, quad, 0, width, 24, 48, 0.0, spots=spots, likely=sure)
    found = SideField(value or read[2:], SURE, (quad,))
    return Attempt(
        "rectified", SideReading("cn_resident_id", Side.FRONT, {field: found}, True, 1.0), (line,), np.eye(3)
    )


@pytest.mark.parametrize("other", ["湾", "垮"])
def test_an_unsure_look_alike_is_doubted(names: NameGlyphs, picture: Pixels, other: str) -> None:
    read = attempt(PRINTED.replace("塆", other), {PLACE: 0.75})
    found = checked_address(names, read, picture).side.fields["address"]
    assert (found.value, found.text_score) == (PRINTED[2:].replace("塆", other), UNREAD)


def test_an_unsure_character_that_looks_as_it_was_read_is_not(names: NameGlyphs, picture: Pixels) -> None:
    for character in "白塔乡塆子村":
        read = attempt(PRINTED, {PRINTED.index(character): 0.75})
        assert checked_address(names, read, picture) is read


def test_what_the_recogniser_is_sure_of_is_not_looked_at(names: NameGlyphs, picture: Pixels) -> None:
    read = attempt(PRINTED.replace("塆", "湾"), {})
    assert checked_address(names, read, picture) is read


def test_labels_and_what_the_table_of_places_spells_otherwise_are_not(names: NameGlyphs, picture: Pixels) -> None:
    label = attempt(PRINTED.replace("址", "旺"), {1: 0.5})
    assert checked_address(names, label, picture) is label
    mended = attempt(PRINTED.replace("塆", "湾"), {PLACE: 0.75}, PRINTED[2:])
    assert checked_address(names, mended, picture) is mended


def test_an_authority_is_not_looked_at(names: NameGlyphs, picture: Pixels) -> None:
    read = attempt(PRINTED.replace("塆", "湾"), {PLACE: 0.75}, field="authority")
    assert checked_address(names, read, picture) is read


def test_an_engine_that_does_not_say_how_sure_it_is_is_not_doubted(names: NameGlyphs, picture: Pixels) -> None:
    read = attempt(PRINTED.replace("塆", "湾"), {})
    silent = replace(read, lines=(replace(read.lines[0], likely=()),))
    assert checked_address(names, silent, picture) is silent
