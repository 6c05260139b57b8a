"""Running text that begins behind its column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.attempt import UNREAD, WORDING, Attempt, certain, with_doubts
from service.documents.ink_rows import InkRow
from service.documents.kinds import SideField, SideReading
from service.documents.late_start import late_fields
from service.documents.layout import PlacedLine
from service.documents.reader import DocumentReader
from service.evidence import Picture, Pixels, Side
from service.runtime.weights import Weights
from service.specimens.card import draw_back
from service.specimens.fonts import Fonts
from service.specimens.people import invent_person

PITCH, COLUMN = 36.0, 420.0
PERSON = replace(
    invent_person(np.random.default_rng(7), date(2026, 11, 24)),
    authority="雷州市公安局",
    valid_from=date(2018, 1, 6),
    valid_until=date(2038, 1, 6),
)


def line(text: str, left: float, y: float, wide: float = PITCH) -> PlacedLine:
    """A line of the flat card; its characters `wide`, digits and points half of that."""
    widths = np.array([wide * (0.56 if one.isascii() else 1.0) for one in text])
    length = float(widths.sum())
    spots = tuple(((widths.cumsum() - widths / 2) / length).tolist())
    quad = np.array([(left, y - 20), (left + length, y - 20), (left + length, y + 20), (left, y + 20)], np.float32)
    return PlacedLine(text, 0.99, quad, left, left + length, y, 42.0, 0.0, spots=spots, likely=(0.99,) * len(text))


def back(authority: PlacedLine, value: str, layout: str = "resident") -> Attempt:
    dates = line("2018.01.06-2038.01.06", COLUMN, 574)
    fields = {"authority": SideField(value, 0.99, (authority.quad,))}
    side = SideReading("cn_resident_id", Side.BACK, fields, True, 1.0, layout=layout)
    return Attempt("rectified", side, (authority, dates), np.eye(3))


def late(attempt: Attempt) -> list[str]:
    return late_fields(attempt.side, attempt.lines, WORDING)


def test_a_name_that_begins_at_its_column() -> None:
    assert late(back(line("雷州市公安局", COLUMN, 500), "雷州市公安局")) == []
    merged = line("签发机关雷州市公安局", COLUMN - 4 * PITCH, 500)
    assert late(back(merged, "雷州市公安局")) == []


@pytest.mark.parametrize("lost", [1, 2])
def test_a_name_without_its_first_characters(lost: int) -> None:
    read = "雷州市公安局"[lost:]
    attempt = back(line(read, COLUMN + lost * PITCH, 500), read)
    assert late(attempt) == ["authority"]
    assert with_doubts(attempt).side.fields["authority"].text_score == UNREAD
    whole = back(line("雷州市公安局", COLUMN, 500), "雷州市公安局")
    for one, wanted in ((whole, True), (attempt, False)):
        rows = [InkRow(found.quad, (), (found.left, found.right)) for found in one.lines]
        assert certain(one, rows) is wanted


def test_a_second_line_without_its_first_character() -> None:
    first, second = line("黑龙江省大庆市", COLUMN, 500), line("37号", COLUMN + PITCH, 540)
    attempt = back(first, "")
    for lines, wanted in (((first, second), ["address"]), ((first, line("37号", COLUMN, 540)), [])):
        fields = {"address": SideField("黑龙江省大庆市37号", 0.99, tuple(one.quad for one in lines))}
        found = replace(attempt, side=replace(attempt.side, fields=fields), lines=(*lines, attempt.lines[-1]))
        assert late(found) == wanted


def test_what_knows_no_column_is_not_doubted() -> None:
    read = line("市公安局", COLUMN + 2 * PITCH, 500)
    assert late(back(read, "市公安局", layout="portrait_left")) == []
    whole = replace(back(read, "市公安局"), lines=(read,))
    assert late(whole) == []


def paled(pixels: Pixels) -> Pixels:
    """Soft light over the first two characters of the authority: it leaves a seventh of their contrast."""
    light = np.zeros(pixels.shape[:2], np.float32)
    cv2.rectangle(light, (410, 474), (490, 512), 1.0, -1)
    light = cv2.GaussianBlur(light, (0, 0), 9)[:, :, None]
    return np.asarray(pixels * (1 - 0.86 * light) + 238 * 0.86 * light, np.uint8)


def test_characters_that_light_paled_are_read_all_the_same(weights: Weights, assets: Path) -> None:
    drawn = paled(draw_back(PERSON, Fonts.build(assets)))
    framed = cv2.copyMakeBorder(drawn, 90, 90, 120, 120, cv2.BORDER_CONSTANT, value=(60, 80, 110))
    picture = Picture(np.asarray(framed, np.uint8), 1.0, framed.shape[1], framed.shape[0], "PNG", "")
    found = DocumentReader.build(weights, 1).read(picture, today=date(2026, 11, 24))
    assert found.value("authority") == PERSON.authority
