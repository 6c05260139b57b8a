"""One or two pictures of a document to everything they say, with real models."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents.cn_number import check_character
from service.documents.reader import DocumentReader
from service.engine import Engine
from service.errors import PictureError
from service.evidence import DOCUMENT_KINDS, Pixels
from service.pipeline import DocumentQuestion
from service.report import Json
from service.specimens.fonts import Fonts
from service.specimens.hmt_permits import Permit, draw_residence_back, draw_residence_front
from service.specimens.people import Person, invent_person
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person, sample_portraits

TODAY = date(2026, 11, 24)


def outcomes(answer: Json) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in answer["checks"]}


def test_both_sides_answer_every_question(engine: Engine, sample: dict[str, bytes]) -> None:
    answer = engine.document(sample["front"], sample["back"], DocumentQuestion(TODAY, "cn_resident_id"))
    person = sample_person()
    assert answer["fields"] == person.front() | person.back()
    assert (answer["front"]["side"], answer["back"]["side"]) == ("front", "back")
    assert set(outcomes(answer).values()) == {"pass"}
    assert {"sides", "validity_span", "authority_region", "number_region", "generation", "kind"} <= set(
        outcomes(answer)
    )
    assert answer["today"] == "2026-11-24"
    assert answer["elapsed_ms"] > 0
    assert "card_image" not in answer["front"]


def test_one_side_answers_what_it_can(engine: Engine, sample: dict[str, bytes]) -> None:
    front = engine.document(sample["front"], None, DocumentQuestion(TODAY))
    assert front["back"] is None
    assert set(outcomes(front).values()) == {"pass"}
    assert {"document_front", "region_code", "number_region"} <= set(outcomes(front))
    assert not {"document_back", "sides", "validity", "authority_region", "kind"} & set(outcomes(front))
    back = engine.document(None, sample["back"], DocumentQuestion(TODAY))
    assert back["front"] is None
    assert {"document_back", "validity", "expiring", "generation"} <= set(outcomes(back))
    assert set(outcomes(back).values()) == {"pass"}


def test_a_picture_by_itself_answers_the_same(engine: Engine, sample: dict[str, bytes]) -> None:
    for role, pictures in (("front", (sample["front"], None)), ("back", (None, sample["back"]))):
        alone = engine.read(sample[role], today=TODAY)
        assert alone["checks"] == engine.document(*pictures, DocumentQuestion(TODAY))["checks"]
    expired = {check["name"]: check for check in engine.read(sample["back"], today=date(2003, 1, 1))["checks"]}
    assert expired["validity"]["reasons"] == ["not_yet_valid"]


def test_crops_come_on_request(engine: Engine, sample: dict[str, bytes]) -> None:
    question = DocumentQuestion(TODAY, card_image=True, portrait_image=True)
    answer = engine.document(sample["front"], sample["back"], question)
    card = cv2.imdecode(np.frombuffer(base64.b64decode(answer["front"]["card_image"]), np.uint8), cv2.IMREAD_COLOR)
    assert card is not None
    assert card.shape[1] / card.shape[0] == pytest.approx(1.585, rel=0.05)
    again = engine.read(cv2.imencode(".png", card)[1].tobytes())
    assert {name: row["value"] for name, row in again["fields"].items()} == sample_person().front()
    assert base64.b64decode(answer["front"]["portrait_image"])[:3] == b"\xff\xd8\xff"
    assert answer["back"]["portrait_image"] is None


def test_a_picture_under_the_wrong_name_is_named(engine: Engine, sample: dict[str, bytes]) -> None:
    answer = engine.document(sample["back"], None, DocumentQuestion(TODAY))
    (side,) = (check for check in answer["checks"] if check["name"] == "document_front")
    assert (side["outcome"], side["reasons"]) == ("fail", ["wrong_side"])


def test_what_is_no_document_is_said(engine: Engine) -> None:
    blank = cv2.imencode(".png", np.full((600, 900, 3), 180, np.uint8))[1].tobytes()
    answer = engine.document(blank, None, DocumentQuestion(TODAY, "cn_resident_id", True, True))
    assert (answer["kind"], answer["fields"], answer["front"]["card_image"]) == (None, {}, None)
    assert outcomes(answer) == {"document_front": "unknown", "kind": "unknown"}
    assert engine.read(blank, TODAY)["checks"] == []


@pytest.mark.parametrize("role", ["front", "back"])
def test_bytes_that_are_no_picture_name_their_part(engine: Engine, sample: dict[str, bytes], role: str) -> None:
    pictures = {"front": sample["front"], "back": sample["back"]} | {role: b"not a picture"}
    with pytest.raises(PictureError) as caught:
        engine.document(pictures["front"], pictures["back"], DocumentQuestion(TODAY))
    assert caught.value.role == role


def test_the_kinds_a_caller_can_ask_for_are_those_that_are_read(engine: Engine) -> None:
    documents = engine.engines.documents
    assert isinstance(documents, DocumentReader)
    read = {kind.name for kind in (*documents.kinds, *documents.travel.kinds)}
    assert read == set(DOCUMENT_KINDS)


@pytest.mark.parametrize(("permit", "agree"), [("01234567", "pass"), ("H12345678", "fail")])
def test_two_sides_of_a_permit_are_held_against_each_other(
    engine: Engine, assets: Path, permit: str, agree: str
) -> None:
    holder, fonts = permit_holder(), Fonts.build(assets)
    front = draw_residence_front(holder, sample_portraits(assets, 1)[0], fonts)
    back = draw_residence_back(holder, Permit("台湾居民居住证", permit, 1), fonts)
    answer = engine.document(jpeg(front), jpeg(back), DocumentQuestion(TODAY))
    found = outcomes(answer)
    assert found["sides_agree"] == agree
    assert [found[name] for name in ("sides", "validity", "expiring", "issue_date")] == ["pass"] * 4


def permit_holder() -> Person:
    """A resident of Taiwan with a permit until 3 March 2027."""
    person = invent_person(np.random.default_rng(42), TODAY, ages=(18, 60))
    first = f"830000{person.birth_date:%Y%m%d}00{person.number[16]}"
    return replace(
        person, number=first + check_character(first), valid_from=date(2022, 3, 4), valid_until=date(2027, 3, 3)
    )


def jpeg(card: Pixels) -> bytes:
    """The card photographed."""
    seen = photograph(card, "photo", np.random.default_rng(7))
    return cv2.imencode(".jpg", seen.pixels)[1].tobytes()
