"""A reading drawn on its picture, and the files `hecha read` writes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from service.commands.annotate import (
    AMBER,
    CARD,
    LONGEST,
    MARKS,
    PANEL_WIDTH,
    PAPER,
    RED,
    Annotator,
    _wrapped,
    alert_ink,
    field_ink,
)
from service.commands.reading_files import ReadingFiles
from service.evidence import Picture
from service.specimens.photograph import encode_jpeg

NAME = "欧阳静"


def answer(**changes: Any) -> dict[str, Any]:
    box = [(100, 100), (400, 100), (400, 160), (100, 160)]
    row: dict[str, Any] = {
        "kind": "cn_resident_id",
        "side": "front",
        "fields": {
            "name": {"value": NAME, "text_score": 0.99, "box": box, "variants": ["歐陽靜"]},
            "number": {"value": "110101199003074581", "text_score": 0.98, "box": None},
        },
        "alerts": [
            {"code": "blurred", "message": "m", "advice": {"en": "Hold still.", "zh": "请拿稳。"}, "field": "name"}
        ],
        "checks": [
            {"name": "check_character", "outcome": "pass", "reasons": [], "measured": {}},
            {"name": "sex", "outcome": "fail", "reasons": ["sex_mismatch"], "measured": {}},
            {"name": "birth_date", "outcome": "unknown", "reasons": [], "measured": {}},
        ],
        "card_box": [(50, 50), (750, 50), (750, 490), (50, 490)],
        "portrait_box": None,
        "route": "rectified",
        "elapsed_ms": 412.7,
    }
    return row | changes


def picture(width: int = 800, height: int = 600) -> Picture:
    return Picture(np.full((height, width, 3), 90, np.uint8), 1.0, width, height, "JPEG", "")


@pytest.fixture
def annotator(assets: Path) -> Annotator:
    return Annotator(assets / "NotoSansSC-Regular.otf")


def near(pixels: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    return np.abs(pixels[:, :, ::-1].astype(int) - rgb).max(axis=2) < 24


def test_boxes_stand_where_the_fields_are(annotator: Annotator) -> None:
    drawn = annotator.draw(picture(), answer())
    assert near(drawn, field_ink(0))[100:160, 100].mean() > 0.8
    assert near(drawn, field_ink(0))[100:160, 400].mean() > 0.8
    assert near(drawn, CARD)[60:480, 50].mean() > 0.9
    assert not near(drawn, field_ink(1))[:, :800].any(), "a field without a box has none"
    assert (drawn[550:590, 600:780] == 90).all(), "the rest of the picture stays as it was"


def test_the_panel_says_what_was_read_in_chinese(annotator: Annotator) -> None:
    drawn = annotator.draw(picture(), answer())
    assert drawn.shape[1] == 800 + PANEL_WIDTH
    other = annotator.draw(picture(), answer(fields={"name": {**answer()["fields"]["name"], "value": "司马文"}}))
    panels = [one[:600, 800:] for one in (drawn, other)]
    assert near(panels[0], PAPER).mean() > 0.7
    assert (panels[0] != panels[1]).any(), "two names of three characters do not look the same"


def test_what_was_not_found_is_drawn_too(annotator: Annotator) -> None:
    empty = answer(kind=None, side=None, fields={}, checks=[], card_box=None, route="none")
    drawn = annotator.draw(picture(), empty)
    assert (drawn[:, :800] == 90).all()
    assert not near(drawn[:, 800:], PAPER).all()


def test_large_pictures_are_shrunk_and_boxes_with_them(annotator: Annotator) -> None:
    small = picture(1400, 1050)
    large = Picture(small.pixels, 0.35, 4000, 3000, "JPEG", "")
    box = [(x * 4000 / 1400, y * 4000 / 1400) for x, y in answer()["fields"]["name"]["box"]]
    fields = {"name": {**answer()["fields"]["name"], "box": box}}
    drawn = annotator.draw(large, answer(fields=fields, card_box=None))
    assert drawn.shape[1] == LONGEST + PANEL_WIDTH
    assert near(drawn, field_ink(0))[100:160, 100].mean() > 0.8


def test_the_sheet_is_as_high_as_the_panel_needs(annotator: Annotator) -> None:
    alerts = [{**answer()["alerts"][0], "advice": {"en": "word " * 60, "zh": "字" * 200}}] * 5
    drawn = annotator.draw(picture(200, 100), answer(alerts=alerts))
    assert drawn.shape[0] > 1000
    assert near(drawn[-18:, 200:], PAPER).all(), "nothing is cut off below"
    assert near(drawn[:, -20:], PAPER).all(), "nothing reaches over the edge"


def test_a_box_beyond_the_picture_does_no_harm(annotator: Annotator) -> None:
    far = [(-500.0, -500.0), (5000.0, -500.0), (5000.0, 5000.0), (-500.0, 5000.0)]
    assert annotator.draw(picture(), answer(card_box=far)).shape[1] == 800 + PANEL_WIDTH


def test_the_font_has_every_mark(annotator: Annotator) -> None:
    font = ImageFont.truetype(annotator.font, 40)
    missing = font.getmask("\uffff").getbbox(), bytes(font.getmask("\uffff"))
    for mark, _ in MARKS.values():
        assert (font.getmask(mark).getbbox(), bytes(font.getmask(mark))) != missing, mark


def test_a_hint_looks_milder_than_what_stands_in_the_way() -> None:
    assert alert_ink("edited") == AMBER
    assert alert_ink("border_incomplete") == RED


@pytest.mark.parametrize("text", ["", "a", "word " * 50, "字" * 100, "w" * 300])
def test_wrapping_loses_nothing(assets: Path, text: str) -> None:
    font = ImageFont.truetype(assets / "NotoSansSC-Regular.otf", 16)
    lines = list(_wrapped(text, font, 200))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(font.getlength(one) <= 200 for one in lines)


def files(tmp_path: Path, annotator: Annotator | None = None) -> ReadingFiles:
    for name in ("crops", "notes"):
        (tmp_path / name).mkdir(exist_ok=True)
    return ReadingFiles(tmp_path / "crops", tmp_path / "notes" if annotator else None, annotator)


def cut() -> dict[str, str | None]:
    return {"card_image": base64.b64encode(b"card").decode(), "portrait_image": base64.b64encode(b"portrait").decode()}


def test_files_are_named_after_the_picture_and_nothing_else(tmp_path: Path, annotator: Annotator) -> None:
    data = encode_jpeg(picture().pixels)
    shown = files(tmp_path, annotator).keep(Path("in/IMG 1.jpg"), data, answer(**cut()))
    assert "card_image" not in shown
    assert {name: Path(path).name for name, path in shown["files"].items()} == {
        "card": "IMG 1_card.jpg", "portrait": "IMG 1_portrait.jpg", "annotated": "IMG 1_annotated.jpg",
    }  # fmt: skip
    assert Path(shown["files"]["card"]).read_bytes() == b"card"
    seen = cv2.imread(shown["files"]["annotated"])
    assert seen is not None
    assert seen.shape[1] == 800 + PANEL_WIDTH


def test_pictures_of_one_name_do_not_overwrite_one_another(tmp_path: Path) -> None:
    kept = files(tmp_path)
    names = [Path(kept.keep(Path(f"{n}/front.jpg"), b"", answer(**cut()))["files"]["card"]).name for n in "abc"]
    assert names == ["front_card.jpg", "front_2_card.jpg", "front_3_card.jpg"]


def test_what_was_not_found_gives_no_file(tmp_path: Path) -> None:
    shown = files(tmp_path).keep(Path("back.jpg"), b"", answer(**cut() | {"portrait_image": None}))
    assert list(shown["files"]) == ["card"]
    assert sorted(path.name for path in (tmp_path / "crops").iterdir()) == ["back_card.jpg"]
