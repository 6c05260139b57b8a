"""Instruments are drawn reproducibly, with their edges in the frame or out of it, and stay pictures."""

from __future__ import annotations

import numpy as np
import pytest

from service.liveness.moire import pattern
from service.specimens.presentations import INSTRUMENTS, present
from service.specimens.sample import sample_selfie
from tests.specimens.conftest import ASSETS


@pytest.mark.parametrize("species", INSTRUMENTS)
def test_a_picture_is_shown_and_again_alike(species: str) -> None:
    photo = sample_selfie(ASSETS)
    one, again, other = (present(photo, species, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert one.shape != other.shape or np.any(one != other)
    assert one.dtype == np.uint8
    assert one.std() > 10


def test_a_screen_seen_close_has_a_grid_and_a_print_none() -> None:
    photo = sample_selfie(ASSETS)
    screen, paper = (present(photo, species, np.random.default_rng(4)) for species in ("screen_close", "print_close"))
    assert pattern(screen).brightness > pattern(paper).brightness + 1


def test_an_unknown_species_is_refused() -> None:
    with pytest.raises(KeyError):
        present(sample_selfie(ASSETS), "hologram", np.random.default_rng(1))
