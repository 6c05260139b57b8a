"""Thresholds come from the weight's own calibration or not at all; the fit does what it says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from service.errors import CalibrationInvalid, CalibrationMissing
from service.faces.calibration import PACK_FILE, belonging, of_pack, of_weight, read_signed, signed
from service.faces.fitting import Group, fit_group, look_alikes, strictest
from service.faces.rates import Rate, subject_interval
from service.runtime.weights import Weights


def test_the_shipped_weight_is_calibrated_and_stricter_wishes_cost_more(weights: Weights) -> None:
    weight = weights.weights["face_template"]
    limits = [of_weight(weight).threshold(wish) for wish in (1e-1, 1e-2, 1e-3, 1e-4)]
    assert limits == sorted(limits)
    assert len(set(limits)) == 4
    assert 0.3 < limits[2] < 0.5


def test_a_wish_without_a_row_is_refused_not_guessed(weights: Weights) -> None:
    with pytest.raises(CalibrationMissing, match=r"5e-05, only 0\.1, 0\.01, 0\.001, 0\.0001"):
        of_weight(weights.weights["face_template"]).threshold(5e-5)


def test_the_calibration_of_other_bytes_does_not_count(weights: Weights) -> None:
    changed = dataclasses.replace(weights.weights["face_template"], sha256="0" * 64)
    with pytest.raises(CalibrationMissing, match="hecha calibrate"):
        of_weight(changed)
    bare = dataclasses.replace(weights.weights["face_template"], calibration={})
    with pytest.raises(CalibrationMissing):
        of_weight(bare)


def test_a_pack_has_the_operators_calibration_or_none(tmp_path: Path) -> None:
    with pytest.raises(CalibrationMissing):
        of_pack(tmp_path, "ab")
    (tmp_path / PACK_FILE).write_text('model_sha256 = "ab"\n[[rates]]\nmax_fmr = 0.001\nthreshold = 0.31\n')
    assert of_pack(tmp_path, "ab").threshold(1e-3) == 0.31
    with pytest.raises(CalibrationMissing):
        of_pack(tmp_path, "cd")


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


KEY = b"k" * 32
TABLE = {
    "model_sha256": "ab",
    "rates": [
        {"max_fmr": 1e-3, "threshold": 0.4, "threshold_interval_95_people": [0.37, 0.43]},
        {"max_fmr": 1e-5, "threshold": None, "pairs_needed": 1000000},
    ],
    "curve": [[0.0, 500, 1000], [0.2, 10, 1000], [0.4, 0, 1000]],
}


def test_a_signed_calibration_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(signed(TABLE, KEY))
    read = belonging(read_signed(path, KEY), "ab")
    assert read.threshold(1e-3) == 0.4
    assert read.certain_from(1e-3) == 0.43
    assert len(read.id) == 16


def test_a_calibration_that_was_touched_or_signed_by_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(signed(TABLE, KEY).replace("0.37", "0.36"))
    with pytest.raises(CalibrationInvalid, match="not signed with this service's key"):
        read_signed(path, KEY)
    path.write_text(signed(TABLE, b"o" * 32))
    with pytest.raises(CalibrationInvalid, match="not signed"):
        read_signed(path, KEY)
    for broken in ("", "{", "[]", '{"table": 1}', '{"table": {}, "signature": 5}', "\x00"):
        path.write_text(broken)
        with pytest.raises(CalibrationInvalid):
            read_signed(path, KEY)
    with pytest.raises(CalibrationInvalid):
        read_signed(tmp_path / "absent.json", KEY)


def test_a_calibration_of_another_weight_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(signed(TABLE, KEY))
    with pytest.raises(CalibrationInvalid, match="another face weight"):
        belonging(read_signed(path, KEY), "cd")


def test_a_rate_the_data_did_not_support_is_not_answered(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(signed(TABLE, KEY))
    with pytest.raises(CalibrationMissing, match=r"1e-05, only 0\.001\."):
        read_signed(path, KEY).threshold(1e-5)


def test_the_rate_at_a_similarity_errs_towards_more_matches(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(signed(TABLE, KEY))
    read = read_signed(path, KEY)
    assert read.false_match_rate(-0.2) is None
    assert read.false_match_rate(0.25) == Rate(10, 1000)
    far = read.false_match_rate(0.9)
    assert far is not None
    assert far.k == 0
    assert 0 < far.interval[1] < 0.004


def test_the_shipped_weight_says_how_often_people_are_so_alike(weights: Weights) -> None:
    ours = of_weight(weights.weights["face_template"])
    at = ours.false_match_rate(ours.threshold(1e-3))
    assert at is not None
    assert 1e-5 < at.k / at.n < 3e-3
    assert ours.threshold(1e-3) < ours.certain_from(1e-3) < 0.55
