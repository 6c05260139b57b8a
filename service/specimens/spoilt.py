"""Pictures of a true card that went wrong: cut, covered, in glare, blurred, dark, burnt, small."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.field_places import Rectangle
from service.specimens.photograph import card_to_picture

Floats = NDArray[np.float32]
COVERS = ((118, 150, 208), (86, 118, 180), (60, 86, 140), (30, 30, 34), (70, 40, 120), (90, 120, 60))
"""BGR of what lies over a field: fingers of three tones, tape, a pen, a leaf."""
PAPERS = ((250, 250, 250), (238, 230, 226), (228, 232, 222), (240, 236, 244))
"""The same: white paper, and stickers of the card's colours."""

SLIPS = ((250, 250, 250), (226, 240, 246), (236, 232, 226), (150, 236, 250), (196, 190, 246), (150, 176, 202))
"""BGR of paper: white, cream, grey, a yellow and a pink note, brown."""


def cover(
    card: Pixels,
    place: Rectangle,
    share: float,
    rng: np.random.Generator,
    tones: Sequence[tuple[int, int, int]] = COVERS,
) -> tuple[Pixels, Rectangle]:
    """A card with `share` of a field's width under something of `tones`, and where it lies."""
    x0, y0, x1, y1 = place
    width = max(round((x1 - x0) * share), 34)
    left = x0 + int(rng.integers(0, max(1, x1 - x0 - width + 1)))
    box = (left, y0 - int(rng.integers(4, 16)), left + width, y1 + int(rng.integers(4, 16)))
    tone = np.array(tones[int(rng.integers(len(tones)))], np.float32) * float(rng.uniform(0.85, 1.1))
    mask = np.zeros(card.shape[:2], np.uint8)
    if rng.random() < 0.5:
        cv2.rectangle(mask, box[:2], box[2:], 255, -1)
    else:
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        size = (1.25 * (box[2] - box[0]), 1.45 * (box[3] - box[1]))
        cv2.ellipse(mask, (centre, size, 0.0), 255, -1)
    alpha = cv2.GaussianBlur(mask, (0, 0), 1.5).astype(np.float32)[:, :, None] / 255
    x = np.arange(card.shape[1], dtype=np.float32)[None, :, None]
    rounded = tone * (1 - 0.25 * ((x - (box[0] + box[2]) / 2) / max(box[2] - box[0], 1)) ** 2)
    return (alpha * rounded + (1 - alpha) * card).clip(0, 255).astype(np.uint8), box


def lay_paper(card: Pixels, place: Rectangle, rng: np.random.Generator) -> tuple[Pixels, Rectangle]:
    """A card with a slip of paper over a place: any tone of SLIPS, a little askew, with grain, fold and shadow."""
    x0, y0, x1, y1 = place
    box = (x0, y0 - int(rng.integers(2, 14)), x1 + int(rng.integers(6, 70)), y1 + int(rng.integers(2, 14)))
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    corners = cv2.boxPoints((middle, (box[2] - box[0], box[3] - box[1]), float(rng.uniform(-5, 5))))
    mask = np.zeros(card.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(corners * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    alpha = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32)[:, :, None] / 255
    grain = cv2.GaussianBlur(rng.normal(0, 0.03, card.shape[:2]), (0, 0), 1.2)
    fold = float(rng.uniform(-0.06, 0.06)) * (np.arange(card.shape[1]) - middle[0]) / max(box[2] - box[0], 1)
    lit = float(rng.uniform(0.86, 1.03)) + np.asarray(grain, np.float32)[:, :, None] + fold[None, :, None]
    paper = lit * np.array(SLIPS[int(rng.integers(len(SLIPS)))], np.float32)
    down, aside = (int(v) for v in rng.integers(-4, 5, 2))
    fallen = np.roll(mask, (down, aside), (0, 1)).astype(np.float32) / 255
    shadow = 1 - float(rng.uniform(0, 0.35)) * cv2.GaussianBlur(fallen, (0, 0), float(rng.uniform(2, 6)))
    laid = alpha * paper + (1 - alpha) * card * shadow[:, :, None]
    return np.asarray(laid.clip(0, 255), np.uint8), box


def glare(pixels: Pixels, quad: Floats, card: tuple[int, int], place: Rectangle, share: float) -> Pixels:
    """A lamp mirrored over `share` of a field's width, its middle burnt out. `card`: width, height as drawn."""
    x0, y0, x1, y1 = place
    x, y = np.meshgrid(np.arange(0, card[0], 4, dtype=np.float32), np.arange(0, card[1], 4, dtype=np.float32))
    across = (x - (x0 + x1) / 2) / max((x1 - x0) * share / 2, 24)
    down = (y - (y0 + y1) / 2) / max((y1 - y0) * 0.75, 30)
    spot = np.exp(-((across**2 + down**2) ** 1.5) * 0.7).astype(np.float32)
    to_picture = card_to_picture(quad, card) @ np.diag((4.0, 4.0, 1.0))
    lit = cv2.warpPerspective(spot * 330, to_picture, (pixels.shape[1], pixels.shape[0]))
    return np.asarray(cv2.add(pixels, cv2.merge([lit] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def defocus(pixels: Pixels, quad: Floats, sigma: float) -> Pixels:
    """Out of focus by `sigma` pixels of a card 856 pixels wide."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma * _width(quad) / 856), dtype=np.uint8)


def shake(pixels: Pixels, quad: Floats, length: float, degrees: float) -> Pixels:
    """Moved by `length` pixels of a card 856 pixels wide while the shutter was open."""
    reach = max(2, round(length * _width(quad) / 856))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    step = reach / 2 * np.array((np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))))
    start, end = (tuple(round(float(v)) for v in reach + sign * step) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.uint8)


def darken(pixels: Pixels, light: float, rng: np.random.Generator) -> Pixels:
    """Underexposed: `light` of the light is left, and the sensor's noise is not less for it."""
    dark = pixels.astype(np.float32) * light + rng.normal(0, 4, pixels.shape)
    return np.asarray(dark.clip(0, 255), dtype=np.uint8)


def burn(pixels: Pixels, gain: float, veil: float) -> Pixels:
    """Overexposed: `gain` times the light, and `veil` grey levels of it straying everywhere."""
    return np.asarray((pixels.astype(np.float32) * gain + veil).clip(0, 255), dtype=np.uint8)


def reduce(pixels: Pixels, quad: Floats, width: float) -> tuple[Pixels, Floats]:
    """The picture made so small that the card is `width` pixels wide, and the corners in it."""
    scale = width / _width(quad)
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), quad * np.float32(scale)


def crop(pixels: Pixels, quad: Floats, share: float, edge: int) -> tuple[Pixels, Floats]:
    """The picture with `share` of the card outside at one edge (0 left, 1 right, 2 top, 3 bottom)."""
    height, width = pixels.shape[:2]
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    left, top, right, bottom = 0, 0, width, height
    if edge == 0:
        left = round(float(x0 + share * (x1 - x0)))
    elif edge == 1:
        right = round(float(x1 - share * (x1 - x0)))
    elif edge == 2:
        top = round(float(y0 + share * (y1 - y0)))
    else:
        bottom = round(float(y1 - share * (y1 - y0)))
    return np.ascontiguousarray(pixels[top:bottom, left:right]), quad - np.array((left, top), np.float32)


def _width(quad: Floats) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
