"""The default engine, loaded once, and pictures to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.evidence import FaceCapture, Picture, Pixels
from service.faces.engine import FaceEngine
from service.runtime.image import decode
from service.runtime.weights import Weights


@pytest.fixture(scope="session")
def engine(weights: Weights) -> FaceEngine:
    return FaceEngine.build(weights, threads=1)


@pytest.fixture(scope="session")
def obama(assets: Path) -> Picture:
    return read(assets / "obama.jpg")


@pytest.fixture(scope="session")
def obama2(assets: Path) -> Picture:
    return read(assets / "obama2.jpg")


@pytest.fixture(scope="session")
def biden(assets: Path) -> Picture:
    return read(assets / "biden.jpg")


def read(path: Path) -> Picture:
    return decode(path.read_bytes(), max_side=1280)


def shown(pixels: Pixels) -> Picture:
    """Pixels as if they had been decoded."""
    height, width = pixels.shape[:2]
    return Picture(pixels, 1.0, width, height, "PNG", "")


def gated(engine: FaceEngine, picture: Picture) -> FaceCapture:
    """The selfie's face with the gates it does not pass."""
    return engine.gated(picture, engine.selfie(picture))
