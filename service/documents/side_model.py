"""The project's own side network: where a card's edge crosses strips laid along a rough outline
(models/cards/corner_model.md)."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.sides import meet, straight
from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.image import shrink
from service.runtime.onnx import Session

Floats = NDArray[np.float32]

LOOK_SIDE = 512
"""Longest side in pixels of the copy that is looked at: a cell is one or two of its pixels."""
ALONG, ACROSS, ROWS = 48, 64, 12
"""Places looked at along and across each side; the network answers for every fourth along."""
ENDS = (0.06, 0.94)
"""The corners of a card are round (ISO/IEC 7810: radius 3.18 mm)."""
REACH = 0.14
"""Share of the card's width that a strip reaches to both sides."""
FLOOR = 0.01
"""Likelihood of an edge where none is seen: fingers lie over it, light outshines it."""


def copy_to_look(pixels: Pixels) -> tuple[Pixels, float]:
    """The BGR picture, smaller where it is larger than strips are taken from, and its size as a share of before."""
    scale = min(1.0, LOOK_SIDE / max(pixels.shape[:2]))
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    return (shrink(pixels, size) if scale < 1 else pixels), scale


def places(quad: Quad) -> tuple[Floats, Floats, Floats]:
    """Of each side of a clockwise outline: where its strip's places along it begin (4, ALONG, 2), the way inward as
    unit vectors (4, 2), and how far across each cell lies, outside first (ACROSS,), in pixels."""
    along = np.roll(quad, -1, axis=0) - quad
    length = np.linalg.norm(along, axis=1, keepdims=True) + 1e-6
    inward = np.stack((-along[:, 1], along[:, 0]), axis=1) / length
    width = max(8.0, float(max(length[0] + length[2], length[1] + length[3]).item()) / 2)
    shares = np.linspace(*ENDS, ALONG, dtype=np.float32)[None, :, None]
    across = np.linspace(-REACH, REACH, ACROSS, dtype=np.float32) * np.float32(width)
    return (quad[:, None] + shares * along[:, None]).astype(np.float32), inward.astype(np.float32), across


def strips(small: Pixels, quad: Quad) -> Floats:
    """What the network is shown (4, ALONG, ACROSS, 4): BGR against the tone just inside, and 1 within the picture."""
    starts, inward, across = places(quad)
    spots = starts[:, :, None] + across[None, None, :, None] * inward[:, None, None]
    flat = spots.reshape(4 * ALONG, ACROSS, 2)
    seen = cv2.remap(small, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strip = seen.reshape(4, ALONG, ACROSS, 3).astype(np.float32)
    within = ((spots > -0.5) & (spots < np.array(small.shape[1::-1], np.float32) - 0.5)).all(axis=3, keepdims=True)
    tone = np.median(strip[:, ::3, -ACROSS // 4 :].reshape(-1, 3), axis=0)
    strip -= tone.astype(np.float32)
    strip /= np.float32(8.0 + float(np.abs(strip).mean()))
    return np.concatenate((strip * within, within), axis=3).astype(np.float32)


def find_sides(session: Session, small: Pixels, quad: Quad, *, stay: bool = False) -> tuple[Quad, Floats]:
    """`quad` (4, 2) clockwise in pixels of `small`, each side moved onto the line that the network holds likeliest, and
    how sure it is of each side (4,), in [0, 1], higher is surer. `stay`: no farther than two cells."""
    likely = _likelihood(session.run(strips(small, quad))[0])
    both, cells = _lines()
    crossed = np.full((2, 4), (ACROSS - 1) / 2, np.float32)
    if not stay:
        scores = np.log(likely + FLOOR).reshape(4, -1)
        crossed = both[:, np.stack([side.take(cells).sum(axis=0) for side in scores]).argmax(axis=1)]
    # Around that line, least squares through what each row says.
    share = _row_shares()
    rough = crossed[0][:, None] * (1 - share) + crossed[1][:, None] * share
    cells_near = np.clip(np.rint(rough).astype(np.intp)[:, :, None] + np.arange(-2, 3), 0, ACROSS - 1)
    near = np.take_along_axis(likely, cells_near, axis=2).astype(np.float64)
    sure = near.sum(axis=2)
    level, slope = straight(share.astype(np.float64), (near * cells_near).sum(axis=2) / (sure + 1e-6), sure + 1e-3)
    starts, inward, across = places(quad)
    off = (np.concatenate((level, level + slope), axis=1) - (ACROSS - 1) / 2) * float(across[1] - across[0])
    lines = starts[:, [0, -1]] + off[:, :, None] * inward[:, None]
    return meet(lines.astype(np.float32)), sure.mean(axis=1).astype(np.float32)


def _row_shares() -> Floats:
    """Where between the first and the last place along a side the middle of each row lies."""
    group = ALONG // ROWS
    return ((np.arange(ROWS) * group + (group - 1) / 2) / (ALONG - 1)).astype(np.float32)


def _likelihood(out: Floats) -> Floats:
    """How likely the edge crosses each cell of a row, (4, ROWS, ACROSS): softmax over the cells and `not here`."""
    logits = np.concatenate((out[..., 0], out[..., 1].mean(axis=2, keepdims=True)), axis=2)
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    return np.asarray((odds / odds.sum(axis=2, keepdims=True))[..., :-1], dtype=np.float32)


@cache
def _lines() -> tuple[Floats, NDArray[np.intp]]:
    """Every line that is tried: where it crosses the first and the last place along (2, N), and its index into a
    flattened (ROWS, ACROSS) at each row (ROWS, N)."""
    ends = np.arange(0, ACROSS, 1.5, dtype=np.float32)
    both = np.stack([grid.ravel() for grid in np.meshgrid(ends, ends, indexing="ij")])
    share = _row_shares()[:, None]
    cells = np.rint(both[0] * (1 - share) + both[1] * share).astype(np.intp)
    return both, cells + np.arange(ROWS)[:, None] * ACROSS
