"""Error rates with their intervals. Pure: numpy only. Similarities are cosines, higher is more alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """`k` of `n`, and the two-sided Clopper-Pearson interval at 95 %, which takes the trials for independent."""

    k: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high, in [0, 1]."""
        return _interval(self.k, self.n)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.k}/{self.n} = {100 * self.k / max(self.n, 1):.3g} % [{100 * low:.3g}, {100 * high:.3g}]"


@lru_cache(maxsize=4096)
def _interval(k: int, n: int) -> tuple[float, float]:
    tail = (1.0 - _CONFIDENCE) / 2.0
    low = 0.0 if k == 0 else _solve(lambda p: 1.0 - _binomial_cdf(k - 1, n, p), tail)
    high = 1.0 if k == n else 1.0 - _solve(lambda q: _binomial_cdf(k, n, 1.0 - q), tail)
    return low, high


def _binomial_cdf(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial(n, p), 0 < p < 1."""
    i = np.arange(1, k + 1, dtype=np.float64)
    choose = np.concatenate([[0.0], np.cumsum(np.log((n - i + 1) / i))])
    count = np.arange(k + 1, dtype=np.float64)
    logs = choose + count * np.log(p) + (n - count) * np.log1p(-p)
    top = float(logs.max())
    return float(min(1.0, np.exp(top) * np.exp(logs - top).sum()))


def _solve(rising: Callable[[float], float], level: float) -> float:
    """Where a rising function on (0, 1) reaches `level`."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2


def subject_interval(
    similarities: NDArray[np.float32], subjects: NDArray[np.int64], threshold: float, draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the false match rate when whole people are drawn anew, both sides of each pair at once.

    Pairs share people, so they are not independent trials; this interval says what other people might have given.
    `similarities` (N, N) of all pictures against all, `subjects` (N,) the person of each.
    """
    rng = np.random.default_rng(seed)
    people = int(subjects.max()) + 1
    nonmated = (subjects[:, None] != subjects[None, :]).astype(np.float32)
    matches = nonmated * (similarities >= threshold)
    drawn = np.stack([np.bincount(rng.integers(people, size=people), minlength=people) for _ in range(draws)])
    weights = drawn[:, subjects].astype(np.float32)
    rates = ((weights @ matches) * weights).sum(axis=1) / ((weights @ nonmated) * weights).sum(axis=1)
    low, high = np.quantile(rates, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)
