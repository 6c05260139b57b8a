"""InsightFace model packs (`buffalo_l` ...) from a local folder, for operators who hold a licence for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from insightface.app import FaceAnalysis
from numpy.typing import NDArray

from service.errors import WeightMissing, WeightNotAcknowledged
from service.evidence import Face, Pixels
from service.faces.encode import unit
from service.faces.engine import FaceEngine
from service.faces.quality import QualityGauge
from service.runtime.weights import Weights, file_sha256

_PARTS = ("detection", "recognition")


def build(folder: Path, *, acknowledged: bool, weights: Weights, threads: int) -> FaceEngine:
    """A face engine over the pack in `folder`; the gauge of quality stays ours.

    InsightFace's own weights are for non-commercial research only: without `acknowledged` nothing is loaded
    (WeightNotAcknowledged). Raises WeightMissing where the folder holds no detection or no recognition model. The pack
    brings no calibration: its thresholds must be fitted first (`hecha calibrate`; `service.faces.calibration`).
    """
    if not acknowledged:
        raise WeightNotAcknowledged
    models = _models(folder)
    gauge = QualityGauge.build(weights, threads)
    detector, recogniser = (models[part] for part in _PARTS)
    encoder = PackEncoder(recogniser, file_sha256(Path(recogniser.model_file)))
    return FaceEngine(PackDetector(detector), encoder, gauge, gauge.sessions)


def _models(folder: Path) -> dict[str, Any]:
    # FaceAnalysis downloads a pack it does not find as a folder: that must never happen here.
    if not any(folder.glob("*.onnx")):
        raise WeightMissing("The InsightFace pack folder holds no .onnx file.")
    try:
        analysis = FaceAnalysis(str(folder), allowed_modules=list(_PARTS), providers=["CPUExecutionProvider"])
    except AssertionError as error:
        raise WeightMissing("The InsightFace pack has no detection model.") from error
    if "recognition" not in analysis.models:
        raise WeightMissing("The InsightFace pack has no recognition model.")
    analysis.prepare(ctx_id=-1, det_size=(640, 640))
    return dict(analysis.models)


@dataclass(frozen=True, slots=True)
class PackDetector:
    """A pack's detector (SCRFD or RetinaFace) behind `service.faces.search.Detector`."""

    _inner: Any = field(repr=False)

    def detect(self, pixels: Pixels, *, side: int, min_score: float) -> tuple[Face, ...]:
        """Faces in a BGR uint8 (H, W, 3) picture, highest detection score first, in its pixels."""
        found, points = self._inner.detect(pixels, input_size=(side, side))
        faces = [
            Face(_box(row), np.asarray(landmarks, np.float32), float(row[4]))
            for row, landmarks in zip(found, points, strict=True)
            if row[4] >= min_score
        ]
        return tuple(sorted(faces, key=lambda face: face.detection_score, reverse=True))


@dataclass(frozen=True, slots=True)
class PackEncoder:
    """A pack's recogniser (ArcFace) behind `service.faces.engine.Encoder`."""

    _inner: Any = field(repr=False)
    model_sha256: str

    def encode(self, aligned: Pixels) -> NDArray[np.float32]:
        """float32 (D,) of length 1 from a BGR uint8 (112, 112, 3) face: the face and its mirror image averaged."""
        # One at a time: some packs are exported for a batch of one.
        views = (aligned, np.ascontiguousarray(aligned[:, ::-1]))
        first, second = (unit(np.asarray(self._inner.get_feat(view), np.float32)[0]) for view in views)
        return unit(first + second)


def _box(row: NDArray[np.float32]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in row[:4])
    return (x0, y0, x1, y1)
