"""Cards shown on telephones: the grid is in the picture's own size, where the smaller one that is read has lost it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents import alerts
from service.documents.defects.card_view import CardView, view_card
from service.documents.defects.screen import fine_grid_strength, grid_strength
from service.engine import DOCUMENT_MAX_SIDE
from service.evidence import Pixels, Side
from service.runtime.image import decode
from service.specimens.defects import Subject
from service.specimens.fonts import Fonts
from service.specimens.photograph import encode_jpeg, photograph
from service.specimens.telephones import PANELS, Camera, recapture

SIDES = list(Side)


def looked_at(pixels: Pixels, quality: int, quad: np.ndarray, side: Side) -> tuple[CardView, np.ndarray]:
    """The view of a card in the picture as it is read, and the picture in its own size."""
    picture = decode(encode_jpeg(pixels, quality), max_side=DOCUMENT_MAX_SIDE, fine=True)
    assert picture.fine is not None
    return view_card(picture.pixels, quad * np.float32(picture.scale), side, {}), picture.fine


@pytest.mark.parametrize("side", SIDES)
def test_a_telephones_grid_is_seen_in_the_pictures_own_size(
    subjects: dict[Side, Subject], fonts: Fonts, side: Side
) -> None:
    rng = np.random.default_rng(2)
    shown = photograph(subjects[side].card(fonts), "photo", rng)
    camera = Camera(megapixels=12, share=0.6, focus=1.0, binned=True)
    pixels, quad = recapture(shown.pixels, shown.quad, PANELS[0], camera, rng)
    view, fine = looked_at(pixels, 90, quad, side)
    assert grid_strength(view) < alerts.LEAST_GRID
    assert fine_grid_strength(view, fine) > 1.5 * alerts.LEAST_FINE_GRID


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("sharpened", [0.0, 1.0])
def test_a_card_before_a_large_camera_has_no_grid(
    subjects: dict[Side, Subject], fonts: Fonts, side: Side, sharpened: float
) -> None:
    taken = photograph(subjects[side].card(fonts), "mp12", np.random.default_rng(5))
    sharp = cv2.addWeighted(taken.pixels, 1 + sharpened, cv2.GaussianBlur(taken.pixels, (0, 0), 1.0), -sharpened, 0)
    view, fine = looked_at(np.asarray(sharp, np.uint8), 80, taken.quad, side)
    assert fine_grid_strength(view, fine) < 0.7 * alerts.LEAST_FINE_GRID


def test_a_printers_screen_on_the_card_is_no_telephones_grid(subjects: dict[Side, Subject], fonts: Fonts) -> None:
    """Dots of 150 lines an inch, 505 across a card, in two directions and all over it."""
    taken = photograph(subjects[Side.FRONT].card(fonts), "mp12", np.random.default_rng(5))
    period = float(np.linalg.norm(taken.quad[1] - taken.quad[0])) / 505
    y, x = np.mgrid[0 : taken.pixels.shape[0], 0 : taken.pixels.shape[1]].astype(np.float32) * (2 * np.pi / period)
    dots = 8 * (np.cos(x * 0.8 + y * 0.6) + np.cos(y * 0.8 - x * 0.6))
    printed = np.clip(taken.pixels + dots[:, :, None], 0, 255).astype(np.uint8)
    view, fine = looked_at(printed, 90, taken.quad, Side.FRONT)
    assert fine_grid_strength(view, fine) < alerts.LEAST_FINE_GRID


def test_what_is_left_of_a_colour_filter_is_no_grid(subjects: dict[Side, Subject], fonts: Fonts) -> None:
    """Squares of two pixels, as a filter of four alike leaves them where it is not taken out well."""
    taken = photograph(subjects[Side.BACK].card(fonts), "mp12", np.random.default_rng(5))
    y, x = (np.arange(length) % 4 < 2 for length in taken.pixels.shape[:2])
    squares = np.where(y[:, None] == x[None, :], 4.0, -4.0)[:, :, None]
    left = np.clip(taken.pixels + squares, 0, 255).astype(np.uint8)
    view, fine = looked_at(left, 95, taken.quad, Side.BACK)
    assert fine_grid_strength(view, fine) < alerts.LEAST_FINE_GRID
