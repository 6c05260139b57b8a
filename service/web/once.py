"""`Idempotency-Key`: a POST that is made again under its key has one effect, and the same answer byte for byte.

Routes of cases keep their answer in the transaction of its effect (`Keeping`), so that even a process killed between
the commit and the answer has answered. For the others it is kept just after the effect.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from service.errors import HechaError, RequestInvalid, StoreUnavailable
from service.store import Begun, Caller, Kept, Store, Transaction
from service.web import multipart
from service.web.answers import Answer, Keep, forget

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MARK = "x-once"
"""Tells `service.web.openapi`, which takes it out again, of the header."""
FORM = re.compile(r"[!-~]{1,255}")
_LEASE = timedelta(minutes=3)
"""Longer than any call takes."""
_KEPT_HEADERS = ("location", "retry-after")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """A route whose POST honours the header."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        if "POST" in (more.get("methods") or ()):
            more["openapi_extra"] = {**(more.get("openapi_extra") or {}), MARK: True}
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> _Handler:
        """The handler, wrapped."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key, caller = request.headers.get(HEADER), request.scope["hecha"].get("caller")
            if request.method != "POST" or key is None or not isinstance(caller, Caller):
                return await handle(request)
            keeper: Keeper = request.app.state.keeper
            return await keeper.answer(request, caller, key, handle)

        return once


@dataclass(slots=True)
class _Call:
    """One call under a key; `kept` as soon as its answer lies in a transaction."""

    begun: Begun
    kept: bool = False


class Keeper:
    """Begins calls, keeps their answers and gives them again."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def answer(self, request: Request, caller: Caller, key: str, handle: _Handler) -> Response:
        """The answer of the call, made now or before. Raises what `Once.begin` and the call itself do."""
        if not FORM.fullmatch(key):
            raise RequestInvalid(fields=((HEADER, "invalid"),))
        asked = _asked(request, await request.body())
        begun = await to_thread.run_sync(self._begin, caller, key, asked)
        if isinstance(begun, Kept):
            return Response(begun.body, begun.status, {**begun.headers, REPLAYED: "true"})
        call = _Call(begun)
        request.scope["hecha"]["call"] = call
        try:
            response = await handle(request)
        except Exception:
            await to_thread.run_sync(self._release, begun)
            raise
        if not call.kept:
            await to_thread.run_sync(self._keep_late, begun, response)
        return response

    def keep(self, call: _Call, transaction: Transaction, answer: Answer, case_id: str | None) -> None:
        """Keep an answer in the transaction of its effect."""
        made = answer.response()
        self._store.once.keep(transaction, call.begun, _kept(made), case_id=case_id)
        call.kept = True

    def forget(self) -> None:
        """Drop what is older than a day."""
        with self._store.transaction() as transaction:
            self._store.once.forget(transaction, before=self._clock() - timedelta(days=1))

    def _begin(self, caller: Caller, key: str, asked: bytes) -> Begun | Kept:
        # A device's key is good for its own case only.
        own = json.dumps([caller.case_id, key])
        with self._store.transaction() as transaction:
            return self._store.once.begin(transaction, caller.tenant, own, asked, lease=_LEASE, now=self._clock())

    def _release(self, begun: Begun) -> None:
        with suppress(StoreUnavailable), self._store.transaction() as transaction:
            self._store.once.release(transaction, begun)

    def _keep_late(self, begun: Begun, response: Response) -> None:
        with suppress(HechaError), self._store.transaction() as transaction:
            self._store.once.keep(transaction, begun, _kept(response), case_id=None)


async def _keeping(request: Request) -> Keep:  # a sync one would wait for a thread, and verdicts take them all
    call: _Call | None = request.scope["hecha"].get("call")
    if call is None:
        return forget
    keeper: Keeper = request.app.state.keeper
    return lambda transaction, answer: keeper.keep(call, transaction, answer, answer.case_id)


Keeping = Annotated[Keep, Depends(_keeping)]
"""Keeps the answer of this call, if it has a key, in the transaction of its effect."""


def _kept(response: Response) -> Kept:
    headers = {name: value for name, value in response.headers.items() if name in (*_KEPT_HEADERS, "content-type")}
    return Kept(response.status_code, headers, bytes(response.body))


def _asked(request: Request, body: bytes) -> bytes:
    """What tells calls apart: method, path, query and content. A form's boundary changes with every try."""
    content_type = request.headers.get("content-type", "")
    digests = [["", hashlib.sha256(body).hexdigest()]]
    if content_type.partition(";")[0].strip().lower() == "multipart/form-data":
        with suppress(HechaError):
            parts = multipart.read(content_type, body)
            digests = sorted([part.name, hashlib.sha256(part.content).hexdigest()] for part in parts)
    prefer = request.headers.get("prefer", "")
    return json.dumps([request.method, request.url.path, request.url.query, prefer, digests]).encode()
