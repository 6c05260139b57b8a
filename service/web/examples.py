"""Examples for the API's documentation. The person is invented; the number is a specimen."""

from __future__ import annotations

from typing import Any

from service.errors import HechaError
from service.web import problems

REQUEST_ID = "req_Zm9yIGV4YW1wbGUgb25seQ"

VERIFICATION: dict[str, Any] = {
    "id": "ver_3q2-7wEuHhPsmRGXp0uVJg",
    "created_at": "2026-11-24T09:30:00.000Z",
    "decision": "approved",
    "reasons": [],
    "checks": [
        {"name": "check_character", "outcome": "pass"},
        {"name": "not_expired", "outcome": "pass"},
        {"name": "face_match", "outcome": "pass"},
    ],
    "document": {
        "kind": "cn_resident_id",
        "fields": {
            "number": {
                "value": "11010519491231002X",
                "text_score": 0.998,
                "box": [[412, 601], [902, 604], [901, 640], [411, 637]],
            },
            "valid_until": {"value": "2036-03-01", "text_score": 0.997, "box": None},
        },
    },
    "comparison": {"similarity": 0.63, "threshold": 0.41, "max_fmr": 0.001, "match": True},
    "liveness": {"decision": "bona_fide", "bona_fide_score": 0.97},
    "versions": {"policy": "1"},
}

OPTIONS: dict[str, Any] = {"external_id": "order-4711", "phone_code_id": "kN3vU2x9sQf7yqT1b0ZpAw"}
CODE_SENT: dict[str, Any] = {
    "id": "kN3vU2x9sQf7yqT1b0ZpAw",
    "expires_at": "2026-11-24T09:35:00.000Z",
    "resend_after_s": 60,
}
CODE_TRIED: dict[str, Any] = {"confirmed": True, "tries_left": 4}
READY: dict[str, Any] = {"status": "ready", "parts": {"engines": True, "store": True, "weights": True}}


def answer(description: str, schema: str, example: dict[str, Any]) -> dict[str, Any]:
    """An answer with its example, as OpenAPI wants it."""
    content = {"schema": _ref(schema), "example": example}
    return {"description": description, "content": {"application/json": content}}


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
    return answers


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
