"""Which way boxes of text are read. Pure (numpy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.documents.text import Quad


def turn_alike(quads: Sequence[Quad]) -> list[Quad]:
    """Boxes without a direction, given one: the long ones along their long side, the short ones like the long ones.

    A box of one or two characters does not show which way it is read. 0 and 180 degrees stay undecided, but equal.
    """
    if not quads:
        return []
    edges = np.array([quad[1] - quad[0] for quad in quads]), np.array([quad[2] - quad[1] for quad in quads])
    longer = np.linalg.norm(edges[0], axis=1) >= np.linalg.norm(edges[1], axis=1)
    along = np.where(longer[:, None], edges[0], edges[1])
    lengths = np.linalg.norm(along, axis=1)
    heights = np.linalg.norm(np.where(longer[:, None], edges[1], edges[0]), axis=1)
    # Angles modulo 180 degrees are averaged doubled; the square lets the longest lines decide.
    doubled = 2 * np.arctan2(along[:, 1], along[:, 0])
    weights = (lengths - heights) ** 2 + 1e-6
    common = 0.5 * float(np.arctan2((weights * np.sin(doubled)).sum(), (weights * np.cos(doubled)).sum()))
    angles = [
        _nearest_turn(float(own) / 2, common) if length > 2.5 * height else common
        for own, length, height in zip(doubled, lengths, heights, strict=True)
    ]
    return [_turned(quad, angle) for quad, angle in zip(quads, angles, strict=True)]


def _nearest_turn(angle: float, common: float) -> float:
    """`angle` or its opposite, whichever is nearer to `common`."""
    return angle if np.cos(angle - common) >= 0 else angle + float(np.pi)


def _turned(quad: Quad, angle: float) -> Quad:
    """Clockwise corners, the first edge as near to `angle` as can be."""
    first, second = quad[1] - quad[0], quad[2] - quad[1]
    if first[0] * second[1] - first[1] * second[0] < 0:
        quad = quad[::-1]
    edges = np.roll(quad, -1, axis=0) - quad
    towards = edges @ np.array((np.cos(angle), np.sin(angle)), np.float32) / (np.linalg.norm(edges, axis=1) + 1e-6)
    return np.ascontiguousarray(np.roll(quad, -int(towards.argmax()), axis=0))


def prominence(quad: Quad) -> float:
    """How large the print in a box is: its area, of which a long line counts no more than four characters."""
    length, height = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[1]))
    return min(length, 4 * height) * height
