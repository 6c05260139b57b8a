from __future__ import annotations

import pytest

from service.errors import HechaError, InternalError, PictureError, StoreUnavailable, leaves
from service.web import problems

from .conftest import House

KEYS = {"type", "title", "status", "detail", "instance", "code", "retryable"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/nope", 404, "not_found"),
        ("GET", "/healthz/", 404, "not_found"),
        ("GET", "/v1/nope", 404, "not_found"),
        ("GET", "/problems/nope", 404, "not_found"),
        ("PUT", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/v1/verifications", 405, "method_not_allowed"),
        ("GET", "/v1/phone/codes", 405, "method_not_allowed"),
        ("BREW", "/docs", 405, "method_not_allowed"),
        ("POST", "/v1/verifications", 415, "content_type_unsupported"),
        ("POST", "/v1/phone/codes", 415, "content_type_unsupported"),
    ],
)
def test_every_refusal_is_a_problem(house: House, method: str, path: str, status: int, code: str) -> None:
    answer = house.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem.keys() == KEYS
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["instance"] == answer.headers["x-request-id"]


def test_a_405_says_what_is_allowed(house: House) -> None:
    assert house.client.put("/healthz").headers["allow"] == "GET"
    assert house.client.put("/v1/webhooks").headers["allow"] == "GET, POST"
    assert house.client.put("/v1/webhooks/some").headers["allow"] == "DELETE"


def test_what_nobody_expected_says_nothing_of_itself(house: House) -> None:
    house.verifier.error = ValueError("canary 司马 +8613800138000")
    answer = house.verify()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == InternalError().detail
    assert "canary" not in answer.text + house.log.getvalue()
    unhandled = next(line for line in house.log_lines() if line["event"] == "unhandled")
    assert unhandled["request_id"] == answer.json()["instance"]
    assert unhandled["error_type"] == "ValueError"
    assert "conftest.py:" in unhandled["error_where"]
    assert house.verify().status_code == 500, "the connection and the service go on"


@pytest.mark.parametrize("error", leaves(), ids=lambda error: error.code)
def test_every_error_has_a_problem_and_a_page(house: House, error: type[HechaError]) -> None:
    house.verifier.error = error(retry_after_s=9)
    answer = house.verify()
    assert answer.status_code == error.status
    assert answer.json()["code"] == error.code
    assert answer.json()["retryable"] is error.retryable
    assert answer.headers["retry-after"] == "9"
    page = house.client.get(answer.json()["type"], headers={"X-API-Key": ""})
    assert page.status_code == 200
    assert error.code in page.text
    assert "http://" not in page.text


def test_a_database_that_is_gone_is_503(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(house.store.sessions, "get", gone)
    answer = house.client.get("/v1/verifications/ver_1")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "5"


def test_fields_of_pydantics_errors_hold_no_word_of_the_caller() -> None:
    found = [
        {"type": "extra_forbidden", "loc": ("body", "zhangsan")},
        {"type": "extra_forbidden", "loc": ("body", "lisi")},
        {"type": "missing", "loc": ("body", "phone")},
    ]
    assert problems.of_validation(found).fields == (("body", "unknown_key"), ("phone", "missing"))


def test_a_problem_needs_no_role() -> None:
    assert "errors" not in problems.document(PictureError(), "req_1")
