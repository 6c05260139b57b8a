"""Whether the picture was taken of a screen: the screen's pixel grid leaves a regular pattern, or moire of one.

A grid is periodic over everything the screen shows, at one frequency and at the one a quarter turn from it. The fine
lines printed on a card are periodic as well, but wave, run one way, and end at the portrait and at the card's edge.
So a peak of the spectrum counts only where it is also there a quarter turn away, or off the printed ground (in the
portrait; on the back, beside the card), or finer than print. Screens finer than the camera resolves leave nothing:
those are not seen.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView
from service.documents.upright import map_points
from service.evidence import Pixels, Side

Floats = NDArray[np.float32]
TILE = 128
LOWEST = 0.06
"""Cycles per pixel: what is slower is light and print."""
FINE = 0.27
"""Cycles per pixel from which no print of a card 600 and more pixels wide is resolved."""
CAP = 20.0
QUIET = 9.0
"""A ground that shows less is no screen's, whatever its surroundings show."""
ON_GROUND = ((0.12, 0.3), (0.35, 0.3), (0.35, 0.6), (0.12, 0.62), (0.5, 0.5), (0.3, 0.8), (0.7, 0.85))
BESIDE = ((-0.09, 0.5), (1.09, 0.5), (0.5, -0.14), (0.5, 1.14))
PORTRAIT = ((0.78, 0.32), (0.78, 0.56))
"""Middles of tiles, as shares of the card."""


def grid_strength(view: CardView) -> float:
    """How far a regular pattern stands out of the spectrum around it, in [0, 20]; higher = more surely a screen."""
    ground = _spectrum(view, ON_GROUND)
    if ground is None:
        return 0.0
    if (most := float(ground.max())) < QUIET:
        return most
    turned = cv2.dilate(np.ascontiguousarray(_quarter_turn(ground)), np.ones((5, 5), np.uint8))
    partner = np.maximum(turned, ground * _fine())
    # Beside the card lies cloth, at times: where the card has a portrait, that is the better witness.
    elsewhere = _spectrum(view, PORTRAIT if view.side is Side.FRONT else BESIDE)
    if elsewhere is not None:
        partner = np.maximum(partner, elsewhere)
    return float(np.minimum(ground, partner).max())


def _spectrum(view: CardView, spots: tuple[tuple[float, float], ...]) -> Floats | None:
    """The mean over tiles of how far each frequency stands out, (TILE, TILE); None with fewer than two tiles."""
    height, width = view.flat.shape[:2]
    centres = map_points(view.to_picture, np.array(spots) * (width, height))
    tiles = [tile for centre in centres if (tile := _tile(view.pixels, centre)) is not None]
    if len(tiles) < 2:
        return None
    standing = [cv2.dilate(_standing_out(tile), np.ones((3, 3), np.uint8)) for tile in tiles]
    return np.asarray(np.minimum(standing, CAP).mean(axis=0), dtype=np.float32)


def _tile(pixels: Pixels, centre: Floats) -> Floats | None:
    x, y = (int(value) - TILE // 2 for value in centre)
    if x < 0 or y < 0 or x + TILE > pixels.shape[1] or y + TILE > pixels.shape[0]:
        return None
    grey = cv2.cvtColor(pixels[y : y + TILE, x : x + TILE], cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine = grey - cv2.blur(grey, (9, 9))
    # Letters must not outshout a faint grid.
    limit = 2.5 * float(np.median(np.abs(fine[::2, ::2]))) + 1.0
    return np.asarray(np.clip(fine, -limit, limit) * _window(), dtype=np.float32)


def _standing_out(tile: Floats) -> Floats:
    waves = cv2.dft(tile, flags=cv2.DFT_COMPLEX_OUTPUT)
    power = (waves[:, :, 0] ** 2 + waves[:, :, 1] ** 2).astype(np.float32)
    ratio = cv2.blur(power, (3, 3)) / (cv2.blur(power, (25, 25)) + 1e-3)
    return np.asarray(ratio * _counted(), dtype=np.float32)


def _quarter_turn(spectrum: Floats) -> Floats:
    """Value at the frequency (-fy, fx) instead of (fx, fy)."""
    return np.roll(np.rot90(spectrum), 1, axis=0)


@cache
def _window() -> Floats:
    across = np.hanning(TILE)
    return np.outer(across, across).astype(np.float32)


@cache
def _frequencies() -> tuple[Floats, Floats]:
    line = np.fft.fftfreq(TILE).astype(np.float32)
    return line[:, None], line[None, :]


@cache
def _counted() -> Floats:
    """1 where a peak counts: not the slow ones, and not the corners of JPEG's blocks of eight."""
    down, across = (np.abs(one) for one in _frequencies())
    counted = np.hypot(down, across) > LOWEST
    near = 2.1 / TILE
    for step in range(5):
        counted &= ~((np.abs(across - step / 8) < near) & (down < near))
        counted &= ~((np.abs(down - step / 8) < near) & (across < near))
    return counted.astype(np.float32)


@cache
def _fine() -> Floats:
    down, across = _frequencies()
    return (np.hypot(down, across) > FINE).astype(np.float32)
