"""`Idempotency-Key`: a POST that is made again under its key has one effect, and the same answer byte for byte.

Begun in the first transaction of a call and kept in that of its effect (`Calling`), so that even a process killed
between the commit and the answer has answered.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from service.errors import RequestInvalid, StoreUnavailable
from service.store import Begun, Caller, Kept, Store, Transaction
from service.web import multipart, uploads
from service.web.answers import JSON, Answer, Call

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MARK = "x-once"
"""Tells `service.web.openapi`, which takes it out again, of the header."""
FORM = re.compile(r"[!-~]{1,255}")
_LEASE = timedelta(minutes=3)
"""Longer than any call takes."""
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
            if not FORM.fullmatch(key):
                raise RequestInvalid(fields=((HEADER, "invalid"),))
            keeper: Keeper = request.app.state.keeper
            return await keeper.answer(KeyedCall(keeper, caller, key, request, await request.body()), handle)

        return once


class Replayed(Exception):
    """The call was answered before."""

    def __init__(self, answer: Kept) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True, eq=False)
class KeyedCall(Call):
    """A call under a key. `kept` as soon as its answer lies in a transaction."""

    keeper: Keeper
    caller: Caller
    key: str = field(repr=False)
    request: Request
    body: bytes = field(repr=False)
    begun: Begun | None = None
    kept: bool = False
    keyed = True

    def begin(self, transaction: Transaction) -> None:
        """Raises what `Once.begin` does, and Replayed."""
        # A device's key is good for its own case only.
        own = json.dumps([self.caller.case_id, self.key])
        asked = _asked(self.request, self.body)
        store, now = self.keeper.store, self.keeper.clock()
        begun = store.once.begin(transaction, self.caller.tenant, own, asked, lease=_LEASE, now=now)
        if isinstance(begun, Kept):
            raise Replayed(begun)
        self.begun = begun

    def keep(self, transaction: Transaction, answer: Answer, *, held: bool = False) -> None:
        """See `Once.keep`."""
        assert self.begun is not None  # noqa: S101 a desk begins before it keeps
        headers = {"content-type": JSON, **answer.headers}
        kept = Kept(answer.status, headers, answer.body)
        self.keeper.store.once.keep(transaction, self.begun, kept, case_id=answer.case_id, held=held)
        self.kept = True

    def take_back(self, transaction: Transaction) -> None:
        """The call may be made again at once."""
        assert self.begun is not None  # noqa: S101 as above
        self.keeper.store.once.release(transaction, self.begun)

    def release(self) -> None:
        """The call failed before it had an effect."""
        if self.begun is not None and not self.kept:
            with suppress(StoreUnavailable), self.keeper.store.transaction() as transaction:
                self.take_back(transaction)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Answers calls under a key: now, or as before."""

    store: Store
    clock: Callable[[], datetime]

    async def answer(self, call: KeyedCall, handle: _Handler) -> Response:
        """The answer of the call. Raises what `Once.begin` and the call itself do."""
        call.request.scope["hecha"]["call"] = call
        try:
            return await handle(call.request)
        except Replayed as before:
            kept = before.answer
            return Response(kept.body, kept.status, {**kept.headers, REPLAYED: "true"})
        except Exception:
            await to_thread.run_sync(call.release)
            raise


async def _calling(request: Request) -> Call:  # a sync one would wait for a thread, and verdicts take them all
    call: Call | None = request.scope["hecha"].get("call")
    return call or _UNKEYED


_UNKEYED = Call()
Calling = Annotated[Call, Depends(_calling)]
"""This call, for the transactions of its effect."""


def _asked(request: Request, body: bytes) -> bytes:
    """What tells calls apart: method, path, query and content. A form's boundary changes with every try."""
    if uploads.media_type(request) == "multipart/form-data":
        parts = [(part.name, part.content) for part in multipart.of(request, body)]
    else:
        parts = [("", body)]
    digests = [[name, hashlib.sha256(content).hexdigest()] for name, content in parts]
    digests.sort(key=itemgetter(0))  # parts of one name, the frames of a selfie, have an order
    prefer = request.headers.get("prefer", "")
    return json.dumps([request.method, request.url.path, request.url.query, prefer, digests]).encode()
