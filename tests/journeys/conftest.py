"""One engine per test process, and the sample person's pictures on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.assembly import EngineSpec
from service.engine import Engine
from service.specimens.cases import sample_case


@pytest.fixture(scope="session")
def engine(root: Path) -> Engine:
    return EngineSpec(root / "models", root / "service" / "policy.toml", threads=1).build()


@pytest.fixture(scope="session")
def sample(assets: Path) -> dict[str, bytes]:
    """JPEG files of the sample person by role."""
    return sample_case(assets).files()


@pytest.fixture
def sample_files(sample: dict[str, bytes], tmp_path: Path) -> dict[str, Path]:
    paths = {role: tmp_path / f"{role}.jpg" for role in sample}
    for role, content in sample.items():
        paths[role].write_bytes(content)
    return paths
