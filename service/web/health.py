"""`/healthz` and `/readyz`."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from service import errors
from service.errors import NotReady, StoreUnavailable
from service.store import Store
from service.web import examples
from service.web.ports import Readiness
from service.web.schemas import Health, Ready


def build(*, store: Store, readiness: Callable[[], Readiness]) -> APIRouter:
    """The routes. They need no key and tell nothing but names of parts."""
    router = APIRouter(tags=["health"])

    # `async`: it must answer while every worker thread is busy with a verification.
    @router.get("/healthz", responses={200: examples.answer("The process lives", "Health", {"status": "ok"})})
    async def healthz() -> Health:
        """Always 200 while the process lives."""
        return Health()

    @router.get(
        "/readyz",
        responses={200: examples.answer("Ready", "Ready", examples.READY), **examples.errors(errors.NotReady)},
    )
    def readyz() -> Ready:
        """503 until every weight is verified, the engines are warm and the database answers."""
        state = readiness()
        parts = {**state.parts, "store": _answers(store)}
        wanting = tuple((name, "not_ready") for name, ready in sorted(parts.items()) if not ready)
        if not state.ready or wanting:
            raise NotReady(retry_after_s=5, fields=wanting)
        return Ready(parts=parts)

    return router


def _answers(store: Store) -> bool:
    try:
        store.ping()
    except StoreUnavailable:
        return False
    return True
