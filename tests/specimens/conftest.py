"""Fonts and portraits of the specimens, where `hecha models fetch` puts them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.evidence import Pixels
from service.faces.engine import FaceEngine
from service.runtime.weights import Weights
from service.specimens.cases import Holder
from service.specimens.fonts import Fonts
from service.specimens.people import Person, invent_person
from service.specimens.photograph import Photograph
from service.specimens.sample import sample_portrait, sample_selfie, stranger_selfie

ASSETS = Path(__file__).resolve().parents[2] / "models" / "assets"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts.build(ASSETS)


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    return sample_portrait(ASSETS)


@pytest.fixture(scope="session")
def holders(portrait: Pixels, weights: Weights) -> tuple[Holder, Holder]:
    other = Holder("other", sample_portrait(ASSETS, "biden.jpg"), stranger_selfie(ASSETS))
    faces, selfie = FaceEngine.build(weights, 1), sample_selfie(ASSETS)
    mesh = faces.gauge.landmarks.view(selfie, faces.find(selfie)[0]).mesh()[:, :2]
    return Holder("own", portrait, selfie, mesh=mesh), other


def some_people(count: int) -> list[Person]:
    rng = np.random.default_rng(5)
    return [invent_person(rng, TODAY) for _ in range(count)]


def likeness(taken: Photograph, card: Pixels) -> float:
    """The correlation (-1 to 1) of the card cut out along the ground-truth quad with the card as drawn."""
    height, width = card.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = cv2.warpPerspective(taken.pixels, cv2.getPerspectiveTransform(taken.quad, flat), (width, height))
    a, b = (_structure(pixels) for pixels in (seen, card))
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _structure(pixels: Pixels) -> np.ndarray:
    """Coarse, so that blur does not count, and without what the light does over long distances."""
    small = cv2.resize(pixels, (200, 126), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return cv2.GaussianBlur(grey, (0, 0), 0.8) - cv2.GaussianBlur(grey, (0, 0), 12)
