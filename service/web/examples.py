"""Examples for the API's documentation. The person is invented; the number is a specimen."""

from __future__ import annotations

from typing import Any

from service.errors import HechaError, PictureError, PictureMissing, leaves
from service.web import problems

REQUEST_ID = "req_Zm9yIGV4YW1wbGUgb25seQ"

VERIFICATION: dict[str, Any] = {
    "id": "ver_3q2-7wEuHhPsmRGXp0uVJg",
    "created_at": "2026-11-24T09:30:00.000Z",
    "state": "decided",
    "decision": "approved",
    "reasons": [],
    "checks": [
        {"name": "check_character", "outcome": "pass"},
        {"name": "not_expired", "outcome": "pass"},
        {"name": "face_match", "outcome": "pass"},
    ],
    "document": {
        "kind": "cn_resident_id",
        "fields": {"name": "苏明远", "number": "11010519491231002X", "valid_until": "2036-03-01"},
        "front": None,
        "back": None,
    },
    "comparison": {"similarity": 0.63, "threshold": 0.41, "max_fmr": 0.001, "match": True},
    "liveness": {"decision": "bona_fide", "bona_fide_score": 0.97},
    "versions": {"policy": "1"},
    "captures": {
        "document_front": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "document_back": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "selfie": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
    },
}

CONSENT: dict[str, Any] = {
    "purpose": "onboarding",
    "biometric": True,
    "gallery": False,
    "text_version": "2026-11",
    "given_at": "2026-11-24T09:29:41.000Z",
    "channel": "app",
}
OPTIONS: dict[str, Any] = {
    "consent": CONSENT,
    "external_id": "order-4711",
    "claimed_name": "苏明远",
    "phone_code_id": "kN3vU2x9sQf7yqT1b0ZpAw",
}
DOCUMENT_OPTIONS: dict[str, Any] = {"kind": "cn_resident_id", "card_image": True}
DOCUMENT: dict[str, Any] = {
    "kind": "cn_resident_id",
    "fields": {"name": "苏明远", "number": "11010519491231002X"},
    "front": {
        "kind": "cn_resident_id",
        "side": "front",
        "fields": {
            "name": {"value": "苏明远", "text_score": 0.999, "box": [[282, 150], [420, 151], [420, 199], [282, 198]]},
            "number": {
                "value": "11010519491231002X",
                "text_score": 0.998,
                "box": [[412, 601], [902, 604], [901, 640], [411, 637]],
            },
        },
        "alerts": [],
        "checks": [{"name": "check_character", "outcome": "pass", "reasons": [], "measured": {"text_score": 0.998}}],
        "mrz": None,
        "card_box": [[98, 61], [960, 66], [957, 608], [96, 602]],
        "portrait_box": [[640, 120], [930, 122], [928, 500], [638, 498]],
        "route": "rectified",
        "card_image": "/9j/4AAQSkZJRgABAQAAAQABAAD...",
    },
    "back": None,
    "checks": [
        {"name": "document_front", "outcome": "pass", "reasons": [], "measured": {}},
        {"name": "check_character", "outcome": "pass", "reasons": [], "measured": {"text_score": 0.998}},
        {"name": "region_code", "outcome": "pass", "reasons": [], "measured": {"status": "current"}},
        {"name": "kind", "outcome": "pass", "reasons": [], "measured": {"asked": "cn_resident_id"}},
    ],
    "today": "2026-11-24",
    "versions": {"policy": "1"},
    "elapsed_ms": 412.7,
}
PICTURE_ERRORS = tuple(kind for kind in leaves(PictureError) if kind is not PictureMissing)
CODE_SENT: dict[str, Any] = {
    "id": "kN3vU2x9sQf7yqT1b0ZpAw",
    "expires_at": "2026-11-24T09:35:00.000Z",
    "resend_after_s": 60,
    "sandbox": False,
}
CODE_TRIED: dict[str, Any] = {"confirmed": True, "tries_left": 4, "sandbox": False}
WEBHOOK: dict[str, Any] = {
    "id": "whk_8vJ2m0dQy4Rk1tXnB5sLwA",
    "created_at": "2026-11-24T09:30:00.000Z",
    "url": "https://example.com/hecha",
    "failing_since": None,
    "disabled_at": None,
    "disabled_because": None,
}
WEBHOOK_WITH_SECRET: dict[str, Any] = {**WEBHOOK, "secret": "whsec_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgc2VjcmV0IQ=="}
DELIVERY: dict[str, Any] = {
    "id": "msg_0fT6uYb3cZ9eHq7pWkN1gA",
    "webhook_id": WEBHOOK["id"],
    "case_id": VERIFICATION["id"],
    "created_at": "2026-11-24T09:30:00.000Z",
    "state": "dead",
    "tries": 10,
    "problem": "http_503",
    "due_at": "2026-11-27T14:05:00.000Z",
}
READY: dict[str, Any] = {"status": "ready", "parts": {"engines": True, "store": True, "weights": True}}


def picture(description: str) -> dict[str, str]:
    """A part of a multipart body that is a picture."""
    media = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {**media, "description": f"{description} JPEG, PNG, WebP, or HEIC where that extra is installed."}


def form(schema: dict[str, Any], pictures: dict[str, Any], options: str, example: dict[str, Any]) -> dict[str, Any]:
    """A multipart body of pictures and `options`, of the model of that name. `schema`: which parts are required."""
    said = {"$ref": f"#/components/schemas/{options}", "examples": [example]}
    closed = {"type": "object", **schema, "additionalProperties": False, "properties": {**pictures, "options": said}}
    return {"multipart/form-data": {"schema": closed, "encoding": _encoding(*pictures)}}


def _encoding(*pictures: str) -> dict[str, dict[str, str]]:
    """How the parts of a multipart body are written: these pictures, and `options`."""
    types = {name: {"contentType": "image/jpeg, image/png, image/webp"} for name in pictures}
    return {**types, "options": {"contentType": "application/json"}}


def answer(
    description: str, schema: str, example: dict[str, Any], *, then: tuple[str, ...] = (), found_at: str = "/id"
) -> dict[str, Any]:
    """An answer with its example, as OpenAPI wants it.

    `then`: the calls that take what lies at `found_at` (a JSON pointer) as their `id`.
    """
    content = {"schema": _ref(schema), "example": example}
    links = {name: {"operationId": name, "parameters": {"id": f"$response.body#{found_at}"}} for name in then}
    return {
        "description": description,
        "content": {"application/json": content},
        **({"links": links} if links else {}),
    }


def answers(description: str, then: tuple[str, ...], **by_schema: dict[str, Any]) -> dict[str, Any]:
    """An answer of several shapes, each with its example under the name of its schema; `then` as for `answer`."""
    schema = {"anyOf": [_ref(name) for name in by_schema]}
    examples = {name: {"value": example} for name, example in by_schema.items()}
    found = answer(description, "", {}, then=then)
    return {**found, "content": {"application/json": {"schema": schema, "examples": examples}}}


def errors(*kinds: type[HechaError]) -> dict[int | str, dict[str, Any]]:
    """Problems with their examples, by status."""
    answers: dict[int | str, dict[str, Any]] = {}
    for status in sorted({kind.status for kind in kinds}):
        same = [kind for kind in kinds if kind.status == status]
        examples = {kind.code: {"value": problems.document(kind(), REQUEST_ID)} for kind in same}
        answers[status] = {
            "description": " · ".join(problems.title(kind.code) for kind in same),
            "content": {problems.MEDIA_TYPE: {"schema": _ref("Problem"), "examples": examples}},
        }
        passing = [kind.retryable for kind in same]
        if any(passing):
            answers[status]["headers"] = {"Retry-After": {**_RETRY_AFTER, "required": all(passing)}}
    return answers


_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
