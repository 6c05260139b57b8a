"""A threshold belongs to a weight, an error rate is the operator's wish: the manifest's calibration joins them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from service.errors import CalibrationMissing
from service.runtime.weights import Weight


def threshold(weight: Weight, max_fmr: float) -> float:
    """The cosine similarity at and above which two faces match with a false match rate of at most `max_fmr`.

    Only rates that `scripts/calibrate` fitted for exactly these bytes are answered, none between them. Raises
    CalibrationMissing, which names the rates there are.
    """
    if weight.calibration.get("model_sha256") != weight.sha256:
        raise CalibrationMissing(f"{weight.name} has no calibration of its own; run `scripts/calibrate`.")
    rows: list[Mapping[str, Any]] = weight.calibration["rates"]
    for row in rows:
        if math.isclose(row["max_fmr"], max_fmr, rel_tol=1e-6):
            return float(row["threshold"])
    fitted = ", ".join(f"{row['max_fmr']:g}" for row in rows)
    raise CalibrationMissing(f"{weight.name} has no calibration for a false match rate of {max_fmr:g}, only {fitted}.")
