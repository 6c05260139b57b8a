"""Photograph a drawn card under a named condition: place it in a scene, light it, and let a camera see it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Box, Pixels
from service.specimens.conditions import Condition, Span, conditions
from service.specimens.scenes import draw_fingers, scene
from service.specimens.surfaces import Surface


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture and what is known of it. `quad`: float32 (4, 2), the card's corners in `pixels`, clockwise from the
    card's own top left. `jpeg_quality` is the one the camera used."""

    pixels: Pixels = field(repr=False)
    quad: NDArray[np.float32] = field(repr=False)
    condition: str
    jpeg_quality: int

    @property
    def box(self) -> Box:
        """The quad as plain numbers."""
        a, b, c, d = ((float(x), float(y)) for x, y in self.quad)
        return (a, b, c, d)

    def encode(self) -> bytes:
        """The file as the camera would write it."""
        return encode_jpeg(self.pixels, self.jpeg_quality)


def photograph(card: Pixels, condition: str, rng: np.random.Generator) -> Photograph:
    """`card`: BGR as drawn. `condition`: a name of `conditions()` (KeyError for another)."""
    return take(card, conditions()[condition], rng)


def take(card: Pixels, taken: Condition, rng: np.random.Generator, surface: Surface = scene) -> Photograph:
    """`card`: BGR as drawn. `surface`: what it lies on, where the condition is staged."""
    width, height = taken.size
    quad = _place(taken, card.shape[1] / card.shape[0], rng)
    ground = surface(width, height, rng) if taken.staged else np.full((height, width, 3), 250, np.uint8)
    pixels = _lay(ground, card, quad, drop_shadow=taken.staged)
    if taken.staged and rng.random() < 0.3:
        draw_fingers(pixels, quad, rng)
    pixels = _light(pixels, quad, taken, rng)
    pixels = _expose(pixels, quad, taken, rng)
    return Photograph(pixels, quad, taken.name, int(_draw(taken.jpeg_quality, rng)))


def encode_jpeg(pixels: Pixels, quality: int = 92) -> bytes:
    """BGR (H, W, 3) to the bytes of a JPEG file; `quality` 1-100."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture could not be encoded")
    return encoded.tobytes()


def card_to_picture(quad: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float64]:
    """The 3 × 3 homography from a drawn card of `size` (width, height) to the picture."""
    width, height = size
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, quad.astype(np.float32)), dtype=np.float64)


def _place(taken: Condition, aspect: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The card's corners: shrunk until all lie in the picture with a little to spare."""
    width, height = taken.size
    card_width = width * _draw(taken.card_share, rng)
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (card_width, card_width / aspect)
    corners += rng.uniform(-1, 1, (4, 2)) * _draw(taken.perspective, rng) * card_width
    angle = np.deg2rad(taken.rotation + _draw(taken.tilt_degrees, rng) * rng.choice((-1, 1)))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    corners = corners @ turn
    edge = 0.0 if taken.card_share == (1.0, 1.0) else 0.02
    room = np.array((width, height)) * (1 - 2 * edge)
    spread = corners.max(axis=0) - corners.min(axis=0)
    corners *= min(1.0, *(room / spread))
    spread = corners.max(axis=0) - corners.min(axis=0)
    slack = np.maximum(room - spread, 0)
    corner = np.array((width, height)) * edge + slack * rng.uniform(0.2, 0.8, 2)
    return np.asarray(corners - corners.min(axis=0) + corner, dtype=np.float32)


def _lay(ground: Pixels, card: Pixels, quad: NDArray[np.float32], drop_shadow: bool) -> Pixels:
    height, width = ground.shape[:2]
    card = _shrink_toward(card, _card_width(quad))
    mask = _rounded(card.shape[1], card.shape[0]) if drop_shadow else np.full(card.shape[:2], 255, np.uint8)
    matrix = card_to_picture(quad, (card.shape[1], card.shape[0]))
    seen = cv2.warpPerspective(card, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = np.asarray(cv2.warpPerspective(mask, matrix, (width, height)) * np.float32(1 / 255), dtype=np.float32)
    under = ground
    if drop_shadow:
        reach = max(1.0, _card_width(quad) / 160)
        shift = np.array([(1, 0, reach), (0, 1, reach * 1.4)], np.float32)
        under = _times(ground, 1 - 0.45 * cv2.warpAffine(_soft(alpha, reach * 1.5), shift, (width, height)))
    return np.asarray(cv2.blendLinear(seen, under, alpha, 1 - alpha), dtype=np.uint8)


def _light(pixels: Pixels, quad: NDArray[np.float32], taken: Condition, rng: np.random.Generator) -> Pixels:
    """Shadow, glare and colour of the light, as fields much coarser than the picture."""
    height, width = pixels.shape[:2]
    small = (160, max(2, round(160 * height / width)))
    y, x = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    factor = np.full((small[1], small[0]), _draw(taken.light, rng), np.float32)
    strength = _draw(taken.shadow, rng)
    angle, edge = rng.uniform(0, 2 * np.pi), rng.uniform(-0.2, 0.2)
    across = ((x / small[0] - 0.5) * np.cos(angle) + (y / small[1] - 0.5) * np.sin(angle) - edge) * rng.uniform(8, 30)
    factor *= 1 - strength / (1 + np.exp(-np.clip(across, -30, 30)))
    tint = 1 + rng.uniform(-0.05, 0.05, 3) * (1 if taken.staged else 0)
    coloured = (factor[:, :, None] * tint).astype(np.float32)
    lit = _times(pixels, np.asarray(cv2.resize(coloured, (width, height)), dtype=np.float32))
    glare = _draw(taken.glare, rng)
    if glare > 0:
        spot = _glare_field(quad * (small[0] / width), (x, y), rng)
        lit = _plus(lit, np.asarray(cv2.resize(255 * 1.25 * glare * spot, (width, height)), dtype=np.float32))
    return lit


def _glare_field(
    quad: NDArray[np.float32], grid: tuple[NDArray[np.float32], NDArray[np.float32]], rng: np.random.Generator
) -> NDArray[np.float32]:
    """A bright ellipse somewhere on the card, 0..1."""
    x, y = grid
    weights = rng.dirichlet(np.ones(4))
    centre = weights @ quad
    length = float(np.linalg.norm(quad[1] - quad[0]))
    angle = rng.uniform(0, np.pi)
    along = ((x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)) / (length * rng.uniform(0.1, 0.22))
    aside = ((y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)) / (length * rng.uniform(0.05, 0.11))
    return np.asarray(np.exp(-((along**2 + aside**2) ** 1.2)), dtype=np.float32)


def _expose(pixels: Pixels, quad: NDArray[np.float32], taken: Condition, rng: np.random.Generator) -> Pixels:
    """Blur, lost detail, sensor noise."""
    share = _card_width(quad) / 856
    blur = _draw(taken.blur, rng) * share
    if blur > 0.05:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), dtype=np.uint8)
    motion = _draw(taken.motion, rng) * share
    if motion >= 1:
        pixels = _streak(pixels, motion, rng.uniform(0, 180))
    detail = _draw(taken.detail, rng)
    height, width = pixels.shape[:2]
    if detail < 1:
        kept = cv2.resize(pixels, (round(width * detail), round(height * detail)), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(cv2.resize(kept, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    noise = _draw(taken.noise, rng)
    if noise > 0:
        pixels = _plus(pixels, rng.standard_normal((height, width), dtype=np.float32) * np.float32(noise))
    return pixels


def _streak(pixels: Pixels, length: float, degrees: float) -> Pixels:
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size + 2, size + 2), np.float32)
    middle = (size + 2) // 2
    reach = length / 2 * np.array((np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))))
    ends = [tuple(round(16 * (middle + sign * r)) for r in reach) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_8, shift=4)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.uint8)


def _times(pixels: Pixels, factor: NDArray[np.float32]) -> Pixels:
    """Saturating; `factor` (H, W) or (H, W, 3)."""
    factor = np.asarray(cv2.merge([factor] * 3), dtype=np.float32) if factor.ndim == 2 else factor
    return np.asarray(cv2.multiply(pixels, factor, dtype=cv2.CV_8U), dtype=np.uint8)


def _plus(pixels: Pixels, light: NDArray[np.float32]) -> Pixels:
    """Saturating; `light` (H, W)."""
    return np.asarray(cv2.add(pixels, cv2.merge([light] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _soft(alpha: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    height, width = alpha.shape
    small = cv2.resize(alpha, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.5, sigma / 4))
    return np.asarray(cv2.resize(blurred, (width, height)), dtype=np.float32)


def _shrink_toward(card: Pixels, width: float) -> Pixels:
    """Averaging down first: a warp alone would alias."""
    if width > 0.75 * card.shape[1]:
        return card
    scale = width / card.shape[1] * 1.15
    size = (round(card.shape[1] * scale), round(card.shape[0] * scale))
    return np.asarray(cv2.resize(card, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _rounded(width: int, height: int) -> NDArray[np.uint8]:
    """ISO/IEC 7810: corners of 3.18 mm radius on a card 85.6 mm wide."""
    radius = round(width * 3.18 / 85.6)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - radius, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1)
    return mask


def _card_width(quad: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2


def _draw(span: Span, rng: np.random.Generator) -> float:
    return float(rng.uniform(*span))
