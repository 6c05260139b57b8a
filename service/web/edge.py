"""The outermost layer: gives each request an id, logs one line about it, and answers what nobody else caught."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import InternalError
from service.web import problems
from service.web.logs import Log

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_CLIENT_GONE = 499
"""Only in the log: the client went away before there was an answer."""


class Edge:
    """ASGI middleware. Leaves `scope["hecha"]`, a dict with `request_id`, for the inner layers and collects
    `code`, `decision` and `bytes_in` from it."""

    def __init__(self, app: ASGIApp, *, log: Log, new_id: Callable[[], str], monotonic: Callable[[], float]) -> None:
        self.app = app
        self._log = log
        self._new_id = new_id
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange: dict[str, Any] = {"request_id": self._new_id(), "status": None}
        scope["hecha"] = exchange
        began = self._monotonic()
        try:
            await self._answer(scope, receive, _marking(send, exchange), exchange)
        finally:
            self._log(
                event="request",
                request_id=exchange["request_id"],
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=getattr(scope.get("route"), "path", None),
                status=exchange["status"],
                code=exchange.get("code"),
                why=exchange.get("why"),
                decision=exchange.get("decision"),
                bytes_in=exchange.get("bytes_in"),
                duration_ms=round((self._monotonic() - began) * 1000, 1),
            )

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exchange: dict[str, Any]) -> None:
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            exchange["status"] = exchange["status"] or _CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - the last resort: nothing may pass it, least of all its text
            self._log(
                event="unhandled",
                request_id=exchange["request_id"],
                error_type=type(error).__name__,
                error_where=_where(error),
            )
            if exchange["status"] is None:
                await problems.response(InternalError(), scope)(scope, receive, send)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def _marking(send: Send, exchange: dict[str, Any]) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange["status"] = message["status"]
            present = {name.lower() for name, _ in message.get("headers", ())}
            own = [*_HEADERS, (b"x-request-id", exchange["request_id"].encode())]
            message["headers"] = [*message.get("headers", ()), *(pair for pair in own if pair[0] not in present)]
        await send(message)

    return marked


def _where(error: BaseException) -> str:
    """File and line of the last steps: enough to find it, and no value among them."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
