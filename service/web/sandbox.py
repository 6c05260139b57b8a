"""Verdicts of sandbox tenants: marked as such, and forced by a claimed number that cannot be anybody's.

No region has the code 000000. With any other number, or none, the pictures are judged as everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from service.errors import TooManyRequests
from service.evidence import Claim, Finding, Role
from service.reasons import REASONS, Effect
from service.report import finding_json
from service.sandbox import is_sandbox

FORCED: Mapping[str, Finding | None] = {
    "000000199001010001": None,
    "000000199001010002": Finding("face_uncertain", Role.SELFIE),
    "000000199001010003": Finding("reflection", Role.FRONT, field="number"),
    "000000199001010004": Finding("face_mismatch", Role.SELFIE),
    "000000199001010005": Finding("document_expired", Role.BACK, field="valid_until"),
    "000000199001010006": Finding("presentation_attack", Role.SELFIE),
}
"""What was found, by number; None = nothing, which approves."""
EXHAUSTED = "000000199001010007"
"""Has seen all the verdicts of its day."""
_DECISIONS = {Effect.DECLINE: "declined", Effect.RETAKE: "retake", Effect.REVIEW: "review"}
_TOMORROW_S = 86_400
_PERSON = {"name": "苏明远", "sex": "男", "ethnicity": "汉", "birth_date": "1990-01-01"}


def verdict(tenant: str, claim: Claim | None, today: date, judged: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `judged` says; of a sandbox tenant marked as such, or what the claimed number asks for. Raises
    TooManyRequests where that is a cap."""
    if not is_sandbox(tenant):
        return judged()
    if claim is not None and claim.number == EXHAUSTED:
        raise TooManyRequests(retry_after_s=_TOMORROW_S, fields=(("number", "attempts_exhausted"),))
    if claim is not None and claim.number is not None and forced(tenant, claim):
        return _forced(claim.number, today)
    return {**judged(), "sandbox": True}


def forced(tenant: str, claim: Claim | None) -> bool:
    """Whether the claimed number says the verdict, and no picture is judged."""
    return is_sandbox(tenant) and claim is not None and claim.number in FORCED


def cap(tenant: str, most: int | None) -> int | None:
    """How many attempts with one number, phone or device a day may see: those of the sandbox repeat by design."""
    return None if is_sandbox(tenant) else most


def _forced(number: str, today: date) -> dict[str, Any]:
    """The shape of a verdict, without a check: nothing was checked."""
    found = FORCED[number]
    return {
        "decision": "approved" if found is None else _DECISIONS[REASONS[found.code].effect],
        "reasons": [] if found is None else [finding_json(found)],
        "checks": [],
        "document": {
            "kind": "cn_resident_id",
            "fields": {**_PERSON, "number": number},
            "front": None,
            "back": None,
        },
        "comparison": None,
        "liveness": None,
        "today": today.isoformat(),
        "versions": {"policy": "sandbox"},
        "sandbox": True,
    }
