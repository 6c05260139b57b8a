"""What several rooms' tests share: where things lie, and the sample person's files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.runtime.weights import Weights

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real pictures, never committed. CI always has them; without them the tests that need them fail."""
    folder = Path(os.environ.get("HECHA_SHARED_DATA", ROOT.parent / "shared" / "data"))
    assert folder.is_dir(), "the shared data folder is missing; set HECHA_SHARED_DATA"
    return folder


@pytest.fixture(scope="session")
def assets() -> Path:
    """Fonts and portraits of the specimen, brought by `hecha models fetch`."""
    return ROOT / "models" / "assets"


@pytest.fixture(scope="session")
def weights(root: Path) -> Weights:
    """The manifest and its files."""
    return Weights.build(root / "models")
