"""The outline of a page from the place of its zone, on drawn pages whose corners are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
import pytest

from service.documents.mrz_glyphs import HEIGHT
from service.documents.mrz_track import Track
from service.documents.page_place import FLAT_SIDE, LINE, LOWEST_OTHER, PITCH, SIZES, flat_page, page_outline
from service.documents.text import Quad
from service.documents.upright import map_points
from service.evidence import Pixels

FLAT = [(260, 180), (1010, 180), (1010, 708), (260, 708)]
CORNERS = {
    "flat": FLAT,
    "turned": [(250, 900), (250, 150), (778, 150), (778, 900)],
    "perspective": [(270, 200), (1000, 160), (1040, 720), (240, 690)],
}


def laid(corners: list[tuple[int, int]], *, zone_up: float = 0.0) -> tuple[Pixels, Quad, list[Quad]]:
    """A pale passport page on a dark table, its corners, and the boxes of its zone (`zone_up` mm above their place)."""
    width, height = SIZES["TD3"]
    page = np.array(corners, np.float32)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(flat, page), np.float64)
    pixels = np.full((960, 1280, 3), 70, np.uint8)
    cv2.fillConvexPoly(pixels, page.astype(np.int32), (215, 225, 220))
    left, low = (width - 44 * PITCH) / 2, height - LOWEST_OTHER - zone_up
    lines = []
    for middle in (low - LINE, low):
        box = [(left, middle - 1.5), (width - left, middle - 1.5), (width - left, middle + 1.5), (left, middle + 1.5)]
        lines.append(map_points(matrix, np.array(box)))
        cv2.fillConvexPoly(pixels, lines[-1].astype(np.int32), (150, 150, 150))
    noise = np.random.default_rng(3).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), page, lines


def none() -> list[Quad]:
    return []


@pytest.mark.parametrize("corners", CORNERS.values(), ids=CORNERS)
def test_the_outline_lies_on_the_edges_from_the_pages_own_top_left(corners: list[tuple[int, int]]) -> None:
    pixels, page, lines = laid(corners)
    found = page_outline(pixels, "TD3", lines, none)
    assert found is not None
    assert np.linalg.norm(found - page, axis=1).max() < 0.015 * 750


def test_an_outline_with_the_zone_elsewhere_is_none() -> None:
    """What is found then is where the zone says the page is."""
    pixels, page, lines = laid(FLAT, zone_up=25)
    asked: list[bool] = []

    def others() -> Iterator[Quad]:
        asked.append(True)
        yield page

    found = page_outline(pixels, "TD3", lines, others)
    assert asked
    assert found is not None
    assert found[2, 1] == pytest.approx(708 - 25 * 6, abs=15)


def test_another_outline_is_taken_where_the_zone_is_a_poor_lever() -> None:
    """A line that ends early makes the page too small; the locator's outline lies on edges."""
    pixels, page, lines = laid(CORNERS["perspective"])
    short = [np.array((q[0], 0.12 * q[0] + 0.88 * q[1], 0.12 * q[3] + 0.88 * q[2], q[3]), np.float32) for q in lines]
    found = page_outline(pixels, "TD3", [lines[0], short[1]], lambda: [np.roll(page, 1, axis=0)])
    assert found is not None
    assert np.linalg.norm(found - page, axis=1).max() < 0.015 * 750


def test_a_page_mostly_outside_the_picture_has_no_place() -> None:
    pixels, _, lines = laid(FLAT)
    cut = [line - np.array((0, 560), np.float32) for line in lines]
    assert page_outline(np.ascontiguousarray(pixels[560:]), "TD3", cut, none) is None


def test_a_place_on_a_strip_in_perspective_is_where_the_picture_has_it() -> None:
    track = Track(np.array((100.0, 300.0)), np.array((900.0, 340.0)), (10.0, 20.0))
    flat = np.array([(0, 0), (track.width, 0), (track.width, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(flat, track.quad()), np.float64)
    spots = [0.0, 0.25 * track.width, 0.5 * track.width, float(track.width)]
    expected = map_points(matrix, np.array([(x, HEIGHT / 2) for x in spots]))
    found = np.array([track.strip_x(x) for x in spots])
    assert np.abs(found - expected).max() < 0.05
    first, second = (float(np.linalg.norm(b - a)) for a, b in pairwise(found[:3]))
    assert first < second


@pytest.mark.parametrize("name", CORNERS)
def test_a_page_is_set_upright(name: str) -> None:
    pixels, page, lines = laid(CORNERS[name])
    flat = flat_page(pixels, page, "TD3")
    assert max(flat.pixels.shape) == FLAT_SIDE
    upright = [map_points(np.linalg.inv(flat.to_picture), line) for line in lines]
    assert all(abs(line[0, 1] - line[1, 1]) < 1 and line[0, 0] < line[1, 0] for line in upright)
    inside = flat.pixels[round(upright[0][:, 1].mean()), round(upright[0][:, 0].mean())]
    assert np.abs(inside.astype(int) - 150).max() < 10


def test_the_other_side_is_shown_where_the_picture_has_it() -> None:
    width, height = (round(8 * side) for side in SIZES["TD1"])
    back = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) + np.float32((100, 500))
    pixels = np.full((1000, 900, 3), 200, np.uint8)
    above, alone = flat_page(pixels, back, "TD1"), flat_page(pixels[400:], back - np.float32((0, 400)), "TD1")
    assert above.pixels.shape[0] > above.pixels.shape[1]
    assert alone.pixels.shape[0] < alone.pixels.shape[1]
