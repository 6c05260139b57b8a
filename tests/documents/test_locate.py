"""Finding the outline and setting the card upright, without reading."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.locate import LEAST_TRUST, clockwise, propose
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, GROWTH, flatten, map_points
from service.evidence import Pixels


def scene(quad: np.ndarray, seed: int = 1) -> Pixels:
    """A light card with rows of dark marks on a dark, grainy desk, 640 x 480."""
    rng = np.random.default_rng(seed)
    ground = rng.normal(80, 6, (480, 640, 1)) * np.array((0.7, 0.9, 1.0))
    card = np.full((270, 428, 3), 225, np.uint8)
    for row in range(4):
        cv2.rectangle(card, (40, 40 + 50 * row), (220, 60 + 50 * row), (40, 40, 40), -1)
    corners = np.array([(0, 0), (428, 0), (428, 270), (0, 270)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    mask = cv2.warpPerspective(np.full((270, 428), 255, np.uint8), matrix, (640, 480))
    laid = cv2.warpPerspective(card, matrix, (640, 480))
    return np.where(mask[:, :, None] > 127, laid, ground.clip(0, 255)).astype(np.uint8)


STRAIGHT = np.array([(120, 110), (520, 110), (520, 362), (120, 362)], np.float32)
TILTED = np.array([(150, 60), (540, 190), (470, 420), (80, 300)], np.float32)
STEEP = np.array([(140, 120), (500, 90), (530, 380), (100, 350)], np.float32)
STANDING = np.array([(450, 40), (450, 440), (200, 440), (200, 40)], np.float32)


@pytest.mark.parametrize("quad", [STRAIGHT, TILTED, STEEP, STANDING], ids=["straight", "tilted", "steep", "standing"])
def test_the_outline_is_found(quad: np.ndarray) -> None:
    best = propose(scene(quad))[0]
    assert np.abs(best.quad - clockwise(quad)).max() < 8
    assert best.trust > 0.6


def test_a_finger_over_the_edge_does_not_hide_the_card() -> None:
    pixels = scene(STRAIGHT)
    cv2.circle(pixels, (120, 240), 30, (120, 150, 200), -1)
    cv2.rectangle(pixels, (0, 215), (120, 265), (120, 150, 200), -1)
    assert np.abs(propose(pixels)[0].quad - STRAIGHT).max() < 8


def test_a_blank_picture_has_no_trusted_outline() -> None:
    assert all(proposal.trust < LEAST_TRUST for proposal in propose(np.full((480, 640, 3), 128, np.uint8)))


@pytest.mark.parametrize("size", [(8, 8), (5, 900), (900, 5), (32, 33)])
def test_odd_sizes_do_no_harm(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert all(0 <= proposal.trust <= 1 for proposal in propose(pixels))


def test_a_flat_card_keeps_the_way_back() -> None:
    flat = flatten(scene(TILTED), clockwise(TILTED))
    margin = np.array((CARD_WIDTH, CARD_HEIGHT)) * GROWTH
    corners = np.array([(0, 0), (CARD_WIDTH, 0), (CARD_WIDTH, CARD_HEIGHT), (0, CARD_HEIGHT)]) + margin
    assert np.abs(map_points(flat.to_picture, corners) - clockwise(TILTED)).max() < 0.1
    assert flat.pixels[int(margin[1]) + 20 :, int(margin[0]) + 20 :][:400, :700].mean() > 150
