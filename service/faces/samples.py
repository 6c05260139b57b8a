"""Labelled face pictures -> templates, kept on disk between runs; for calibrating and measuring only."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.faces.engine import FaceEngine
from service.runtime.image import decode

_MAX_SIDE = 1280


@dataclass(frozen=True, slots=True)
class Samples:
    """The pictures of one set that gave a face. `labels` one row per template, as in the set's `labels.csv`."""

    name: str
    labels: tuple[Mapping[str, str], ...] = field(repr=False)
    templates: NDArray[np.float32] = field(repr=False)
    without_face: int

    def classes(self, *columns: str) -> NDArray[np.int64]:
        """A number per picture, equal where the labels are equal in all of `columns`."""
        values = ["|".join(row[column] for column in columns) for row in self.labels]
        return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def load(folder: Path, engine: FaceEngine, cache: Path) -> Samples:
    """Every picture of a labelled set through the engine, or what an earlier run of the same code and weights kept."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        labels = list(csv.DictReader(stream))
    kept = cache / f"{folder.name}-{_fingerprint(engine)}.npz"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        rows = [_template(folder / row["file"], engine) for row in labels]
        empty = np.zeros(next(row.size for row in rows if row is not None), np.float32)
        np.savez(kept, templates=np.stack([empty if row is None else row for row in rows]))
    with np.load(kept) as stored:
        templates = stored["templates"]
    found = np.linalg.norm(templates, axis=1) > 0
    return Samples(
        folder.name,
        tuple(row for row, usable in zip(labels, found, strict=True) if usable),
        templates[found],
        int((~found).sum()),
    )


def _template(path: Path, engine: FaceEngine) -> NDArray[np.float32] | None:
    picture = decode(path.read_bytes(), max_side=_MAX_SIDE)
    capture = engine.subject(picture)
    if capture.face is None:
        return None
    return engine.template(picture.pixels, capture.face).vector


def _fingerprint(engine: FaceEngine) -> str:
    """Changes with the weights and with the code that finds, aligns and encodes."""
    digest = hashlib.sha256(engine.model_sha256.encode())
    for name in ("align", "detect", "encode", "engine", "prepare", "prominence", "search"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()[:12]
