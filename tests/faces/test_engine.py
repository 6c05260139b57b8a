"""One face by a stated rule, its template, and every unhappy way there."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.evidence import Face, Picture, Pixels
from service.faces.compare import similarity
from service.faces.engine import FaceEngine
from service.faces.quality import face_size
from tests.faces.conftest import gated, read, shown


def codes(engine: FaceEngine, pixels: Pixels) -> list[str]:
    return [finding.code for finding in gated(engine, shown(pixels)).findings]


def face(engine: FaceEngine, picture: Picture) -> Face:
    found = engine.selfie(picture).face
    assert found is not None
    return found


def around(picture: Picture, found: Face, margin: float) -> Pixels:
    """The face with `margin` face widths on every side."""
    x0, y0, x1, y1 = found.box
    reach = margin * (x1 - x0)
    rows = slice(max(0, int(y0 - reach)), int(y1 + reach))
    return np.ascontiguousarray(picture.pixels[rows, max(0, int(x0 - reach)) : int(x1 + reach)])


def test_the_same_person_is_alike_and_another_is_not(
    engine: FaceEngine, obama: Picture, obama2: Picture, biden: Picture
) -> None:
    first, second, other = (engine.template(p.pixels, face(engine, p)) for p in (obama, obama2, biden))
    assert similarity(first, second) > 0.6
    assert similarity(first, other) < 0.2
    assert similarity(second, other) < 0.2


def test_the_weights_are_fed_as_they_were_measured(engine: FaceEngine, obama: Picture, obama2: Picture) -> None:
    """Golden numbers: another colour order or scale still looks plausible (0.72 instead of 0.76), but is worse."""
    first, second = face(engine, obama), face(engine, obama2)
    assert first.detection_score == pytest.approx(0.9214, abs=0.005)
    alike = similarity(engine.template(obama.pixels, first), engine.template(obama2.pixels, second))
    assert alike == pytest.approx(0.7616, abs=0.01)


def test_a_template_is_a_unit_vector_of_its_weight_and_repeatable(engine: FaceEngine, obama: Picture) -> None:
    found = face(engine, obama)
    first, again = engine.template(obama.pixels, found), engine.template(obama.pixels, found)
    assert first.vector.shape == (512,)
    assert np.linalg.norm(first.vector) == pytest.approx(1.0, abs=1e-5)
    assert first.model_sha256 == engine.model_sha256
    assert np.array_equal(first.vector, again.vector)


def test_templates_of_two_weights_are_not_compared(engine: FaceEngine, obama: Picture) -> None:
    own = engine.template(obama.pixels, face(engine, obama))
    with pytest.raises(ValueError, match="two different weights"):
        similarity(own, type(own)(own.vector, "another"))


def test_landmarks_lie_where_eyes_nose_and_mouth_are(engine: FaceEngine, obama: Picture) -> None:
    found = face(engine, obama)
    left, right, nose, left_mouth, right_mouth = found.landmarks
    assert left[0] < nose[0] < right[0]
    assert left[1] < nose[1] < left_mouth[1]
    assert left_mouth[0] < right_mouth[0]
    # The official portrait: head in the upper middle of 910 x 1137.
    assert 400 < nose[0] < 520
    assert 150 < nose[1] < 300


@pytest.mark.parametrize("set_name", ["face_lfw_dev", "face_london_dev"])
def test_every_picture_gives_a_face_for_comparison(engine: FaceEngine, shared_data: Path, set_name: str) -> None:
    paths = sorted((shared_data / set_name / "images").glob("*.jpg"))
    for path in paths[:: max(1, len(paths) // 25)]:
        assert engine.subject(read(path)).face is not None, path.name


def test_a_picture_without_a_face(engine: FaceEngine) -> None:
    rng = np.random.default_rng(1)
    assert codes(engine, np.full((480, 640, 3), 255, np.uint8)) == ["face_not_found"]
    assert codes(engine, np.zeros((480, 640, 3), np.uint8)) == ["face_not_found"]
    assert codes(engine, rng.integers(0, 256, (480, 640, 3)).astype(np.uint8)) == ["face_not_found"]
    assert engine.selfie(shown(np.zeros((480, 640, 3), np.uint8))).face is None


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 400), (400, 3), (32, 2000)])
def test_odd_sizes_break_nothing(engine: FaceEngine, size: tuple[int, int]) -> None:
    assert codes(engine, np.full((*size, 3), 128, np.uint8)) == ["face_not_found"]


def test_two_people_of_similar_size_are_refused(engine: FaceEngine, obama: Picture, biden: Picture) -> None:
    faces = [cv2.resize(around(p, face(engine, p), 0.7), (300, 300)) for p in (obama, biden)]
    both = np.asarray(np.hstack(faces), np.uint8)
    capture = engine.selfie(shown(both))
    assert capture.face is None
    assert [finding.code for finding in capture.findings] == ["several_faces"]
    assert capture.faces_seen == 2
    assert engine.subject(shown(both)).face is not None


def test_a_bystander_behind_does_not_matter(engine: FaceEngine, obama: Picture, biden: Picture) -> None:
    large = cv2.resize(around(obama, face(engine, obama), 0.8), (600, 600))
    small = cv2.resize(around(biden, face(engine, biden), 0.7), (150, 150))
    large[:150, :150] = small
    capture = engine.selfie(shown(large))
    assert capture.face is not None
    assert capture.faces_seen == 2
    alone = engine.template(obama.pixels, face(engine, obama))
    assert similarity(engine.template(large, capture.face), alone) > 0.7


def test_a_face_as_large_at_the_edge_leaves_the_one_in_the_middle_but_makes_nobody_a_stranger(
    engine: FaceEngine, obama: Picture, biden: Picture
) -> None:
    both = np.full((300, 900, 3), 200, np.uint8)
    for picture, left in ((obama, 300), (biden, 600)):
        both[:, left : left + 300] = cv2.resize(around(picture, face(engine, picture), 0.7), (300, 300))
    capture = gated(engine, shown(both))
    assert capture.face is not None
    assert capture.faces_seen == 2
    alone = engine.template(obama.pixels, face(engine, obama))
    assert similarity(engine.template(both, capture.face), alone) > 0.6
    assert not capture.telling
    assert gated(engine, obama).telling


def test_a_tiny_face_is_too_small(engine: FaceEngine, obama: Picture) -> None:
    small = cv2.resize(obama.pixels, None, fx=0.12, fy=0.12, interpolation=cv2.INTER_AREA)
    assert codes(engine, np.asarray(small, np.uint8)) == ["face_too_small"]


def test_a_face_that_fills_the_picture_is_found(engine: FaceEngine, obama: Picture) -> None:
    tight = around(obama, face(engine, obama), -0.05)
    found = engine.portrait(tight).face
    assert found is not None
    whole = engine.template(obama.pixels, face(engine, obama))
    assert similarity(engine.template(tight, found), whole) > 0.7


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_picture_on_its_side_or_head_is_the_same_person(engine: FaceEngine, obama2: Picture, turn: int) -> None:
    turned = np.asarray(cv2.rotate(obama2.pixels, turn), np.uint8)
    found = engine.subject(shown(turned)).face
    assert found is not None
    upright = engine.template(obama2.pixels, face(engine, obama2))
    assert similarity(engine.template(turned, found), upright) > 0.9


def test_a_small_print_of_the_face_still_matches(engine: FaceEngine, obama: Picture, obama2: Picture) -> None:
    """The portrait of a card photographed from afar: 25 pixels between the eyes, compressed."""
    print_ = around(obama, face(engine, obama), 0.4)
    scale = 25.0 / face(engine, obama).eye_distance
    small = cv2.resize(print_, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, code = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    pixels = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    found = engine.portrait(pixels).face
    assert found is not None
    probe = engine.template(obama2.pixels, face(engine, obama2))
    assert similarity(engine.template(pixels, found), probe) > 0.5


def test_a_portrait_that_cannot_be_used(engine: FaceEngine, obama: Picture) -> None:
    blank = engine.portrait(np.full((200, 160, 3), 200, np.uint8))
    assert (blank.face, [finding.code for finding in blank.findings]) == (None, ["portrait_not_found"])
    scale = 11.0 / face_size(face(engine, obama))
    small = cv2.resize(around(obama, face(engine, obama), 0.5), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tiny = engine.portrait(np.asarray(small, np.uint8))
    assert (tiny.face, [finding.code for finding in tiny.findings]) == (None, ["portrait_too_small"])


def test_every_model_counts_its_own_time(engine: FaceEngine, obama: Picture) -> None:
    before = [session.runs for session in engine.sessions]
    engine.template(obama.pixels, face(engine, obama))
    runs = [session.runs - earlier for session, earlier in zip(engine.sessions, before, strict=True)]
    # One look, a face and its mirror image: nobody asked for the gates.
    assert runs == [1, 2, 0, 0]
    before = [session.runs for session in engine.sessions]
    gated(engine, obama)
    runs = [session.runs - earlier for session, earlier in zip(engine.sessions, before, strict=True)]
    # One look, one mesh, two eyes.
    assert runs == [1, 0, 1, 2]
