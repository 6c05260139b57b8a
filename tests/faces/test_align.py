"""The face is set upright as InsightFace sets it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from insightface.utils import face_align

from service.evidence import Picture
from service.faces.align import _matrix, chip, strain
from service.faces.engine import FaceEngine


@pytest.mark.parametrize("seed", range(5))
def test_the_transform_is_that_of_insightface(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = (face_align.arcface_dst * rng.uniform(0.5, 8) + rng.normal(0, 4, (5, 2)) + 50).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = face_align.estimate_norm(points, 112)
    assert _matrix(points) == pytest.approx(theirs, abs=1e-3)


def test_points_that_fit_strain_nothing_and_a_face_on_its_side_much() -> None:
    upright = face_align.arcface_dst.astype(np.float32)
    assert strain(upright * 3 + 20) == pytest.approx(0, abs=1e-3)
    assert strain(np.full((5, 2), 7, np.float32)) > 5  # all in one place: no face, and no division by zero


def test_the_chip_shows_the_face(engine: FaceEngine, obama: Picture) -> None:
    face = engine.find(obama.pixels)[0]
    shown = chip(obama.pixels, face.landmarks)
    assert shown.shape == (112, 112, 3)
    again = engine.gauge.landmarks.view(shown, engine.find(shown)[0])
    assert np.linalg.norm(again.mesh()[1, :2] - face_align.arcface_dst[2]) < 12
