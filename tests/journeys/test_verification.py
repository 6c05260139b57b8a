"""One verification on real input: the sample person passes, and nobody passes with anything that is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from service.engine import Engine
from service.errors import PictureError
from service.evidence import CarrierMatch, Claim, Role
from service.faces.engine import FaceEngine
from service.report import Json
from service.runtime.weights import Weights
from service.specimens.cases import Holder, true_case
from service.specimens.covers import cover
from service.specimens.faults import FAULTS, faulty_case
from service.specimens.fonts import Fonts
from service.specimens.holders import london_holders
from service.specimens.photograph import encode_jpeg
from service.specimens.sample import sample_person, sample_portrait, sample_selfie, stranger_selfie

TODAY = date(2026, 11, 24)


def run(engine: Engine, files: dict[str, bytes]) -> Json:
    return engine.verify(files["front"], files["back"], files["selfie"], TODAY, None)


def test_the_sample_person_is_approved_with_every_field_right(engine: Engine, sample: dict[str, bytes]) -> None:
    answer = engine.verify(sample["front"], sample["back"], sample["selfie"], TODAY, None)
    assert answer["decision"] == "approved"
    assert {check["outcome"] for check in answer["checks"]} == {"pass"}
    person = sample_person()
    assert answer["document"]["fields"] == person.front() | person.back()
    assert answer["comparison"]["similarity"] > answer["comparison"]["threshold"]
    assert answer["liveness"]["decision"] == "bona_fide"


def test_same_input_same_answer_byte_for_byte(engine: Engine, sample: dict[str, bytes]) -> None:
    first, second = (json.dumps(run(engine, sample)) for _ in range(2))
    assert first == second


def test_a_stranger_is_not_approved(engine: Engine, sample: dict[str, bytes], assets: Path) -> None:
    answer = engine.verify(sample["front"], sample["back"], encode_jpeg(stranger_selfie(assets)), TODAY, None)
    assert answer["decision"] in {"declined", "review"}
    assert answer["reasons"][0]["code"] in {"face_mismatch", "face_uncertain"}
    assert answer["comparison"]["match"] is False


@pytest.mark.parametrize(("said", "decision"), [("match", "approved"), ("mismatch", "review")])
def test_what_the_carrier_said_is_in_the_verdict(
    engine: Engine, sample: dict[str, bytes], said: CarrierMatch, decision: str
) -> None:
    claim = Claim(sample_person().name, None, said)
    answer = engine.verify(sample["front"], sample["back"], sample["selfie"], TODAY, True, claim)
    assert answer["decision"] == decision
    outcomes = {check["name"]: check["outcome"] for check in answer["checks"]}
    assert outcomes["carrier_match"] == ("pass" if said == "match" else "fail")


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_approved(engine: Engine, weights: Weights, assets: Path, fault: str) -> None:
    rng = np.random.default_rng(11)
    selfie, faces = sample_selfie(assets), FaceEngine.build(weights, 1)
    mesh = faces.gauge.landmarks.view(selfie, faces.find(selfie)[0]).mesh()[:, :2]
    holder = Holder("sample", sample_portrait(assets), selfie, mesh=mesh)
    stranger = Holder("stranger", sample_portrait(assets, "biden.jpg"), stranger_selfie(assets))
    case = faulty_case(fault, (holder, stranger), Fonts.build(assets), TODAY, "photo", rng)
    answer = run(engine, case.files())
    assert answer["decision"] != "approved", fault
    assert answer["reasons"], fault


def test_lips_printed_on_a_mask_are_seen_through(
    engine: Engine, weights: Weights, assets: Path, shared_data: Path
) -> None:
    """They pass the gate and the face is alike enough: only the comparison says that the mouth is no part of it."""
    holder, faces = list(london_holders(shared_data / "face_london_dev"))[3], FaceEngine.build(weights, 1)
    mesh = faces.gauge.landmarks.view(holder.selfie, faces.find(holder.selfie)[0]).mesh()[:, :2]
    case = true_case(sample_person(), holder, Fonts.build(assets), "photo", np.random.default_rng(1))
    masked = cover(holder.selfie, mesh, "mask_printed_mouth", np.random.default_rng(1))
    answer = run(engine, case.files() | {"selfie": encode_jpeg(masked)})
    assert answer["comparison"]["match"] is True
    assert answer["decision"] == "retake"
    (reason,) = answer["reasons"]
    assert (reason["code"], reason["measure"]["name"]) == ("face_covered", "mouth_share")


@pytest.mark.parametrize("role", ["front", "back", "selfie"])
def test_blank_pictures_ask_for_another(engine: Engine, sample: dict[str, bytes], role: str) -> None:
    blank = encode_jpeg(np.full((600, 800, 3), 127, np.uint8))
    answer = run(engine, sample | {role: blank})
    assert answer["decision"] == "retake"


@pytest.mark.parametrize("role", ["front", "back", "selfie"])
def test_bytes_that_are_no_picture_are_an_error_naming_the_part(
    engine: Engine, sample: dict[str, bytes], role: str
) -> None:
    with pytest.raises(PictureError) as caught:
        run(engine, sample | {role: b"not a picture"})
    assert caught.value.role == role
    assert caught.value.code == "picture_type_unsupported"


def test_swapped_sides_are_named(engine: Engine, sample: dict[str, bytes]) -> None:
    answer = run(engine, sample | {"front": sample["back"], "back": sample["front"]})
    assert answer["decision"] == "retake"
    assert "wrong_side" in [reason["code"] for reason in answer["reasons"]]


def test_without_biometrics_a_true_holder_goes_to_a_person(engine: Engine, sample: dict[str, bytes]) -> None:
    answer = engine.verify(sample["front"], sample["back"], None, TODAY, None)
    assert answer["decision"] == "review"
    assert [reason["code"] for reason in answer["reasons"]] == ["face_not_compared"]
    assert (answer["comparison"], answer["liveness"]) == (None, None)


@pytest.mark.parametrize(
    ("role", "shown", "accepted", "codes"),
    [
        (Role.FRONT, "front", True, []),
        (Role.BACK, "back", True, []),
        (Role.SELFIE, "selfie", True, []),
        (Role.BACK, "front", False, ["wrong_side"]),
        (Role.FRONT, "selfie", False, ["not_a_document"]),
        (Role.SELFIE, "back", False, ["face_not_found"]),
    ],
)
def test_one_picture_is_judged_by_itself(
    engine: Engine, sample: dict[str, bytes], role: Role, shown: str, accepted: bool, codes: list[str]
) -> None:
    judged = engine.judge(sample[shown], role, TODAY)
    assert (judged["accepted"], [finding["code"] for finding in judged["findings"]]) == (accepted, codes)
    if shown == "front":
        assert judged["fields"] == sample_person().front()
