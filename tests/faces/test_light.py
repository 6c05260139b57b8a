"""Faces taken in too little light."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Picture, Pixels
from service.faces.align import chip
from service.faces.compare import similarity
from service.faces.engine import FaceEngine
from service.faces.light import lit
from service.specimens.covers import cover


def small(engine: FaceEngine, picture: Picture) -> Pixels:
    """Head and shoulders as large as a card's portrait: 40 pixels between the eyes."""
    face = engine.find(picture.pixels)[0]
    x0, y0, x1, y1 = face.box
    reach = 0.5 * (x1 - x0)
    cut = picture.pixels[max(0, int(y0 - reach)) : int(y1 + reach), max(0, int(x0 - reach)) : int(x1 + reach)]
    scale = 40 / face.eye_distance
    return np.asarray(cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def dim(pixels: Pixels, light: float = 0.25, noise: float = 5.0) -> Pixels:
    """As a camera sees it that gets little light."""
    grain = np.random.default_rng(5).normal(0, noise, (*pixels.shape[:2], 1))
    return np.clip(pixels * light + grain, 0, 255).astype(np.uint8)


def test_a_face_in_enough_light_is_left_alone(obama: Picture) -> None:
    assert lit(obama.pixels) is obama.pixels


def test_a_dim_portrait_stays_alike_and_is_not_called_covered(
    engine: FaceEngine, obama: Picture, obama2: Picture
) -> None:
    dark = dim(small(engine, obama))
    found = engine.portrait(dark)
    assert found.face is not None
    assert [finding.code for finding in found.findings] == []
    assert not found.telling
    probe = engine.template(obama2.pixels, engine.find(obama2.pixels)[0])
    alike = similarity(engine.template(dark, found.face), probe)
    encoder = engine.gauge.encoder
    before = float(encoder.encode(chip(dark, found.face.landmarks)) @ probe.vector)
    assert alike > 0.5
    assert alike > before + 0.03


def test_a_mask_is_seen_in_the_dark_too(engine: FaceEngine, obama: Picture) -> None:
    plain = small(engine, obama)
    mesh = engine.gauge.landmarks.view(plain, engine.find(plain)[0]).mesh()[:, :2]
    masked = dim(cover(plain, mesh, "mask_blue", np.random.default_rng(1)))
    assert "portrait_covered" in [finding.code for finding in engine.portrait(masked).findings]


def test_what_is_too_dark_is_still_said_to_be(engine: FaceEngine, obama: Picture) -> None:
    black = engine.portrait(dim(small(engine, obama), light=0.09, noise=0.5))
    assert "portrait_dark" in [finding.code for finding in black.findings]
