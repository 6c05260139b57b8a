"""A threshold for one against many keeps the wished rate as far as the data go, and says where they end."""

from __future__ import annotations

from typing import Any

import pytest

from service.faces.calibration import Calibration
from service.faces.identification import search_threshold

TABLE: dict[str, Any] = {
    "rates": [
        {"max_fmr": 1e-4, "threshold": 0.48},
        {"max_fmr": 1e-2, "threshold": 0.33},
        {"max_fmr": 1e-3, "threshold": 0.42},
        {"max_fmr": 1e-5, "threshold": None},
    ]
}
FITTED = Calibration("id", TABLE)


@pytest.mark.parametrize(
    ("templates", "similarity", "rate"),
    [(0, 0.42, 1e-3), (1, 0.42, 1e-3), (10, 0.42, 1e-3), (11, 0.48, 1e-4), (100, 0.48, 1e-4), (10**6, 0.48, 1e-4)],
)
def test_the_wish_is_kept_by_the_loosest_rate_that_keeps_it(templates: int, similarity: float, rate: float) -> None:
    found = search_threshold(FITTED, 0.01, 1e-3, templates)
    assert (found.similarity, found.max_fmr) == (similarity, rate)
    assert found.fpir_bound == pytest.approx(1 - (1 - rate) ** templates, rel=1e-6)


def test_what_the_data_cannot_support_is_said() -> None:
    assert search_threshold(FITTED, 0.01, 1e-3, 100).fpir_bound <= 0.01
    assert search_threshold(FITTED, 0.01, 1e-3, 1466).fpir_bound == pytest.approx(0.136, abs=1e-3)
    assert search_threshold(FITTED, 0.01, 1e-3, 10**6).fpir_bound == pytest.approx(1.0)


def test_nobody_is_found_at_less_than_a_match() -> None:
    assert search_threshold(FITTED, 1.0, 1e-3, 1).similarity == 0.42
    assert search_threshold(FITTED, 1.0, 1e-2, 1).similarity == 0.33
