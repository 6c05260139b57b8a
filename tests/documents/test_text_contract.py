"""What every text reader has to keep. HECHA_TEXT_READER chooses it: `onnx` (default) or `paddleocr`."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from service.documents.text import Quad, TextReader
from service.evidence import Pixels
from service.runtime.weights import Weights

LINES = {"姓名欧阳静": (60, 60), "住址北京市东城区景山前街4号": (60, 170), "110101199003074530": (220, 300)}
"""Text and the place it is drawn at."""


@pytest.fixture(scope="module")
def reader(root: Path, tmp_path_factory: pytest.TempPathFactory) -> TextReader:
    weights = Weights.build(root / "models")
    if os.environ.get("HECHA_TEXT_READER", "onnx") == "paddleocr":
        from service.documents import text_paddleocr

        return text_paddleocr.build(weights, 2, tmp_path_factory.mktemp("paddleocr"))
    from service.documents import text_onnx

    return text_onnx.build(weights, 2)


@pytest.fixture(scope="module")
def page(assets: Path) -> Pixels:
    """BGR (400, 840, 3), three lines of text."""
    image = Image.new("RGB", (840, 400), (232, 238, 235))
    font = ImageFont.truetype(str(assets / "NotoSansSC-Regular.otf"), 40)
    for text, spot in LINES.items():
        ImageDraw.Draw(image).text(spot, text, font=font, fill=(30, 30, 36))
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def texts(reader: TextReader, pixels: Pixels) -> dict[str, Quad]:
    return {line.text: line.quad for line in reader.read(pixels, reader.find(pixels, 640))}


def test_every_line_is_read_and_nothing_else(reader: TextReader, page: Pixels) -> None:
    assert set(texts(reader, page)) == set(LINES)


def test_a_box_lies_around_its_text(reader: TextReader, page: Pixels) -> None:
    for text, quad in texts(reader, page).items():
        x, y = LINES[text]
        assert abs(quad[0, 0] - x) < 20
        assert y - 12 < quad[0, 1] < y + 22
        assert 30 < quad[3, 1] - quad[0, 1] < 75


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_reads_the_same_and_boxes_start_where_the_text_starts(
    reader: TextReader, page: Pixels, turns: int
) -> None:
    turned = np.ascontiguousarray(np.rot90(page, turns))
    found = texts(reader, turned)
    assert set(found) == set(LINES)
    upright = texts(reader, page)
    for text, quad in found.items():
        assert np.abs(quad - turned_points(upright[text], page.shape, turns)).max() < 12


def turned_points(points: Quad, shape: tuple[int, ...], turns: int) -> Quad:
    """Where points land when `np.rot90` turns the picture anticlockwise."""
    height, width = shape[:2]
    for _ in range(turns):
        points = np.stack((points[:, 1], width - points[:, 0]), axis=1)
        height, width = width, height
    return points


def test_lines_not_worth_reading_are_left_out_and_squeezed_ones_read_the_same(reader: TextReader, page: Pixels) -> None:
    turned = np.ascontiguousarray(np.rot90(page, 2))
    quads = reader.find(turned, 640)

    def width_needed(quad: Quad) -> float:
        # Asked about quads that start where the text starts: on the turned page that is their right end.
        assert quad[0, 0] > quad[1, 0]
        return 0.0 if quad[0, 1] > 330 else 0.7

    assert {line.text for line in reader.read(turned, quads, width_needed)} == set(LINES) - {"姓名欧阳静"}


def test_a_tilted_page_reads_the_same(reader: TextReader, page: Pixels) -> None:
    matrix = cv2.getRotationMatrix2D((420, 200), 12, 0.85)
    tilted = cv2.warpAffine(page, matrix, (840, 400), borderValue=(235, 238, 232))
    assert set(texts(reader, np.asarray(tilted, dtype=np.uint8))) == set(LINES)


def test_a_strip_holds_only_its_alphabet(reader: TextReader, page: Pixels) -> None:
    quads = texts(reader, page)
    line = reader.strip(page, quads["110101199003074530"], "0123456789X")
    assert line.text == "110101199003074530"
    assert line.text_score > 0.9
    assert set(reader.strip(page, quads["姓名欧阳静"], "0123456789X").text) <= set("0123456789X")


def test_scores_are_probabilities(reader: TextReader, page: Pixels) -> None:
    lines = reader.read(page, reader.find(page, 640))
    assert all(0.9 < line.text_score <= 1.0 for line in lines)


def test_a_blank_page_has_no_text(reader: TextReader) -> None:
    blank = np.full((300, 500, 3), 200, np.uint8)
    assert reader.read(blank, reader.find(blank, 640)) == ()
