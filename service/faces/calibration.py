"""A threshold belongs to a weight, an error rate is the operator's wish: the calibration joins them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.errors import CalibrationMissing
from service.runtime.weights import Weight

PACK_FILE = "calibration.toml"
"""Where `scripts/calibrate --pack` puts the calibration of an InsightFace pack: beside its models."""


def threshold(weight: Weight, max_fmr: float) -> float:
    """The cosine similarity at and above which two faces match with a false match rate of at most `max_fmr`.

    Only rates that `scripts/calibrate` fitted for exactly these bytes are answered, none between them. Raises
    CalibrationMissing, which names the rates there are.
    """
    return _threshold(weight.calibration, weight.sha256, max_fmr)


def pack_threshold(folder: Path, model_sha256: str, max_fmr: float) -> float:
    """As `threshold`, for the pack in `folder`; its calibration is the operator's own work."""
    path = folder / PACK_FILE
    calibration = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return _threshold(calibration, model_sha256, max_fmr)


def _threshold(calibration: Mapping[str, Any], model_sha256: str, max_fmr: float) -> float:
    if calibration.get("model_sha256") != model_sha256:
        raise CalibrationMissing("The face weight in use has no calibration; run `scripts/calibrate`.")
    rows: list[Mapping[str, Any]] = calibration["rates"]
    for row in rows:
        if math.isclose(row["max_fmr"], max_fmr, rel_tol=1e-6):
            return float(row["threshold"])
    fitted = ", ".join(f"{row['max_fmr']:g}" for row in rows)
    raise CalibrationMissing(
        f"The face weight has no calibration for a false match rate of {max_fmr:g}, only {fitted}."
    )
