"""What the corner network's answer is made into, without and with the network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.corner_model import STRIDE, Seen, card_agreement, corner_sureness, lay, look, quads
from service.runtime.onnx import open_session
from service.runtime.weights import Weights
from service.specimens.card import draw_front
from service.specimens.fonts import Fonts
from service.specimens.sample import sample_person, sample_portrait

MODELS = Path(__file__).resolve().parents[2] / "models"
CARD = np.array([(40, 30), (140, 30), (140, 93), (40, 93)], np.float32)


def seen(*peaks: tuple[float, float, float], card: np.ndarray = CARD) -> Seen:
    """A network that is sure of `card` and saw `peaks`."""
    on_card = np.zeros((144 // STRIDE, 192 // STRIDE), np.float32)
    cv2.fillPoly(on_card, [((card - 3.5) / STRIDE).round().astype(np.int32)], 1.0)
    corners = np.zeros_like(on_card)
    for x, y, sure in peaks:
        corners[int(y / STRIDE), int(x / STRIDE)] = sure
    return Seen(corners, on_card, np.array(peaks, np.float32).reshape(-1, 3), 1.0, np.zeros(2, np.float32))


def test_the_outline_is_made_of_the_four_corners_around_the_card() -> None:
    inner = (90.0, 50.0, 0.9)
    best = quads(seen(*((float(x), float(y), 0.8) for x, y in CARD), inner), most=2)[0]
    assert np.allclose(sorted(map(tuple, best)), sorted(map(tuple, CARD)))


def test_a_hidden_corner_follows_from_the_other_three() -> None:
    best = quads(seen(*((float(x), float(y), 0.8) for x, y in CARD[1:])), most=1)[0]
    assert np.allclose(sorted(map(tuple, best)), sorted(map(tuple, CARD)), atol=1e-3)


def test_outlines_run_clockwise() -> None:
    best = quads(seen(*((float(x), float(y), 0.8) for x, y in CARD[::-1])), most=1)[0]
    assert cv2.contourArea(best, oriented=True) > 0


@pytest.mark.parametrize("corners", [CARD[:2], np.zeros((0, 2), np.float32)], ids=["two", "none"])
def test_too_few_corners_make_no_outline(corners: np.ndarray) -> None:
    assert len(quads(seen(*((float(x), float(y), 0.8) for x, y in corners)), most=2)) == 0


def test_a_rectangle_beside_the_card_agrees_less_than_its_own_outline() -> None:
    half = CARD.copy()
    half[1:3, 0] = 90
    of_card, of_half, beside = card_agreement(seen(), np.stack((CARD, half, CARD + np.float32((0, 60)))))
    assert of_card > 0.7
    assert of_card > of_half + 0.2
    assert beside < 0


def test_corners_outside_the_picture_are_not_sure() -> None:
    sure = corner_sureness(seen((40, 30, 0.7)), np.stack((CARD, CARD + 1000)))
    assert sure[0, 0] == pytest.approx(0.7)
    assert (sure[1] == 0).all()


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (720, 1280), (50, 60), (90, 900)])
def test_the_way_into_the_canvas_and_back(shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    canvas, scale, shift = lay(pixels)
    assert canvas.shape[0] % 16 == canvas.shape[1] % 16 == 0
    inner = np.argwhere((canvas != 128).all(axis=2))
    corners = np.array([(0, 0), (shape[1] - 1, shape[0] - 1)], np.float32) * scale + shift
    assert np.abs(corners - inner[[0, -1]][:, ::-1]).max() <= 0.6 + scale


def test_the_network_sees_a_card_and_none_on_a_bare_desk() -> None:
    session = open_session(Weights.build(MODELS).verified("corner_model").path, 1)
    rng = np.random.default_rng(3)
    desk = rng.normal(90, 5, (480, 640, 3)).clip(0, 255).astype(np.uint8)
    bare = look(session, desk)
    card = desk.copy()
    drawn = draw_front(sample_person(), sample_portrait(MODELS / "assets"), Fonts.build(MODELS / "assets"))
    card[110:362, 120:520] = cv2.resize(drawn, (400, 252), interpolation=cv2.INTER_AREA)
    laid = look(session, card)
    true = np.array([(120, 110), (520, 110), (520, 362), (120, 362)], np.float32)
    best = laid.to_picture(quads(laid, 1))[0]
    assert max(np.linalg.norm(true - corner, axis=1).min() for corner in best) < 0.04 * 400
    assert laid.card.max() > 0.9
    assert bare.card.mean() < 0.1
