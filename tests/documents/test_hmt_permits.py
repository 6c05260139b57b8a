"""Permits for residents of Hong Kong, Macau and Taiwan, from picture to reading, with the real weights on specimens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from service.documents.cn_number import check_character
from service.documents.reader import DocumentReader
from service.evidence import DocumentReading, Picture, Pixels, Side
from service.runtime.weights import Weights
from service.specimens.fonts import Fonts
from service.specimens.hmt_permits import (
    Permit,
    draw_residence_back,
    draw_residence_front,
    draw_travel_back,
    draw_travel_front,
    travel_zone,
)
from service.specimens.people import Person, invent_person
from service.specimens.photograph import photograph
from service.specimens.sample import sample_portraits
from service.specimens.travel_documents import ZoneFont

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader(weights: Weights) -> DocumentReader:
    return DocumentReader.build(weights, 2)


@pytest.fixture(scope="module")
def holder() -> Person:
    person = invent_person(np.random.default_rng(42), TODAY, ages=(18, 60), sex="女")
    first = f"830000{person.birth_date:%Y%m%d}002"
    return replace(
        person, number=first + check_character(first), valid_from=date(2022, 3, 4), valid_until=date(2027, 3, 3)
    )


def taken(reader: DocumentReader, card: Pixels) -> tuple[DocumentReading, float]:
    """The reading, and how far its outline is off, in card widths."""
    seen = photograph(card, "photo", np.random.default_rng(7))
    height, width = seen.pixels.shape[:2]
    reading = reader.read(Picture(seen.pixels, 1.0, width, height, "JPEG", ""), today=TODAY)
    assert not reading.alerts
    assert reading.card_box is not None
    off = np.linalg.norm(np.array(reading.card_box) - seen.quad, axis=1).max()
    return reading, float(off / np.linalg.norm(seen.quad[1] - seen.quad[0]))


def said(reading: DocumentReading) -> dict[str, str]:
    return {name: found.value for name, found in reading.fields.items()}


def test_both_sides_of_a_residence_permit(reader: DocumentReader, holder: Person, assets: Path) -> None:
    fonts = Fonts.build(assets)
    front, off = taken(reader, draw_residence_front(holder, sample_portraits(assets, 1)[0], fonts))
    assert (front.kind, front.side) == ("cn_hmt_permit", Side.FRONT)
    assert off < 0.015
    printed = holder.front()
    del printed["ethnicity"]
    assert said(front) == printed
    back, off = taken(reader, draw_residence_back(holder, Permit("台湾居民居住证", "01234567", 3), fonts))
    assert (back.kind, back.side) == ("cn_hmt_permit", Side.BACK)
    assert off < 0.015
    assert said(back) == {**holder.back(), "permit_number": "01234567", "issue_count": "3"}


def test_a_travel_permit_with_its_portrait_at_the_left(reader: DocumentReader, holder: Person, assets: Path) -> None:
    portrait = sample_portraits(assets, 1)[0]
    permit = Permit("往来港澳通行证", "CA1234567", 1)
    card = draw_travel_front(holder, permit, "CHAN, SIUMAN", portrait, Fonts.build(assets), ZoneFont.build(assets))
    reading, off = taken(reader, card)
    assert (reading.kind, reading.side, reading.value("number")) == ("cn_hmt_permit", Side.FRONT, "CA1234567")
    assert reading.value("valid_until") == "2027-03-03"
    assert off < 0.015
    assert reading.portrait_box is not None
    assert reading.card_box is not None
    middle = np.mean(reading.card_box, axis=0)
    assert np.mean(reading.portrait_box, axis=0)[0] < middle[0]


def test_the_zone_on_the_back_of_a_travel_permit(reader: DocumentReader, holder: Person, assets: Path) -> None:
    permit, latin = Permit("港澳居民来往内地通行证", "H12345678", 1), "CHAN, SIU MAN"
    back, off = taken(reader, draw_travel_back(holder, permit, latin, Fonts.build(assets), ZoneFont.build(assets)))
    assert (back.kind, back.side, back.value("number")) == ("cn_hmt_permit", Side.BACK, "H12345678")
    assert back.mrz is not None
    assert (back.mrz.status, back.mrz.lines) == ("valid", travel_zone(holder, permit, latin))
    assert back.value("surname") == "CHAN"
    assert off < 0.03
