"""The limits of a request body, counted while it arrives: bytes, time, and the least rate.

Uvicorn, Hypercorn and Granian all let a valid body arrive as slowly as it likes, and a chunked body states no length.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import ContentTypeUnsupported, EngineBusy, InputError, MachineError, RequestTimeout, RequestTooLarge
from service.web import problems
from service.web.ports import Limits

UPLOAD_PATHS = ("/v1/verifications", "/v1/documents")
_CAPTURE = re.compile(r"/v1/verifications/[^/]+/captures/[^/]+$")
_LINGER_S = 2.0


class BodyDoor:
    """ASGI middleware around `receive`."""

    def __init__(self, app: ASGIApp, *, limits: Limits, monotonic: Callable[[], float]) -> None:
        self.app = app
        self._limits = limits
        self._monotonic = monotonic
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most(scope)
        upload = most > self._limits.body_bytes
        refused = self._refused(scope, most, upload=upload)
        if refused is not None:
            await _refuse(refused, scope, receive, send)
            return
        self._uploads += upload
        try:
            await _Passage(self, scope, receive, send, most).run()
        finally:
            self._uploads -= upload

    def _most(self, scope: Scope) -> int:
        """How many bytes a body may have here."""
        if scope["method"] == "PUT" and _CAPTURE.search(scope["path"]):
            return self._limits.picture_bytes
        json = dict(scope["headers"]).get(b"content-type", b"").lower().startswith(b"application/json")
        if scope["method"] == "POST" and scope["path"].endswith(UPLOAD_PATHS) and not json:
            return self._limits.upload_bytes
        return self._limits.body_bytes

    def _refused(self, scope: Scope, most: int, *, upload: bool) -> InputError | MachineError | None:
        """What can be said before the first byte is read."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            return ContentTypeUnsupported("a compressed body is not accepted")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > most:
            return RequestTooLarge()
        if upload and self._uploads >= self._limits.uploads:
            return EngineBusy(retry_after_s=2)
        return None

    def patience_s(self, began: float, arrived: int) -> float:
        """Seconds until the body is too slow, after `arrived` bytes of it."""
        limits = self._limits
        by_rate = limits.body_grace_s + arrived / limits.body_bytes_per_s
        return began + min(limits.body_deadline_s, by_rate) - self._monotonic()

    def now(self) -> float:
        """Seconds of a clock that never jumps."""
        return self._monotonic()


class _Passage:
    """One request on its way through the door."""

    def __init__(self, door: BodyDoor, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        self._door = door
        self._scope = scope
        self._receive = receive
        self._send = send
        self._most = most
        self._began = door.now()
        self._arrived = 0
        self._whole = False
        self._started = False
        self._broken: InputError | None = None

    async def run(self) -> None:
        try:
            await self._door.app(self._scope, self.receive, self.send)
        except InputError as error:
            if error is not self._broken:
                raise
        if self._broken is not None and not self._started:
            await _refuse(self._broken, self._scope, self._receive, self._send)

    async def receive(self) -> Message:
        if self._broken is not None:
            raise self._broken
        if self._whole:
            return await self._receive()  # only the news that the client has gone can come now
        try:
            async with asyncio.timeout(max(0.0, self._door.patience_s(self._began, self._arrived))):
                message = await self._receive()
        except TimeoutError:
            raise self._break(RequestTimeout()) from None
        if message["type"] == "http.request":
            self._count(message)
        return message

    async def send(self, message: Message) -> None:
        # The framework between here and the route may turn our error into one of its own: ours is sent instead.
        if self._broken is not None and not self._started:
            return
        self._started = True
        await self._send(message)

    def _count(self, message: Message) -> None:
        self._arrived += len(message.get("body", b""))
        self._scope["hecha"]["bytes_in"] = self._arrived
        self._whole = not message.get("more_body", False)
        if self._arrived > self._most:
            raise self._break(RequestTooLarge())
        if not self._whole and self._door.patience_s(self._began, self._arrived) <= 0:
            raise self._break(RequestTimeout())

    def _break(self, error: InputError) -> InputError:
        self._broken = error
        return error


async def _refuse(error: InputError | MachineError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, then let the rest of the body run into the void for a moment, then close.

    Closing at once would make the system reset the connection, and a client still sending would never see the answer.
    """
    answer = problems.response(error, scope, headers={"Connection": "close"})
    await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    if b"expect" not in dict(scope["headers"]):
        with suppress(TimeoutError):
            await asyncio.wait_for(_drain(receive), _LINGER_S)
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
