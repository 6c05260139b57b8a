"""Specimens of travel documents: reproducible, and scored as they are labelled."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.mrz import parse
from service.specimens.mrz_score import judge_zone, report_lines, report_zones
from service.specimens.travel_folder import TravelPlan, shrink_folder, take, write_travel_folder
from service.specimens.travellers import FORMATS, digit, invent_traveller, misprinted

TODAY = date(2026, 11, 24)


def test_check_digits_of_the_standard() -> None:
    """The examples of Doc 9303-3, 4.9 and appendix A."""
    assert (digit("520727"), digit("AB2134<<<"), digit("L898902C3")) == ("3", "5", "6")


@pytest.mark.parametrize("format", FORMATS)
def test_lines_have_their_length(format: str) -> None:
    lines, length = FORMATS[format]
    for seed in range(40):
        person = invent_traveller(np.random.default_rng(seed), TODAY, format)
        assert [len(line) for line in person.lines] == [length] * lines
        assert person.birth_date < TODAY < person.valid_until


@pytest.mark.parametrize("format", FORMATS)
def test_a_misprinted_zone_never_holds(format: str) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        person = invent_traveller(rng, TODAY, format)
        wrong, right = parse(misprinted(person, rng).lines), parse(person.lines)
        assert wrong is not None
        assert right is not None
        assert (wrong.valid, right.valid) == (False, True)
        pairs = zip("".join(wrong.lines), "".join(right.lines), strict=True)
        assert sum(one != other for one, other in pairs) == 1


def test_a_folder_is_the_same_each_time_and_small_pictures_are_small(tmp_path: Path, assets: Path) -> None:
    plan = TravelPlan(2, ("small_scan",), 4, TODAY)
    for name in ("a", "b"):
        assert write_travel_folder(tmp_path / name, plan, assets) == 2
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 3
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)
    with (tmp_path / "a" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["mrz_format"] for row in rows] == ["TD1", "TD2"]
    assert all(300 <= max(cv2.imread(str(tmp_path / "a" / row["file"])).shape) <= 600 for row in rows)


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(KeyError):
        take(np.zeros((54, 86, 3), np.uint8), "moonlight", np.random.default_rng(0))


def test_a_wrong_zone_called_valid_is_counted() -> None:
    label = {"file": "a.jpg", "mrz_format": "TD1", "mrz": "AB|CD", "condition": "scan"}
    right = judge_zone(label, {"mrz": {"lines": ["AB", "CD"], "status": "valid"}, "elapsed_ms": 3})
    wrong = judge_zone(label, {"mrz": {"lines": ["AB", "C0"], "status": "valid"}})
    unsure = judge_zone(label, {"mrz": {"lines": ["AB", "C0"], "status": "ambiguous"}})
    none = judge_zone(label, {"mrz": None})
    assert [one.exact for one in (right, wrong, unsure, none)] == [True, False, False, False]
    assert [one.false_valid for one in (right, wrong, unsure, none)] == [False, True, False, False]
    assert right.characters == (4, 4)
    assert wrong.characters == (3, 4)
    report = report_zones([right, wrong, unsure, none])
    assert "whole zones     1/4" in report
    assert "wrong zones called valid 1" in report


def test_an_outline_off_its_place_or_missing_is_counted() -> None:
    label = {"file": "a.jpg", "mrz_format": "TD1", "mrz": "AB|CD", "corners": "0 0 100 0 100 60 0 60"}
    boxes = ([[0, 1], [100, 0], [100, 60], [0, 60]], [[0, 0], [100, 0], [100, 63], [0, 60]], None)
    judged = [judge_zone(label, {"mrz": None, "card_box": box}) for box in boxes]
    assert [one.corner_error for one in judged] == [0.01, 0.03, float("inf")]
    assert "outlines within 1.5% of the width  1/3" in report_zones(judged)


def test_a_folder_is_shrunk_to_each_width_but_never_enlarged(tmp_path: Path) -> None:
    made, out = tmp_path / "made", tmp_path / "out"
    made.mkdir()
    out.mkdir()
    for name, width in (("a.png", 800), ("b.png", 350)):
        cv2.imwrite(str(made / name), np.full((200, width, 3), 128, np.uint8))
    (made / "labels.csv").write_text("file,mrz_format,mrz,note\na.png,TD1,AB|CD,\nb.png,none,,\n", encoding="utf-8")
    assert shrink_folder(made, out, (300, 400)) == 3
    with (out / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["condition"], row["mrz"]) for row in rows] == [("300", "AB|CD"), ("400", "AB|CD"), ("300", "")]
    assert [cv2.imread(str(out / row["file"])).shape[1] for row in rows] == [300, 400, 300]


def test_wrong_characters_of_lines_are_named() -> None:
    report = report_lines(["ABO<", "CD<<"], ["AB0<", "CD<<"])
    assert "whole lines     1/2" in report
    assert "characters      7/8" in report
    assert "O read 0: 1" in report
