"""A picture shown on a telephone and taken again by another, at the full size of its camera.

Drawn step by step as light goes: the panel's dots of red, green and blue, one by one, behind the lens and under the
photosites of a colour filter, then noise, demosaicing, denoising and sharpening. Grid and moire are what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.scenes import scene

Floats = NDArray[np.float32]
GAMMA = 2.2
BLUE, GREEN, RED = range(3)
SIZES = {5: (2592, 1944), 8: (3264, 2448), 12: (4000, 3000)}
"""Width and height of pictures of so many megapixels."""
PHOTOSITE = 0.29
"""Sigma of the area of a photosite, in pixels."""
SEEN = np.array(((0.80, 0.18, 0.02), (0.14, 0.72, 0.14), (0.03, 0.22, 0.75)), np.float32)
"""How much of the screen's blue, green and red passes the camera's filters of blue, green and red: they overlap."""
GLASS = 0.004
"""Light of what is black on a screen, and of its frame."""
BODY = 0.05
"""Width of the frame around the screen, in widths of what is shown."""


@dataclass(frozen=True, slots=True)
class Panel:
    """`columns` across its short side; `diamond`: green at every pixel, red and blue at every second one, as panels
    that glow have it, else three stripes a pixel behind a mask that leaves dark rows."""

    columns: int
    diamond: bool


PANELS = (Panel(1080, False), Panel(1080, True), Panel(1170, True), Panel(1290, True), Panel(1440, True))
"""65 to 70 mm wide: 390 to 530 pixels an inch."""


@dataclass(frozen=True, slots=True)
class Camera:
    """`share`: of the card's length in the picture's longer side. `focus`: blur of lens and focus, sigma in pixels.
    `binned`: four photosites or more make a pixel, so that each has all three colours and no moire of the filter."""

    megapixels: int
    share: float
    focus: float
    binned: bool


def recapture(
    shown: Pixels, card: Floats, panel: Panel, camera: Camera, rng: np.random.Generator
) -> tuple[Pixels, Floats]:
    """BGR (H, W, 3), and where the corners `card` of the picture `shown` lie now."""
    size = SIZES[camera.megapixels]
    # Held upright the picture is as wide as the screen; on its side it is as high, with bars left and right.
    across = rng.random() < 0.5
    columns = min(round(panel.columns * shown.shape[1] / shown.shape[0]), 2400) if across else panel.columns
    rows = round(shown.shape[0] * columns / shown.shape[1])
    image = cv2.resize(
        shown, (columns, rows), interpolation=cv2.INTER_AREA if columns < shown.shape[1] else cv2.INTER_CUBIC
    )
    placed = card * np.float32(columns / shown.shape[1])
    matrix = _held(size, placed, camera.share, rng)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    light = _surroundings(size, (columns, rows), matrix, across=across, rng=rng)
    for channel in (BLUE, GREEN, RED):
        lit = dots(np.asarray(image, np.uint8)[:, :, channel], channel, diamond=panel.diamond)
        step = np.array((lit.shape[1] / columns, lit.shape[0] / rows))
        blur = float(np.hypot(PHOTOSITE, camera.focus)) / scale * step
        soft = cv2.GaussianBlur(lit, (0, 0), sigmaX=float(blur[0]), sigmaY=float(blur[1]))
        seen = cv2.warpPerspective(
            soft, matrix @ np.diag((1 / step[0], 1 / step[1], 1.0)), size, flags=cv2.INTER_LINEAR
        )
        light[:, :, channel] += seen
    corners = cv2.perspectiveTransform(placed.reshape(-1, 1, 2).astype(np.float64), matrix)
    return _developed(light, rng, binned=camera.binned), np.asarray(corners, np.float32).reshape(4, 2)


def dots(values: NDArray[np.uint8], channel: int, *, diamond: bool) -> Floats:
    """Linear light of one colour of a panel, four cells a pixel down, and three (stripes) or four (diamonds) across."""
    light = (values.astype(np.float32) / 255) ** GAMMA
    height, width = light.shape
    lit = np.zeros((4 * height, (4 if diamond else 3) * width), np.float32)
    if not diamond:
        for row, openness in enumerate((1.0, 1.0, 1.0, 0.25)):
            lit[row::4, 2 - channel :: 3] = light * 3 * openness
        return lit
    if channel == GREEN:
        for row in (0, 1):
            for column in (0, 1):
                lit[row::4, column::4] = light * 4
        return lit
    odd = (np.add.outer(np.arange(height), np.arange(width)) % 2 == 1) == (channel == BLUE)
    # A driver gives a dot the light of its two pixels.
    shared = np.where(odd, cv2.blur(light, (2, 1)) * 8, 0)
    for row in (2, 3):
        for column in (2, 3):
            lit[row::4, column::4] = shared
    return lit


def _held(size: tuple[int, int], card: Floats, share: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """From the screen's pixels to the camera's: the card fills `share` of the picture's width, a little askew."""
    scale = share * size[0] / float(np.linalg.norm(card[1] - card[0]))
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * np.ptp(card, axis=0) * scale
    limit = 0.96 * np.array(size)
    corners *= min(1.0, *(limit / np.ptp(corners, axis=0)))
    corners += rng.uniform(-0.015, 0.015, (4, 2)) * np.ptp(corners[:, 0])
    angle = np.deg2rad(rng.uniform(-5, 5))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    held = corners @ turn + np.array(size) / 2
    (x0, y0), (x1, y1) = card.min(axis=0), card.max(axis=0)
    flat = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, held.astype(np.float32)), np.float64)


def _surroundings(
    size: tuple[int, int],
    shown: tuple[int, int],
    matrix: NDArray[np.float64],
    *,
    across: bool,
    rng: np.random.Generator,
) -> Floats:
    """Linear light of what lies around the shown picture: the viewer's bars, the telephone's frame, and a dimmer room.
    It leaves no light where the picture is shown."""
    frame, bars = BODY * shown[0], float(rng.uniform(0.1, 0.5)) * max(shown)
    x, y = (bars, frame) if across else (frame, bars)
    around = np.array([(-x, -y), (shown[0] + x, -y), (shown[0] + x, shown[1] + y), (-x, shown[1] + y)])
    outline = cv2.perspectiveTransform(around.reshape(-1, 1, 2).astype(np.float64), matrix)
    small = cv2.resize(scene(640, 480, rng), size, interpolation=cv2.INTER_LINEAR)
    light = (np.asarray(small, np.float32) / 255) ** GAMMA * np.float32(rng.uniform(0.03, 0.3))
    cv2.fillPoly(light, [np.rint(outline).astype(np.int32)], (GLASS,) * 3)
    inside = np.array([(0, 0), (shown[0], 0), shown, (0, shown[1])], np.float64)
    cv2.fillPoly(
        light, [np.rint(cv2.perspectiveTransform(inside.reshape(-1, 1, 2), matrix)).astype(np.int32)], (0,) * 3
    )
    return np.asarray(light, np.float32)


def _developed(light: Floats, rng: np.random.Generator, *, binned: bool) -> Pixels:
    """What a telephone's camera makes of linear light: colour filter, shot and read noise, demosaicing, colours set
    apart again, gamma, and a little denoising and sharpening."""
    metered = cv2.resize(light, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)
    exposure = np.float32(0.6 / max(float(np.percentile(metered, 98)), 1e-3))
    filtered = np.asarray(cv2.transform(light, SEEN * exposure), np.float32)
    if binned:
        linear = _exposed(filtered, rng)
    else:
        raw = np.empty(light.shape[:2], np.float32)
        for y, x, channel in ((0, 0, BLUE), (0, 1, GREEN), (1, 0, GREEN), (1, 1, RED)):
            raw[y::2, x::2] = filtered[y::2, x::2, channel]
        linear = np.asarray(cv2.cvtColor(_exposed(raw, rng), cv2.COLOR_BayerRG2BGR_EA), np.uint16)
    linear = np.asarray(cv2.transform(linear, np.linalg.inv(SEEN)), np.uint16)
    curve = ((np.arange(65536) / 65535) ** (1 / GAMMA) * 255 + 0.5).astype(np.uint8)
    pixels = cv2.bilateralFilter(curve[linear], 5, float(rng.uniform(6, 24)), 1.0)
    luma, *chroma = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb))
    pixels = cv2.cvtColor(cv2.merge((luma, *(cv2.medianBlur(one, 5) for one in chroma))), cv2.COLOR_YCrCb2BGR)
    amount = float(rng.uniform(0.2, 0.7))
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, cv2.GaussianBlur(pixels, (0, 0), 1.0), -amount, 0), np.uint8)


def _exposed(light: Floats, rng: np.random.Generator) -> NDArray[np.uint16]:
    """With shot and read noise, 16 bits."""
    seen = np.clip(light, 0, 1)
    grain = np.float32(rng.uniform(0.006, 0.02))
    seen += rng.standard_normal(seen.shape, dtype=np.float32) * grain * np.sqrt(seen + np.float32(0.004))
    return (np.clip(seen, 0, 1) * 65535).astype(np.uint16)
