"""A whole case of specimens: front, back and selfie of one person, as three files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.card import draw_back, draw_front
from service.specimens.fonts import Fonts
from service.specimens.people import Person
from service.specimens.photograph import Photograph, encode_jpeg, photograph
from service.specimens.sample import sample_person, sample_portrait, sample_selfie


@dataclass(frozen=True, slots=True)
class Holder:
    """A face twice: the portrait the card prints and another photo, taken as a selfie. BGR."""

    identity: str = field(repr=False)
    portrait: Pixels = field(repr=False)
    selfie: Pixels = field(repr=False)
    sex: str | None = None
    """男, 女, or not told."""
    group: str = ""
    """Whom this face is easily mistaken for: holders of the same group."""
    mesh: NDArray[np.float32] | None = field(default=None, repr=False)
    """The selfie's, as `covers.Mesh`; masks are drawn by it."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a person would send. `fault` is None for a true holder, else a name of `faults.FAULTS`."""

    person: Person
    front: Photograph
    back: Photograph
    selfie: Pixels = field(repr=False)
    fault: str | None = None

    def files(self) -> dict[str, bytes]:
        """The JPEG files by role: front, back, selfie."""
        return {"front": self.front.encode(), "back": self.back.encode(), "selfie": encode_jpeg(self.selfie)}

    def write(self, folder: Path, name: str) -> dict[str, Path]:
        """Write `name`_front.jpg, ... into `folder`; answers the paths by role."""
        paths = {role: folder / f"{name}_{role}.jpg" for role in ("front", "back", "selfie")}
        for role, content in self.files().items():
            paths[role].write_bytes(content)
        return paths


def true_case(person: Person, holder: Holder, fonts: Fonts, condition: str, rng: np.random.Generator) -> Case:
    """The holder of a genuine card, both sides taken under `condition`."""
    front = photograph(draw_front(person, holder.portrait, fonts), condition, rng)
    back = photograph(draw_back(person, fonts), condition, rng)
    return Case(person, front, back, holder.selfie)


def sample_case(assets: Path) -> Case:
    """The built-in sample person: always the same picture. `assets`: the folder `hecha models fetch` fills."""
    holder = Holder("sample", sample_portrait(assets), sample_selfie(assets))
    return true_case(sample_person(), holder, Fonts.build(assets), "photo", np.random.default_rng(35))
