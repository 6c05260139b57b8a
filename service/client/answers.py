"""What the client gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; `advice` by language (`en`, `zh`); `capture` = the picture it speaks of."""

    code: str
    message: str
    advice: Mapping[str, str]
    capture: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification came to. `decision`: approved | review | declined | retake; None = none yet, see `state`.

    `fields`: what the card says, by name. `checks`: outcome (pass | fail | unknown) by name. `sandbox`: it was made by
    a rule of the sandbox and says nothing about anybody. `answer`: all of it, as the service gave it.
    """

    id: str
    state: str
    decision: str | None
    reasons: tuple[Reason, ...]
    fields: Mapping[str, str] = field(repr=False)
    checks: Mapping[str, str]
    sandbox: bool
    answer: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A verification that goes step by step. `capture_token` is for the applicant's device, and for it alone."""

    id: str
    capture_token: str = field(repr=False)
    capture_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a picture at once. `missing`: the pictures still to be given."""

    accepted: bool
    findings: tuple[Reason, ...]
    missing: tuple[str, ...]


def verdict(answer: Mapping[str, Any]) -> Verdict:
    """An answer of the service as a value."""
    return Verdict(
        id=answer["id"],
        state=answer.get("state", "decided"),
        decision=answer.get("decision"),
        reasons=tuple(map(reason, answer.get("reasons", ()))),
        fields=(answer.get("document") or {}).get("fields") or {},
        checks={check["name"]: check["outcome"] for check in answer.get("checks", ()) if isinstance(check, dict)},
        sandbox=bool(answer.get("sandbox", False)),
        answer=answer,
    )


def reason(row: Mapping[str, Any]) -> Reason:
    """A row of `reasons` or `findings` as a value."""
    return Reason(row["code"], row["message"], row["advice"], row.get("capture"))


def time_of(text: str) -> datetime:
    """A time of the interface; aware, UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
