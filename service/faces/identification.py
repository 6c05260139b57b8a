"""From which similarity on a face counts as found among many. Pure.

Whoever compares with N templates has N chances to be wrong: a false positive identification rate (FPIR, ISO/IEC
19795-1) of 1 - (1 - FMR)^N, as if the comparisons were independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from service.faces.calibration import Calibration


@dataclass(frozen=True, slots=True)
class SearchThreshold:
    """For a search among so many templates. `similarity` = cosine in [-1, 1], found at and above it."""

    similarity: float
    max_fmr: float
    fpir_bound: float
    """The FPIR that the calibration vouches for there; above the wish where its data support no smaller FMR."""


def search_threshold(calibration: Calibration, max_fpir: float, max_fmr: float, templates: int) -> SearchThreshold:
    """The threshold for a wished FPIR, never below the one at which two faces match (`max_fmr`).

    The highest false match rate the calibration was fitted for that keeps the wish; where none does, the lowest.
    """
    wanted = min(max_fmr, 1.0 if templates == 0 else _fmr(max_fpir, templates))
    fitted = calibration.fitted()
    rate = next((rate for rate in fitted if rate <= wanted * (1 + 1e-6)), fitted[-1])
    return SearchThreshold(calibration.threshold(rate), rate, _fpir(rate, templates))


def _fmr(fpir: float, templates: int) -> float:
    return 1.0 if fpir == 1 else -math.expm1(math.log1p(-fpir) / templates)


def _fpir(fmr: float, templates: int) -> float:
    return 1 - (1 - fmr) ** templates if fmr == 1 else -math.expm1(templates * math.log1p(-fmr))
