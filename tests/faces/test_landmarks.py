"""The mesh lies on the face and turns with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from service.evidence import Face, Picture
from service.faces.engine import FaceEngine
from tests.faces.conftest import read


def subject(engine: FaceEngine, picture: Picture) -> Face:
    found = engine.subject(picture).face
    assert found is not None
    return found


def test_the_mesh_agrees_with_the_detector(engine: FaceEngine, obama: Picture) -> None:
    found = subject(engine, obama)
    mesh = engine.gauge.landmarks.view(obama.pixels, found).mesh()
    assert mesh.shape == (468, 3)
    for point, landmark in ((1, 2), (61, 3), (291, 4)):  # nose tip, left and right corner of the mouth
        assert np.linalg.norm(mesh[point, :2] - found.landmarks[landmark]) < 0.25 * found.eye_distance


def test_a_frontal_head_points_at_the_camera(engine: FaceEngine, shared_data: Path) -> None:
    picture = read(shared_data / "face_london_dev" / "images" / "001_neutral.jpg")
    pose = engine.gauge.landmarks.view(picture.pixels, subject(engine, picture)).pose()
    assert abs(pose.yaw) < 8
    assert abs(pose.pitch) < 20
    assert abs(pose.roll) < 8


def test_the_mirror_image_of_a_turned_head_turns_the_other_way(engine: FaceEngine, shared_data: Path) -> None:
    picture = read(shared_data / "pad_dev" / "frames" / "zubair_real_0130.jpg")
    pose = engine.gauge.landmarks.view(picture.pixels, subject(engine, picture)).pose()
    mirrored = np.ascontiguousarray(picture.pixels[:, ::-1])
    flipped = Picture(mirrored, 1.0, mirrored.shape[1], mirrored.shape[0], "PNG", "")
    other = engine.gauge.landmarks.view(mirrored, subject(engine, flipped)).pose()
    assert pose.yaw < -35  # he looks to the left of the picture
    assert other.yaw > 30
