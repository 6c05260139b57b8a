"""The model weights: what the manifest promises and whether the files keep it (DESIGN D4)."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import WeightMismatch, WeightMissing

OWN = "own"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file comes from: a member of a published package, never a model hub."""

    registry: str
    """`pypi-wheel`, `pypi-sdist`, `npm`, or `own`: made by this project and kept in `models/own/`."""
    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class Weight:
    """One file of the manifest. `input` and `calibration` are the manifest's tables as they stand."""

    name: str
    task: str
    path: Path
    origin: Origin
    sha256: str
    size_bytes: int
    licence: str
    commercial_use: bool
    input: Mapping[str, Any]
    calibration: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weights:
    """The manifest `models/manifest.toml` and the folders its files lie in."""

    weights: Mapping[str, Weight]
    assets: Mapping[str, Weight]
    """Fonts and portraits of the built-in specimen; not needed to verify anybody."""

    @classmethod
    def build(cls, models: Path) -> Weights:
        """Read `models/manifest.toml`. The files themselves are not touched."""
        with (models / "manifest.toml").open("rb") as stream:
            manifest = tomllib.load(stream)
        return cls(
            weights={name: _entry(name, row, models / "weights") for name, row in manifest["weights"].items()},
            assets={name: _entry(name, row, models / "assets") for name, row in manifest["assets"].items()},
        )

    def verified(self, name: str) -> Weight:
        """The weight `name`, its file checked against size and sha256.

        Raises WeightMissing or WeightMismatch, which name the file and the command that mends it.
        """
        weight = self.weights[name]
        verify(weight)
        return weight

    def everything(self) -> tuple[Weight, ...]:
        """Weights, then assets."""
        return (*self.weights.values(), *self.assets.values())


def verify(weight: Weight) -> None:
    """Check the file of a weight against the manifest; raises WeightMissing or WeightMismatch."""
    if not weight.path.is_file():
        raise WeightMissing(f"{weight.path.name} is missing; run `hecha models fetch`.")
    if file_sha256(weight.path) != weight.sha256:
        raise WeightMismatch(f"{weight.path.name} has another sha256 than the manifest; run `hecha models fetch`.")


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _entry(name: str, row: Mapping[str, Any], folder: Path) -> Weight:
    origin = Origin(row["registry"], row["package"], row["version"], row["member"])
    return Weight(
        name=name,
        task=row["task"],
        path=(folder.parent / "own" if origin.registry == OWN else folder) / Path(origin.member).name,
        origin=origin,
        sha256=row["sha256"],
        size_bytes=row["bytes"],
        licence=row["licence"],
        commercial_use=row["commercial_use"],
        input=row.get("input", {}),
        calibration=row.get("calibration", {}),
    )
