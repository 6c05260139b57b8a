"""`POST /v1/documents`: one or two pictures in, what they say out, nothing kept."""

from __future__ import annotations

from datetime import date

import pytest

from service.errors import EngineBusy, EngineFailed, PictureCorrupt
from service.web import Limits, Wish, examples

from .conftest import PICTURE, House, Opener


@pytest.mark.parametrize("sides", [("front",), ("back",), ("front", "back")])
def test_one_picture_or_two_are_read_as_they_came(house: House, sides: tuple[str, ...]) -> None:
    answer = house.read(*sides)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == examples.DOCUMENT
    front, back = (PICTURE + side.encode() if side in sides else None for side in ("front", "back"))
    assert house.reader.calls == [(front, back, Wish())]


def test_the_options_reach_the_reader(house: House) -> None:
    options = {"today": "2031-02-28", "kind": "cn_resident_id", "card_image": True, "portrait_image": True}
    assert house.read("front", options=options).status_code == 200
    assert house.reader.calls[0][2] == Wish(date(2031, 2, 28), "cn_resident_id", True, True)


@pytest.mark.parametrize(
    ("options", "status", "field", "code"),
    [
        ({"kind": "library_card"}, 422, "options.kind", "invalid"),
        ({"kind": 1}, 422, "options.kind", "invalid"),
        ({"card_image": "yes"}, 422, "options.card_image", "invalid"),
        ({"portrait_image": 1}, 422, "options.portrait_image", "invalid"),
        ({"today": "tomorrow"}, 422, "options.today", "invalid"),
        ({"phone": "+8613800138000"}, 422, "options", "unknown_key"),
        ("{", 400, "options", "json_invalid"),
    ],
)
def test_options_are_read_strictly(house: House, options: object, status: int, field: str, code: str) -> None:
    answer = house.read("front", options=options)
    assert answer.status_code == status
    assert answer.json()["errors"] == [{"field": field, "code": code}]
    assert house.reader.calls == []


def test_without_a_picture_the_front_is_asked_for(house: House) -> None:
    answer = house.read(options={})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"] == [{"field": "front", "code": "missing"}]


def test_a_selfie_is_no_part_of_a_document(house: House) -> None:
    answer = house.read("front", "selfie")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "body", "code": "unknown_part"}]


def test_a_body_that_is_no_multipart_is_refused(house: House) -> None:
    answer = house.post_raw(PICTURE, "image/jpeg", "/v1/documents")
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


def test_a_body_over_the_limit_is_refused(open_house: Opener) -> None:
    house = open_house(Limits(upload_bytes=200))
    answer = house.read("front", "back")
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_picture_over_the_limit_is_named(open_house: Opener) -> None:
    house = open_house(Limits(picture_bytes=10))
    answer = house.read("back")
    assert answer.status_code == 413
    assert answer.json()["errors"] == [{"field": "back", "code": "picture_too_large"}]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (PictureCorrupt(role="back"), 422, "picture_corrupt"),
        (EngineBusy(retry_after_s=2), 503, "engine_busy"),
        (EngineFailed(), 500, "engine_failed"),
        (RuntimeError("secret"), 500, "internal_error"),
    ],
)
def test_errors_are_problems(house: House, error: Exception, status: int, code: str) -> None:
    house.reader.error = error
    answer = house.read("front", "back")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


def test_before_the_engines_are_warm_nothing_is_read(house: House) -> None:
    house.state["ready"] = False
    assert house.read("front").json()["code"] == "not_ready"
    assert house.reader.calls == []


def test_nothing_is_stored_and_nothing_read_is_logged(house: House) -> None:
    house.read("front", "back")
    assert house.cases() == 0
    (line,) = house.logged()
    assert (line["route"], line["status"]) == ("/v1/documents", 200)
    assert "苏明远" not in house.log.getvalue()
    assert "11010519491231002X" not in house.log.getvalue()
