"""Each gate says what it is for on a picture spoilt in its way, and none on a good one."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.errors import CalibrationMissing
from service.evidence import Face, Finding, Picture, Pixels, Role
from service.faces.align import chip
from service.faces.covered import LOWER_HALF, likeness_without, second_look
from service.faces.engine import FaceEngine
from service.faces.quality import GATES, PORTRAIT_GATES, QualityGauge, failed_gates
from service.reasons import REASONS, Effect
from service.runtime.weights import Weights
from service.specimens.covers import cover
from tests.faces.conftest import gated, read, shown


@pytest.fixture(scope="module")
def head(engine: FaceEngine, obama: Picture) -> Pixels:
    """Head and shoulders, face about 150 pixels wide."""
    x0, y0, x1, y1 = engine.find(obama.pixels)[0].box
    reach = 0.8 * (x1 - x0)
    cut = obama.pixels[max(0, int(y0 - reach)) : int(y1 + reach), max(0, int(x0 - reach)) : int(x1 + reach)]
    scale = 150 / (x1 - x0)
    return np.asarray(cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def mesh(engine: FaceEngine, head: Pixels) -> np.ndarray:
    return engine.gauge.landmarks.view(head, engine.find(head)[0]).mesh()[:, :2]


def said(engine: FaceEngine, pixels: Pixels) -> set[str]:
    return {finding.code for finding in gated(engine, shown(pixels)).findings}


def lit_from_one_side(pixels: Pixels) -> Pixels:
    ramp = np.clip(np.linspace(-1.5, 2.5, pixels.shape[1]), 0, 1) * 0.85 + 0.15
    return np.asarray(pixels * ramp[None, :, None], np.uint8)


def leaning(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 44, 1.0)
    return np.asarray(cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def test_a_good_selfie_passes_every_gate(engine: FaceEngine, head: Pixels, obama2: Picture, biden: Picture) -> None:
    assert said(engine, head) == set()
    assert said(engine, obama2.pixels) == set()
    assert said(engine, biden.pixels) == set()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda pixels: cv2.convertScaleAbs(pixels, alpha=0.12), "face_dark"),
        (lambda pixels: cv2.convertScaleAbs(pixels, alpha=0.3, beta=190), "face_bright"),
        (lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 7), "face_blurred"),
        (lit_from_one_side, "face_one_sided"),
        (leaning, "face_tilted"),
    ],
)
def test_a_spoilt_selfie_fails_its_gate(
    engine: FaceEngine, head: Pixels, spoil: Callable[[Pixels], Pixels], code: str
) -> None:
    capture = gated(engine, shown(np.asarray(spoil(head), np.uint8)))
    assert capture.face is not None
    found = {finding.code: finding for finding in capture.findings}
    assert code in found
    measure = found[code].measure
    assert measure is not None
    assert measure.value >= measure.threshold if measure.worse == "higher" else measure.value <= measure.threshold
    assert found[code].box is not None
    assert REASONS[code].effect is Effect.RETAKE


@pytest.mark.parametrize(
    "name",
    ["mask_blue", "mask_white_low", "mask_black_high", "mask_skin_coloured", "mask_own_skin", "mask_striped",
     "hand_over_mouth"],
)  # fmt: skip
def test_a_covered_mouth_is_seen(engine: FaceEngine, head: Pixels, mesh: np.ndarray, name: str) -> None:
    assert "face_covered" in said(engine, cover(head, mesh, name, np.random.default_rng(2)))


@pytest.mark.parametrize("name", ["glasses_black", "glasses_tinted", "hand_over_eye"])
def test_a_covered_eye_is_seen(engine: FaceEngine, head: Pixels, mesh: np.ndarray, name: str) -> None:
    assert "eyes_covered" in said(engine, cover(head, mesh, name, np.random.default_rng(3)))


def test_dark_glasses_as_people_wear_them_and_clear_ones(engine: FaceEngine, shared_data: Path) -> None:
    def refused(name: str) -> bool:
        return "eyes_covered" in said(engine, read(shared_data / "face_lfw_dev" / "images" / f"{name}_0001.jpg").pixels)

    assert all(refused(name) for name in ("Mia_Mottley", "Laurence_Fishburne", "Etta_James"))
    assert not any(refused(name) for name in ("Herbie_Hancock", "Spike_Lee", "Daniel_Zelman", "Floyd_Mayweather"))


def test_eyes_in_the_shade_are_not_called_covered(engine: FaceEngine, head: Pixels, mesh: np.ndarray) -> None:
    shaded = head.copy()
    top, bottom = (int(mesh[point, 1]) for point in (9, 50))
    shaded[top:bottom] = cv2.convertScaleAbs(head[top:bottom], alpha=0.5)
    assert "eyes_covered" not in said(engine, shaded)


def test_ordinary_faces_are_not_called_covered(engine: FaceEngine, shared_data: Path) -> None:
    paths = sorted((shared_data / "face_london_dev" / "images").glob("*.jpg"))[::5]
    found = [said(engine, read(path).pixels) for path in paths]
    assert [codes for codes in found if codes] == []


def test_what_lies_under_a_mask_is_not_missed(engine: FaceEngine, head: Pixels, mesh: np.ndarray) -> None:
    masked = cover(head, mesh, "mask_own_skin", np.random.default_rng(2))
    alike = [
        likeness_without(chip(pixels, engine.find(pixels)[0].landmarks), LOWER_HALF, engine.gauge.encoder)
        for pixels in (head, masked)
    ]
    assert alike[0] < 0.6 < alike[1]


def test_a_mouth_that_is_only_printed_adds_nothing_to_the_likeness(
    engine: FaceEngine, head: Pixels, mesh: np.ndarray, obama2: Picture
) -> None:
    """The gate takes lips printed on a mask for lips; the comparison with another photo of the person does not."""
    known = engine.find(obama2.pixels)[0]
    reference = engine.template(obama2.pixels, known)

    def hidden(pixels: Pixels) -> Finding | None:
        picture, face = shown(pixels), engine.find(pixels)[0]
        return engine.hidden(picture, face, engine.template(pixels, face), reference)

    assert hidden(head) is None
    masked = cover(head, mesh, "mask_printed_mouth", np.random.default_rng(2))
    assert said(engine, masked) == set()
    found = hidden(masked)
    assert found is not None
    assert (found.code, found.role) == ("face_covered", Role.SELFIE)
    assert found.box is not None
    assert found.measure is not None
    assert found.measure.value <= found.measure.threshold


def test_only_a_doubt_is_looked_at_again() -> None:
    def unasked() -> float:
        raise AssertionError

    assert second_look(-3.0, unasked, (10.0, 0.6)) == -3.0
    assert second_look(3.5, unasked, (10.0, 0.6)) == 3.5
    assert second_look(-1.0, lambda: 0.8, (10.0, 0.6)) == pytest.approx(1.0)
    assert second_look(0.5, lambda: 0.5, (10.0, 0.6)) == pytest.approx(-0.5)


def test_rules_for_covers_belong_to_both_weights(weights: Weights) -> None:
    other = dataclasses.replace(weights.weights["face_template"], sha256="0" * 64)
    changed = dataclasses.replace(weights, weights={**weights.weights, "face_template": other})
    with pytest.raises(CalibrationMissing):
        QualityGauge.build(changed, 1)


def test_darkness_is_a_matter_of_light_not_of_skin(engine: FaceEngine, shared_data: Path) -> None:
    folder = shared_data / "face_london_dev"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in [row for row in rows if row["ethnicity"] == "black"][::2]:
        photo = read(folder / row["file"]).pixels
        assert "face_dark" not in said(engine, cv2.convertScaleAbs(photo, alpha=0.35))
        assert "face_dark" in said(engine, cv2.convertScaleAbs(photo, alpha=0.12))


def test_a_head_in_profile_is_turned(engine: FaceEngine, shared_data: Path) -> None:
    folder = shared_data / "pad_dev" / "frames"
    assert "face_turned" in said(engine, read(folder / "zubair_real_0130.jpg").pixels)
    assert said(engine, read(folder / "zubair_real_0007.jpg").pixels) == set()


def test_half_a_profile_can_be_compared_a_whole_one_cannot(engine: FaceEngine, shared_data: Path) -> None:
    """The mesh gives both 36 to 38 degrees; only the whole one is unlike other photos of the person."""
    folder = shared_data / "face_lfw_dev" / "images"
    assert "face_turned" not in said(engine, read(folder / "Eddy_Merckx_0002.jpg").pixels)
    assert "face_turned" in said(engine, read(folder / "George_Clooney_0002.jpg").pixels)


def test_closed_eyes_are_seen(engine: FaceEngine, shared_data: Path) -> None:
    """An LFW picture whose eyes we saw to be closed, and open ones, narrow ones among them."""
    assert "eyes_closed" in said(engine, read(shared_data / "face_lfw_dev" / "images" / "Kaye_Young_0001.jpg").pixels)
    frames = sorted((shared_data / "pad_dev" / "frames").glob("lestari_real_*.jpg"))[::4]
    assert [path.name for path in frames if "eyes_closed" in said(engine, read(path).pixels)] == []


def test_a_face_cut_off_by_the_edge_has_no_margin(engine: FaceEngine, head: Pixels) -> None:
    x0 = int(engine.find(head)[0].box[0])
    assert "face_margin_small" in said(engine, np.ascontiguousarray(head[:, x0 + 12 :]))


def test_a_portrait_has_its_own_codes(engine: FaceEngine, head: Pixels, mesh: np.ndarray) -> None:
    assert engine.portrait(head).findings == ()
    masked = engine.portrait(cover(head, mesh, "mask_white", np.random.default_rng(3)))
    assert [(f.code, f.role) for f in masked.findings] == [("portrait_covered", Role.FRONT)]
    assert masked.face is not None
    dark = engine.portrait(np.asarray(cv2.convertScaleAbs(head, alpha=0.12), np.uint8))
    assert "portrait_dark" in [f.code for f in dark.findings]


def test_a_small_face_is_not_a_blurred_one(engine: FaceEngine, head: Pixels) -> None:
    small = np.asarray(cv2.resize(head, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA), np.uint8)
    assert engine.find(small)[0].eye_distance < 30
    assert "face_blurred" not in said(engine, small)


def test_a_dim_face_is_not_a_blurred_one(engine: FaceEngine, shared_data: Path) -> None:
    for path in sorted((shared_data / "face_lfw_dev" / "images").glob("*.jpg"))[::300]:
        assert "face_blurred" not in said(engine, cv2.convertScaleAbs(read(path).pixels, alpha=0.22))


def test_the_gates_speak_codes_that_exist(engine: FaceEngine, head: Pixels) -> None:
    assert {gate.code for gate in (*GATES, *PORTRAIT_GATES)} <= set(REASONS)
    quality = engine.gauge.measure(head, engine.find(head)[0])
    assert failed_gates(quality) == ()


def test_measuring_repeats(engine: FaceEngine, head: Pixels, weights: Weights) -> None:
    face: Face = engine.find(head)[0]
    assert engine.gauge.measure(head, face) == engine.gauge.measure(head, face)
