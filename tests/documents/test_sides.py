"""An outline that is a little off finds the card's edges."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.sides import fit_sides
from tests.documents.test_locate import STEEP, TILTED, scene

OFF = np.array([(5, -4), (-6, 3), (4, 5), (-3, -5)], np.float32)


@pytest.mark.parametrize("quad", [TILTED, STEEP], ids=["tilted", "steep"])
def test_the_sides_move_onto_their_edges(quad: np.ndarray) -> None:
    fitted = fit_sides(scene(quad), quad + OFF)
    assert np.abs(fitted.quad - quad).max() < 1.2
    assert fitted.support.min() > 0.8
    assert 0 < fitted.moved < 0.03


def test_a_finger_over_an_edge_does_not_bend_it() -> None:
    pixels = scene(TILTED)
    middle = tuple(((TILTED[0] + TILTED[3]) / 2).astype(int))
    cv2.circle(pixels, middle, 26, (120, 150, 200), -1)
    assert np.abs(fit_sides(pixels, TILTED + OFF).quad - TILTED).max() < 1.5


def test_a_scan_ends_where_its_card_ends() -> None:
    frame = np.array([(0, 0), (427, 0), (427, 269), (0, 269)], np.float32)
    card = np.full((270, 428, 3), 225, np.uint8)
    cv2.rectangle(card, (60, 60), (220, 90), (40, 40, 40), -1)
    assert np.abs(fit_sides(card, frame + OFF).quad - frame).max() < 2


def test_where_there_is_no_edge_nothing_moves_and_nothing_supports() -> None:
    fitted = fit_sides(np.full((480, 640, 3), 128, np.uint8), TILTED)
    assert np.abs(fitted.quad - TILTED).max() < 0.01
    assert (fitted.support == 0).all()


@pytest.mark.parametrize("quad", [np.zeros((4, 2)), TILTED * 40 - 9000], ids=["a point", "far outside"])
def test_nonsense_does_no_harm(quad: np.ndarray) -> None:
    assert np.isfinite(fit_sides(scene(TILTED), quad.astype(np.float32)).quad).all()
