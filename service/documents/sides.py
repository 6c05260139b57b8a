"""Move an outline onto the card's edges: each side to the line along which the picture changes most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.image import shrink

Floats = NDArray[np.float32]

ALONG, ACROSS = 48, 31
"""Places along a side and across it at which the picture is looked at."""
ENDS = (0.08, 0.92)
"""The corners of a card are round (ISO/IEC 7810: radius 3.18 mm), so a side's ends are no line."""
FIT_SIDE = 1024
"""Longest side in pixels of the copy that sides are fitted in."""
NEAR_REACHES, REACHES, FAR_REACHES = (0.016, 0.008), (0.05, 0.016, 0.008), (0.09, 0.03, 0.011)
"""Share of the card's width that a side may be off by, pass by pass: of an outline whose sides were found already, of a
good one, and of a rough one."""
FAINT, STRONG = 5.0, 1.5
"""From here on more tells nothing more: grey levels between both sides of an edge, and times what changes everywhere.
Print beside the card is many times stronger than the card's own edge on paper, but it has gaps."""
SHOWS = 0.6
"""Of that, from where on an edge is seen at a place."""
RIM = 0.8
"""What the rim of the picture counts as, between nothing and the strongest edge."""
LEAST_SUPPORT = 0.25
"""Of the places along a side that show an edge: with fewer the side stays where it was."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`quad` as it was given, each side moved onto its edge. `support` (4,) in [0, 1]: the share of each side (first
    corner to second, and on) that lies on an edge, higher is better. `moved`: the farthest corner's way / width."""

    quad: Quad = field(repr=False)
    support: Floats
    moved: float


def copy_to_fit(pixels: Pixels) -> tuple[Pixels, float]:
    """The BGR picture, smaller where it is larger than sides are fitted in, and its size as a share of before."""
    scale = min(1.0, FIT_SIDE / max(pixels.shape[:2]))
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    return (shrink(pixels, size) if scale < 1 else pixels), scale


def fit_sides(pixels: Pixels, quad: Quad, reaches: Sequence[float] = REACHES) -> Fitted:
    """`pixels` BGR, the card some hundreds of pixels wide; `quad` (4, 2) clockwise, off by `reaches[0]` at most."""
    width = _width(quad)
    now, support = quad.astype(np.float32), np.zeros(4, np.float32)
    for reach in reaches:
        lines, support = _fit(pixels, now, reach * width)
        corners = meet(lines)
        if np.linalg.norm(corners - now, axis=1).max() > 2.5 * reach * width:
            break
        now = corners
    return Fitted(now, support, float(np.linalg.norm(now - quad, axis=1).max()) / width)


def _width(quad: Quad) -> float:
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return max(8.0, float(max(sides[0] + sides[2], sides[1] + sides[3])) / 2)


def _fit(pixels: Pixels, quad: Quad, reach: float) -> tuple[Floats, Floats]:
    """The four sides as pairs of points (4, 2, 2), and their support (4,)."""
    starts, ends = quad, np.roll(quad, -1, axis=0)
    along = ends - starts
    normal = np.stack((-along[:, 1], along[:, 0]), axis=1)
    normal = (normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6)).astype(np.float32)
    offsets = np.linspace(-reach, reach, ACROSS, dtype=np.float32)
    shares = np.linspace(*ENDS, ALONG, dtype=np.float32)
    steps = _steps(pixels, starts, along, normal, shares, offsets)
    crossings, support = _lines(steps)
    crossings[support < LEAST_SUPPORT] = (ACROSS - 1) / 2
    off = np.interp(crossings, np.arange(ACROSS), offsets)[:, :, None]
    lines = starts[:, None] + along[:, None] * shares[[0, -1]][:, None] + normal[:, None] * off
    return np.asarray(lines, np.float32), support


def _steps(pixels: Pixels, starts: Quad, along: Quad, normal: Quad, shares: Floats, offsets: Floats) -> Floats:
    """How much the picture changes across each place, 0-1, (4, ALONG, ACROSS)."""
    places = starts[:, None, None] + shares[None, :, None, None] * along[:, None, None]
    places = places + offsets[None, None, :, None] * normal[:, None, None]
    flat = places.reshape(4 * ALONG, ACROSS, 2)
    seen = cv2.remap(pixels, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strip = seen.reshape(4, ALONG, ACROSS, 3).astype(np.float32)
    # Neighbours along the side share their edge but not their noise.
    padded = np.pad(strip, ((0, 0), (1, 1), (0, 0), (0, 0)), mode="edge")
    strip = (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / np.float32(3)
    apart = np.zeros_like(strip)
    apart[:, :, 2:-2] = (strip[:, :, 4:] + strip[:, :, 3:-1] - strip[:, :, 1:-3] - strip[:, :, :-4]) / 2
    change = np.linalg.norm(apart, axis=3)
    # What changes everywhere (noise, grass) is no edge.
    floor = np.median(change[:, :, 2:-2], axis=(1, 2), keepdims=True)
    steps = np.clip((change - floor) / np.maximum(FAINT, STRONG * floor), 0, 1)
    # A scan ends where its card ends.
    inside = ((places >= 0) & (places <= np.array(pixels.shape[1::-1]) - 1)).all(axis=3)
    steps[:, :, 1:][inside[:, :, 1:] != inside[:, :, :-1]] += RIM
    return np.asarray(steps, dtype=np.float32)


@cache
def _crossings() -> tuple[Floats, NDArray[np.intp], Floats]:
    """Every line that is tried: where it crosses the first and the last place along a side (2, N), its index into a
    flattened (ALONG, ACROSS) at each place (ALONG, N), and what it counts for (N,)."""
    ends = np.arange(0, ACROSS, 2, dtype=np.float32)
    both = np.stack([grid.ravel() for grid in np.meshgrid(ends, ends, indexing="ij")])
    share = np.linspace(0, 1, ALONG, dtype=np.float32)[:, None]
    cells = np.rint(both[0] * (1 - share) + both[1] * share).astype(np.intp)
    # The outline was near: of two edges alike the nearer one.
    middle = (ACROSS - 1) / 2
    near = 1 - 0.25 * ((both - middle) ** 2).sum(axis=0) / (2 * middle**2)
    return both, cells + np.arange(ALONG)[:, None] * ACROSS, near.astype(np.float32)


def _lines(steps: Floats) -> tuple[NDArray[np.float64], Floats]:
    """Where the best line of each side crosses the first and the last of its `steps` (4, ALONG, ACROSS), as indices
    (4, 2), and its support (4,)."""
    both, cells, near = _crossings()
    total = np.stack([side.take(cells).sum(axis=0) for side in steps.reshape(4, -1)])
    return _finer(steps, both[:, (total * near).argmax(axis=1)].T.astype(np.float64))


def _finer(steps: Floats, rough: NDArray[np.float64]) -> tuple[NDArray[np.float64], Floats]:
    """Least squares through the middles of the edges near the lines, those far off left out."""
    share = np.linspace(0, 1, ALONG)
    near = np.rint(rough[:, :1] * (1 - share) + rough[:, 1:] * share).astype(np.intp)
    cells = np.clip(near[:, :, None] + np.arange(-3, 4), 0, ACROSS - 1)
    weight = np.take_along_axis(steps, cells, axis=2).astype(np.float64)
    mass = weight.sum(axis=2)
    spot = (weight * cells).sum(axis=2) / (mass + 1e-6)
    shows = weight[:, :, 2:5].max(axis=2) > SHOWS
    strength = shows * np.minimum(mass, 2.0)
    level, slope = straight(share, spot, strength)
    level, slope = straight(share, spot, strength / (1 + (spot - level - slope * share) ** 2))
    support = shows.mean(axis=1)
    fine = np.concatenate((level, level + slope), axis=1)
    return np.where(support[:, None] < LEAST_SUPPORT, rough, fine), support.astype(np.float32)


def straight(
    share: NDArray[np.float64], spot: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level at 0 and slope of the weighted least squares line of each row, (4, 1) each."""
    weight = weight + 1e-9
    total = weight.sum(axis=1, keepdims=True)
    middle = (weight * share).sum(axis=1, keepdims=True) / total
    height = (weight * spot).sum(axis=1, keepdims=True) / total
    off = weight * (share - middle)
    slope = (off * spot).sum(axis=1, keepdims=True) / ((off * (share - middle)).sum(axis=1, keepdims=True) + 1e-12)
    return height - slope * middle, slope


def meet(lines: Floats) -> Quad:
    """Sides as pairs of points (4, 2, 2) to corners (4, 2): each where the side before it meets the side after it."""
    before = np.roll(lines, 1, axis=0)
    one, other = lines[:, 1] - lines[:, 0], before[:, 1] - before[:, 0]
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    apart = before[:, 0] - lines[:, 0]
    way = (apart[:, 0] * other[:, 1] - apart[:, 1] * other[:, 0]) / np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    return np.asarray(lines[:, 0] + way[:, None] * one, dtype=np.float32)
