"""The weight's answer and the signs beside it, joined into one score by a logistic rule anyone can recompute."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import CalibrationMissing
from service.liveness.moire import Pattern
from service.liveness.surround import Surround
from service.runtime.weights import Weight

WEIGHT_MOST = 2.0
"""The weight is sure of a face whose surroundings all lie on the screen: surer than this must not outweigh a frame."""
CLOSED_FROM = 0.6
"""Rooms and clothes close a frame this far."""
GRID_FROM, GRID_MOST = 3.5, 4.0
"""Brightness and colour of `Pattern` together: what small news photos show, and from where more says no more."""


def signs(weight_log_odds: float, around: Surround, seen: Pattern) -> NDArray[np.float64]:
    """What the rule weighs, (4,): 1, the weight's log-odds up to WEIGHT_MOST, the frame in [0, 1], the grid in
    [0, GRID_MOST]."""
    frame = max(0.0, around.closed - CLOSED_FROM) / (1 - CLOSED_FROM)
    grid = min(max(0.0, seen.brightness + seen.colour - GRID_FROM), GRID_MOST)
    return np.array([1.0, min(weight_log_odds, WEIGHT_MOST), frame, grid])


@dataclass(frozen=True, slots=True)
class Fusion:
    """The rule and its bounds. A score from `bona_fide_from` on is bona fide, one below `attack_below` an attack."""

    coefficients: tuple[float, ...]
    """Of `signs`: the last two are negative, a frame and a grid speak for an attack."""
    bona_fide_from: float
    attack_below: float
    min_margin: float

    @classmethod
    def build(cls, weight: Weight, max_apcer: float) -> Fusion:
        """The bounds for the operator's wish. Only rates that `scripts/fit_liveness` found for exactly these bytes are
        answered, none between them; raises CalibrationMissing, which names the rates there are."""
        fitted = weight.calibration
        if fitted.get("model_sha256") != weight.sha256:
            raise CalibrationMissing("The passive liveness weight has no calibration in models/manifest.toml.")
        rates: Sequence[Mapping[str, Any]] = fitted["rates"]
        for row in rates:
            if math.isclose(row["max_apcer"], max_apcer, rel_tol=1e-6):
                return cls(
                    tuple(fitted["coefficients"]), row["bona_fide_from"], row["attack_below"], fitted["min_margin"]
                )
        known = ", ".join(f"{row['max_apcer']:g}" for row in rates)
        raise CalibrationMissing(
            f"Passive liveness has no calibration for an attack acceptance (APCER) of {max_apcer:g}, only {known}."
        )

    def bona_fide_score(self, found: NDArray[np.float64]) -> float:
        """In [0, 1], higher is more certainly a live person. `found`: of `signs`."""
        return float(1.0 / (1.0 + np.exp(-np.clip(np.dot(self.coefficients, found), -50, 50))))
