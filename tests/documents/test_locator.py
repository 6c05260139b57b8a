"""The corner network, the fitting of sides and the contours together."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.locate import LEAST_TRUST, clockwise
from service.documents.locator import Locator, OnEdges, moved_again
from service.documents.sides import copy_to_fit
from service.documents.upright import card_corners, map_points
from service.runtime.weights import Weights
from service.specimens.corner_score import CLOSE, corner_error, scenes
from tests.documents.test_locate import STANDING, STEEP, STRAIGHT, TILTED, scene

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator.build(Weights.build(MODELS), threads=1)


@pytest.mark.parametrize("quad", [STRAIGHT, TILTED, STEEP, STANDING], ids=["straight", "tilted", "steep", "standing"])
def test_the_outline_is_found_to_the_pixel(locator: Locator, quad: np.ndarray) -> None:
    best = locator.propose(scene(quad))[0]
    assert np.abs(best.quad - clockwise(quad)).max() < 0.015 * 400
    assert best.trust > LEAST_TRUST


def test_a_blank_picture_has_no_trusted_outline(locator: Locator) -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    assert all(proposal.trust < LEAST_TRUST for proposal in locator.propose(grey))


@pytest.mark.parametrize("size", [(8, 8), (5, 900), (900, 5), (32, 33), (2000, 1500)])
def test_odd_sizes_do_no_harm(locator: Locator, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert all(0 <= one.trust <= 1 and np.isfinite(one.quad).all() for one in locator.propose(pixels))


def test_trust_falls_where_sides_are_hidden(locator: Locator) -> None:
    whole, hidden = scene(TILTED), scene(TILTED)
    hidden[:, 330:] = 120
    found = locator.propose(hidden)
    assert max((one.trust for one in found), default=0.0) < locator.propose(whole)[0].trust


def test_a_part_of_a_card_at_the_rim_is_not_trusted(locator: Locator) -> None:
    cut = np.ascontiguousarray(scene(STRAIGHT)[:, :430])
    found = [one for one in locator.propose(cut) if (one.quad[:, 0] > 422).sum() == 2]
    assert all(one.trust == 0 for one in found)


@pytest.mark.parametrize("quad", [STRAIGHT, TILTED, STEEP], ids=["straight", "tilted", "steep"])
def test_a_card_known_from_print_is_placed_by_its_edges(locator: Locator, quad: np.ndarray) -> None:
    off = np.array([(22, -18), (-20, 16), (18, 20), (-16, -22)], np.float32)
    rough = cv2.getPerspectiveTransform(card_corners().astype(np.float32), quad + off)
    placed = map_points(locator.onto_edges(scene(quad), rough), card_corners())
    assert np.abs(placed - quad).max() < 0.015 * 400


def test_where_no_edge_is_sure_print_has_the_last_word(locator: Locator) -> None:
    rough = cv2.getPerspectiveTransform(card_corners().astype(np.float32), TILTED)
    assert locator.onto_edges(np.full((480, 640, 3), 128, np.uint8), rough) is rough


def test_a_scan_whose_portrait_is_its_strongest_edge_ends_at_its_frame(locator: Locator) -> None:
    scan = next(scenes(1, ["scan"], 32, MODELS / "assets")).taken
    assert corner_error(locator.propose(scan.pixels)[0].quad, scan.quad) < CLOSE


def test_a_corner_too_far_for_one_move_is_reached_by_the_next(locator: Locator) -> None:
    copy, scale = copy_to_fit(scene(STRAIGHT))
    assert scale == 1.0
    half_way = STRAIGHT.copy()
    half_way[0] += (0, 43)
    first = OnEdges(half_way, np.ones(4, np.float32), np.ones(4, np.float32), 0.14)
    again = next(moved_again(copy, locator.sides, [first]))
    assert np.abs(again.quad - STRAIGHT).max() < 0.015 * 400
    assert again.moved > 0.14 + 0.09  # trust knows of the whole way
