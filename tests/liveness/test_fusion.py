"""The rule is what its coefficients say, and fitting finds them."""

from __future__ import annotations

import numpy as np
import pytest

from service.liveness.fitting import Group, fit, left_out, scores
from service.liveness.fusion import GRID_MOST, WEIGHT_MOST, Fusion, signs
from service.liveness.moire import Pattern
from service.liveness.surround import Surround

QUIET = Pattern(1.5, 1.5)


def test_signs_have_their_floors_and_ceilings() -> None:
    assert signs(1.0, Surround(0.5), QUIET).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert signs(9.0, Surround(1.0), Pattern(9.0, 9.0)).tolist() == [1.0, WEIGHT_MOST, 1.0, GRID_MOST]


def test_a_closed_frame_outweighs_the_surest_weight() -> None:
    """The shipped rule: a face whose surroundings all lie on the screen scores highest with the weight alone."""
    from service.runtime.weights import Weights
    from tests.conftest import ROOT

    rule = Fusion.build(Weights.build(ROOT / "models").weights["passive_liveness"], 0.3)
    bare = rule.bona_fide_score(signs(9.0, Surround(0.4), QUIET))
    framed = rule.bona_fide_score(signs(9.0, Surround(0.98), QUIET))
    gridded = rule.bona_fide_score(signs(9.0, Surround(0.4), Pattern(6.0, 5.0)))
    assert bare > rule.bona_fide_from
    assert framed < rule.bona_fide_from
    assert gridded < rule.attack_below


def made(seed: int, bona_fide: bool, subject: str) -> Group:
    rng = np.random.default_rng(seed)
    weight = rng.normal(3 if bona_fide else -1, 1, 60)
    frame = np.zeros(60) if bona_fide else rng.uniform(0, 1, 60)
    rows = np.stack([np.ones(60), weight, frame, np.zeros(60)], axis=1)
    return Group(f"{subject} {bona_fide}", subject, bona_fide, rows)


def test_fitting_parts_the_two_and_says_what_a_frame_weighs() -> None:
    groups = [made(1, True, "ann"), made(2, False, "ann"), made(3, True, "ben"), made(4, False, "ben")]
    rule = fit(groups)
    assert rule[1] > 0 > rule[2]
    for group in groups:
        right = (scores(rule, group.signs) >= 0.5) == group.bona_fide
        assert right.mean() > 0.9
    assert rule == pytest.approx(fit(groups))


def test_what_is_left_out_is_not_learned_from() -> None:
    groups = [made(1, True, "ann"), made(2, False, "ann"), made(3, True, "ben"), made(4, False, "ben")]
    expected = scores(fit(groups[2:]), groups[0].signs)
    assert left_out(groups)["ann True"] == pytest.approx(expected)
