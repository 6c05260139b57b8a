"""Strips along rough outlines with the edge known, for the side network: `strips.py DIR [PROCESSES] [SHARDS]`.

Pictures are those of `pictures.py`, at the size strips are taken from. Every shard depends on (seed, shard) alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from pictures import CANVASES, SHARES, Stock, shoot  # noqa: E402
from render import SEED, render  # noqa: E402

from service.documents.side_model import ACROSS, ALONG, LOOK_SIDE, ROWS, places, strips  # noqa: E402

SHARDS, IN_SHARD, FROM_EACH = 40, 160, 2


def edges_seen(stock: Stock, shard: int) -> Mapping[str, np.ndarray]:
    """Strips along outlines, and where the edge lies in each."""
    shown, edges = [], []
    for place in range(IN_SHARD):
        rng = np.random.default_rng((SEED, 555, shard, place))
        canvas = CANVASES[int(rng.choice(len(CANVASES), p=SHARES))]
        grown = LOOK_SIDE / max(canvas)
        pixels, true = shoot(stock, (int(canvas[0] * grown), int(canvas[1] * grown)), rng)
        cards = [one for one in true if one[0, 0] > -1e3]
        for _ in range(FROM_EACH if cards else 1):
            card = cards[int(rng.integers(len(cards)))] if cards else None
            base = _anywhere(pixels, rng) if card is None else card
            rough = _jolted(base, rng)
            shown.append(strips(pixels, rough).astype(np.float16))
            edges.append(edge_of(rough, card))
    return {"strips": np.concatenate(shown), "edges": np.concatenate(edges)}


def _anywhere(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = np.array(pixels.shape[1::-1], np.float32)
    box = cv2.boxPoints((tuple(size * rng.uniform(0.3, 0.7, 2)), (1.585, 1.0), rng.uniform(0, 360)))
    middle = box.mean(axis=0)
    return (middle + (box - middle) * min(size) * rng.uniform(0.3, 0.6)).astype(np.float32)


def _jolted(quad: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As far off as the corner network is at times."""
    width = float(np.linalg.norm(quad[1] - quad[0]))
    spread = float(rng.choice((0.008, 0.025, 0.05), p=(0.3, 0.45, 0.25)))
    off = rng.normal(0, spread, (4, 2)) + rng.normal(0, spread / 2, 2)
    if rng.random() < 0.25:
        off[int(rng.integers(4))] += rng.normal(0, 0.07, 2)
        off += rng.normal(0, 0.25, 2)
    return (quad + off * width).astype(np.float32)


def edge_of(rough: np.ndarray, card: np.ndarray | None) -> np.ndarray:
    """The cell in which the true side crosses each row of each side (4, ROWS), -1 where it does not."""
    edges = np.full((4, ROWS), -1.0, np.float32)
    if card is None:
        return edges
    starts, inward, across = places(rough)
    middles = starts.reshape(4, ROWS, ALONG // ROWS, 2).mean(axis=2)
    along = np.roll(card, -1, axis=0) - card
    for side in range(4):
        from_row = card[side] - middles[side]
        turn = inward[side, 0] * along[side, 1] - inward[side, 1] * along[side, 0]
        if abs(turn) < 0.5 * np.linalg.norm(along[side]):
            continue
        off = (from_row[:, 0] * along[side, 1] - from_row[:, 1] * along[side, 0]) / turn
        cell = (off - across[0]) / (across[1] - across[0])
        edges[side] = np.where((cell >= 0) & (cell <= ACROSS - 1), cell, -1.0)
    return edges


if __name__ == "__main__":
    sys.exit(render(edges_seen, SHARDS))
