"""The receiver's side of a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from standardwebhooks import Webhook, WebhookVerificationError

from service.client.answers import time_of
from service.errors import Unauthorized


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook tells. `id` is the same each time it is told."""

    id: str
    type: str
    verification_id: str
    decision: str
    at: datetime
    sandbox: bool


def verify_webhook(body: bytes, headers: Mapping[str, str], *secrets_of_endpoint: str) -> Event:
    """An event whose signature is right and whose time is less than five minutes away. Raises Unauthorized.

    `body`: the bytes as they arrived. Several secrets: those of a rotation.
    """
    for secret in secrets_of_endpoint:
        try:
            told = Webhook(secret).verify(body, dict(headers))
            data = told["data"]
            return Event(
                told["id"],
                told["type"],
                data["verification_id"],
                data["decision"],
                time_of(told["timestamp"]),
                bool(data.get("sandbox", False)),
            )
        except (WebhookVerificationError, ValueError, KeyError, TypeError):
            continue
    raise Unauthorized("the webhook's signature is not valid")
