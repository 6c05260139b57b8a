"""API keys: who may come in. Only their SHA-256 is known here; a key holds 256 random bits, so that is enough."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import Unauthorized
from service.web import problems

GUARDED = "/v1"


class KeyGate:
    """ASGI middleware: without a valid key nothing of a guarded request's body is read."""

    def __init__(self, app: ASGIApp, *, api_key_hashes: Sequence[str]) -> None:
        """`api_key_hashes`: SHA-256 of each key, as 64 hexadecimal digits."""
        self.app = app
        self._hashes = tuple(each.strip().lower().encode("ascii", "replace") for each in api_key_hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            admitted = self._knows(_presented(scope))
            scope["hecha"]["admitted"] = admitted
            if not admitted and (scope["path"] == GUARDED or scope["path"].startswith(f"{GUARDED}/")):
                await problems.response(Unauthorized(), scope)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _knows(self, key: bytes | None) -> bool:
        if not key:
            return False
        digest = hashlib.sha256(key).hexdigest().encode()
        return any(hmac.compare_digest(digest, known) for known in self._hashes)


async def require_key(request: Request) -> None:
    """The second lock, on the routes themselves: it holds even where a proxy's path prefix misleads the gate."""
    if request.scope["hecha"].get("admitted") is not True:
        raise Unauthorized


def _presented(scope: Scope) -> bytes | None:
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # the first of several counts
    if b"x-api-key" in headers:
        return headers[b"x-api-key"].strip()
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else None
