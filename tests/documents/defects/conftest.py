"""Views of drawn cards whose corners and lines are known, so that a measurement is tested without the reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.defects.card_view import CardView, view_card
from service.evidence import Pixels, Side
from service.specimens.defects import Subject
from service.specimens.field_places import field_places
from service.specimens.fonts import Fonts
from service.specimens.people import Person, invent_person
from service.specimens.photograph import Photograph, card_to_picture, photograph
from service.specimens.sample import sample_portrait
from service.specimens.stock import HEIGHT, WIDTH

View = Callable[[Pixels, np.ndarray, Side], CardView]


@pytest.fixture(scope="session")
def fonts(assets: Path) -> Fonts:
    return Fonts.build(assets)


@pytest.fixture(scope="session")
def person() -> Person:
    return invent_person(np.random.default_rng(70), date(2026, 11, 24))


@pytest.fixture(scope="session")
def subjects(person: Person, assets: Path) -> dict[Side, Subject]:
    own, other = sample_portrait(assets), sample_portrait(assets, "biden.jpg")
    return {side: Subject(person, own, other, side) for side in Side}


@pytest.fixture(scope="session")
def taken(subjects: dict[Side, Subject], fonts: Fonts) -> Callable[[Side, str], Photograph]:
    """A good photograph of one side."""
    return lambda side, condition: photograph(subjects[side].card(fonts), condition, np.random.default_rng(8))


@pytest.fixture(scope="session")
def view(person: Person) -> View:
    """The view of a card with these corners, its fields where they were drawn."""

    def build(pixels: Pixels, quad: np.ndarray, side: Side) -> CardView:
        to_picture = card_to_picture(quad, (WIDTH, HEIGHT))
        lines = {}
        for name, (x0, y0, x1, y1) in field_places(person, side).items():
            corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64).reshape(-1, 1, 2)
            if name != "portrait":
                lines[name] = (cv2.perspectiveTransform(corners, to_picture).reshape(4, 2).astype(np.float32),)
        return view_card(pixels, quad, side, lines)

    return build
