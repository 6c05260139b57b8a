"""What is shown to the camera instead of a card: a photocopy, a screen, a flat image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.photograph import card_to_picture

Floats = NDArray[np.float32]
GAMMA = 2.2


def grey_copy(card: Pixels, strength: float, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    """A black-and-white photocopy on white paper, BGR, and the card's corners on it.

    `strength` in [0, 1]: how hard the copier pushes the contrast and how much toner strays.
    """
    grey = cv2.cvtColor(card, cv2.COLOR_BGR2GRAY).astype(np.float32)
    steepness = 1.0 + 1.6 * strength
    toner = np.clip((grey - 128) * steepness + 128 + 30 * strength, 12, 250)
    toner += rng.normal(0, 3 + 9 * strength, grey.shape)
    specks = rng.random(grey.shape) < 0.0015 * strength
    toner[specks] = 40
    return _on_paper(cv2.cvtColor(np.clip(toner, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), rng)


def colour_copy(card: Pixels, strength: float, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    """A colour photocopy on white paper: paler, coarser, the screen of the printer over it."""
    height, width = card.shape[:2]
    pale = card.astype(np.float32) * (1 - 0.25 * strength) + 255 * 0.25 * strength
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for channel, degrees in enumerate((15, 75, 45)):
        along = x * np.cos(np.deg2rad(degrees)) + y * np.sin(np.deg2rad(degrees))
        aside = y * np.cos(np.deg2rad(degrees)) - x * np.sin(np.deg2rad(degrees))
        period = 2 * np.pi / 4.2
        pale[:, :, channel] += 14 * strength * np.cos(along * period) * np.cos(aside * period)
    soft = cv2.GaussianBlur(np.clip(pale, 0, 255).astype(np.uint8), (0, 0), 0.8 + strength)
    return _on_paper(np.asarray(soft, dtype=np.uint8), rng)


def _on_paper(copy: Pixels, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    height, width = copy.shape[:2]
    margin = [round(width * float(share)) for share in rng.uniform(0.04, 0.16, 4)]
    left, top, right, bottom = margin
    white = rng.normal(248, 2, (height + top + bottom, width + left + right, 1)).clip(0, 255)
    paper = np.repeat(white, 3, axis=2).astype(np.uint8)
    radius = round(width * 3.18 / 85.6)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    card = cv2.morphologyEx(np.pad(np.full((height, width), 255, np.uint8), radius), cv2.MORPH_OPEN, disc)
    inside = card[radius:-radius, radius:-radius, None] > 0
    place = paper[top : top + height, left : left + width]
    place[:] = np.where(inside, copy, place)
    if rng.random() < 0.5:
        # The card's thickness throws a line of shadow on the copier's glass, along two of its sides.
        line = np.zeros(paper.shape[:2], np.float32)
        cv2.line(line, (left, top), (left + width, top), 1.0, 3)
        cv2.line(line, (left, top), (left, top + height), 1.0, 3)
        shade = 1 - float(rng.uniform(0.05, 0.3)) * cv2.GaussianBlur(line, (0, 0), 1.0)
        paper = np.asarray(paper * shade[:, :, None], np.uint8)
    corners = np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
    return paper, corners.astype(np.float32)


def screen(
    shown: Pixels, corners: Floats, columns: int, focus: float, rng: np.random.Generator
) -> tuple[Pixels, Floats]:
    """A picture shown on a screen and taken again, BGR (960, 1280, 3), and where its `corners` lie now.

    `columns`: the screen's pixels across the picture. `focus`: blur of the camera (sigma in its pixels). The stripes of
    red, green and blue, the dark grid between them and the camera's colour filter are drawn one by one, so what comes
    of them (moire, fringes) is what optics make of it, not a painted pattern.
    """
    scale = columns / shown.shape[1]
    rows = round(shown.shape[0] * scale)
    lit = display(np.asarray(cv2.resize(shown, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8))
    lit = np.pad(lit, ((90, 90), (90, 90), (0, 0)), constant_values=np.float32(0.004))
    size = (1280, 960)
    quad = _held(size, (lit.shape[1], lit.shape[0]), rng)
    matrix = card_to_picture(quad, (lit.shape[1], lit.shape[0]))
    across = float(np.linalg.norm(quad[1] - quad[0]))
    # The area of one photosite and the lens: both act before the sampling.
    optics = lit.shape[1] / across * float(np.hypot(0.29, focus))
    seen = cv2.warpPerspective(cv2.GaussianBlur(lit, (0, 0), optics), matrix, size, flags=cv2.INTER_LINEAR)
    placed = cv2.perspectiveTransform((corners * 3 * scale + 90).reshape(-1, 1, 2).astype(np.float64), matrix)
    return develop(np.asarray(seen, dtype=np.float32), rng), np.asarray(placed, np.float32).reshape(4, 2)


def display(pixels: Pixels) -> Floats:
    """Linear light of a striped RGB screen, three by three cells a pixel, BGR."""
    light = (pixels.astype(np.float32) / 255) ** GAMMA
    height, width = light.shape[:2]
    lit = np.zeros((3 * height, 3 * width, 3), np.float32)
    for channel, column in ((2, 0), (1, 1), (0, 2)):
        for row, openness in ((0, 1.0), (1, 1.0), (2, 0.25)):
            lit[row::3, column::3, channel] = light[:, :, channel] * 4 * openness
    return lit


def _held(size: tuple[int, int], shown: tuple[int, int], rng: np.random.Generator) -> Floats:
    """The screen in the camera's picture: filling most of it, a little askew."""
    width = size[0] * float(rng.uniform(0.86, 1.08))
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (width, width * shown[1] / shown[0])
    corners += rng.uniform(-0.015, 0.015, (4, 2)) * width
    angle = np.deg2rad(rng.uniform(-5, 5))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return np.asarray(corners @ turn + np.array(size) / 2, dtype=np.float32)


def develop(light: Floats, rng: np.random.Generator) -> Pixels:
    """Colour filter, noise, demosaicing and gamma of a camera."""
    exposure = 0.85 / max(float(np.percentile(light, 98)), 1e-3)
    height, width = light.shape[:2]
    raw = np.empty((height, width), np.float32)
    for y, x, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        raw[y::2, x::2] = light[y::2, x::2, channel]
    raw = np.clip(raw * exposure, 0, 1) ** (1 / GAMMA) * 255
    raw += rng.normal(0, 1.5, raw.shape)
    mosaic = np.clip(raw, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BayerRG2BGR), dtype=np.uint8)


def phone_screenshot(card: Pixels, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    """A telephone's own picture of its screen with a flat card on it, BGR (2340, 1080, 3), and the card's corners."""
    paper = float(rng.choice((238, 246, 255, 24)))
    pixels = np.full((2340, 1080, 3), paper, np.uint8)
    ink = (40.0, 40.0, 40.0) if paper > 128 else (220.0, 220.0, 220.0)
    cv2.rectangle(pixels, (0, 0), (1080, 210), tuple(float(v) for v in rng.uniform(60, 255, 3)), -1)
    for spot, text in (((60, 70), "9:41"), ((860, 70), "5G 86%"), ((380, 170), "My documents")):
        cv2.putText(pixels, text, spot, cv2.FONT_HERSHEY_SIMPLEX, 1.4, ink, 3, cv2.LINE_AA)
    width = int(rng.integers(880, 1060))
    height = round(width * card.shape[0] / card.shape[1])
    left, top = (1080 - width) // 2, int(rng.integers(320, 1100))
    pixels[top : top + height, left : left + width] = cv2.resize(card, (width, height), interpolation=cv2.INTER_AREA)
    for row in range(int(rng.integers(2, 5))):
        y = top + height + 140 + 130 * row
        cv2.putText(pixels, "Valid document  >", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 1.3, ink, 3, cv2.LINE_AA)
        cv2.line(pixels, (60, y + 40), (1020, y + 40), (200, 200, 200), 2)
    cv2.rectangle(pixels, (100, 2100), (980, 2230), (60, 140, 30), -1)
    corners = np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
    return pixels, corners.astype(np.float32)
