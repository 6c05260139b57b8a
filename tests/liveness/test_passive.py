"""Live people pass, shown screens do not, and what cannot be judged is said to be unsure."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.errors import CalibrationMissing
from service.evidence import Face, PadDecision, PadResult, Picture, Pixels
from service.faces.detect import FaceDetector
from service.liveness.passive import PassiveLiveness, crop, margin
from service.runtime.image import decode
from service.runtime.weights import Weights
from service.specimens.presentations import present
from service.specimens.sample import sample_selfie

GOLDEN = 0.32


@pytest.fixture(scope="session")
def passive(weights: Weights) -> PassiveLiveness:
    return PassiveLiveness.build(weights, threads=1, max_apcer=0.3)


@pytest.fixture(scope="session")
def detector(weights: Weights) -> FaceDetector:
    return FaceDetector.build(weights, threads=1)


def shot(pixels: Pixels) -> Picture:
    return Picture(pixels, 1.0, pixels.shape[1], pixels.shape[0], "PNG", "")


def look(detector: FaceDetector, path: Path) -> tuple[Picture, Face]:
    picture = decode(path.read_bytes(), max_side=1280)
    return picture, detector.detect(picture.pixels, side=320, min_score=0.5)[0]


def judged(passive: PassiveLiveness, detector: FaceDetector, path: Path) -> PadResult:
    return passive.assess(*look(detector, path))


@pytest.mark.parametrize("name", ["obama.jpg", "obama2.jpg", "biden.jpg"])
def test_ordinary_photos_are_bona_fide(
    passive: PassiveLiveness, detector: FaceDetector, assets: Path, name: str
) -> None:
    answer = judged(passive, detector, assets / name)
    assert answer.decision is PadDecision.BONA_FIDE
    assert answer.reasons == ()


def test_the_weight_is_fed_as_it_was_measured(
    passive: PassiveLiveness, detector: FaceDetector, shared_data: Path
) -> None:
    """A golden number: in RGB its log-odds would be three lower."""
    picture, face = look(detector, shared_data / "pad_dev" / "frames" / "zubair_real_0007.jpg")
    assert passive.look(picture.pixels, face).weight_log_odds == pytest.approx(GOLDEN, abs=0.15)


def test_most_studio_portraits_are_bona_fide(
    passive: PassiveLiveness, detector: FaceDetector, shared_data: Path
) -> None:
    paths = sorted((shared_data / "face_london_dev" / "images").glob("*.jpg"))[::4]
    passed = [judged(passive, detector, path).decision is PadDecision.BONA_FIDE for path in paths]
    assert sum(passed) >= 0.95 * len(passed)


def test_a_telephone_held_into_the_camera_is_an_attack(
    passive: PassiveLiveness, detector: FaceDetector, shared_data: Path
) -> None:
    for path in sorted((shared_data / "pad_dev" / "frames").glob("lestari_spoof_*.jpg"))[::3]:
        answer = judged(passive, detector, path)
        assert answer.decision is PadDecision.ATTACK
        assert answer.bona_fide_score is not None
        assert answer.bona_fide_score < answer.threshold


def test_tight_crops_are_unsure_live_or_not(
    passive: PassiveLiveness, detector: FaceDetector, shared_data: Path
) -> None:
    for path in sorted((shared_data / "pad_dev" / "crops").glob("*.jpg"))[::8]:
        answer = judged(passive, detector, path)
        assert (answer.decision, answer.reasons) == (PadDecision.UNSURE, ("face_margin_small",))
        assert answer.bona_fide_score is None


def test_small_turned_and_lying_faces_are_unsure(
    passive: PassiveLiveness, detector: FaceDetector, assets: Path
) -> None:
    picture, face = look(detector, assets / "obama.jpg")
    pixels = picture.pixels
    small = np.asarray(cv2.resize(pixels, None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA), np.uint8)
    x0, y0, x1, y1 = (0.15 * value for value in face.box)
    shrunk = Face((x0, y0, x1, y1), 0.15 * face.landmarks, face.detection_score)
    assert passive.assess(shot(small), shrunk).reasons == ("face_too_small",)
    profile = face.landmarks.copy()
    profile[2, 0] = profile[1, 0] + 0.15 * face.eye_distance  # the nose beyond an eye
    assert passive.assess(picture, dataclasses.replace(face, landmarks=profile)).reasons == ("face_turned",)
    lying = np.ascontiguousarray(face.landmarks[:, ::-1])
    assert passive.assess(picture, dataclasses.replace(face, landmarks=lying)).reasons == ("face_turned",)


def test_the_bounds_part_three_answers(passive: PassiveLiveness, detector: FaceDetector, assets: Path) -> None:
    picture, face = look(detector, assets / "obama.jpg")
    score = passive.assess(picture, face).bona_fide_score
    assert score is not None
    unsure = dataclasses.replace(passive, fusion=dataclasses.replace(passive.fusion, bona_fide_from=score + 1e-3))
    attack = dataclasses.replace(unsure, fusion=dataclasses.replace(unsure.fusion, attack_below=score + 1e-4))
    assert unsure.assess(picture, face).decision is PadDecision.UNSURE
    assert unsure.assess(picture, face).reasons == ("liveness_uncertain",)
    assert attack.assess(picture, face).decision is PadDecision.ATTACK


@pytest.mark.parametrize(("species", "code"), [("phone", "screen_edge_seen"), ("print", "paper_edge_seen")])
def test_a_picture_shown_with_its_edges_is_an_attack_that_says_where(
    passive: PassiveLiveness, detector: FaceDetector, assets: Path, species: str, code: str
) -> None:
    codes = set()
    for seed in range(4):
        picture = shot(present(sample_selfie(assets), species, np.random.default_rng(seed)))
        face = detector.detect(picture.pixels, side=320, min_score=0.5)[0]
        answer = passive.assess(picture, face)
        assert answer.decision is not PadDecision.BONA_FIDE
        codes |= set(answer.reasons)
        for finding in answer.findings:
            assert finding.measure is not None
            if finding.box is not None:
                (left, top), _, (right, bottom), _ = finding.box
                assert left < face.box[0] < face.box[2] < right
                assert top < bottom
    assert code in codes


def test_a_screen_without_edges_shows_by_its_grid(
    passive: PassiveLiveness, detector: FaceDetector, assets: Path
) -> None:
    picture = shot(present(sample_selfie(assets), "screen_close", np.random.default_rng(3)))
    answer = passive.assess(picture, detector.detect(picture.pixels, side=320, min_score=0.5)[0])
    assert answer.decision is PadDecision.ATTACK
    assert "moire" in answer.reasons


def test_a_live_person_beside_a_telephone_that_shows_one_is_an_attack(
    passive: PassiveLiveness, detector: FaceDetector, shared_data: Path
) -> None:
    path = shared_data / "pad_dev" / "frames" / "zubair_spoof_0006.jpg"
    picture = decode(path.read_bytes(), max_side=1280)
    live, shown = detector.detect(picture.pixels, side=640, min_score=0.3)[:2]
    if live.box[2] - live.box[0] < shown.box[2] - shown.box[0]:
        live, shown = shown, live
    assert passive.assess(picture, live).decision is PadDecision.BONA_FIDE
    answer = passive.assess(picture, live, (shown,))
    assert answer.decision is PadDecision.ATTACK
    assert answer.findings


def test_the_crop_is_shifted_then_shrunk_to_stay_in_the_picture() -> None:
    rows, columns = np.mgrid[0:200, 0:300]
    pixels = np.stack([columns, rows, columns], axis=-1).astype(np.uint8)
    inside = crop(pixels, (100, 60, 140, 110), 2.0)
    assert inside.shape[:2] == (101, 81)
    assert (inside[0, 0, 0], inside[0, 0, 1]) == (80, 35)
    shifted = crop(pixels, (0, 0, 40, 50), 2.0)
    assert shifted.shape[:2] == (101, 81)
    assert tuple(shifted[0, 0, :2]) == (0, 0)
    shrunk = crop(pixels, (100, 0, 200, 199), 2.7)
    assert shrunk.shape[0] <= 200
    assert shrunk.shape[1] == pytest.approx(101, abs=1)


def test_the_margin_is_what_the_picture_leaves() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    points = np.zeros((5, 2), np.float32)
    assert margin(pixels, Face((0, 0, 100, 100), points, 1.0)) == pytest.approx(1.99)
    assert margin(pixels, Face((0, 0, 20, 20), points, 1.0)) == pytest.approx(2.7)


def test_a_weight_without_calibration_is_refused(weights: Weights) -> None:
    bare = dataclasses.replace(weights.weights["passive_liveness"], calibration={})
    with pytest.raises(CalibrationMissing):
        PassiveLiveness.build(Weights({"passive_liveness": bare}, {}), threads=1, max_apcer=0.3)


def test_an_error_rate_nothing_was_fitted_for_is_refused(weights: Weights) -> None:
    with pytest.raises(CalibrationMissing, match=r"0\.3, 0\.2, 0\.1"):
        PassiveLiveness.build(weights, threads=1, max_apcer=0.01)
