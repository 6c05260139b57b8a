"""Pictures that must not pass: what shows no card itself, or not enough of it, is named and never approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from service.engine import Engine
from service.evidence import Role, Side
from service.report import Json
from service.specimens.defects import Subject, spoil
from service.specimens.fonts import Fonts
from service.specimens.photograph import encode_jpeg, photograph
from service.specimens.sample import sample_person, sample_portrait
from service.specimens.telephones import PANELS, Camera, recapture

TODAY = date(2026, 11, 24)
Answer = Callable[[str, Side], Json]


@pytest.fixture(scope="module")
def answer(engine: Engine, sample: dict[str, bytes], assets: Path) -> Answer:
    """The verdict on the sample person with one side spoilt."""
    fonts = Fonts.build(assets)

    def verify(defect: str, side: Side) -> Json:
        subject = Subject(sample_person(), sample_portrait(assets), sample_portrait(assets, "biden.jpg"), side)
        picture = spoil(defect, 3, subject, fonts, np.random.default_rng((21, *defect.encode())))
        files = sample | {side.value: picture.encode()}
        return engine.verify(files["front"], files["back"], files["selfie"], TODAY, None)

    return verify


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("defect", ["photocopy", "screen_recapture"])
def test_a_copy_or_a_screen_is_named_and_asks_for_the_card(answer: Answer, defect: str, side: Side) -> None:
    verdict = answer(defect, side)
    assert verdict["decision"] == "retake"
    (row,) = [reason for reason in verdict["reasons"] if reason["code"] == defect]
    assert row["severity"] == "blocking"
    assert row["capture"] == side.value
    assert len(row["box"]) == 4
    assert row["advice"]["zh"]
    measure = row["measure"]
    worse = measure["value"] <= measure["threshold"] if measure["worse"] == "lower" else None
    assert worse or measure["value"] >= measure["threshold"]


@pytest.mark.parametrize("side", list(Side))
def test_a_telephone_is_named_by_what_only_the_whole_picture_shows(
    engine: Engine, sample: dict[str, bytes], assets: Path, side: Side
) -> None:
    subject = Subject(sample_person(), sample_portrait(assets), sample_portrait(assets), side)
    rng = np.random.default_rng(2)
    shown = photograph(subject.card(Fonts.build(assets)), "photo", rng)
    camera = Camera(megapixels=12, share=0.6, focus=1.0, binned=True)
    pixels, _ = recapture(shown.pixels, shown.quad, PANELS[0], camera, rng)
    files = sample | {side.value: encode_jpeg(pixels, 90)}
    verdict = engine.verify(files["front"], files["back"], files["selfie"], TODAY, None)
    assert verdict["decision"] == "retake"
    (row,) = [reason for reason in verdict["reasons"] if reason["code"] == "screen_recapture"]
    assert row["measure"]["name"] == "fine_grid_strength"
    alone = engine.read(files[side.value])
    assert [alert["code"] for alert in alone["alerts"] if alert["severity"] == "blocking"] == ["screen_recapture"]
    judged = engine.judge(files[side.value], Role(side.value), TODAY)
    assert "screen_recapture" in [finding["code"] for finding in judged["findings"]]


@pytest.mark.parametrize("defect", ["occluded", "blurred", "too_dark", "border_incomplete"])
def test_a_card_of_which_too_little_is_seen_is_retaken(answer: Answer, defect: str) -> None:
    assert answer(defect, Side.FRONT)["decision"] == "retake"


def test_the_good_pictures_raise_nothing(engine: Engine, sample: dict[str, bytes]) -> None:
    verdict = engine.verify(sample["front"], sample["back"], sample["selfie"], TODAY, None)
    assert verdict["document"]["front"]["alerts"] == []
    assert verdict["document"]["back"]["alerts"] == []
