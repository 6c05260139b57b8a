"""Render the training pictures: shards of one canvas each, every picture from (seed, shard, place) alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from pictures import CANVASES, SHARES, Stock, draw

ROOT = Path(__file__).resolve().parent.parent.parent
SEED, SHARDS, IN_SHARD = 20261128, 60, 400
TEXTURES, CARDS = 400, 360


Shard = Callable[[Stock, int], Mapping[str, np.ndarray]]
"""From the stock and the number of a shard to its arrays by name."""


def render(make: Shard, shards: int) -> int:
    """The command: `DIR [PROCESSES] [SHARDS]`; shards that are there already are not made again."""
    out, processes = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    shards = int(sys.argv[3]) if len(sys.argv) > 3 else shards
    out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    _Work.stock = Stock.build(ROOT / "models" / "assets", SEED, TEXTURES, CARDS)
    _Work.make, _Work.out = staticmethod(make), out
    with get_context("fork").Pool(processes) as pool:
        for shard in pool.imap(_shard, range(shards)):
            print(f"shard {shard + 1} of {shards}", flush=True)
    return 0


class _Work:
    """What forked workers share."""

    stock: Stock
    make: Shard
    out: Path


def _shard(shard: int) -> int:
    path = _Work.out / f"{shard:03d}.npz"
    if not path.exists():
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **_Work.make(_Work.stock, shard))
        partial.rename(path)
    return shard


def canvas_of(shard: int) -> tuple[int, int]:
    """The canvas of a shard: the shares of `SHARES`, spread evenly."""
    place = (shard * 0.6180339887) % 1.0
    return CANVASES[int(np.searchsorted(np.cumsum(SHARES), place, side="right"))]


def pictures(stock: Stock, shard: int) -> Mapping[str, np.ndarray]:
    """Pictures of one canvas and their cards."""
    canvas = canvas_of(shard)
    made = [draw(stock, canvas, np.random.default_rng((SEED, shard, place))) for place in range(IN_SHARD)]
    return {"pixels": np.stack([one.pixels for one in made]), "quads": np.stack([one.quads for one in made])}


if __name__ == "__main__":
    sys.exit(render(pictures, SHARDS))
