"""Comparison trials -> thresholds, error rates and their intervals, by pairs and by people. Pure: numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.faces.fitting import MIN_EXPECTED, lowest_threshold
from service.faces.rates import Rate

RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
"""False match rates that a calibration is asked for."""
CURVE_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Trials:
    """Compared pairs. `similarities` float32 (n,); `first`, `second` int64 (n,), the person of each side, equal where
    the pair is mated; `groups` (n,), a label where both are of one group, else empty."""

    similarities: NDArray[np.float32] = field(repr=False)
    first: NDArray[np.int64] = field(repr=False)
    second: NDArray[np.int64] = field(repr=False)
    groups: NDArray[np.str_] = field(repr=False)

    @property
    def mated(self) -> NDArray[np.bool_]:
        """(n,): whether both sides are one person."""
        return np.asarray(self.first == self.second)

    def of(self, group: str) -> Trials:
        """The pairs of one group."""
        return self._kept(self.groups == group)

    def group_names(self) -> tuple[str, ...]:
        """Every label there is."""
        return tuple(str(name) for name in np.unique(self.groups) if name)

    def nonmated(self) -> NDArray[np.float32]:
        """Similarities of pairs of different people, ascending."""
        return np.sort(self.similarities[~self.mated])

    def missed(self, threshold: float) -> Rate:
        """Mated pairs below the threshold."""
        scores = self.similarities[self.mated]
        return Rate(int((scores < threshold).sum()), scores.size)

    def matched(self, threshold: float) -> Rate:
        """Non-mated pairs at or above the threshold."""
        scores = self.similarities[~self.mated]
        return Rate(int((scores >= threshold).sum()), scores.size)

    def _kept(self, kept: NDArray[np.bool_]) -> Trials:
        return Trials(self.similarities[kept], self.first[kept], self.second[kept], self.groups[kept])


def all_pairs(templates: NDArray[np.float32], people: NDArray[np.int64], labels: NDArray[np.str_]) -> Trials:
    """Every picture against every other. `templates` (N, D) unit, `people` (N,), `labels` (N,) the group of each."""
    one, other = np.triu_indices(len(people), 1)
    groups = np.where(labels[one] == labels[other], labels[one], "")
    return Trials((templates @ templates.T)[one, other], people[one], people[other], groups)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What one rate asks for. `threshold` None = the pairs do not support the rate: `pairs_needed` would."""

    max_fmr: float
    threshold: float | None
    group: str
    false_matches: Rate
    pairs_needed: int


def threshold_for(trials: Trials, max_fmr: float) -> Threshold:
    """The strictest group decides, the whole among them, by the upper bound of the interval of its false match rate."""
    found = [
        (limit, name, part)
        for name, part in [("all", trials), *((name, trials.of(name)) for name in trials.group_names())]
        if (limit := lowest_threshold(part.nonmated(), max_fmr)) is not None
    ]
    needed = int(np.ceil(MIN_EXPECTED / max_fmr))
    if not found:
        return Threshold(max_fmr, None, "all", trials.matched(2.0), needed)
    limit, name, part = max(found, key=lambda one: one[0])
    return Threshold(max_fmr, limit, name, part.matched(limit), needed)


def people_intervals(
    trials: Trials, max_fmr: float, threshold: float, draws: int, seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """95 % intervals when whole people are drawn anew: of the similarity that gives `max_fmr`, and of the false
    non-match rate at `threshold`. Pairs share people; this says what other people might have given."""
    rng = np.random.default_rng(seed)
    people = int(max(trials.first.max(), trials.second.max())) + 1
    order = np.argsort(-trials.similarities)
    scores, first, second = trials.similarities[order], trials.first[order], trials.second[order]
    same = first == second
    other, other_scores = ~same, scores[~same]
    limits, misses = [], []
    for _ in range(draws):
        weight = np.bincount(rng.integers(people, size=people), minlength=people)
        total = np.cumsum(weight[first[other]] * weight[second[other]])
        if total.size and total[-1]:
            at = int(np.searchsorted(total, max_fmr * total[-1], side="right"))
            limits.append(float(other_scores[min(at, other_scores.size - 1)]))
        own = weight[first[same]]
        if own.sum():
            misses.append(float((own * (scores[same] < threshold)).sum() / own.sum()))
    return _middle(limits), _middle(misses)


def _middle(values: list[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = np.quantile(values, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def curve(parts: list[Trials], min_pairs: int = 1000) -> list[list[float]]:
    """Rows (similarity, false matches, pairs): at each step the part with the highest rate, of those with pairs enough;
    the last row is the first without a false match."""
    counted = [scores for part in parts if (scores := part.nonmated()).size >= min_pairs]
    counted = counted or [max((part.nonmated() for part in parts), key=len)]
    rows: list[list[float]] = []
    for step in range(round(1 / CURVE_STEP)):
        similarity = round(step * CURVE_STEP, 2)
        rates = [(scores.size - int(np.searchsorted(scores, similarity)), scores.size) for scores in counted]
        false_matches, pairs = max(rates, key=lambda rate: (rate[0] / max(rate[1], 1), -rate[1]))
        if false_matches == 0:
            return [*rows, [similarity, 0, max(pairs for _, pairs in rates)]]
        rows.append([similarity, false_matches, pairs])
    return rows


def confused(trials: Trials, names: tuple[str, ...], count: int) -> list[list[object]]:
    """The pairs of people most alike, each pair of people once: their ids and the similarity."""
    rows: dict[tuple[int, int], float] = {}
    apart = np.flatnonzero(~trials.mated)
    for index in apart[np.argsort(-trials.similarities[apart])]:
        a, b = sorted((int(trials.first[index]), int(trials.second[index])))
        rows.setdefault((a, b), round(float(trials.similarities[index]), 4))
        if len(rows) == count:
            break
    return [[names[a], names[b], similarity] for (a, b), similarity in rows.items()]
