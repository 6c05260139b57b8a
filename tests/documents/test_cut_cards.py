"""Cards of which the picture's frame has cut a part off, read from end to end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from service.documents.alerts import CUT_BY_PRINT
from service.documents.reader import DocumentReader
from service.evidence import Finding, Picture, Pixels, Side
from service.runtime.weights import Weights
from service.specimens.defects import Subject, spoil
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person, sample_portrait


@pytest.fixture(scope="module")
def reader(weights: Weights) -> DocumentReader:
    return DocumentReader.build(weights, 2)


@pytest.fixture(scope="module")
def subject(assets: Path) -> Subject:
    return Subject(sample_person(), sample_portrait(assets), sample_portrait(assets, "biden.jpg"), Side.FRONT)


def alerts(reader: DocumentReader, pixels: Pixels) -> dict[str, Finding]:
    height, width = pixels.shape[:2]
    return {one.code: one for one in reader.read(Picture(pixels, 1.0, width, height, "JPEG", "0" * 64)).alerts}


@pytest.mark.parametrize(("level", "seed"), [(2, 6), (3, 5), (3, 6)])
def test_print_says_that_a_card_goes_on_where_its_outline_ends_too_early(
    reader: DocumentReader, subject: Subject, assets: Path, level: int, seed: int
) -> None:
    cut = spoil("border_incomplete", level, subject, Fonts.build(assets), np.random.default_rng(seed))
    found = alerts(reader, cut.pixels)["border_incomplete"]
    assert found.measure is not None
    assert found.measure.threshold == CUT_BY_PRINT
    assert found.measure.value == pytest.approx({2: 0.13, 3: 0.23}[level], abs=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_a_card_seen_from_the_side_is_whole(reader: DocumentReader, subject: Subject, assets: Path, seed: int) -> None:
    """The picture ends right beside the card, as close as a person holds it."""
    taken = photograph(subject.card(Fonts.build(assets)), "perspective", np.random.default_rng(seed))
    (x0, y0), (x1, y1) = taken.quad.min(axis=0).astype(int) - 12, taken.quad.max(axis=0).astype(int) + 12
    tight = np.ascontiguousarray(taken.pixels[max(y0, 0) : y1, max(x0, 0) : x1])
    assert "border_incomplete" not in alerts(reader, tight)
