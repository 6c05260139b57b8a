"""Fitting thresholds to error rates: whose pairs are counted, and who is strictest. Pure: numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.faces.rates import Rate

MIN_EXPECTED = 10
"""A group speaks for a rate only where that rate would give it at least so many false matches."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures whose non-mated pairs are counted together. `templates` float32 (N, D) unit, `subjects` (N,).

    `classes` (N,), where given, leaves only pairs whose two pictures are of the same class.
    """

    name: str
    templates: NDArray[np.float32] = field(repr=False)
    subjects: NDArray[np.int64] = field(repr=False)
    classes: NDArray[np.int64] | None = field(default=None, repr=False)

    def nonmated(self) -> NDArray[np.float32]:
        """Similarities of all pairs of different people, each pair once, ascending."""
        return np.sort(self._pairs(same=False))

    def mated(self) -> NDArray[np.float32]:
        """Similarities of all pairs of pictures of one person, each pair once, ascending."""
        return np.sort(self._pairs(same=True))

    def _pairs(self, *, same: bool) -> NDArray[np.float32]:
        first, second = np.triu_indices(len(self.subjects), 1)
        kept = (self.subjects[first] == self.subjects[second]) == same
        if self.classes is not None:
            kept &= self.classes[first] == self.classes[second]
        return np.asarray((self.templates @ self.templates.T)[first[kept], second[kept]], np.float32)


@dataclass(frozen=True, slots=True)
class Crossing:
    """As Group, for references against probes of another kind: every reference with every probe."""

    name: str
    references: NDArray[np.float32] = field(repr=False)
    reference_subjects: NDArray[np.int64] = field(repr=False)
    probes: NDArray[np.float32] = field(repr=False)
    probe_subjects: NDArray[np.int64] = field(repr=False)

    def nonmated(self) -> NDArray[np.float32]:
        """Similarities of all pairs of different people, ascending."""
        return self._pairs(same=False)

    def mated(self) -> NDArray[np.float32]:
        """Similarities of all pairs of one person, ascending."""
        return self._pairs(same=True)

    def _pairs(self, *, same: bool) -> NDArray[np.float32]:
        kept = (self.reference_subjects[:, None] == self.probe_subjects[None]) == same
        return np.sort((self.references @ self.probes.T)[kept])


@dataclass(frozen=True, slots=True)
class Fit:
    """The threshold of one rate, the group that is strictest there, and what is observed in it."""

    max_fmr: float
    threshold: float
    group: str
    observed: Rate


def strictest(groups: Sequence[Group | Crossing], max_fmr: float) -> Fit:
    """The highest threshold that any group large enough asks for; ValueError where none is large enough."""
    fits = [fit for group in groups if (fit := fit_group(group, max_fmr)) is not None]
    if not fits:
        raise ValueError(f"no group has pairs enough for a false match rate of {max_fmr:g}")
    return max(fits, key=lambda fit: fit.threshold)


def fit_group(group: Group | Crossing, max_fmr: float) -> Fit | None:
    """`lowest_threshold` of the group's non-mated pairs."""
    scores = group.nonmated()
    threshold = lowest_threshold(scores, max_fmr)
    if threshold is None:
        return None
    return Fit(max_fmr, threshold, group.name, Rate(int((scores >= threshold).sum()), scores.size))


def lowest_threshold(scores: NDArray[np.float32], max_fmr: float) -> float | None:
    """The lowest threshold, in steps of 0.0001, whose false match rate is at most `max_fmr` by its upper bound; None
    where the pairs are too few to say. `scores`: non-mated similarities, ascending."""
    if scores.size * max_fmr < MIN_EXPECTED:
        return None
    # One false match more than allowed would be counted at this score; the threshold lies above it.
    limit = float(scores[scores.size - 1 - _allowed(scores.size, max_fmr)])
    return float(round(np.floor(limit * 1e4) / 1e4 + 1e-4, 4))


def _allowed(n: int, max_fmr: float) -> int:
    """The most false matches among `n` whose upper 95 % bound is within `max_fmr`."""
    low, high = 0, int(n * max_fmr)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if Rate(middle, n).interval[1] <= max_fmr else (low, middle - 1)
    return low


def look_alikes(group: Group, count: int, seed: int) -> Iterator[Group]:
    """`count` groups of people who look alike to the weight itself, then all of them with pairs across groups left out.

    No data set at hand says who shares an origin; the weight confuses within its own clusters (spherical k-means on the
    templates), so the worst of them stands for the population it knows least.
    """
    nearest = _clusters(group.templates, count, np.random.default_rng(seed))
    for number in range(count):
        inside = nearest == number
        yield Group(f"{group.name}, look-alikes {number + 1}/{count}", group.templates[inside], group.subjects[inside])
    yield Group(f"{group.name}, look-alikes pooled", group.templates, group.subjects, nearest)


def _clusters(templates: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    centres = templates[rng.choice(len(templates), count, replace=False)]
    nearest = np.zeros(len(templates), np.int64)
    for _ in range(100):
        found = np.asarray((templates @ centres.T).argmax(axis=1), np.int64)
        if np.array_equal(found, nearest):
            break
        nearest = found
        sums = np.stack([templates[nearest == number].sum(axis=0) for number in range(count)])
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return nearest
