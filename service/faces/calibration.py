"""A threshold belongs to a weight, an error rate is the operator's wish: the calibration joins them.

Ours stands in the manifest. An operator's own (`hecha calibrate`) is a file signed with a key derived from the
service's master key (HMAC-SHA256 over its canonical JSON): who holds it could set the thresholds anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import CalibrationInvalid, CalibrationMissing
from service.faces.rates import Rate
from service.runtime.weights import Weight

PACK_FILE = "calibration.toml"
"""Where `scripts/calibrate --pack` puts the calibration of an InsightFace pack: beside its models."""
KEY_PURPOSE = "calibration"
"""`KeyRing.derive` gives the signing key for it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one face weight. `id` is quoted by every verdict; `table` as in the manifest."""

    id: str
    table: Mapping[str, Any]

    def threshold(self, max_fmr: float) -> float:
        """The cosine similarity at and above which two faces match with a false match rate of at most `max_fmr`.

        Only rates that were fitted are answered, none between them. Raises CalibrationMissing, which names those there
        are.
        """
        return float(self._row(max_fmr)["threshold"])

    def certain_from(self, max_fmr: float) -> float:
        """The upper end of the threshold's own 95 % interval: below it other people might have given another answer."""
        row = self._row(max_fmr)
        return max(float(row["threshold"]), float(row.get("threshold_interval_95_people", (0.0, 0.0))[1]))

    def fitted(self) -> tuple[float, ...]:
        """The false match rates that `threshold` answers, the highest first."""
        rates = (float(row["max_fmr"]) for row in self.table["rates"] if row.get("threshold") is not None)
        return tuple(sorted(rates, reverse=True))

    def false_match_rate(self, similarity: float) -> Rate | None:
        """How many non-mated pairs were at least about so alike, in the group worst at it; None = never counted.

        The next lower step of the curve answers: the estimate errs towards more false matches.
        """
        rows = self.table.get("curve", ())
        at = bisect_right([row[0] for row in rows], similarity) - 1
        return Rate(int(rows[at][1]), int(rows[at][2])) if at >= 0 else None

    def _row(self, max_fmr: float) -> Mapping[str, Any]:
        rows: list[Mapping[str, Any]] = self.table["rates"]
        for row in rows:
            if math.isclose(row["max_fmr"], max_fmr, rel_tol=1e-6) and row.get("threshold") is not None:
                return row
        fitted = ", ".join(f"{rate:g}" for rate in self.fitted())
        raise CalibrationMissing(
            f"The face weight has no calibration for a false match rate of {max_fmr:g}, only {fitted}."
        )


def of_weight(weight: Weight) -> Calibration:
    """Ours, from the manifest. Raises CalibrationMissing where it is of other bytes."""
    return _bound(weight.calibration, weight.sha256)


def of_pack(folder: Path, model_sha256: str) -> Calibration:
    """As `of_weight`, for the pack in `folder`; its calibration is the operator's own work."""
    path = folder / PACK_FILE
    return _bound(tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}, model_sha256)


def _bound(table: Mapping[str, Any], model_sha256: str) -> Calibration:
    if table.get("model_sha256") != model_sha256:
        raise CalibrationMissing(
            "The face weight in use has no calibration; run `hecha calibrate`, name its file in HECHA_CALIBRATION."
        )
    return Calibration(_id(table), table)


def signed(table: Mapping[str, Any], key: bytes) -> str:
    """The text of a calibration file."""
    document = {"id": _id(table), "table": table, "signature": _signature(table, key)}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read_signed(path: Path, key: bytes) -> Calibration:
    """Read what `signed` wrote. Raises CalibrationInvalid where it is damaged or not signed with this key."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        table, signature = document["table"], document["signature"]
        # A key that is too deep or no number cannot be signed: canonical JSON refuses it (ValueError).
        genuine = hmac.compare_digest(_signature(table, key), signature)
    except (OSError, ValueError, TypeError, KeyError):
        raise CalibrationInvalid("The calibration file cannot be read.") from None
    if not genuine:
        raise CalibrationInvalid("The calibration file is not signed with this service's key.")
    return Calibration(_id(table), table)


def belonging(calibration: Calibration, model_sha256: str) -> Calibration:
    """The calibration, if it is of this weight; raises CalibrationInvalid if not."""
    if calibration.table.get("model_sha256") != model_sha256:
        raise CalibrationInvalid("The calibration file belongs to another face weight than the one in use.")
    return calibration


def _canonical(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def _id(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(table)).hexdigest()[:16]


def _signature(table: Mapping[str, Any], key: bytes) -> str:
    return hmac.new(key, _canonical(table), hashlib.sha256).hexdigest()
