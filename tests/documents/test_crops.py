"""The card set upright, from where it lies in the picture."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from service.documents.crops import NARROWEST, WIDEST, jpeg_base64, rectified
from service.evidence import Box, DocumentReading, Picture, Pixels

QUARTERS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
"""BGR: top left, top right, bottom right, bottom left of the drawn card."""


def card(width: int = 856, height: int = 540) -> Pixels:
    pixels = np.zeros((height, width, 3), np.uint8)
    middle_y, middle_x = height // 2, width // 2
    pixels[:middle_y, :middle_x], pixels[:middle_y, middle_x:] = QUARTERS[0], QUARTERS[1]
    pixels[middle_y:, middle_x:], pixels[middle_y:, :middle_x] = QUARTERS[2], QUARTERS[3]
    return pixels


def taken(corners: list[tuple[float, float]], scale: float = 1.0) -> tuple[Picture, DocumentReading]:
    """The card with its corners at these points of the original, of which the picture is a copy of `scale`."""
    flat = np.array([(0, 0), (856, 0), (856, 540), (0, 540)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32) * np.float32(scale))
    size = (round(1600 * scale), round(1200 * scale))
    pixels = np.asarray(cv2.warpPerspective(card(), matrix, size), dtype=np.uint8)
    box: Box = (corners[0], corners[1], corners[2], corners[3])
    return Picture(pixels, scale, 1600, 1200, "JPEG", ""), DocumentReading("cn_resident_id", None, {}, card_box=box)


UPRIGHT = [(300.0, 200.0), (1156.0, 200.0), (1156.0, 740.0), (300.0, 740.0)]


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize(
    "corners",
    [
        UPRIGHT,
        [(1156.0, 740.0), (300.0, 740.0), (300.0, 200.0), (1156.0, 200.0)],
        [(900.0, 150.0), (900.0, 1006.0), (360.0, 1006.0), (360.0, 150.0)],
        [(320.0, 260.0), (1130.0, 190.0), (1180.0, 760.0), (280.0, 700.0)],
    ],
    ids=["upright", "headlong", "quarter", "perspective"],
)
def test_the_card_stands_upright_whichever_way_it_lay(corners: list[tuple[float, float]], scale: float) -> None:
    picture, reading = taken(corners, scale)
    flat = rectified(picture, reading)
    assert flat is not None
    height, width = flat.shape[:2]
    assert width / height == pytest.approx(856 / 540, rel=0.01)
    spots = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    for (x, y), colour in zip(spots, QUARTERS, strict=True):
        assert np.abs(flat[int(y * height), int(x * width)].astype(int) - colour).max() < 20


def test_it_is_as_large_as_the_picture_has_it_within_bounds() -> None:
    assert rectified(*taken(UPRIGHT)).shape[1] == 856  # type: ignore[union-attr]
    assert rectified(*taken([(x / 4, y / 4) for x, y in UPRIGHT])).shape[1] == NARROWEST  # type: ignore[union-attr]
    assert rectified(*taken([(x * 3, y * 3) for x, y in UPRIGHT])).shape[1] == WIDEST  # type: ignore[union-attr]


def test_a_page_of_other_proportions_keeps_them() -> None:
    flat = rectified(*taken([(100.0, 100.0), (1350.0, 100.0), (1350.0, 980.0), (100.0, 980.0)]))
    assert flat is not None
    assert flat.shape[1] / flat.shape[0] == pytest.approx(1250 / 880, rel=0.2)


def test_a_card_beyond_the_picture_is_dark_there() -> None:
    picture, reading = taken([(-428.0, 200.0), (428.0, 200.0), (428.0, 740.0), (-428.0, 740.0)])
    flat = rectified(picture, reading)
    assert flat is not None
    assert flat[:, : flat.shape[1] // 3].max() == 0
    assert flat[:, -flat.shape[1] // 3 :].max() > 200


def test_without_a_place_there_is_no_picture() -> None:
    picture, _ = taken(UPRIGHT)
    assert rectified(picture, DocumentReading(None, None, {})) is None
    assert jpeg_base64(None) is None


def test_a_crop_travels_as_jpeg() -> None:
    text = jpeg_base64(card())
    assert text is not None
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(np.asarray(decoded, np.int16) - card()).mean() < 3
