"""A grid over the whole picture is heard; a person's picture, noise and JPEG blocks are not a grid."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from service.evidence import Pixels
from service.liveness.moire import pattern


def gridded(pixels: Pixels, strength: float, period: float = 5.3) -> Pixels:
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    wave = strength * np.cos(2 * np.pi * (x * 0.8 + y * 0.6) / period)
    return np.asarray(np.clip(pixels + wave[:, :, None], 0, 255), np.uint8)


def photo(assets: Path) -> Pixels:
    return np.asarray(cv2.imread(str(assets / "biden.jpg"))[:900, :900], np.uint8)


def test_a_grid_stands_out_of_a_photo(assets: Path) -> None:
    plain, grid = pattern(photo(assets)), pattern(gridded(photo(assets), 6.0))
    assert plain.brightness < 2
    assert grid.brightness > plain.brightness + 2


def test_a_coloured_grid_is_heard_in_colour(assets: Path) -> None:
    pixels = photo(assets)
    fringed = pixels.copy()
    fringed[..., 1] = gridded(pixels, 6.0)[..., 1]
    assert pattern(fringed).colour > pattern(pixels).colour + 2


def test_noise_and_jpeg_are_no_grid() -> None:
    rng = np.random.default_rng(3)
    noise = np.asarray(np.clip(rng.normal(128, 9, (400, 500, 3)), 0, 255), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 3) // 2 + 60, np.uint8)
    coarse = np.asarray(cv2.imdecode(cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, 25])[1], 1), np.uint8)
    for pixels in (noise, coarse):
        found = pattern(pixels)
        assert found.brightness + found.colour < 4.8


def test_a_picture_smaller_than_a_tile_has_none() -> None:
    assert pattern(np.zeros((100, 300, 3), np.uint8)).brightness == 0
