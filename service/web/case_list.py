"""`GET /v1/verifications`: a tenant's verifications, page by page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from service import errors
from service.errors import RequestInvalid
from service.store import State, Store
from service.store.sessions import expired
from service.web import examples, session_examples
from service.web.access import Reading
from service.web.session_schemas import CaseLine, CasePage


def build(store: Store, clock: Callable[[], datetime]) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["verifications"])

    @router.get("/v1/verifications", responses=_LISTED)
    def list_verifications(
        caller: Reading,
        cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> CasePage:
        """The tenant's verifications, the newest first."""
        with store.reading() as transaction:
            lines = store.cases.page(transaction, caller.tenant, before=place_of(cursor), limit=limit + 1)
        now = clock()
        items = [
            CaseLine(
                id=line.id,
                created_at=line.created_at,
                state=(State.EXPIRED if expired(line.state, line.expires_at, now) else line.state).value,
                decision=line.decision,
            )
            for line in lines[:limit]
        ]
        last = lines[limit - 1] if len(lines) > limit else None
        return CasePage(items=items, next_cursor=None if last is None else cursor_of(last.created_at, last.id))

    return router


def cursor_of(at: datetime, case_id: str) -> str:
    """Where a page ends, for whoever asks for the next."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), case_id]).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """What `cursor_of` made a cursor of. Raises RequestInvalid."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        at, case_id = json.loads(base64.b64decode(padded, b"-_", validate=True))
        place = datetime.fromisoformat(at), str(case_id)
        if place[0].tzinfo is None or "\x00" in place[1]:
            raise ValueError
    except (binascii.Error, ValueError, TypeError):
        raise RequestInvalid(fields=(("cursor", "invalid"),)) from None
    return place


_LISTED: dict[int | str, dict[str, Any]] = {
    200: examples.answer("A page", "CasePage", session_examples.PAGE),
    **examples.errors(
        errors.Unauthorized,
        errors.ScopeMissing,
        errors.RequestInvalid,
        errors.InternalError,
        errors.StoreUnavailable,
    ),
}
