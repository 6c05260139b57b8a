"""What is done to a face before its template pays where it is meant to and leaves good pictures alone."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Picture, Pixels
from service.faces.align import chip
from service.faces.engine import FaceEngine
from service.faces.prepare import five_points, line_share, prepared


def meshed(pixels: Pixels, period: float) -> Pixels:
    """Wavy light lines, half transparent."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    place = (columns + rows * 0.5 + period * np.sin(rows / period)) / period
    alpha = 0.5 * np.clip(0.11 * period - np.abs(place - np.round(place)) * period, 0, 1)[:, :, None]
    return np.asarray(pixels * (1 - alpha) + 225 * alpha, np.uint8)


def test_a_good_face_is_only_aligned(engine: FaceEngine, obama: Picture, biden: Picture) -> None:
    for picture in (obama, biden):
        face = engine.find(picture.pixels)[0]
        plain = chip(picture.pixels, face.landmarks)
        assert line_share(plain) < 0.19
        assert np.array_equal(prepared(picture.pixels, face, engine.gauge.landmarks), plain)


def test_lines_over_a_portrait_are_taken_off_and_that_pays(engine: FaceEngine, obama: Picture, obama2: Picture) -> None:
    other = engine.find(obama2.pixels)[0]
    probe = engine.template(obama2.pixels, other).vector
    face = engine.find(obama.pixels)[0]
    lined = meshed(obama.pixels, period=0.4 * face.eye_distance)
    aligned = chip(lined, face.landmarks)
    assert line_share(aligned) > 0.195
    with_lines = engine.encoder.encode(aligned) @ probe
    without = engine.template(lined, face).vector @ probe
    assert without > with_lines + 0.03


def test_the_points_of_the_mesh_are_those_of_the_detector(engine: FaceEngine, obama: Picture) -> None:
    face = engine.find(obama.pixels)[0]
    points = five_points(engine.gauge.landmarks.view(obama.pixels, face))
    assert np.abs(points - face.landmarks).max() < 0.2 * face.eye_distance


def test_a_small_face_asks_the_mesh_a_large_one_does_not(engine: FaceEngine, obama: Picture) -> None:
    session = engine.gauge.landmarks.session
    scale = 25 / engine.find(obama.pixels)[0].eye_distance
    small = np.asarray(cv2.resize(obama.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    for pixels, runs in ((small, 1), (obama.pixels, 0)):
        face = engine.find(pixels)[0]
        before = session.runs
        engine.template(pixels, face)
        assert session.runs - before == runs
