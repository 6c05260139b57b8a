"""`GET /v1/verifications`: a tenant's verifications, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from service import errors
from service.store import State, Store
from service.store.sessions import expired
from service.web import examples, session_examples
from service.web.access import Reading
from service.web.cursors import cursor_of, place_of
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
