"""A copy of a portrait, printed, shrunk or mirrored, is told from another photo of the same person."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.evidence import Face, Pixels
from service.faces.detect import FaceDetector
from service.liveness.replay import same_photograph
from service.runtime.weights import Weights
from service.specimens.sample import sample_portrait, sample_selfie


@pytest.fixture(scope="module")
def detector(weights: Weights) -> FaceDetector:
    return FaceDetector.build(weights, threads=1)


def faced(detector: FaceDetector, pixels: Pixels) -> tuple[Pixels, Face]:
    return pixels, detector.detect(pixels, side=320, min_score=0.5)[0]


def printed(portrait: Pixels) -> Pixels:
    small = cv2.resize(portrait, (150, 188), interpolation=cv2.INTER_AREA)
    dull = cv2.convertScaleAbs(cv2.GaussianBlur(small, (0, 0), 0.7), alpha=0.8, beta=30)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", dull, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1), np.uint8)


def test_copies_are_the_same_photograph(detector: FaceDetector, assets: Path) -> None:
    portrait = sample_portrait(assets)
    reference = faced(detector, printed(portrait))
    turned = cv2.warpAffine(
        portrait, cv2.getRotationMatrix2D((150, 188), 4, 0.9), (300, 376), borderValue=(226, 218, 206)
    )
    copies = [portrait, portrait[:, ::-1], cv2.convertScaleAbs(portrait, alpha=1.2, beta=-20), turned]
    for copy in copies:
        found = same_photograph(*reference, *faced(detector, np.ascontiguousarray(copy, np.uint8)))
        assert found.value >= found.threshold


def test_a_portrait_cut_close_to_the_face_is_known_too(detector: FaceDetector, assets: Path) -> None:
    portrait = sample_portrait(assets)
    face = faced(detector, portrait)[1]
    x0, y0, x1, y1 = (int(value) for value in face.box)
    card = np.full_like(portrait, (236, 230, 220))
    card[y0:y1, x0:x1] = portrait[y0:y1, x0:x1]
    found = same_photograph(card, face, *faced(detector, portrait))
    assert found.value >= found.threshold


def test_another_photo_of_the_person_is_not(detector: FaceDetector, assets: Path) -> None:
    reference = faced(detector, printed(sample_portrait(assets)))
    found = same_photograph(*reference, *faced(detector, sample_selfie(assets)))
    assert found.value < 0.9 < found.threshold


def test_a_face_without_detail_is_like_nothing(detector: FaceDetector, assets: Path) -> None:
    pixels, face = faced(detector, sample_portrait(assets))
    assert same_photograph(pixels, face, np.full_like(pixels, 128), face).value < 0.1
