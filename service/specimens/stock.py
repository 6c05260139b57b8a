"""The printed ground of a card: pale gradient, guilloche-like curves, a schematic emblem."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Pixels

WIDTH, HEIGHT = 1011, 638
"""85.6 × 54 mm at 300 dpi."""


def ground(tint: int) -> Pixels:
    """The empty card, BGR (HEIGHT, WIDTH, 3). `tint` 0 = the front's blue to pink, 1 = the back's greenish."""
    left, middle = [((240, 226, 212), (236, 228, 240)), ((232, 232, 218), (236, 238, 244))][tint]
    across = np.abs(np.linspace(-1.0, 1.0, WIDTH))[None, :, None] ** 1.3
    row = across * np.array(left) + (1 - across) * np.array(middle)
    pixels = np.ascontiguousarray(np.broadcast_to(row, (HEIGHT, WIDTH, 3)).astype(np.uint8))
    overlay = pixels.copy()
    _draw_waves(overlay, tint)
    _draw_rosette(overlay, (int(WIDTH * (0.36 + 0.2 * tint)), int(HEIGHT * 0.52)))
    return np.asarray(cv2.addWeighted(overlay, 0.38, pixels, 0.62, 0), dtype=np.uint8)


def draw_emblem(pixels: Pixels, centre: tuple[int, int], radius: int) -> None:
    """A schematic emblem, in place: a disc with one large and four small stars. Not the State emblem."""
    red, gold = (52, 46, 190), (98, 186, 226)
    cv2.circle(pixels, centre, radius, gold, -1, cv2.LINE_AA)
    cv2.circle(pixels, centre, int(radius * 0.86), red, -1, cv2.LINE_AA)
    _draw_star(pixels, (centre[0], centre[1] - radius // 6), radius * 0.36, gold)
    for angle in (215, 250, 290, 325):
        turned = np.deg2rad(angle + 180)
        spot = (int(centre[0] + radius * 0.6 * np.cos(turned)), int(centre[1] + radius * 0.6 * np.sin(turned)))
        _draw_star(pixels, spot, radius * 0.11, gold)


def _draw_waves(pixels: Pixels, tint: int) -> None:
    x = np.arange(0, WIDTH + 8, 8)
    colours = [(214, 186, 158), (206, 190, 218), (196, 206, 176)]
    for line in range(-6, 74):
        phase = line * 0.23
        y = line * 9 + 16 * np.sin(x / (88 + 30 * tint) + phase) + 7 * np.sin(x / 31 - 2 * phase)
        points = np.stack([x, y], axis=1).astype(np.int32)
        cv2.polylines(pixels, [points], False, colours[line % 3], 1, cv2.LINE_AA)


def _draw_rosette(pixels: Pixels, centre: tuple[int, int]) -> None:
    t = np.linspace(0, 2 * np.pi, 721)
    for ring in range(10):
        r = 60 + 13 * ring + 14 * np.sin(9 * t + ring * 0.5)
        points = np.stack([centre[0] + r * np.cos(t), centre[1] + r * np.sin(t)], axis=1).astype(np.int32)
        cv2.polylines(pixels, [points], True, (216, 190, 186), 1, cv2.LINE_AA)


def _draw_star(pixels: Pixels, centre: tuple[int, int], radius: float, colour: tuple[int, int, int]) -> None:
    turned = np.deg2rad(-90 + 36 * np.arange(10))
    r = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4)
    points = np.stack([centre[0] + r * np.cos(turned), centre[1] + r * np.sin(turned)], axis=1)
    cv2.fillPoly(pixels, [points.astype(np.int32)], colour, cv2.LINE_AA)
