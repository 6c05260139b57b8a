"""Presentation attack instruments: a person's picture shown to the camera on a screen or on paper (ISO/IEC 30107-3).

Drawn for regression tests and for fitting rules that real attacks then judge; they certify nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.conditions import Span
from service.specimens.copies import GAMMA, develop, display
from service.specimens.photograph import card_to_picture
from service.specimens.scenes import draw_fingers

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the picture is shown on. `cover`: how much of the frame it covers, from 1.2 on no edge is seen."""

    screen: bool
    aspects: tuple[float, ...]
    """Width by height of the shown picture."""
    rim: Span
    """Bezel or white margin, by shares of the width."""
    cover: Span
    held: bool = True


INSTRUMENTS = {
    "phone": Instrument(True, (9 / 16, 9 / 19.5, 3 / 4), (0.03, 0.09), (0.6, 0.98)),
    "tablet": Instrument(True, (3 / 4, 4 / 3), (0.04, 0.1), (0.75, 1.05)),
    "monitor": Instrument(True, (16 / 9, 4 / 3), (0.02, 0.05), (0.95, 1.15), held=False),
    "print": Instrument(False, (3 / 4, 5 / 7, 1.0, 4 / 3), (0.0, 0.12), (0.55, 0.98)),
    "screen_close": Instrument(True, (3 / 4, 4 / 3, 1.0), (0.03, 0.05), (1.25, 1.6), held=False),
    "print_close": Instrument(False, (3 / 4, 4 / 3, 1.0), (0.0, 0.0), (1.25, 1.6), held=False),
}
"""The species by name."""
_FRAMES = ((1280, 720), (960, 720), (720, 960), (720, 1280))


def present(photo: Pixels, species: str, rng: np.random.Generator) -> Pixels:
    """What a selfie camera sees, BGR, when `photo` (a head in its middle) is shown to it instead of the person.

    `species`: a name of INSTRUMENTS (KeyError for another).
    """
    taken = INSTRUMENTS[species]
    frame = _FRAMES[int(rng.integers(len(_FRAMES)))]
    shown = _trimmed(photo, taken.aspects[int(rng.integers(len(taken.aspects)))])
    surface = _screen(shown, taken, rng) if taken.screen else _paper(shown, taken, rng)
    quad = _held(frame, surface.shape[1] / surface.shape[0], float(rng.uniform(*taken.cover)), rng)
    room = _linear(_room(frame, rng)) * float(rng.uniform(0.3, 1.0))
    light = _seen(surface, quad, room, focus=float(rng.uniform(0.4, 1.1)))
    if taken.held and rng.random() < 0.7:
        light = _with_fingers(light, quad, rng)
    return develop(_reflection(light, quad, rng) if taken.screen else light, rng)


def _trimmed(photo: Pixels, aspect: float) -> Pixels:
    """The middle of the photo at another shape; the head stays."""
    height, width = photo.shape[:2]
    wide, tall = min(width, round(height * aspect)), min(height, round(width / aspect))
    left, top = (width - wide) // 2, (height - tall) // 2
    return photo[top : top + tall, left : left + wide]


def _screen(shown: Pixels, taken: Instrument, rng: np.random.Generator) -> Floats:
    """Linear light of a screen in its bezel, three by three cells a pixel."""
    columns = int(rng.integers(260, 480))
    rows = round(shown.shape[0] * columns / shown.shape[1])
    tint = 1 + rng.uniform(-0.06, 0.06, 3) + np.array((0.06, 0.0, -0.04))
    lit = display(np.asarray(cv2.resize(shown, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8))
    lit = lit * (tint * rng.uniform(0.6, 1.6)).astype(np.float32) + np.float32(0.004)
    rim = round(lit.shape[1] * float(rng.uniform(*taken.rim)))
    body = (0.006, 0.01, 0.45)[int(rng.integers(3))]
    # A telephone's bezel is wider above and below.
    tall = round(rim * float(rng.uniform(1.0, 3.0)))
    return np.asarray(np.pad(lit, ((tall, tall), (rim, rim), (0, 0)), constant_values=np.float32(body)), np.float32)


def _paper(shown: Pixels, taken: Instrument, rng: np.random.Generator) -> Floats:
    """Linear light of a print: paler blacks, duller colours, the grain of the printer, on white paper."""
    height, width = shown.shape[:2]
    scale = 900 / max(height, width)
    big = np.asarray(cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    soft = cv2.GaussianBlur(big, (0, 0), float(rng.uniform(0.5, 1.6))).astype(np.float32)
    grey = soft.mean(axis=2, keepdims=True)
    dull = grey + (soft - grey) * float(rng.uniform(0.6, 0.95))
    inked = 28 + dull * float(rng.uniform(0.72, 0.85)) + rng.normal(0, 3, (*soft.shape[:2], 1))
    rim = round(big.shape[1] * float(rng.uniform(*taken.rim)))
    sheet = np.pad(inked, ((rim, rim), (rim, rim), (0, 0)), constant_values=238)
    return _linear(np.clip(sheet, 0, 255)) * float(rng.uniform(0.5, 1.1))


def _held(frame: tuple[int, int], aspect: float, cover: float, rng: np.random.Generator) -> Floats:
    """The corners of the surface in the frame, a little askew, its head still in the picture."""
    width, height = frame
    inside = min(width, height * aspect) if cover < 1.2 else max(width, height * aspect)
    wide = inside * cover
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (wide, wide / aspect)
    corners += rng.uniform(-0.03, 0.03, (4, 2)) * wide
    angle = np.deg2rad(rng.normal(0, 5))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    shift = rng.uniform(-0.08, 0.08, 2) * frame
    return np.asarray(corners @ turn + np.array(frame) / 2 + shift, dtype=np.float32)


def _seen(surface: Floats, quad: Floats, room: Floats, focus: float) -> Floats:
    """The surface before the room, blurred by lens and photosite before it is sampled."""
    height, width = room.shape[:2]
    across = float(np.linalg.norm(quad[1] - quad[0]))
    optics = surface.shape[1] / across * float(np.hypot(0.29, focus))
    matrix = card_to_picture(quad, (surface.shape[1], surface.shape[0]))
    soft = cv2.GaussianBlur(surface, (0, 0), optics)
    seen = cv2.warpPerspective(soft, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpPerspective(np.ones(surface.shape[:2], np.float32), matrix, (width, height))
    alpha = cv2.GaussianBlur(alpha, (0, 0), focus)
    return np.asarray(cv2.blendLinear(seen, room, alpha, 1 - alpha), np.float32)


def _room(frame: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """A wall with doors, shelves and pictures, out of focus."""
    width, height = frame
    tone = rng.uniform(90, 235) + rng.uniform(-18, 18, 3)
    wall = np.empty((height, width, 3), np.float32)
    wall[:] = tone + np.linspace(-20, 20, width)[None, :, None] * rng.uniform(-1, 1)
    for _ in range(int(rng.integers(2, 7))):
        wide, tall = rng.uniform(0.05, 0.4, 2) * frame
        left, top = rng.uniform(-0.1, 0.9, 2) * frame
        colour = tuple(float(v) for v in rng.uniform(25, 235, 3))
        cv2.rectangle(wall, (int(left), int(top)), (int(left + wide), int(top + tall)), colour, -1)
    soft = cv2.GaussianBlur(wall, (0, 0), float(rng.uniform(1.5, 7.0)))
    return np.asarray(np.clip(soft + rng.normal(0, 2, (height, width, 1)), 0, 255), np.uint8)


def _with_fingers(light: Floats, quad: Floats, rng: np.random.Generator) -> Floats:
    bright = max(1.0, float(light.max()))
    pixels = np.asarray(255 * (light / bright) ** (1 / GAMMA), dtype=np.uint8)
    bare = pixels.copy()
    draw_fingers(pixels, quad, rng)
    touched = np.any(pixels != bare, axis=2, keepdims=True)
    return np.asarray(np.where(touched, _linear(pixels) * bright, light), np.float32)


def _reflection(light: Floats, quad: Floats, rng: np.random.Generator) -> Floats:
    """A lamp or a window mirrored in the glass, in one case of three."""
    if rng.random() > 0.33:
        return light
    spot = np.zeros(light.shape[:2], np.float32)
    centre = rng.dirichlet(np.ones(4)) @ quad
    radius = float(np.linalg.norm(quad[1] - quad[0])) * float(rng.uniform(0.05, 0.15))
    cv2.circle(spot, (int(centre[0]), int(centre[1])), int(radius), 1.0, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), radius / 2)
    return np.asarray(light + soft[:, :, None] * np.float32(rng.uniform(0.1, 0.6)), np.float32)


def _linear(pixels: NDArray[np.generic]) -> Floats:
    return np.asarray((np.asarray(pixels, np.float32) / 255) ** GAMMA, np.float32)
