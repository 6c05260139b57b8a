"""How a verification stands, as its tenant and as the applicant's device are told."""

from __future__ import annotations

import json
from typing import Any

from service.store import Caller, Session, State
from service.store.cases import SIDES
from service.web.answers import dumped, written
from service.web.gallery_verdict import OF_OTHERS


def missing(session: Session, given: str | None = None) -> list[str]:
    """The pictures still to be given, when `given` is there too."""
    wanted = SIDES if session.face else SIDES[:2]
    living = session.state in (State.OPEN, State.RETAKE)
    return [side for side in wanted if living and side not in session.judged and side != given]


def for_applicant(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without measurements: whoever tries to get past them learns nothing from them."""
    return [
        {key: each[key] for key in ("code", "severity", "message", "advice", "capture", "box") if key in each}
        for each in findings
    ]


def applicant_verdict(outcome: bytes) -> bytes:
    """What the applicant's device is told of a verdict."""
    verdict = json.loads(outcome)
    told = {key: verdict[key] for key in ("id", "state", "decision", "sandbox") if key in verdict}
    # Whom a face was like is nobody's business on the applicant's side of the counter, nor that it was like somebody.
    reasons = [each for each in verdict["reasons"] if each["code"] not in OF_OTHERS]
    return dumped({**told, "reasons": for_applicant(reasons)})


def standing(session: Session, caller: Caller) -> bytes:
    """A verification without a verdict, as JSON."""
    request = {} if session.request is None else json.loads(session.request)
    captures = {side: json.loads(judged) for side, judged in session.judged.items()}
    if caller.case_id is not None:
        captures = {side: {**each, "findings": for_applicant(each["findings"])} for side, each in captures.items()}
    return dumped(
        {
            "id": session.id,
            "state": session.state.value,
            "created_at": written(session.created_at),
            "expires_at": None if session.expires_at is None else written(session.expires_at),
            "purpose": request.get("purpose"),
            "checks": request.get("checks", ["document", "face"]),
            "consent": None if session.consent is None else json.loads(session.consent),
            "captures": captures,
            "missing": missing(session),
            "problem": session.problem,
        }
    )
