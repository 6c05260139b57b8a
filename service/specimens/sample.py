"""The built-in sample person, whom `scripts/serve` verifies when it is ready: invented data, public portraits."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import cv2
import numpy as np

from service.evidence import Pixels
from service.specimens.people import Person, check_character
from service.specimens.portraits import id_portrait, widen

# Official photos of the United States government, from the source archive of PyPI `face_recognition` 1.3.0 (MIT).
# The heads are given crown to chin, ear to ear, in pixels of each photo.
_PORTRAITS = {"obama2.jpg": (222, 150, 528, 590), "biden.jpg": (385, 62, 735, 530), "obama.jpg": (358, 20, 640, 425)}


def sample_person() -> Person:
    """Always the same, valid for good."""
    first_17 = "11010519680316041"
    return Person(
        name="苏明远",
        sex="男",
        ethnicity="汉",
        birth_date=date(1968, 3, 16),
        address="北京市朝阳区光明路128号翠湖苑6号楼2单元1103室",
        number=first_17 + check_character(first_17),
        authority="北京市公安局朝阳分局",
        valid_from=date(2016, 5, 9),
        valid_until=None,
    )


def sample_portrait(assets: Path, name: str = "obama2.jpg") -> Pixels:
    """The card's portrait, BGR (376, 300, 3). `assets`: the folder `hecha models fetch` fills."""
    return id_portrait(_load(assets, name), _PORTRAITS[name])


def sample_selfie(assets: Path) -> Pixels:
    """Another photo of the sample portrait's person with room around the face, BGR."""
    return widen(_load(assets, "obama.jpg"), sides=0.0, top=0.2)


def stranger_selfie(assets: Path) -> Pixels:
    """Somebody else with room around the face, BGR."""
    return widen(_load(assets, "biden.jpg")[:1200], sides=0.0, top=0.2)


def sample_portraits(assets: Path, count: int) -> list[Pixels]:
    """Up to `count` portraits (there are three), for cards on which the face does not matter."""
    return [sample_portrait(assets, name) for name in list(_PORTRAITS)[:count]]


def _load(assets: Path, name: str) -> Pixels:
    photo = cv2.imread(str(assets / name), cv2.IMREAD_COLOR)
    if photo is None:
        raise FileNotFoundError(f"{name} is missing from {assets.name}: run `hecha models fetch`")
    return np.asarray(photo, dtype=np.uint8)
