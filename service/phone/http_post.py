"""One POST to a vendor whose answer is not trusted: one try, one deadline over everything, a bounded answer.

No redirect is followed, no proxy or password comes from the environment, no connection is kept: so what failed before
the connection stood was not sent, and what failed later may have been.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

MAX_BODY_BYTES = 64 * 1024
_MAX_RETRY_AFTER_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, as it came. `body` None = it was longer than MAX_BODY_BYTES."""

    status: int
    body: bytes | None = field(repr=False)
    retry_after_s: int | None = None

    def document(self) -> dict[str, Any]:
        """The JSON object of the body; empty where there is none."""
        try:
            found = json.loads(self.body or b"")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class NotSent:
    """There was no connection, so the request never left."""


@dataclass(frozen=True, slots=True)
class NoReply:
    """The request, or a part of it, left; no whole answer came back."""


class HttpPost:
    """Posts. `connect_s` bounds each of name + connection and TLS, `deadline_s` the whole."""

    def __init__(self, *, deadline_s: float = 6.0, connect_s: float = 2.0) -> None:
        self._deadline_s = deadline_s
        self._connect_s = connect_s
        self._tls = _tls()

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply | NotSent | NoReply:
        """Send once; never raises for what the network or the other side does.

        Blocks; only to be called where no event loop runs. httpx without asyncio knows no deadline over a whole
        exchange: a server that sends a byte now and then would hold the thread for ever (encode/httpx#1450).
        """
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(self._in_time(url, headers, body))
        finally:
            loop.close()  # `asyncio.run` would wait here for a resolver that hangs

    async def _in_time(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply | NotSent | NoReply:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._exchange(url, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL):
            return NotSent()
        except (httpx.HTTPError, TimeoutError):
            return NoReply()

    async def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        timeout = httpx.Timeout(self._deadline_s, connect=self._connect_s)
        async with (
            httpx.AsyncClient(verify=self._tls, timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", url, headers={"Accept-Encoding": "identity", **headers}, content=body) as response,
        ):
            return Reply(response.status_code, await _bounded(response), _retry_after(response))


def _tls() -> ssl.SSLContext:
    # Shared by all calls: loading the authorities takes 20 ms. SSL_CERT_FILE is honoured, for gateways of one's own.
    return httpx.create_ssl_context()


async def _bounded(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for chunk in response.aiter_raw():  # raw: nothing is ever unpacked, so nothing can swell
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _retry_after(response: httpx.Response) -> int | None:
    text = response.headers.get("retry-after", "")
    return min(int(text), _MAX_RETRY_AFTER_S) if re.fullmatch(r"[0-9]{1,9}", text) else None
