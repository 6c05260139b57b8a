"""Whether the picture was taken of a screen: the screen's pixel grid leaves a regular pattern, or moire of one.

A grid is periodic over everything the screen shows, at one frequency and at the one a quarter turn from it. The fine
lines printed on a card are periodic as well, but wave, run one way, and end at the portrait and at the card's edge.
So a peak of the spectrum counts only where it is also there a quarter turn away, or off the printed ground (in the
portrait; on the back, beside the card), or finer than print. A telephone's grid is finer than a picture is read at: it
is sought in the picture's own size. Screens finer than the camera resolves leave nothing: those are not seen.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.defects.card_view import CardView
from service.documents.upright import map_points
from service.evidence import Side

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
TILE, FINE_TILE = 128, 256
"""Sides of the squares looked at, in pixels, in the picture as it is read and in its own size: of a grid that is
hardly resolved a larger one gathers more, and of a large picture it holds no more of the card."""
LOWEST = 0.06
"""Cycles per pixel: what is slower is light and print."""
LOWEST_FINE, PRINT = 0.12, 700.0
"""The same in its own size, and in cycles per card, 8 a millimetre: security print has some two to five, a printer's
screen six to eight."""
FINE = 0.27
"""Cycles per pixel from which no print of a card 600 and more pixels wide is resolved."""
FINEST_PRINT = 900.0
"""The same in cycles per card: print has no more than ten lines a millimetre."""
NEAR = 2.1 / TILE
"""Cycles per pixel that a tile does not tell apart."""
CAP = 20.0
QUIET = 9.0
"""A ground that shows less is no screen's, whatever its surroundings show."""
ON_GROUND = ((0.12, 0.3), (0.35, 0.3), (0.35, 0.6), (0.12, 0.62), (0.5, 0.5), (0.3, 0.8), (0.7, 0.85))
BESIDE = ((-0.09, 0.5), (1.09, 0.5), (0.5, -0.14), (0.5, 1.14))
PORTRAIT = ((0.78, 0.32), (0.78, 0.56))
"""Middles of tiles, as shares of the card."""


def grid_strength(view: CardView) -> float:
    """How far a regular pattern stands out of the spectrum around it, in [0, 20]; higher = more surely a screen."""
    ground = _spectrum(view, view.pixels, ON_GROUND, TILE)
    if ground is None:
        return 0.0
    if (most := float(ground.max())) < QUIET:
        return most
    return _agreed(view, view.pixels, ground, FINE)


def fine_grid_strength(view: CardView, fine: Bytes) -> float:
    """The same in `fine`, the luminance (H, W) of the picture in its own size: of what is finer than print."""
    ground = _spectrum(view, fine, ON_GROUND, FINE_TILE)
    if ground is None:
        return 0.0
    width = view.width * fine.shape[1] / view.pixels.shape[1]
    ground = ground * (_frequency(FINE_TILE) > max(LOWEST_FINE, PRINT / width)) * _off_blocks()
    return _agreed(view, fine, ground, max(FINE, FINEST_PRINT / width))


def _agreed(view: CardView, pixels: Bytes, ground: Floats, finer: float) -> float:
    """The highest peak that is also there a quarter turn away, elsewhere, or finer than print, in cycles per pixel."""
    size = ground.shape[0]
    turned = cv2.dilate(np.ascontiguousarray(_quarter_turn(ground)), np.ones((5, 5), np.uint8))
    partner = np.maximum(turned, ground * (_frequency(size) > finer))
    # Beside the card lies cloth, at times: where the card has a portrait, that is the better witness.
    elsewhere = _spectrum(view, pixels, PORTRAIT if view.side is Side.FRONT else BESIDE, size)
    if elsewhere is not None:
        partner = np.maximum(partner, elsewhere)
    return float(np.minimum(ground, partner).max())


def _spectrum(view: CardView, pixels: Bytes, spots: tuple[tuple[float, float], ...], size: int) -> Floats | None:
    """The mean over tiles of how far each frequency stands out, (size, size); None with fewer than two tiles."""
    height, width = view.flat.shape[:2]
    scale = pixels.shape[1] / view.pixels.shape[1]
    centres = map_points(view.to_picture, np.array(spots) * (width, height)) * scale
    tiles = [tile for centre in centres if (tile := _tile(pixels, centre, size)) is not None]
    if len(tiles) < 2:
        return None
    # A screen seen askew has another frequency in each tile.
    spread = np.ones((1 + size // 64, 1 + size // 64), np.uint8)
    standing = [cv2.dilate(_standing_out(tile), spread) for tile in tiles]
    return np.asarray(np.minimum(standing, CAP).mean(axis=0), dtype=np.float32)


def _tile(pixels: Bytes, centre: Floats, size: int) -> Floats | None:
    x, y = (int(value) - size // 2 for value in centre)
    if x < 0 or y < 0 or x + size > pixels.shape[1] or y + size > pixels.shape[0]:
        return None
    cut = np.ascontiguousarray(pixels[y : y + size, x : x + size])
    grey = (cut if cut.ndim == 2 else cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY)).astype(np.float32)
    fine = grey - cv2.blur(grey, (9, 9))
    # Letters must not outshout a faint grid.
    limit = 2.5 * float(np.median(np.abs(fine[::2, ::2]))) + 1.0
    return np.asarray(np.clip(fine, -limit, limit) * _window(size), dtype=np.float32)


def _standing_out(tile: Floats) -> Floats:
    waves = cv2.dft(tile, flags=cv2.DFT_COMPLEX_OUTPUT)
    power = (waves[:, :, 0] ** 2 + waves[:, :, 1] ** 2).astype(np.float32)
    ratio = cv2.blur(power, (3, 3)) / (cv2.blur(power, (25, 25)) + 1e-3)
    return np.asarray(ratio * _counted(tile.shape[0]), dtype=np.float32)


def _quarter_turn(spectrum: Floats) -> Floats:
    """Value at the frequency (-fy, fx) instead of (fx, fy)."""
    return np.roll(np.rot90(spectrum), 1, axis=0)


@cache
def _window(size: int) -> Floats:
    across = np.hanning(size)
    return np.outer(across, across).astype(np.float32)


@cache
def _frequencies(size: int) -> tuple[Floats, Floats]:
    line = np.abs(np.fft.fftfreq(size)).astype(np.float32)
    return line[:, None], line[None, :]


@cache
def _frequency(size: int) -> Floats:
    return np.hypot(*_frequencies(size)).astype(np.float32)


@cache
def _counted(size: int) -> Floats:
    """1 where a peak counts: not the slow ones, and not the corners of JPEG's blocks of eight."""
    down, across = _frequencies(size)
    counted = np.hypot(down, across) > LOWEST
    for step in range(5):
        counted &= ~((np.abs(across - step / 8) < NEAR) & (down < NEAR))
        counted &= ~((np.abs(down - step / 8) < NEAR) & (across < NEAR))
    return counted.astype(np.float32)


@cache
def _off_blocks() -> Floats:
    """0 at all waves of JPEG's blocks: in its own size a picture shows them, and what is left of a colour filter."""
    down, across = (np.abs(8 * one - np.round(8 * one)) < 8 * NEAR for one in _frequencies(FINE_TILE))
    return 1 - (down & across).astype(np.float32)
