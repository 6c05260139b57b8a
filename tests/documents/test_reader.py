"""From a picture to a `DocumentReading`, with the real weights on specimens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from service.documents.locate import Proposal
from service.documents.locator import Locator
from service.documents.reader import DocumentReader
from service.documents.text import Quad, ReadLine, TextReader
from service.evidence import CheckOutcome, DocumentReading, Picture, Pixels, Side
from service.reasons import REASONS
from service.runtime.image import decode
from service.runtime.weights import Weights
from service.specimens.card import draw_back, draw_front
from service.specimens.faults import cover_number
from service.specimens.fonts import Fonts
from service.specimens.people import Person, invent_person
from service.specimens.photograph import Photograph, photograph
from service.specimens.sample import sample_portraits

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader(root: Path) -> DocumentReader:
    return DocumentReader.build(Weights.build(root / "models"), 2)


@pytest.fixture(scope="module")
def person() -> Person:
    return invent_person(np.random.default_rng(77), TODAY)


@pytest.fixture(scope="module")
def front(person: Person, assets: Path) -> Pixels:
    return draw_front(person, sample_portraits(assets, 1)[0], Fonts.build(assets))


@pytest.fixture(scope="module")
def back(person: Person, assets: Path) -> Pixels:
    return draw_back(person, Fonts.build(assets))


def picture(pixels: Pixels, scale: float = 1.0) -> Picture:
    height, width = pixels.shape[:2]
    return Picture(pixels, scale, round(width / scale), round(height / scale), "JPEG", "0" * 64)


def taken(card: Pixels, condition: str, seed: int = 5) -> Photograph:
    return photograph(card, condition, np.random.default_rng(seed))


def values(reading: DocumentReading) -> dict[str, str]:
    return {name: found.value for name, found in reading.fields.items()}


def codes(reading: DocumentReading) -> set[str]:
    found = {alert.code for alert in reading.alerts}
    assert found <= set(REASONS)
    return found


@pytest.mark.parametrize("condition", ["photo", "tilt", "perspective", "rotate90", "rotate180", "low_light"])
def test_a_front_is_read_exactly(reader: DocumentReader, person: Person, front: Pixels, condition: str) -> None:
    photo = taken(front, condition)
    reading = reader.read(picture(photo.pixels))
    assert reading.side is Side.FRONT
    assert values(reading) == person.front()
    assert {check.outcome for check in reading.checks} == {CheckOutcome.PASS}
    assert "border_incomplete" not in codes(reading)


@pytest.mark.parametrize("place", [37])
def test_an_address_that_light_has_all_but_burnt_is_read(reader: DocumentReader, assets: Path, place: int) -> None:
    rng = np.random.default_rng((8101, place, *b"glare", *b"front"))
    printed = invent_person(rng, TODAY)
    card = draw_front(printed, sample_portraits(assets, 3)[place % 3], Fonts.build(assets))
    reading = reader.read(decode(photograph(card, "glare", rng).encode(), max_side=2000))
    assert values(reading) == printed.front()
    assert "reflection" not in codes(reading)


@pytest.mark.parametrize("condition", ["scan", "clean", "rotate270", "jpeg"])
def test_a_back_is_read_exactly(reader: DocumentReader, person: Person, back: Pixels, condition: str) -> None:
    reading = reader.read(picture(taken(back, condition).pixels))
    assert reading.side is Side.BACK
    assert values(reading) == person.back()
    assert reading.portrait is None
    assert "border_incomplete" not in codes(reading)


@pytest.mark.parametrize("condition", ["photo", "rotate180", "perspective"])
def test_the_portrait_and_the_boxes_lie_where_they_are_printed(
    reader: DocumentReader, front: Pixels, condition: str
) -> None:
    photo = taken(front, condition)
    reading = reader.read(picture(photo.pixels, scale=0.5))
    assert reading.portrait is not None
    assert reading.portrait_box is not None
    assert reading.fields["number"].box is not None
    height, width = front.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    back_to_card = cv2.getPerspectiveTransform(photo.quad * 2, flat)
    number = seen(back_to_card, reading.fields["number"].box)
    assert np.abs(number[0] - (330, 530)).max() < 35
    assert np.abs(number[2] - (930, 578)).max() < 35
    box = seen(back_to_card, reading.portrait_box)
    assert (box[0] < (646, 102)).all()
    assert (box[2] > (926, 458)).all()
    assert reading.portrait.shape[0] > 0.4 * np.linalg.norm(photo.quad[1] - photo.quad[2])


def seen(matrix: np.ndarray, box: object) -> np.ndarray:
    return cv2.perspectiveTransform(np.array(box, np.float64).reshape(-1, 1, 2), matrix).reshape(-1, 2)


class Sightless:
    """A text reader that reads, and finds nothing to read."""

    def __init__(self, inner: TextReader) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def find(self, _pixels: Pixels, _max_side: int) -> list[Quad]:
        return []


def test_an_outline_that_edges_leave_in_doubt_is_proven_by_print(reader: DocumentReader, front: Pixels) -> None:
    none_trusted = (-20.0, *(0.0 for _ in reader.locator.trust_weights[1:]))
    sightless = cast(TextReader, Sightless(reader.text))
    doubtful = replace(reader, text=sightless, locator=replace(reader.locator, trust_weights=none_trusted))
    shown = picture(taken(front, "perspective").pixels)
    assert values(doubtful.read(shown)) == values(reader.read(shown)) != {}


class Blind:
    """A locator that must not be asked."""

    def propose(self, _pixels: Pixels, _most: int = 2) -> list[Proposal]:
        raise AssertionError

    def onto_edges(self, _pixels: Pixels, card: np.ndarray) -> np.ndarray:
        return card


@pytest.mark.parametrize("side", ["front", "back"])
def test_no_outline_is_sought_in_a_card_that_was_cut_out(
    reader: DocumentReader, front: Pixels, back: Pixels, side: str
) -> None:
    blind, card = replace(reader, locator=cast(Locator, Blind())), front if side == "front" else back
    cut_out = picture(taken(card, "scan").pixels)
    assert values(blind.read(cut_out)) == values(reader.read(cut_out)) != {}
    with pytest.raises(AssertionError):
        blind.read(picture(taken(card, "photo").pixels))


@pytest.mark.parametrize("seed", range(4))
def test_a_covered_number_is_not_read(reader: DocumentReader, front: Pixels, seed: int) -> None:
    covered = cover_number(front, np.random.default_rng(seed))
    reading = reader.read(picture(taken(covered, "photo").pixels))
    assert reading.value("number") is None
    assert "number_unreadable" in codes(reading)
    assert {c.outcome for c in reading.checks if c.name == "check_character"} == {CheckOutcome.UNKNOWN}


class Counting:
    """A text engine that counts how often text is looked for."""

    def __init__(self, inner: TextReader) -> None:
        self.inner = inner
        self.looks: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def find(self, pixels: Pixels, max_side: int) -> list[Quad]:
        self.looks.append(max_side)
        return self.inner.find(pixels, max_side)


class Forgetful(Counting):
    """A text engine that is unsure of the sex in rows of ink, and blind to it in the detector's boxes."""

    def read(
        self, pixels: Pixels, quads: Sequence[Quad], width_needed: Callable[[Quad], float] | None = None
    ) -> tuple[ReadLine, ...]:
        lines = self.inner.read(pixels, quads, width_needed)
        if width_needed is not None:
            return tuple(replace(line, text_score=0.85) if "性别" in line.text else line for line in lines)
        return tuple(line for line in lines if not {"性", "民"} & set(line.text))


def test_a_whole_card_is_not_given_up_for_a_second_look_that_misses_a_field(
    reader: DocumentReader, person: Person, front: Pixels
) -> None:
    forgetful = Forgetful(reader.text)
    read = replace(reader, text=cast(TextReader, forgetful)).read(picture(taken(front, "photo").pixels))
    assert forgetful.looks
    assert (read.value("sex"), read.value("ethnicity")) == (person.sex, person.ethnicity)


def test_two_looks_at_one_place_that_agree_are_enough(reader: DocumentReader, front: Pixels) -> None:
    counting = Counting(reader.text)
    counted = replace(reader, text=cast(TextReader, counting))
    assert counted.read(picture(taken(front, "photo").pixels)).value("number")
    assert counting.looks == []
    covered = cover_number(front, np.random.default_rng(1))
    assert counted.read(picture(taken(covered, "photo").pixels)).value("number") is None
    assert len(counting.looks) == 1


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("side", ["front", "back"])
def test_a_cut_card_is_noticed(reader: DocumentReader, front: Pixels, back: Pixels, side: str, edge: str) -> None:
    photo = taken(front if side == "front" else back, "photo", seed=9)
    x0, y0 = (photo.quad.min(axis=0) + 0.2 * np.ptp(photo.quad, axis=0)).astype(int)
    x1, y1 = (photo.quad.max(axis=0) - 0.2 * np.ptp(photo.quad, axis=0)).astype(int)
    cut = {
        "left": photo.pixels[:, x0:], "right": photo.pixels[:, :x1],
        "top": photo.pixels[y0:], "bottom": photo.pixels[:y1],
    }[edge]  # fmt: skip
    reading = reader.read(picture(np.ascontiguousarray(cut)))
    assert codes(reading) & {"border_incomplete", "fields_unreadable", "number_unreadable", "not_a_document"}


@pytest.mark.parametrize("name", ["blank", "noise", "face"])
def test_what_is_no_document(reader: DocumentReader, assets: Path, name: str) -> None:
    pixels = {
        "blank": np.full((600, 900, 3), 180, np.uint8),
        "noise": np.random.default_rng(3).integers(0, 255, (600, 900, 3), dtype=np.uint8),
        "face": sample_portraits(assets, 1)[0],
    }[name]
    reading = reader.read(picture(pixels))
    assert (reading.kind, reading.side, dict(reading.fields)) == (None, None, {})
    assert codes(reading) == {"not_a_document"}


@pytest.mark.parametrize("size", [(1, 1), (16, 700), (700, 16), (40, 40)])
def test_odd_sizes_do_no_harm(reader: DocumentReader, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert reader.read(picture(pixels)).kind is None


def test_the_same_picture_gives_the_same_reading(reader: DocumentReader, front: Pixels) -> None:
    once, again = (reader.read(picture(taken(front, "hard").pixels)) for _ in range(2))
    assert once.fields == again.fields
    assert once.checks == again.checks


def test_personal_data_stays_out_of_representations(reader: DocumentReader, person: Person, front: Pixels) -> None:
    reading = reader.read(picture(taken(front, "photo").pixels))
    assert not any(value in repr(reading) for value in person.front().values() if len(value) > 1)
