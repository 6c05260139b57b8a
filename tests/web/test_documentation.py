from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from service.errors import leaves
from service.web import examples, fields, schemas, session_examples, session_schemas

from .conftest import House

ROUTES = {
    ("post", "/v1/documents"),
    ("post", "/v1/verifications"),
    ("get", "/v1/verifications"),
    ("get", "/v1/verifications/{id}"),
    ("delete", "/v1/verifications/{id}"),
    ("put", "/v1/verifications/{id}/captures/{side}"),
    ("put", "/v1/verifications/{id}/consent"),
    ("delete", "/v1/verifications/{id}/consent"),
    ("post", "/v1/verifications/{id}/capture-token"),
    ("post", "/v1/verifications/{id}/submit"),
    ("get", "/v1/gallery"),
    ("put", "/v1/gallery"),
    ("delete", "/v1/gallery"),
    ("delete", "/v1/verifications/{id}/template"),
    ("post", "/v1/verifications/{id}/blocklist"),
    ("get", "/v1/blocklist"),
    ("delete", "/v1/blocklist/{id}"),
    ("post", "/v1/phone/codes"),
    ("post", "/v1/phone/codes/{id}/check"),
    ("post", "/v1/webhooks"),
    ("get", "/v1/webhooks"),
    ("delete", "/v1/webhooks/{id}"),
    ("post", "/v1/webhooks/{id}/rotate"),
    ("post", "/v1/webhooks/{id}/enable"),
    ("get", "/v1/webhook-deliveries"),
    ("post", "/v1/webhook-deliveries/{id}/redeliver"),
    ("get", "/healthz"),
    ("get", "/readyz"),
}


@pytest.fixture
def schema(house: House) -> dict[str, Any]:
    document: dict[str, Any] = house.client.get("/openapi.json").json()
    return document


def _operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(verb, path): each for path, verbs in schema["paths"].items() for verb, each in verbs.items()}


def test_every_route_is_documented(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    assert _operations(schema).keys() == ROUTES
    assert all(each["description"] for each in _operations(schema).values())


def test_every_answer_has_an_example(schema: dict[str, Any]) -> None:
    for operation in _operations(schema).values():
        for status, answer in operation["responses"].items():
            if status == "204":
                assert "content" not in answer
                continue
            ((media, content),) = answer["content"].items()
            assert media == ("application/json" if status < "400" else "application/problem+json")
            assert content.get("example") or content.get("examples")


def test_what_passes_says_when_to_come_again(schema: dict[str, Any]) -> None:
    for operation in _operations(schema).values():
        for status, answer in operation["responses"].items():
            if status < "400":
                continue
            (content,) = answer["content"].values()
            passing = [each["value"]["retryable"] for each in content["examples"].values()]
            header = answer.get("headers", {}).get("Retry-After")
            assert (header is not None) is any(passing)
            assert header is None or header["required"] is all(passing)


def test_every_reference_is_resolved(schema: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(schema)))
    assert names <= schema["components"]["schemas"].keys()
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_the_key_is_asked_for_exactly_under_v1(schema: dict[str, Any]) -> None:
    for (_, path), operation in _operations(schema).items():
        assert bool(operation.get("security")) is path.startswith("/v1/")


def test_the_examples_are_what_they_exemplify() -> None:
    schemas.Verification.model_validate(examples.VERIFICATION)
    schemas.Options.model_validate(examples.OPTIONS)
    fields.Consent.model_validate(session_examples.CONSENT)
    session_schemas.OpenCase.model_validate(session_examples.OPENING)
    session_schemas.CaseOpened.model_validate(session_examples.OPENED)
    session_schemas.CaptureJudged.model_validate(session_examples.JUDGED)
    session_schemas.Case.model_validate(session_examples.CASE)
    session_schemas.Case.model_validate(session_examples.SUBMITTED)
    session_schemas.Submission.model_validate(session_examples.SUBMISSION)
    session_schemas.ApplicantVerdict.model_validate(session_examples.APPLICANT_VERDICT)
    session_schemas.CasePage.model_validate(session_examples.PAGE)
    schemas.Document.model_validate(examples.DOCUMENT)
    schemas.DocumentOptions.model_validate(examples.DOCUMENT_OPTIONS)
    schemas.CodeSent.model_validate(examples.CODE_SENT)
    schemas.CodeTried.model_validate(examples.CODE_TRIED)
    schemas.Ready.model_validate(examples.READY)
    schemas.WebhookWithSecret.model_validate(examples.WEBHOOK_WITH_SECRET)
    schemas.Delivery.model_validate(examples.DELIVERY)


def test_the_page_needs_nothing_from_outside(house: House) -> None:
    page = house.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    # An address in an example is text.
    text = re.sub(r"<pre>.*?</pre>", "", page.text, flags=re.DOTALL)
    assert not re.findall(r"(?:https?:)?//\w|<script|<link|<img|@import|url\(", text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for verb, path in ROUTES:
        assert f'<span class="verb">{verb.upper()}</span> <code>{path}</code>' in page.text


def test_the_page_says_how_to_call(house: House) -> None:
    page = unescape(house.client.get("/docs").text)
    assert "-F front=@front.jpg -F back=@back.jpg -F selfie=@selfie.jpg $HECHA_URL/v1/verifications" in page
    assert "-F front=@front.jpg -F back=@back.jpg $HECHA_URL/v1/documents" in page
    assert "-X PUT" in page
    assert "--data-binary @picture.jpg $HECHA_URL/v1/verifications/{id}/captures/{side}" in page
    assert """--json '{"phone": "+8613800138000"}' $HECHA_URL/v1/phone/codes""" in page


def test_all_errors_are_on_one_page(house: House) -> None:
    page = house.client.get("/problems").text
    assert [error.code for error in leaves() if f'id="{error.code}"' not in page] == []


def test_an_undocumented_status_is_never_answered(house: House, schema: dict[str, Any]) -> None:
    responses = _operations(schema)[("post", "/v1/verifications")]["responses"]
    seen = {house.verify().status_code, house.verify("{").status_code, house.post_raw(b"x").status_code}
    assert {str(status) for status in seen} <= responses.keys()
    responses = _operations(schema)[("post", "/v1/documents")]["responses"]
    seen = {house.read("front").status_code, house.read().status_code, house.read("front", options="{").status_code}
    assert {str(status) for status in seen} <= responses.keys()
