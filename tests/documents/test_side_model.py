"""The side network: rough outlines move onto the card, however far off and whatever is printed beside it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.side_model import ACROSS, ALONG, copy_to_look, find_sides, places, strips
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights
from tests.documents.test_locate import STANDING, STEEP, STRAIGHT, TILTED, scene

MODELS = Path(__file__).resolve().parents[2] / "models"
FAR = np.array([(22, -18), (-20, 16), (18, 20), (-16, -22)], np.float32)
"""Pixels: up to 7 % of the width of the cards of `scene`."""


@pytest.fixture(scope="module")
def sides() -> Session:
    return open_session(Weights.build(MODELS).verified("side_model").path, 1)


@pytest.mark.parametrize("quad", [STRAIGHT, TILTED, STEEP, STANDING], ids=["straight", "tilted", "steep", "standing"])
@pytest.mark.parametrize("off", [FAR, -FAR], ids=["one way", "the other"])
def test_a_rough_outline_comes_within_the_bar(sides: Session, quad: np.ndarray, off: np.ndarray) -> None:
    small, scale = copy_to_look(scene(quad))
    found, sure = find_sides(sides, small, (quad + off) * np.float32(scale))
    assert np.abs(found / scale - quad).max() < 0.015 * 400
    assert sure.min() > 0.5


@pytest.mark.parametrize("quad", [STRAIGHT, STEEP], ids=["straight", "steep"])
@pytest.mark.parametrize("off", [-16, -10])
def test_print_beside_the_card_is_not_its_edge(sides: Session, quad: np.ndarray, off: float) -> None:
    page = np.full((480, 640, 3), 205, np.uint8)
    for y in range(14, 480, 17):
        words = "order 4 REF page 128.50 delivery NOTE account TOTAL signed copy" * 2
        cv2.putText(page, words, (4, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (40, 40, 40), 1, cv2.LINE_AA)
    card = cv2.fillPoly(np.zeros((480, 640), np.uint8), [quad.astype(np.int32)], (255,))
    pixels = np.where(card[:, :, None] > 0, scene(quad), page).astype(np.uint8)
    small, scale = copy_to_look(pixels)
    found, _ = find_sides(sides, small, (quad + np.float32([(0, off), (0, off), (0, 0), (0, 0)])) * np.float32(scale))
    assert np.abs(found / scale - quad).max() < 0.015 * 400


def test_nothing_is_sure_where_there_is_no_card(sides: Session) -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    small, scale = copy_to_look(grey)
    assert find_sides(sides, small, TILTED * np.float32(scale))[1].min() < 0.5


def test_strips_run_from_outside_in() -> None:
    quad = STRAIGHT
    starts, inward, across = places(quad)
    assert starts.shape == (4, ALONG, 2)
    assert across.shape == (ACROSS,)
    outer = starts.mean(axis=1) + across[0] * inward
    inner = starts.mean(axis=1) + across[-1] * inward
    middle = quad.mean(axis=0)
    assert (np.linalg.norm(outer - middle, axis=1) > np.linalg.norm(inner - middle, axis=1)).all()


@pytest.mark.parametrize("quad", [np.zeros((4, 2)), TILTED * 40 - 9000], ids=["a point", "far outside"])
def test_nonsense_does_no_harm(sides: Session, quad: np.ndarray) -> None:
    small, _ = copy_to_look(scene(TILTED))
    assert np.isfinite(strips(small, quad.astype(np.float32))).all()
    assert np.isfinite(find_sides(sides, small, quad.astype(np.float32))[0]).all()
