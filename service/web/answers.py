"""An answer that can be kept and given again byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from service.store import Transaction

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    case_id: str | None = None
    """The case it tells of, with which it is erased."""

    def response(self) -> Response:
        """As the framework sends it."""
        return Response(self.body, self.status, dict(self.headers), JSON if self.body else None)


class Call:
    """A call as its desk sees it: what there is to do in the transactions of its effect. As it stands here, nothing;
    `service.web.once` has the one with an `Idempotency-Key`."""

    keyed = False

    def begin(self, transaction: Transaction) -> None:
        """First thing in the first transaction. Where the call was answered before, that answer ends it here."""

    def keep(self, transaction: Transaction, answer: Answer, *, held: bool = False) -> None:
        """Keep the answer together with its effect. `held`: the last word of a process that may die before another."""

    def take_back(self, transaction: Transaction) -> None:
        """There was no effect after all."""


def dumped(value: object) -> bytes:
    """JSON as this house writes it. Raises ValueError for what JSON cannot say."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def written(at: datetime) -> str:
    """A time as this house writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def verdict_bytes(
    case_id: str, created_at: datetime, state: str, verdict: Mapping[str, Any], pictures: Mapping[str, str]
) -> bytes:
    """The answer of a verdict. `pictures`: the sha256 of each picture that was judged, by side."""
    head = {"id": case_id, "created_at": written(created_at), "state": state}
    return dumped({**head, **verdict, "captures": dict(pictures)})
