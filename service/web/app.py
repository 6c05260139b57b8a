"""The web application. Everything it needs is handed in; it knows no settings and no model."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from anyio import to_thread
from fastapi import FastAPI

from service.phone import otp
from service.phone.carrier import CarrierRegistry
from service.phone.sandbox import sandboxed
from service.phone.sms import SmsSender
from service.sandbox import is_sandbox
from service.store import Retention, Store
from service.web import (
    case_list,
    documents,
    galleries,
    health,
    openapi,
    pages,
    phone_codes,
    problems,
    sessions,
    verifications,
    webhooks,
)
from service.web.access import Doorman, KeyGate
from service.web.body import BodyDoor
from service.web.case_phones import CasePhones
from service.web.clerk import Clerk
from service.web.edge import Edge
from service.web.gallery_desk import GalleryDesk, GalleryRules
from service.web.gallery_index import GalleryIndex
from service.web.logs import Log
from service.web.once import Keeper
from service.web.ports import Limits, Reader, Readiness, Verifier
from service.web.session_desk import SessionDesk, SessionRules
from service.webhooks import Reach


def create_app(  # noqa: PLR0913 - keyword-only, for the composition root
    *,
    verifier: Verifier,
    reader: Reader,
    store: Store,
    sms: SmsSender,
    clock: Callable[[], datetime],
    api_key_hashes: Sequence[str],
    readiness: Callable[[], Readiness],
    log: Log,
    code_rules: otp.CodeRules,
    gallery_rules: GalleryRules,
    reach: Reach = Reach(),  # noqa: B008 - a frozen value
    carrier: CarrierRegistry | None = None,
    session_rules: SessionRules | None = None,
    limits: Limits | None = None,
    retention: Retention = Retention(),  # noqa: B008 - a frozen value
    version: str = "0",
    monotonic: Callable[[], float] = time.monotonic,
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(18),
    draw: Callable[[int], int] = secrets.randbelow,
) -> FastAPI:
    """The application.

    `clock` answers aware UTC times. `api_key_hashes`: SHA-256 in hexadecimal of each key of the default tenant that has
    every scope; the store knows the others. `readiness` must be cheap. `new_token` must not be guessable (the default
    has 144 bits): ids of cases and codes are made of it. `draw(n)`: a secure random integer below n.
    """
    limits, rules = limits or Limits(), session_rules or SessionRules()
    codes = _codes(store, sms, clock, code_rules, draw, new_token)
    phones = CasePhones(store, codes, clock, carrier)
    index = GalleryIndex(store, gallery_rules.templates)
    faces = GalleryDesk(store, gallery_rules, index, clock, lambda: f"fac_{new_token()}")
    desk = verifications.Desk(
        verifier, store, phones, faces, clock, lambda: f"ver_{new_token()}", rules.attempts_per_day
    )
    stepwise = SessionDesk(verifier, store, phones, faces, clock, desk.new_id, rules)
    clerk = Clerk(stepwise, store, retention.counting(code_rules.kept_for), clock, log)
    app = _bare(version, clerk, Keeper(store, clock))
    app.include_router(verifications.build(desk, stepwise, limits=limits, readiness=readiness))
    app.include_router(sessions.build(stepwise, limits=limits, readiness=readiness, wake=clerk.wake))
    app.include_router(case_list.build(store, clock))
    app.include_router(galleries.build(galleries.GalleryKeeper(faces, log)))
    app.include_router(documents.build(reader, limits=limits, readiness=readiness))
    app.include_router(phone_codes.build(codes, phones))
    app.include_router(webhooks.build(webhooks.Desk(store, reach, clock, lambda: f"whk_{new_token()}")))
    app.include_router(health.build(store=store, readiness=readiness))
    app.include_router(pages.build(partial(openapi.document, app)))
    # The last one is the outermost.
    app.add_middleware(BodyDoor, limits=limits, monotonic=monotonic)
    app.add_middleware(KeyGate, doorman=Doorman(store, clock, api_key_hashes))
    app.add_middleware(Edge, log=log, new_id=lambda: f"req_{new_token()}", monotonic=monotonic)
    return app


def _codes(
    store: Store,
    sms: SmsSender,
    clock: Callable[[], datetime],
    rules: otp.CodeRules,
    draw: Callable[[int], int],
    new_token: Callable[[], str],
) -> Callable[[str], otp.PhoneCodes]:
    def of(tenant: str) -> otp.PhoneCodes:
        made = otp.build(
            tenant=tenant,
            ledger=store.phones(tenant),
            sms=sms,
            pepper=store.keys.derive("phone"),
            clock=clock,
            rules=rules,
            draw=draw,
            new_id=new_token,
        )
        return sandboxed(made) if is_sandbox(tenant) else made

    return of


def _bare(version: str, clerk: Clerk, keeper: Keeper) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        clerk.start()
        yield
        await to_thread.run_sync(clerk.stop)

    app = FastAPI(
        title="Hecha",
        description="Verifies a person from the front and back of an ID card and a selfie, and explains its verdict; "
        "reads documents.",
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
    )
    app.state.clerk = clerk
    app.state.keeper = keeper
    problems.install(app)
    return app
