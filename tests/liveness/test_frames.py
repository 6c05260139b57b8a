"""Further frames speak against a selfie, never for it; what moves as a flat thing is told from a head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.evidence import Face, PadDecision, PadResult, Pixels
from service.liveness.frames import over_frames
from service.liveness.motion import Motion, motion

LIVE, DOUBT = (
    PadResult(PadDecision.BONA_FIDE, 0.9, 0.5),
    PadResult(PadDecision.UNSURE, 0.4, 0.5, ("liveness_uncertain",)),
)
ATTACK = PadResult(PadDecision.ATTACK, 0.1, 0.5, ("presentation_attack",))
MOVED, FLAT = Motion(3.0, 0.03, 0.1), Motion(3.0, 0.05, 0.95)
SAME, STILL = Motion(0.1, 0.0, None), Motion(1.5, 0.0002, None)


@pytest.mark.parametrize(
    ("judged", "motions", "decision", "code"),
    [
        ([LIVE, LIVE], [MOVED], PadDecision.BONA_FIDE, None),
        ([LIVE, DOUBT], [MOVED], PadDecision.UNSURE, "liveness_uncertain"),
        ([LIVE, ATTACK], [MOVED], PadDecision.ATTACK, "presentation_attack"),
        ([DOUBT, LIVE], [MOVED], PadDecision.UNSURE, "liveness_uncertain"),
        ([LIVE, LIVE], [SAME], PadDecision.UNSURE, "frames_identical"),
        ([LIVE, LIVE], [STILL], PadDecision.UNSURE, "motion_missing"),
        ([LIVE, LIVE], [FLAT], PadDecision.UNSURE, "motion_planar"),
        ([LIVE, DOUBT], [FLAT], PadDecision.ATTACK, "motion_planar"),
    ],
)
def test_what_frames_say_together(
    judged: list[PadResult], motions: list[Motion], decision: PadDecision, code: str | None
) -> None:
    answer = over_frames(judged, motions, all_seen=True)
    assert answer.decision is decision
    assert (code in answer.reasons) if code else answer.reasons == ()
    assert answer.bona_fide_score == min(one.bona_fide_score or 0 for one in judged)


def test_a_frame_without_a_face_leaves_doubt() -> None:
    answer = over_frames([LIVE], [], all_seen=False)
    assert (answer.decision, answer.reasons) == (PadDecision.UNSURE, ("liveness_uncertain", "frames_unusable"))


FACE = Face((260, 160, 380, 320), np.zeros((5, 2), np.float32), 0.9)


def textured(seed: int, size: tuple[int, int] = (480, 640)) -> Pixels:
    rough = np.random.default_rng(seed).uniform(0, 255, (size[0] // 6, size[1] // 6, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (size[1], size[0]), interpolation=cv2.INTER_CUBIC), np.uint8)


def noisy(pixels: Pixels, seed: int) -> Pixels:
    grain = np.random.default_rng(seed).normal(0, 3, pixels.shape)
    return np.asarray(np.clip(pixels + grain, 0, 255), np.uint8)


def moved(pixels: Pixels, across: float, turn: float = 2.0) -> Pixels:
    matrix = cv2.getRotationMatrix2D((320, 240), turn, 1.01)
    matrix[0, 2] += across
    return np.asarray(cv2.warpAffine(pixels, matrix, (640, 480), borderMode=cv2.BORDER_REFLECT), np.uint8)


def test_a_print_moves_with_what_is_around_the_face() -> None:
    scene = textured(1)
    found = motion(noisy(scene, 1), FACE, noisy(moved(scene, 9), 2))
    assert found.flat
    assert not found.identical


def test_a_head_moves_before_its_room() -> None:
    room, head = textured(2), textured(3)
    inside = np.zeros((480, 640, 1), np.uint8)
    cv2.ellipse(inside, (320, 240), (70, 90), 0, 0, 360, 1, -1)
    one = np.where(inside, head, room)
    other = np.where(moved(inside.repeat(3, 2), 9)[..., :1], moved(head, 9), room)
    found = motion(noisy(one, 1), FACE, noisy(other, 2))
    assert found.planar is not None
    assert not found.flat


def test_one_frame_twice_and_a_frame_in_which_nothing_moves() -> None:
    scene = textured(4)
    assert motion(scene, FACE, scene.copy()).identical
    still = motion(noisy(scene, 1), FACE, noisy(scene, 2))
    assert still.missing
    assert not still.identical


def test_a_face_without_anything_to_follow_says_nothing() -> None:
    blank = np.full((480, 640, 3), 120, np.uint8)
    found = motion(noisy(blank, 1), FACE, noisy(blank, 2))
    assert not found.flat
