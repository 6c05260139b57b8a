"""From a reading to alerts: regions, fields, words, and pictures without a card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.alerts import DOUBTFUL, UNREADABLE, least_steepness, no_card_alerts, outside_card, reading_alerts
from service.documents.attempt import Attempt
from service.documents.defects.wording import says_temporary, second_label, value_spots
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.text import Quad
from service.evidence import Finding, Measure, Picture, Pixels, Role, Side
from service.report import finding_json
from service.specimens.card import draw_front
from service.specimens.fonts import Fonts
from service.specimens.sample import sample_person, sample_portrait

CARD = np.array([(100, 100), (956, 100), (956, 640), (100, 640)], np.float32)


def line(text: str, left: float, middle: float) -> PlacedLine:
    right = left + 30 * len(text)
    quad = np.array([(left, middle - 15), (right, middle - 15), (right, middle + 15), (left, middle + 15)], np.float32)
    return PlacedLine(text, 0.99, quad, left, right, middle, 30.0, 0.0)


def picture(pixels: Pixels, scale: float = 1.0) -> Picture:
    height, width = pixels.shape[:2]
    return Picture(pixels, scale, round(width / scale), round(height / scale), "JPEG", "0" * 64)


def side(*names: str, of: Side = Side.FRONT) -> SideReading:
    quad = line("王小明", 250, 180).quad
    return SideReading("cn_resident_id", of, {name: SideField("王小明", 0.99, (quad,)) for name in names}, False, 1.0)


def alerts_of(of: Picture, card: Quad | None, read: SideReading) -> tuple[Finding, ...]:
    best = Attempt("rectified", read, tuple(FRONT), np.eye(3))
    return reading_alerts(of, card, best, lambda _: ())


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


FRONT = [line("姓名王小明", 160, 180), line("住址北京市", 160, 400), line("公民身份号码", 160, 580)]


def test_without_the_cards_place_fields_are_unreadable_and_nothing_is_measured() -> None:
    blank = picture(np.full((720, 1060, 3), 200, np.uint8))
    found = alerts_of(blank, None, side("name"))
    assert codes(found) == ["fields_unreadable", "number_unreadable", "fields_unreadable"]
    assert all(one.role is Role.FRONT and one.measure is None for one in found)


def test_a_colourless_picture_is_a_copy_and_its_box_lies_in_the_original() -> None:
    grey = np.repeat(np.random.default_rng(1).integers(150, 230, (720, 1060, 1), dtype=np.uint8), 3, axis=2)
    found = alerts_of(picture(grey, 0.5), CARD, side("name"))
    (copy,) = [one for one in found if one.code == "photocopy"]
    assert copy.box == ((200.0, 200.0), (1912.0, 200.0), (1912.0, 1280.0), (200.0, 1280.0))
    assert copy.measure is not None
    assert copy.measure.worse == "lower"
    assert copy.measure.value <= copy.measure.threshold


@pytest.mark.parametrize("in_colour", [True, False])
def test_of_a_burnt_card_the_portrait_and_labels_still_tell_a_copy(assets: Path, in_colour: bool) -> None:
    drawn = draw_front(sample_person(), sample_portrait(assets), Fonts.build(assets))
    pixels = np.full((720, 1060, 3), 90, np.uint8)
    pixels[100:640, 100:956] = cv2.resize(drawn, (856, 540), interpolation=cv2.INTER_AREA)
    if not in_colour:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    burnt = np.clip(pixels.astype(np.float32) * 1.5, 0, 255).astype(np.uint8)
    found = codes(alerts_of(picture(burnt), CARD, side("name")))
    assert ("photocopy" in found) is not in_colour
    assert "too_bright" not in found


@pytest.mark.parametrize("table", [90, 240], ids=["a sheet on a table", "white all around"])
def test_a_print_of_a_card_on_a_sheet_goes_to_a_person(assets: Path, table: int) -> None:
    drawn = draw_front(sample_person(), sample_portrait(assets), Fonts.build(assets))
    pixels = np.full((720, 1060, 3), table, np.uint8)
    pixels[40:700, 30:1030] = 240
    pixels[100:640, 100:956] = cv2.resize(drawn, (856, 540), interpolation=cv2.INTER_AREA)
    copies = [one for one in alerts_of(picture(pixels, 0.5), CARD, side("name")) if one.code == "paper_copy"]
    assert bool(copies) is (table == 90)
    assert [one.box for one in copies] == [((200.0, 200.0), (1912.0, 200.0), (1912.0, 1280.0), (200.0, 1280.0))] * len(
        copies
    )


@pytest.mark.parametrize("paper", [True, False], ids=["white beyond the printed arc", "round"])
def test_a_print_of_a_card_cut_out_square_goes_to_a_person(assets: Path, paper: bool) -> None:
    drawn = draw_front(sample_person(), sample_portrait(assets), Fonts.build(assets))
    print_ = cv2.resize(drawn, (856, 540), interpolation=cv2.INTER_AREA)
    beyond = np.zeros((540, 856), np.uint8)
    for x, y in ((0, 0), (856, 0), (856, 540), (0, 540)):
        cv2.rectangle(beyond, (x - 32, y - 32), (x + 31, y + 31), 1, -1)
    for x, y in ((32, 32), (824, 32), (824, 508), (32, 508)):
        cv2.circle(beyond, (x, y), 32, 0, -1)
    print_[beyond > 0] = 248 if paper else 60
    pixels = np.full((720, 1060, 3), 60, np.uint8)
    pixels[100:640, 100:956] = print_
    copies = [one for one in alerts_of(picture(pixels), CARD, side("name")) if one.code == "paper_copy"]
    assert [one.measure.name for one in copies if one.measure] == (["paper_corners"] if paper else [])


def test_a_black_picture_is_too_dark_and_not_called_a_copy() -> None:
    found = alerts_of(picture(np.full((720, 1060, 3), 4, np.uint8)), CARD, side("name"))
    assert "too_dark" in codes(found)
    assert "photocopy" not in codes(found)


def test_a_small_card_is_named_by_its_width_in_the_original() -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (720, 1060, 3), dtype=np.uint8)
    small = CARD * np.float32(0.3)
    found = alerts_of(picture(pixels), small, side("name"))
    assert "low_resolution" in codes(found)
    enough = alerts_of(picture(pixels, 0.5), small, side("name"))
    assert "low_resolution" not in codes(enough)


@pytest.mark.parametrize("corners", [[(5, 5)] * 4, [(0, 0), (50, 0), (100, 0), (150, 0)]])
def test_corners_that_are_no_card_do_no_harm(corners: list[tuple[int, int]]) -> None:
    pixels = np.full((720, 1060, 3), 200, np.uint8)
    found = alerts_of(picture(pixels), np.array(corners, np.float32), side("name"))
    assert "number_unreadable" in codes(found)


@pytest.mark.parametrize("level", [2, 250])
def test_no_card_in_a_black_or_white_picture(level: int) -> None:
    found = codes(no_card_alerts(picture(np.full((400, 600, 3), level, np.uint8))))
    assert found == ["not_a_document", "too_dark" if level == 2 else "too_bright"]


def test_temporary_cards_say_so() -> None:
    assert says_temporary([line("临时居民身份证", 300, 200)], Side.BACK)
    assert says_temporary([*FRONT, line("有效期限2026.01.02-2026.04.02", 160, 500)], Side.FRONT)
    assert not says_temporary(FRONT, Side.FRONT)
    # A card read by its rows leaves the number's label out.
    rows = [*FRONT[:2], line("110101199003074530", 400, 580)]
    assert says_temporary([*rows, line("签发机关北京市公安局", 160, 500)], Side.FRONT)
    assert not says_temporary(rows, Side.FRONT)
    assert not says_temporary([line("居民身份证", 300, 200), line("有效期限2020.01.01-长期", 160, 500)], Side.BACK)


@pytest.mark.parametrize(
    ("text", "spots", "kept"),
    [
        ("姓名王华", (0.1, 0.2, 0.6, 0.8), (0.6, 0.8)),
        ("姓名", (0.2, 0.7), (0.2,)),
        ("王华", (0.2, 0.7), (0.2, 0.7)),
        ("姓名王华", (0.1, 0.2, 0.8), (0.1, 0.2, 0.8)),
    ],
)
def test_characters_of_a_label_are_none_of_the_value(
    text: str, spots: tuple[float, ...], kept: tuple[float, ...]
) -> None:
    assert value_spots(replace(line(text, 160, 180), spots=spots)) == kept


def test_both_sides_in_one_picture_are_no_temporary_card() -> None:
    back = [line("居民身份证", 300, 900), line("签发机关", 160, 1100), line("有效期限", 160, 1200)]
    assert not says_temporary([*FRONT, *back], Side.FRONT)
    beside = [one.quad for one in second_label([*FRONT, *back]) if outside_card(one.quad, CARD)]
    assert len(beside) == 3
    assert not any(outside_card(one.quad, CARD) for one in FRONT)


def test_an_alert_is_told_with_severity_region_measure_and_advice() -> None:
    box = ((1.0, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0))
    told = finding_json(Finding("reflection", Role.FRONT, "name", box, Measure("burnt_characters", 2.34567, 1.0)))
    assert told["severity"] == "blocking"
    assert told["measure"] == {"name": "burnt_characters", "value": 2.3457, "threshold": 1.0, "worse": "higher"}
    assert (told["field"], told["box"]) == ("name", box)
    assert told["advice"]["en"]
    assert told["advice"]["zh"]
    assert finding_json(Finding("edited"))["severity"] == "hint"
    assert finding_json(Finding("temporary_id"))["severity"] == "warning"


def test_light_over_a_field_that_the_number_proves_costs_no_other_picture() -> None:
    pixels = np.full((720, 1060, 3), 200, np.uint8)
    pixels[290:340, 240:540] = 255
    quad = line("1968年3月16日", 250, 310).quad
    number = line("110105196803160412", 380, 580).quad
    read = {
        "birth_date": SideField("1968-03-16", 0.99, (quad,)),
        "number": SideField("110105196803160412", 0.99, (number,)),
    }

    def burnt(born: str) -> list[str | None]:
        fields = read | {"birth_date": SideField(born, 0.99, (quad,))}
        reading = SideReading("cn_resident_id", Side.FRONT, fields, False, 1.0)
        found = alerts_of(picture(pixels), CARD, reading)
        return [one.field for one in found if one.code == "reflection"]

    assert "birth_date" in burnt("1968-03-15")
    assert "birth_date" not in burnt("1968-03-16")


def test_the_less_sure_the_reading_the_sharper_its_picture_must_be() -> None:
    asked = [least_steepness(score) for score in (0.5, 0.93, 0.95, 0.97, 0.99, 1.0)]
    assert asked[0] == asked[1] == DOUBTFUL
    assert asked[-1] == asked[-2] == UNREADABLE
    assert asked[1] > asked[2] > asked[3] > asked[4]
