"""Thresholds and intervals from compared pairs: what is supported is fitted, the rest is said."""

from __future__ import annotations

import numpy as np
import pytest

from service.faces.rates import Rate
from service.faces.trials import Trials, all_pairs, confused, curve, people_intervals, threshold_for


def made(people: int, each: int, seed: int, group: str = "", pull: float = 0.0) -> Trials:
    """Unit vectors around one direction per person; `pull` makes people alike."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(people, 64)), each, axis=0) + pull
    vectors = centres + 0.3 * rng.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return all_pairs(vectors.astype(np.float32), np.repeat(np.arange(people), each), np.full(people * each, group))


def joined(one: Trials, other: Trials) -> Trials:
    shift = int(one.first.max()) + 1
    return Trials(
        np.concatenate([one.similarities, other.similarities]),
        np.concatenate([one.first, other.first + shift]),
        np.concatenate([one.second, other.second + shift]),
        np.concatenate([one.groups, other.groups]),
    )


def test_pairs_are_counted_once_and_mated_by_person() -> None:
    trials = made(10, 3, seed=1)
    assert trials.similarities.size == 30 * 29 // 2
    assert trials.missed(2.0).n == 10 * 3
    assert trials.matched(2.0).n == 30 * 29 // 2 - 30


def test_a_rate_without_pairs_enough_is_not_extrapolated() -> None:
    trials = made(40, 2, seed=2)
    assert threshold_for(trials, 1e-2).threshold is not None
    refused = threshold_for(trials, 1e-5)
    assert refused.threshold is None
    assert refused.pairs_needed == 1_000_000


def test_the_threshold_keeps_its_rate_by_the_upper_bound() -> None:
    trials = made(150, 2, seed=3)
    found = threshold_for(trials, 1e-2)
    assert found.threshold is not None
    assert found.false_matches.interval[1] <= 1e-2
    assert trials.matched(found.threshold - 0.005).interval[1] > 1e-2


def test_the_harder_group_decides() -> None:
    trials = joined(made(80, 2, seed=4, group="easy"), made(80, 2, seed=5, group="hard", pull=0.35))
    found = threshold_for(trials, 1e-2)
    assert found.group == "hard"
    alone = threshold_for(made(80, 2, seed=4, group="easy"), 1e-2)
    assert alone.threshold is not None
    assert found.threshold is not None
    assert found.threshold > alone.threshold


def test_intervals_by_people_hold_the_estimate_and_repeat() -> None:
    trials = made(60, 2, seed=6)
    found = threshold_for(trials, 1e-2)
    assert found.threshold is not None
    limits, misses = people_intervals(trials, 1e-2, found.threshold, draws=100, seed=1)
    quantile = float(np.quantile(trials.nonmated(), 0.99))
    assert limits[0] <= quantile <= limits[1]
    assert 0 <= misses[0] <= misses[1] <= 1
    assert people_intervals(trials, 1e-2, found.threshold, draws=100, seed=1) == (limits, misses)


def test_one_odd_person_widens_the_interval_by_people() -> None:
    trials = made(40, 1, seed=7)
    odd = (trials.first == 0) | (trials.second == 0)
    swayed = Trials(
        np.where(odd, 0.9, trials.similarities).astype(np.float32), trials.first, trials.second, trials.groups
    )
    limits, _ = people_intervals(swayed, 2e-2, 0.9, draws=200, seed=1)
    assert limits[1] - limits[0] > 0.3  # with that person drawn or without


def test_the_curve_takes_the_worst_part_and_ends_without_a_match() -> None:
    easy, hard = made(60, 1, seed=8), made(60, 1, seed=9, pull=0.35)
    rows = curve([easy, hard])
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert rows[-1][1] == 0
    at = next(row for row in rows if row[0] == 0.2)
    assert at[1:] == [hard.matched(0.2).k, hard.matched(0.2).n]


def test_the_most_confused_are_named_once_most_alike_first() -> None:
    trials = made(12, 2, seed=10)
    rows = confused(trials, tuple("abcdefghijkl"), 5)
    assert len(rows) == 5
    assert len({tuple(row[:2]) for row in rows}) == 5
    assert rows[0][2] == pytest.approx(float(trials.nonmated()[-1]), abs=1e-4)


def test_a_group_holds_only_its_own_pairs() -> None:
    trials = joined(made(5, 2, seed=1, group="a"), made(6, 2, seed=2, group="b"))
    assert trials.group_names() == ("a", "b")
    assert trials.of("a").missed(2.0) == Rate(5, 5)
