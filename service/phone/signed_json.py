"""JSON to a gateway of the operator's own, signed as Standard Webhooks says (standardwebhooks.com, `v1`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.phone.http_post import HttpPost, NoReply, NotSent, Reply

_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Gateway:
    """An address and the secret it shares with us, `whsec_` and at least 24 bytes in Base64."""

    url: str
    secret: str = field(repr=False)
    post: HttpPost
    clock: Callable[[], datetime]

    def ask(self, message_id: str, question: Mapping[str, Any]) -> Reply | NotSent | NoReply:
        """Post a question. `message_id` stays the same if the same question is asked again."""
        body = json.dumps(question, ensure_ascii=False, separators=(",", ":")).encode()
        sent_at = str(int(self.clock().timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": signature(self.secret, message_id, sent_at, body),
        }
        return self.post(self.url, headers, body)


def signature(secret: str, message_id: str, sent_at: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, time and body. Raises ValueError for a secret that is none."""
    signed = hmac.new(key(secret), f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def key(secret: str) -> bytes:
    """The bytes of a secret. Raises ValueError when it is not Base64 of at least 24 bytes."""
    try:
        found = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        found = b""
    if len(found) < 24:
        raise ValueError("a secret is `whsec_` and Base64 of 24 bytes or more")
    return found
