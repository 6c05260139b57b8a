"""One against many finds who is there, and nobody who was removed."""

from __future__ import annotations

import numpy as np
import pytest

from service.faces.gallery import Candidate, Gallery


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    vectors = rng.normal(size=(count, 512)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def near(vector: np.ndarray, similarity: float, rng: np.random.Generator) -> np.ndarray:
    """A unit vector whose cosine with `vector` is `similarity`."""
    other = unit(rng, 1)[0]
    other -= (other @ vector) * vector
    other /= np.linalg.norm(other)
    return np.asarray(similarity * vector + np.sqrt(1 - similarity**2) * other, np.float32)


@pytest.fixture
def gallery() -> Gallery:
    made = Gallery(512, "ab")
    made.add([f"p{n}" for n in range(30_000)], unit(np.random.default_rng(1), 30_000))
    return made


def test_the_person_is_found_at_the_similarity_they_have(gallery: Gallery) -> None:
    rng = np.random.default_rng(2)
    target = unit(rng, 1)[0]
    gallery.add(["target"], target[None])
    for similarity in (0.95, 0.6, 0.45):
        found = gallery.search(near(target, similarity, rng), 0.4)
        assert [candidate.id for candidate in found] == ["target"]
        assert found[0].similarity == pytest.approx(similarity, abs=2e-3)
    assert gallery.search(near(target, 0.38, rng), 0.4) == ()


def test_the_short_list_loses_nobody_against_comparing_all(gallery: Gallery) -> None:
    rng = np.random.default_rng(3)
    targets = unit(rng, 50)
    gallery.add([f"t{n}" for n in range(50)], targets)
    found = [gallery.search(near(target, 0.45, rng), 0.4) for target in targets]
    assert [one[0].id if one else None for one in found] == [f"t{n}" for n in range(50)]


def test_the_most_alike_come_first_and_no_more_than_asked(gallery: Gallery) -> None:
    rng = np.random.default_rng(4)
    probe = unit(rng, 1)[0]
    gallery.add(["far", "nearest", "middle"], np.stack([near(probe, s, rng) for s in (0.5, 0.9, 0.7)]))
    assert [one.id for one in gallery.search(probe, 0.4)] == ["nearest", "middle", "far"]
    assert [one.id for one in gallery.search(probe, 0.4, limit=1)] == ["nearest"]


def test_who_is_removed_is_not_found_and_the_rest_is(gallery: Gallery) -> None:
    rng = np.random.default_rng(5)
    targets = unit(rng, 3)
    gallery.add(["a", "b", "c"], targets)
    size = len(gallery)
    assert gallery.remove("a")
    assert not gallery.remove("a")
    assert len(gallery) == size - 1
    assert gallery.search(targets[0], 0.4) == ()
    assert [gallery.search(target, 0.4)[0].id for target in targets[1:]] == ["b", "c"]
    assert gallery.remove("p0")
    assert gallery.search(targets[2], 0.4)[0].id == "c"


def test_an_id_has_one_template() -> None:
    rng = np.random.default_rng(6)
    gallery, vectors = Gallery(512, "ab"), unit(rng, 2)
    gallery.add(["a"], vectors[:1])
    gallery.add(["a"], vectors[1:])
    assert len(gallery) == 1
    assert gallery.search(vectors[0], 0.4) == ()
    assert gallery.search(vectors[1], 0.4) == (Candidate("a", 1.0),)


def test_an_empty_gallery_finds_nobody() -> None:
    assert Gallery(512, "ab").search(unit(np.random.default_rng(7), 1)[0], -1.0) == ()
