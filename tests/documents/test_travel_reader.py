"""Documents with a machine readable zone, from picture to reading, with the real weights on specimens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from service.documents.crops import rectified
from service.documents.mrz_single import read_line
from service.documents.mrz_track import likeliest
from service.documents.page_place import FLAT_SIDE
from service.documents.reader import CARD_SIDE, DocumentReader
from service.documents.text import Quad, TextReader
from service.evidence import CheckOutcome, DocumentReading, Picture, Pixels, Side
from service.runtime.weights import Weights
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.sample import sample_portraits
from service.specimens.travel_documents import DOT, ZoneFont, draw_document
from service.specimens.travel_folder import take
from service.specimens.travellers import Traveller, invent_traveller

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader(weights: Weights) -> DocumentReader:
    return DocumentReader.build(weights, 2)


@pytest.fixture(scope="module")
def traveller() -> Traveller:
    return invent_traveller(np.random.default_rng(3), TODAY, "TD3")


def drawn(person: Traveller, assets: Path) -> Pixels:
    portrait = sample_portraits(assets, 1)[0]
    return draw_document(person, portrait, Fonts.build(assets), ZoneFont.build(assets), np.random.default_rng(8))


def picture(pixels: Pixels) -> Picture:
    return Picture(pixels, 1.0, pixels.shape[1], pixels.shape[0], "JPEG", "0" * 64)


def decoded(content: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def outcomes(reading: DocumentReading) -> dict[str, CheckOutcome]:
    return {check.name: check.outcome for check in reading.checks}


@pytest.mark.parametrize("condition", ["photo", "rotate270"])
def test_a_passport_in_a_photograph(reader: DocumentReader, traveller: Traveller, assets: Path, condition: str) -> None:
    taken = photograph(drawn(traveller, assets), condition, np.random.default_rng(5))
    reading = reader.read(picture(taken.pixels), today=TODAY)
    assert (reading.kind, reading.side) == ("passport", Side.FRONT)
    assert reading.mrz is not None
    assert (reading.mrz.format, reading.mrz.status, reading.mrz.lines) == ("TD3", "valid", traveller.lines)
    said = {name: found.value for name, found in reading.fields.items()}
    assert said["name"] == f"{traveller.surname} {traveller.given_names}"
    assert (said["number"], said["issuing_state"]) == (traveller.number, traveller.issuing_state)
    assert said["birth_date"] == traveller.birth_date.isoformat()
    assert said["valid_until"] == traveller.valid_until.isoformat()
    assert outcomes(reading)["mrz_check_digits"] is CheckOutcome.PASS
    assert outcomes(reading)["mrz_matches_visual"] is CheckOutcome.PASS
    box = reading.fields["number"].box
    assert box is not None
    inside = np.array(box) >= 0
    assert inside.all()
    assert reading.card_box is not None
    off = np.linalg.norm(np.array(reading.card_box) - taken.quad, axis=1).max()
    assert off < 0.02 * float(np.linalg.norm(taken.quad[1] - taken.quad[0]))


def test_the_page_set_upright_and_its_portrait(reader: DocumentReader, traveller: Traveller, assets: Path) -> None:
    page = drawn(traveller, assets)
    turned = np.ascontiguousarray(np.rot90(page))
    reading = reader.read(picture(turned), today=TODAY)
    flat = rectified(picture(turned), reading)
    assert flat is not None
    same = np.abs(cv2.resize(flat, page.shape[1::-1]).astype(float) - page).mean()
    assert same < 12
    assert reading.portrait is not None
    face = sample_portraits(assets, 1)[0]
    height = round(0.72 * (page.shape[0] - 23.2 * DOT) * reading.portrait.shape[1] / (0.4 * page.shape[1]))
    shown = cv2.resize(face, (min(round(height * face.shape[1] / face.shape[0]), reading.portrait.shape[1]), height))
    inner = shown[height // 4 : -height // 4, shown.shape[1] // 4 : -shown.shape[1] // 4]
    assert cv2.matchTemplate(reading.portrait, inner, cv2.TM_CCOEFF_NORMED).max() > 0.8


def test_the_back_of_a_card_has_a_place_and_no_portrait(reader: DocumentReader, assets: Path) -> None:
    card = invent_traveller(np.random.default_rng(12), TODAY, "TD1")
    back = drawn(card, assets)
    back[: round(0.5 * back.shape[0])] = 230
    reading = reader.read(picture(back), today=TODAY)
    assert (reading.kind, reading.side) == ("mrz_card", Side.BACK)
    assert reading.card_box is not None
    assert reading.portrait is None


def test_a_small_picture_is_enlarged(reader: DocumentReader, assets: Path) -> None:
    card = invent_traveller(np.random.default_rng(12), TODAY, "TD1")
    taken, _ = take(drawn(card, assets), "small_scan", np.random.default_rng(2))
    reading = reader.read(picture(decoded(taken)), today=TODAY)
    assert reading.kind == "mrz_card"
    assert reading.mrz is not None
    assert reading.mrz.lines == card.lines


@dataclass(frozen=True)
class Watched:
    """A text reader that notes how large it was asked to look for text."""

    inner: TextReader
    sides: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def find(self, pixels: Pixels, max_side: int) -> list[Quad]:
        self.sides.append(max_side)
        return self.inner.find(pixels, max_side)


def test_a_zone_ends_the_search_for_a_card(reader: DocumentReader, traveller: Traveller, assets: Path) -> None:
    """It would look three times more, and find none; the zone is read from the boxes that were found already."""
    taken = photograph(drawn(traveller, assets), "photo", np.random.default_rng(5))
    watched = Watched(reader.text)
    watching = cast(TextReader, watched)
    travel = replace(reader.travel, text=watching, zones=replace(reader.travel.zones, text=watching))
    reading = replace(reader, text=watching, travel=travel).read(picture(taken.pixels), today=TODAY)
    assert reading.kind == "passport"
    assert watched.sides == [CARD_SIDE, FLAT_SIDE]  # the second is on the page alone


def misprinted(traveller: Traveller) -> Traveller:
    """With a wrong composite check digit."""
    second = traveller.lines[1]
    wrong = second[:-1] + str((int(second[-1]) + 1) % 10)
    return Traveller(
        traveller.format, (traveller.lines[0], wrong), traveller.surname, traveller.given_names, traveller.number,
        traveller.issuing_state, traveller.nationality, traveller.birth_date, traveller.sex, traveller.valid_from,
        traveller.valid_until,
    )  # fmt: skip


def test_only_a_proven_zone_ends_the_search_for_a_card(
    reader: DocumentReader, traveller: Traveller, assets: Path
) -> None:
    """What does not add up may be the print of the page that a card lies on."""
    for printed, ends in ((traveller, True), (misprinted(traveller), False)):
        pixels = drawn(printed, assets)
        assert (reader.travel.zone_among(pixels, reader.text.find(pixels, CARD_SIDE)) is not None) == ends
        assert reader.travel.zone(pixels) is not None


def test_a_zone_with_a_wrong_digit_is_invalid_and_read_as_it_stands(
    reader: DocumentReader, traveller: Traveller, assets: Path
) -> None:
    forged = misprinted(traveller)
    reading = reader.read(picture(drawn(forged, assets)), today=TODAY)
    assert reading.mrz is not None
    assert (reading.mrz.status, reading.mrz.lines) == ("invalid", forged.lines)
    assert outcomes(reading)["mrz_check_digits"] is CheckOutcome.FAIL
    assert [alert.code for alert in reading.alerts] == ["mrz_invalid"]
    assert traveller.surname not in repr(reading)


def test_a_box_higher_than_its_line_is_known_among_many(
    reader: DocumentReader, traveller: Traveller, assets: Path
) -> None:
    """Its length says how far apart the characters are; its height would say too much."""
    page = drawn(traveller, assets)
    height, width = page.shape[:2]
    left, right = (width / 2 + side * 22.3 * 2.54 * DOT for side in (-1, 1))
    middle, reach = height - 10.5 * DOT, 3.6 * DOT

    def box(top: float, bottom: float) -> Quad:
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)

    zone = box(middle - reach, middle + reach)
    others = [box(40 + 60 * row, 75 + 60 * row) for row in range(10)]
    found = likeliest(reader.travel.zones.glyphs, page, [*others, zone])
    assert found
    assert found[0] is zone


def test_a_letter_changed_in_the_name_is_a_mismatch(reader: DocumentReader, traveller: Traveller, assets: Path) -> None:
    """No check digit covers a name: only what is printed beside it tells."""
    other = "M" if traveller.surname[2] != "M" else "K"
    first = traveller.lines[0][:7] + other + traveller.lines[0][8:]
    reading = reader.read(picture(drawn(replace(traveller, lines=(first, traveller.lines[1])), assets)), today=TODAY)
    assert reading.mrz is not None
    assert (reading.mrz.status, reading.mrz.lines[0]) == ("valid", first)
    assert outcomes(reading)["mrz_matches_visual"] is CheckOutcome.FAIL


def test_single_lines_are_read_by_themselves(reader: DocumentReader, traveller: Traveller, assets: Path) -> None:
    page = drawn(traveller, assets)
    for place, line in enumerate(traveller.lines):
        middle = page.shape[0] - (10.5 + 6.35 * (1 - place)) * DOT
        strip = page[round(middle - 2.6 * DOT) : round(middle + 2.6 * DOT)]
        assert read_line(reader.travel.zones, strip) == line


def test_a_page_of_print_has_no_zone(reader: DocumentReader) -> None:
    page = np.full((700, 1000, 3), 235, np.uint8)
    for row in range(12):
        text = "ACCOUNT 128.50 DELIVERY MONDAY PAGE 4 COPY SIGNED"
        cv2.putText(page, text, (40, 60 + 50 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 2)
    assert reader.read(picture(page), today=TODAY).mrz is None


def test_the_zone_of_a_specimen_passport_of_the_wild(reader: DocumentReader, shared_data: Path) -> None:
    pixels = cv2.imread(str(shared_data / "id_docs_dev" / "images" / "arg_China.jpg"))
    reading = reader.read(picture(np.asarray(pixels, dtype=np.uint8)), today=TODAY)
    assert reading.mrz is not None
    assert reading.mrz.status == "valid"
    assert reading.value("name_native") == "林美華"
    assert outcomes(reading)["mrz_matches_visual"] is CheckOutcome.PASS
