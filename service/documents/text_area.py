"""What the places of text say about the card before a single character is read. Pure (numpy, cv2 geometry)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.layout import OF_A_CARD
from service.documents.text import Quad, ReadLine
from service.evidence import Pixels

MARGIN = 0.09
"""Of the longer side of all the text, added around it."""
FOREIGN_LINES, FOREIGN_TEXT_SCORE, SCRAP = 5, 0.9, 2


def typical_height(quads: Sequence[Quad]) -> float:
    """The height of the middle line, in pixels; 0 without lines."""
    return float(np.median([np.linalg.norm(quad[3] - quad[0]) for quad in quads])) if quads else 0.0


def along_card(quads: Sequence[Quad]) -> bool:
    """Whether text runs along the longer side of a flat card, as it does on both sides of one."""
    edges = np.array([quad[1] - quad[0] for quad in quads])
    return bool(np.abs(edges[:, 0]).sum() > 2 * np.abs(edges[:, 1]).sum())


def holds_text(outline: Quad, quads: Sequence[Quad]) -> bool:
    """Whether half of the text, by length, lies in the outline and runs along its first edge."""
    if not quads:
        return False
    lengths = np.array([np.linalg.norm(quad[1] - quad[0]) for quad in quads])
    edge = outline[1] - outline[0]
    edges = np.array([quad[1] - quad[0] for quad in quads])
    parallel = np.abs(edges @ edge) > 0.8 * lengths * np.linalg.norm(edge)
    contour = outline.reshape(-1, 1, 2).astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(contour, _centre(quad), measureDist=False) >= 0 for quad in quads])
    return bool(lengths[parallel & inside].sum() > 0.5 * lengths.sum())


def around_text(quads: Sequence[Quad]) -> Quad | None:
    """The upright rectangle around all text, with a margin; None with fewer than three lines."""
    if len(quads) < 3:
        return None
    edge = np.array([quad[1] - quad[0] for quad in quads], np.float64).sum(axis=0)
    along = edge / (np.linalg.norm(edge) + 1e-9)
    turn = np.array((along, (-along[1], along[0])))
    points = np.concatenate(quads) @ turn.T
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * float((high - low).max())
    low, high = low - margin, high + margin
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])]) @ turn
    return np.asarray(corners, dtype=np.float32)


def covers(quad: Quad, pixels: Pixels) -> float:
    """The area of `quad` as a share of the picture's."""
    return float(cv2.contourArea(quad)) / float(pixels.shape[0] * pixels.shape[1])


def _centre(quad: NDArray[np.float32]) -> tuple[float, float]:
    x, y = quad.mean(axis=0)
    return float(x), float(y)


def foreign_text(lines: Sequence[ReadLine], pixels: Pixels) -> bool:
    """Whether the picture is full of text that was read well and is of no known document."""
    read = [line for line in lines if len(line.text) > SCRAP]  # across the lines of a card one reads scraps
    if len(read) < FOREIGN_LINES or float(np.median([line.text_score for line in read])) < FOREIGN_TEXT_SCORE:
        return False
    if any(OF_A_CARD.search(line.text) for line in read):
        return False
    around = around_text([line.quad for line in read])
    return around is not None and covers(around, pixels) >= 0.5
