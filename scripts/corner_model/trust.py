"""Fit what trust is made of: `trust.py CORNERS.onnx SIDES.onnx [PICTURES]` prints `trust_weights` for the manifest.

Pictures come from the training renderer, of a size at which sides can be fitted and from seeds that nothing was trained
on; every outline that the network or the contours propose is one example: is its farthest corner within 1.5 %?
"""

from __future__ import annotations

import sys
from math import inf
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from pictures import CANVASES, SHARES, Stock, shoot  # noqa: E402
from render import CARDS, SEED, TEXTURES  # noqa: E402

from service.documents.corner_model import look  # noqa: E402
from service.documents.locator import candidates, signs  # noqa: E402
from service.runtime.onnx import open_session  # noqa: E402
from service.specimens.corner_score import CLOSE, corner_error  # noqa: E402
from service.specimens.score import rate  # noqa: E402

LONGEST, PENALTY = 880, 1.0
WITHOUT = 0.35
"""Share of pictures without a card: whatever else has four straight sides must not be trusted."""


def main() -> int:
    cv2.setNumThreads(1)
    session, sides = (open_session(Path(path), 1) for path in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 800
    # Other textures and faces than those trained on.
    stock = Stock.build(ROOT / "models" / "assets", SEED + 1, TEXTURES // 3, CARDS // 3)
    evidence, right, first, one_of = [], [], [], []
    for place in range(count):
        rng = np.random.default_rng((SEED, 777, place))
        canvas = CANVASES[int(rng.choice(len(CANVASES), p=SHARES))]
        shrink = LONGEST / max(canvas)
        pixels, true = shoot(stock, (int(canvas[0] * shrink), int(canvas[1] * shrink)), rng, WITHOUT)
        seen = look(session, pixels)
        cards = [one for one in true if one[0, 0] > -1e3]
        here = []
        for fitted in candidates(pixels, seen, sides):
            error = min((corner_error(fitted.quad, one) for one in cards), default=inf)
            evidence.append(signs(seen, fitted))
            here.append(error <= CLOSE)
        right += here
        if cards:
            first.append(here[:1] == [True])
            one_of.append(any(here))
    print(
        f"first outline within {100 * CLOSE} %: {rate(sum(first), len(first))}; any: {rate(sum(one_of), len(one_of))}"
    )
    weights = fit(np.array(evidence), np.array(right, float))
    report(np.array(evidence), np.array(right, float), weights)
    print("trust_weights = [" + ", ".join(f"{v:.3f}" for v in weights) + "]")
    return 0


def fit(evidence: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression with a small ridge, by Newton's steps on standardised columns."""
    mean, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-6
    x = np.column_stack((np.ones(len(evidence)), (evidence - mean) / spread))
    w = np.zeros(x.shape[1])
    ridge = np.diag([0.0] + [PENALTY] * evidence.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge + 1e-6 * np.eye(len(w))
        w -= np.linalg.solve(hessian, x.T @ (p - right) + ridge @ w)
    slopes = w[1:] / spread
    return np.concatenate(([w[0] - slopes @ mean], slopes))


def report(evidence: np.ndarray, right: np.ndarray, weights: np.ndarray) -> None:
    trust = 1 / (1 + np.exp(-(weights[0] + evidence @ weights[1:])))
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.55), (0.55, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = (trust >= low) & (trust < high)
        print(f"trust {low:.2f}-{min(high, 1):.2f}: right {rate(int(right[inside].sum()), int(inside.sum()))}")


if __name__ == "__main__":
    raise SystemExit(main())
