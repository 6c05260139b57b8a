"""Thresholds come from the weight's own calibration or not at all; the fit does what it says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from service.errors import CalibrationMissing
from service.faces.calibration import PACK_FILE, pack_threshold, threshold
from service.faces.fitting import Group, fit_group, look_alikes, strictest
from service.faces.rates import Rate, subject_interval
from service.runtime.weights import Weights


def test_the_shipped_weight_is_calibrated_and_stricter_wishes_cost_more(weights: Weights) -> None:
    weight = weights.weights["face_template"]
    limits = [threshold(weight, wish) for wish in (1e-1, 1e-2, 1e-3, 1e-4)]
    assert limits == sorted(limits)
    assert len(set(limits)) == 4
    assert 0.3 < limits[2] < 0.5


def test_a_wish_without_a_row_is_refused_not_guessed(weights: Weights) -> None:
    with pytest.raises(CalibrationMissing, match=r"5e-05, only 0\.1, 0\.01, 0\.001, 0\.0001"):
        threshold(weights.weights["face_template"], 5e-5)


def test_the_calibration_of_other_bytes_does_not_count(weights: Weights) -> None:
    changed = dataclasses.replace(weights.weights["face_template"], sha256="0" * 64)
    with pytest.raises(CalibrationMissing, match="scripts/calibrate"):
        threshold(changed, 1e-3)
    bare = dataclasses.replace(weights.weights["face_template"], calibration={})
    with pytest.raises(CalibrationMissing):
        threshold(bare, 1e-3)


def test_a_pack_has_the_operators_calibration_or_none(tmp_path: Path) -> None:
    with pytest.raises(CalibrationMissing):
        pack_threshold(tmp_path, "ab", 1e-3)
    (tmp_path / PACK_FILE).write_text('model_sha256 = "ab"\n[[rates]]\nmax_fmr = 0.001\nthreshold = 0.31\n')
    assert pack_threshold(tmp_path, "ab", 1e-3) == 0.31
    with pytest.raises(CalibrationMissing):
        pack_threshold(tmp_path, "cd", 1e-3)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Clopper-Pearson, two-sided 95 %, as tabulated in the literature.
    [(0, 30, 0.0, 0.1157), (1, 100, 0.00025, 0.0545), (3, 1000, 0.00062, 0.00874), (30, 30, 0.8843, 1.0)],
)
def test_intervals_are_clopper_pearson(k: int, n: int, low: float, high: float) -> None:
    assert Rate(k, n).interval == pytest.approx((low, high), abs=5e-5)


def people(count: int, each: int, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around one direction per person."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(count, 64)), each, axis=0)
    vectors = centres + spread * rng.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.arange(count), each)


def test_a_fitted_threshold_keeps_its_rate_and_no_lower_one_does() -> None:
    group = Group("all", *people(200, 2, 0.3, seed=1))
    scores = group.nonmated()
    assert scores.size == 400 * 399 // 2 - 200
    fit = fit_group(group, 1e-2)
    assert fit is not None
    assert fit.observed.interval[1] <= 1e-2
    below = Rate(int((scores >= fit.threshold - 0.002).sum()), scores.size)
    assert below.interval[1] > 1e-2


def test_a_small_group_does_not_speak_for_a_small_rate() -> None:
    small = Group("small", *people(20, 1, 0.3, seed=2))
    assert fit_group(small, 1e-3) is None
    with pytest.raises(ValueError, match="no group has pairs enough"):
        strictest([small], 1e-3)


def test_the_group_that_is_harder_decides() -> None:
    vectors, subjects = people(150, 1, 0.3, seed=3)
    alike = vectors + 0.1
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    easy, hard = Group("easy", vectors, subjects), Group("hard", alike, subjects)
    assert strictest([easy, hard], 1e-2).group == "hard"


def test_look_alikes_split_all_people_and_repeat_with_the_seed() -> None:
    group = Group("all", *people(120, 1, 0.3, seed=4))
    first, again = (list(look_alikes(group, 4, seed=7)) for _ in range(2))
    assert sum(len(part.subjects) for part in first[:-1]) == 120
    assert [part.subjects.tolist() for part in first] == [part.subjects.tolist() for part in again]
    assert first[-1].nonmated().size == sum(part.nonmated().size for part in first[:-1])
    assert first[-1].nonmated().mean() > group.nonmated().mean()


def test_drawing_people_anew_is_less_certain_than_counting_pairs() -> None:
    vectors, subjects = people(60, 1, 0.3, seed=5)
    # One person looks like everybody: few independent trials, however many pairs.
    vectors[0] = vectors.mean(axis=0) / np.linalg.norm(vectors.mean(axis=0))
    limit = 0.1
    counted = Rate(int((Group("g", vectors, subjects).nonmated() >= limit).sum()), 60 * 59 // 2).interval
    drawn = subject_interval(vectors @ vectors.T, subjects, limit, draws=200, seed=1)
    assert drawn[1] - drawn[0] > counted[1] - counted[0]
