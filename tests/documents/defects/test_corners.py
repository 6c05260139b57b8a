"""A card's corners are round; scissors leave them square, with the paper's white beyond the printed arc."""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.alerts import WHITE_CORNERS
from service.documents.defects.corners import paper_corners
from service.evidence import Pixels

CARD = np.array([(300, 250), (1000, 260), (995, 705), (295, 695)], np.float32)
GROUND, PAPER = (226, 214, 206), (240, 240, 240)


def rounded(pixels: Pixels, colour: tuple[int, int, int]) -> None:
    """The card's shape with its arcs, in place."""
    flat = np.array([(0, 0), (856, 0), (856, 540), (0, 540)], np.float32)
    mask, radius = np.zeros((540, 856), np.uint8), 32
    cv2.rectangle(mask, (radius, 0), (855 - radius, 539), 255, -1)
    cv2.rectangle(mask, (0, radius), (855, 539 - radius), 255, -1)
    for x in (radius, 855 - radius):
        for y in (radius, 539 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    matrix = cv2.getPerspectiveTransform(flat, CARD)
    alpha = cv2.warpPerspective(mask, matrix, (pixels.shape[1], pixels.shape[0]))[:, :, None] / 255
    pixels[:] = (pixels * (1 - alpha) + np.array(colour) * alpha).astype(np.uint8)


def picture(table: int = 90, square: tuple[int, int, int] | None = None, focus: float = 0.8) -> Pixels:
    pixels = np.full((960, 1280, 3), table, np.uint8)
    if square:
        cv2.fillConvexPoly(pixels, CARD.astype(np.int32), square)
    rounded(pixels, GROUND)
    noise = np.random.default_rng(1).normal(0, 2.5, pixels.shape[:2])
    return np.asarray((cv2.GaussianBlur(pixels, (0, 0), focus) + noise[:, :, None]).clip(0, 255), np.uint8)


def test_a_copy_cut_out_square_shows_white_corners() -> None:
    assert paper_corners(picture(square=PAPER), CARD) > WHITE_CORNERS
    assert paper_corners(picture(square=PAPER), CARD + np.float32(6)) > WHITE_CORNERS


def test_a_card_is_round() -> None:
    for table in (20, 90, 150, 245):
        assert paper_corners(picture(table), CARD) == 0
    assert paper_corners(picture(focus=2.5), CARD) == 0


def test_square_corners_in_the_ground_of_the_card_are_no_paper() -> None:
    assert paper_corners(picture(square=GROUND), CARD) < WHITE_CORNERS / 2


def test_corners_darker_in_one_colour_are_no_paper() -> None:
    assert paper_corners(picture(square=(190, 225, 235)), CARD) < WHITE_CORNERS


def test_three_corners_must_be_seen() -> None:
    covered = picture(square=PAPER)
    covered[200:330, 240:400] = covered[200:330, 900:1060] = (90, 120, 200)
    assert paper_corners(covered, CARD) == 0


def test_what_is_too_small_or_out_of_the_picture_is_not_judged() -> None:
    pixels = picture(square=PAPER)
    small = np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    assert paper_corners(small, CARD / 2) == 0
    assert paper_corners(pixels[:, 280:1010], CARD - np.float32((280, 0))) == 0
    assert paper_corners(pixels, CARD * 0) == 0
