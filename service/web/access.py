"""Who may come in: API keys, each of one tenant and with scopes. Nobody's key is known here, only its SHA-256."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from service.errors import HechaError, NotFound, ScopeMissing, StoreUnavailable, Unauthorized
from service.store import DEFAULT_TENANT, Caller, Scope, Store
from service.store.api_keys import worth_noting
from service.web import problems
from service.web.fields import ID_FORM

GUARDED = "/v1"
TOKEN = b"cap_"
"""What a capture token begins with."""
_THREADS = 4
"""Of the gate's own: a key must be refused while every other thread works on a verdict."""


class Doorman:
    """Knows callers by their keys: those of the settings, which may do everything, and those of the store."""

    def __init__(self, store: Store, clock: Callable[[], datetime], embedded: Sequence[str]) -> None:
        """`embedded`: SHA-256 of each key of the settings, as 64 hexadecimal digits."""
        self._store = store
        self._clock = clock
        self._embedded = tuple(each.strip().lower().encode("ascii", "replace") for each in embedded)

    def caller(self, key: bytes) -> Caller | None:
        """Who shows this key; None = nobody. Raises StoreUnavailable."""
        digest = hashlib.sha256(key).hexdigest().encode()
        if any(hmac.compare_digest(digest, known) for known in self._embedded):
            return Caller(DEFAULT_TENANT, frozenset(Scope))
        now = self._clock()
        with self._store.reading() as transaction:
            if key.startswith(TOKEN):
                return self._store.sessions.holder(transaction, key, now=now)
            found = self._store.api_keys.find(transaction, key, now=now)
        if found is None:
            return None
        if worth_noting(found, now):
            with suppress(StoreUnavailable), self._store.transaction() as transaction:
                self._store.api_keys.used(transaction, found.id, now=now)
        return Caller(found.tenant, found.scopes, key_id=found.id)


class KeyGate:
    """ASGI middleware: without a valid key nothing of a guarded request's body is read."""

    def __init__(self, app: ASGIApp, *, doorman: Doorman) -> None:
        self.app = app
        self._doorman = doorman
        self._threads = CapacityLimiter(_THREADS)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            caller = await self._caller(scope)
            guarded = scope["path"] == GUARDED or scope["path"].startswith(f"{GUARDED}/")
            if guarded and not isinstance(caller, Caller):
                await problems.response(caller, scope)(scope, receive, send)
                return
            scope["hecha"]["caller"] = caller
        await self.app(scope, receive, send)

    async def _caller(self, scope: Connection) -> Caller | HechaError:
        key = _presented(scope)
        if not key:
            return Unauthorized()
        try:
            caller = await to_thread.run_sync(self._doorman.caller, key, limiter=self._threads)
        except StoreUnavailable as error:
            return error
        return caller or Unauthorized()


def needs(scope: Scope, *, applicant: bool = False) -> Callable[[Request], Coroutine[Any, Any, Caller]]:
    """A dependency: the caller, who must hold `scope`, or with `applicant` the capture token of the path's `id`.

    It is the second lock, on the routes themselves: it holds even where a proxy's path prefix misleads the gate.
    """

    async def admitted(request: Request) -> Caller:
        caller = request.scope["hecha"].get("caller")
        if not isinstance(caller, Caller):
            raise caller if isinstance(caller, HechaError) else Unauthorized()
        if applicant and caller.case_id is not None:
            if caller.case_id != request.path_params["id"]:
                raise NotFound
            return caller
        if scope not in caller.scopes:
            raise ScopeMissing(fields=(("scope", scope.value),))
        return caller

    return admitted


Verifying = Annotated[Caller, Depends(needs(Scope.VERIFY))]
Reading = Annotated[Caller, Depends(needs(Scope.READ))]
Reviewing = Annotated[Caller, Depends(needs(Scope.REVIEW))]
Administering = Annotated[Caller, Depends(needs(Scope.ADMIN))]
Applying = Annotated[Caller, Depends(needs(Scope.VERIFY, applicant=True))]
Looking = Annotated[Caller, Depends(needs(Scope.READ, applicant=True))]


async def _path_id(id: str) -> str:
    if not ID_FORM.fullmatch(id):
        raise NotFound
    return id


PathId = Annotated[str, Depends(_path_id)]
"""The path's `id`, of a form that can be one."""


def _presented(scope: Connection) -> bytes | None:
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # the first of several counts
    if b"x-api-key" in headers:
        return headers[b"x-api-key"].strip()
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else None
