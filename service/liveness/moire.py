"""The grid of a screen or of a printer's raster: one frequency that stands out everywhere in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

_TILE = 128
_ACROSS, _DOWN = 3, 2
_LOWEST = 0.06
"""Cycles per pixel; below it faces and rooms have their own shapes."""
_QUIET = 50.0
"""Spectral power that counts as nothing, so that flat tiles of clean pictures do not show their rounding."""
_NEIGHBOURS = 11


@dataclass(frozen=True, slots=True)
class Pattern:
    """How far the strongest single frequency stands above its neighbours, natural logarithm of power, averaged over
    the tiles of the picture: in brightness and in colour. Ordinary pictures stay below 2; 0 where it is too small."""

    brightness: float
    colour: float


def pattern(pixels: Pixels) -> Pattern:
    """Of a BGR uint8 (H, W, 3) picture at the camera's own resolution: shrinking it takes the grid away."""
    if min(pixels.shape[:2]) < _TILE:
        return Pattern(0.0, 0.0)
    tiles = _tiles(pixels)
    blue, green, red = (tiles[..., channel] for channel in range(3))
    return Pattern(_peak(0.114 * blue + 0.587 * green + 0.299 * red), _peak(green - (red + blue) / 2))


def _tiles(pixels: Pixels) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    rows = np.linspace(0, height - _TILE, min(_DOWN, max(2, height // _TILE))).astype(int)
    columns = np.linspace(0, width - _TILE, min(_ACROSS, max(2, width // _TILE))).astype(int)
    return np.stack([pixels[y : y + _TILE, x : x + _TILE] for y in rows for x in columns]).astype(np.float32)


def _peak(tiles: NDArray[np.floating]) -> float:
    # Averaged logarithms: a pattern in every tile counts, one bright shape in one tile hardly.
    mean = np.fft.fftshift(np.mean([_log_power(tile) for tile in tiles], axis=0), axes=0)
    around = cv2.blur(mean, (_NEIGHBOURS, _NEIGHBOURS), borderType=cv2.BORDER_REFLECT)
    return float((mean - around)[_LISTENED].max())


def _log_power(tile: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (128, 65): frequencies down the rows from 0 on, then the negative ones, and across the columns."""
    level = (tile - cv2.mean(tile)[0]) * _WINDOW
    # OpenCV's transform takes half the time of numpy's.
    spectrum = cv2.dft(level, flags=cv2.DFT_COMPLEX_OUTPUT)[:, : _TILE // 2 + 1]
    power = spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2
    return np.asarray(cv2.log(power + np.float32(_QUIET)), np.float32)


def _listened() -> NDArray[np.bool_]:
    """Neither low frequencies, nor along the axes (edges of rooms), nor JPEG's blocks of 8."""
    down = np.fft.fftshift(np.fft.fftfreq(_TILE))[:, None]
    across = np.fft.rfftfreq(_TILE)[None]
    radius = np.hypot(down, across)
    on_axis = (np.abs(down) < 2.5 / _TILE) | (np.abs(across) < 2.5 / _TILE)
    blocks = _near_eighth(down) & _near_eighth(across)
    return np.asarray((radius > _LOWEST) & (radius < 0.5) & ~on_axis & ~blocks)


def _near_eighth(frequency: NDArray[np.floating]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(frequency * 8 - np.round(frequency * 8)) / 8 < 1.5 / _TILE)


_WINDOW = np.outer(np.hanning(_TILE), np.hanning(_TILE)).astype(np.float32)
_LISTENED = _listened()
