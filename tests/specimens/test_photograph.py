from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.evidence import Pixels
from service.specimens.card import draw_back, draw_front
from service.specimens.conditions import conditions
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person
from tests.specimens.conftest import likeness

NAMES = list(conditions())


@pytest.fixture(scope="module")
def front(fonts: Fonts, portrait: Pixels) -> Pixels:
    return draw_front(sample_person(), portrait, fonts)


def test_at_least_sixteen_conditions_are_named() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 16


@pytest.mark.parametrize("name", NAMES)
def test_the_card_lies_where_the_quad_says(name: str, front: Pixels) -> None:
    taken = photograph(front, name, np.random.default_rng(2))
    width, height = conditions()[name].size
    assert taken.pixels.shape == (height, width, 3)
    assert taken.pixels.dtype == np.uint8
    assert taken.quad.min() >= 0
    assert (taken.quad <= (width, height)).all()
    assert likeness(taken, front) > 0.7


def test_another_card_is_not_there(front: Pixels, fonts: Fonts) -> None:
    taken = photograph(draw_back(sample_person(), fonts), "photo", np.random.default_rng(2))
    assert likeness(taken, front) < 0.3


@pytest.mark.parametrize(("name", "degrees"), [("photo", 0), ("rotate90", 90), ("rotate180", 180), ("rotate270", 270)])
def test_the_card_is_turned_clockwise(name: str, degrees: int, front: Pixels) -> None:
    quad = photograph(front, name, np.random.default_rng(4)).quad
    along = quad[1] - quad[0]
    angle = np.rad2deg(np.arctan2(along[1], along[0]))
    assert abs((angle - degrees + 180) % 360 - 180) < 10


def test_the_same_seed_gives_the_same_bytes(front: Pixels) -> None:
    first, again, other = (photograph(front, "hard", np.random.default_rng(seed)).encode() for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_file_is_a_jpeg_of_the_picture(front: Pixels) -> None:
    taken = photograph(front, "photo", np.random.default_rng(1))
    content = taken.encode()
    assert content[:3] == b"\xff\xd8\xff"
    back = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert back.shape == taken.pixels.shape


def test_conditions_do_what_their_names_say(front: Pixels) -> None:
    taken = {
        name: [photograph(front, name, np.random.default_rng((9, seed))) for seed in range(2)]
        for name in ("photo", "low_light", "blur", "glare", "jpeg")
    }

    def mean(name: str) -> float:
        return float(np.mean([one.pixels.mean() for one in taken[name]]))

    def edges(name: str) -> float:
        return float(np.mean([cv2.Laplacian(cut_out(one.pixels, one.quad), cv2.CV_64F).var() for one in taken[name]]))

    def burnt(name: str) -> float:
        return max(float((cut_out(one.pixels, one.quad) >= 250).mean()) for one in taken[name])

    assert mean("low_light") < 0.6 * mean("photo")
    assert edges("blur") < 0.5 * edges("photo")
    assert burnt("glare") > 0.005 + burnt("photo")
    assert max(one.jpeg_quality for one in taken["jpeg"]) <= 40


def test_an_unknown_condition_is_refused(front: Pixels) -> None:
    with pytest.raises(KeyError):
        photograph(front, "nonesuch", np.random.default_rng(1))


def cut_out(pixels: Pixels, quad: np.ndarray) -> np.ndarray:
    flat = np.array([(0, 0), (856, 0), (856, 540), (0, 540)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    return cv2.cvtColor(cv2.warpPerspective(pixels, matrix, (856, 540)), cv2.COLOR_BGR2GRAY)
