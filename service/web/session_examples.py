"""Examples of verifications that go step by step, for the API's documentation."""

from __future__ import annotations

from typing import Any

from service.web import examples

_ID = "ver_3q2-7wEuHhPsmRGXp0uVJg"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BLURRED: dict[str, Any] = {
    "code": "blurred",
    "severity": "blocking",
    "message": "The card is too blurred for its fields to be trusted.",
    "advice": {"en": "Hold the camera still and let it focus.", "zh": "请拿稳相机并等待对焦。"},
    "capture": "front",
}
CONSENT = examples.CONSENT
OPENING: dict[str, Any] = {
    "purpose": "onboarding",
    "checks": ["document", "face"],
    "external_id": "order-4711",
    "claimed_name": "苏明远",
    "consent": CONSENT,
}
OPENED: dict[str, Any] = {
    "id": _ID,
    "state": "open",
    "created_at": "2026-11-24T09:30:00.000Z",
    "expires_at": "2026-11-24T10:30:00.000Z",
    "capture_token": "cap_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbg",
    "capture_token_expires_at": "2026-11-24T09:45:00.000Z",
    "capture_url": f"/v1/verifications/{_ID}/captures",
}
RENEWED: dict[str, Any] = {name: OPENED[name] for name in ("capture_token", "capture_token_expires_at")}
JUDGED: dict[str, Any] = {
    "capture": "document_front",
    "accepted": False,
    "findings": [_BLURRED],
    "sha256": _SHA,
    "missing": ["document_back", "selfie"],
}
CASE: dict[str, Any] = {
    "id": _ID,
    "state": "open",
    "created_at": "2026-11-24T09:30:00.000Z",
    "expires_at": "2026-11-24T10:30:00.000Z",
    "purpose": "onboarding",
    "checks": ["document", "face"],
    "consent": CONSENT,
    "captures": {"document_front": {"accepted": False, "findings": [_BLURRED], "sha256": _SHA}},
    "missing": ["document_back", "selfie"],
    "problem": None,
}
SUBMITTED: dict[str, Any] = {**CASE, "state": "submitted", "missing": []}
SUBMISSION: dict[str, Any] = {"phone_code_id": "kN3vU2x9sQf7yqT1b0ZpAw"}
VERIFICATION: dict[str, Any] = examples.VERIFICATION
APPLICANT_VERDICT: dict[str, Any] = {"id": _ID, "state": "retake", "decision": "retake", "reasons": [_BLURRED]}
PAGE: dict[str, Any] = {
    "items": [{"id": _ID, "created_at": "2026-11-24T09:30:00.000Z", "state": "decided", "decision": "approved"}],
    "next_cursor": None,
}
