"""A frame around the face is found, and rooms, shoulders and black bars are no frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.evidence import Face, Pixels
from service.liveness.surround import surround

FACE = Face((280, 160, 360, 260), np.zeros((5, 2), np.float32), 0.9)


def room() -> Pixels:
    rng = np.random.default_rng(1)
    return np.asarray(np.clip(rng.normal(150, 2, (480, 640, 1)).repeat(3, 2), 0, 255), np.uint8)


def drawn(pixels: Pixels, corners: list[tuple[int, int]], grey: int) -> Pixels:
    cv2.fillPoly(pixels, [np.array(corners, np.int32)], (grey, grey, grey), cv2.LINE_AA)
    return pixels


def test_a_bare_room_frames_nothing() -> None:
    found = surround(room(), FACE)
    assert found.closed < 0.3


@pytest.mark.parametrize("tilt", [-30, 0, 25])
def test_a_screen_around_the_face_is_found_where_it_lies(tilt: int) -> None:
    corners = [(220 + tilt, 90), (420 + tilt, 90 + tilt // 3), (420, 380 + tilt // 3), (220, 380)]
    found = surround(drawn(room(), corners, 40), FACE)
    assert found.closed > 0.9
    assert found.quad is not None
    assert np.abs(found.quad - np.array(corners)).max() < 12
    assert not found.pale


def test_white_beside_the_edge_is_paper() -> None:
    sheet = np.full((480, 640, 3), 240, np.uint8)
    found = surround(drawn(sheet, [(230, 100), (410, 100), (410, 380), (230, 380)], 90), FACE)
    assert found.closed > 0.9
    assert found.pale


def test_one_side_may_be_missing_but_not_two() -> None:
    leaving = drawn(room(), [(220, -50), (420, -50), (420, 380), (220, 380)], 40)
    assert surround(leaving, FACE).closed > 0.9
    corner = drawn(room(), [(220, -50), (700, -50), (700, 380), (220, 380)], 40)
    assert surround(corner, FACE).closed < 0.6


def test_a_frame_beside_the_face_is_none() -> None:
    assert surround(drawn(room(), [(420, 90), (600, 90), (600, 380), (420, 380)], 40), FACE).closed < 0.6


def test_bars_that_software_added_are_no_edges() -> None:
    barred = room()
    barred[:70], barred[410:], barred[:, :150], barred[:, 490:] = 0, 0, 0, 0
    assert surround(barred, FACE).closed < 0.3
    held = room()
    held[70:410, 150:490] = 12  # a dark screen, which is never quite black
    assert surround(held, FACE).closed > 0.9


@pytest.mark.parametrize("size", [(24, 32), (9, 400), (400, 9)])
def test_the_smallest_pictures_are_survived(size: tuple[int, int]) -> None:
    tiny = Face((2, 2, 8, 8), np.zeros((5, 2), np.float32), 0.9)
    assert 0 <= surround(np.full((*size, 3), 90, np.uint8), tiny).closed <= 1
