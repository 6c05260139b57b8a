"""Verdicts at once on one person, over several servers on one real database: of any two the later sees the other."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from web.conftest import CALIBRATION, CONSENT, KEY, PICTURE, SIDES, VERDICT, face_of

from service import store as stores
from service import web
from service.evidence import Template
from service.phone.otp import CodeRules
from service.phone.sms import unset

SERVERS, AT_ONCE, PEOPLE = 3, 6, 3
OPENING = {"purpose": "onboarding", "consent": {**CONSENT, "gallery": True}}


class Together:
    """A verifier that lets go of its verdicts on a person all at once, each under a number of its own."""

    def __init__(self) -> None:
        self.person = 0
        self._numbers = iter(range(1000))
        self._gate = threading.Barrier(AT_ONCE)

    def verify(
        self, *_: object, take_template: Callable[[Template | None], None] | None = None, **__: object
    ) -> dict[str, Any]:
        assert take_template is not None
        take_template(face_of(self.person + 1))
        self._gate.wait(30)
        fields = {"number": f"1101051949{next(self._numbers):08}"}
        checks = [{"name": name, "outcome": "pass"} for name in ("selfie", "liveness", "face")]
        return {**VERDICT, "checks": checks, "document": {"fields": fields}}

    def judge(self, *_: object) -> dict[str, Any]:
        return {"accepted": True, "findings": [], "fields": {}}

    def read_document(self, *_: object) -> dict[str, Any]:
        return {}


def _app(store: stores.Store, verifier: Together) -> Any:
    return web.create_app(
        verifier=verifier,
        reader=verifier,
        store=store,
        sms=unset.build(),
        clock=lambda: datetime.now(UTC),
        api_key_hashes=[hashlib.sha256(KEY.encode()).hexdigest()],
        readiness=lambda: web.Readiness(True),
        log=web.build_log(io.StringIO()),
        code_rules=CodeRules(("+86",)),
        gallery_rules=web.GalleryRules(0.01, 1e-3, lambda: CALIBRATION),
    )


@pytest.fixture
def servers(database_url: str) -> Iterator[tuple[Together, list[httpx.AsyncClient]]]:
    """Each with connections and a memory of its own, as processes have."""
    verifier, clients = Together(), []
    with ExitStack() as closing:
        for _ in range(SERVERS):
            store = stores.build(database_url, master_key=bytes(32))
            closing.callback(store.close)
            transport = httpx.ASGITransport(_app(store, verifier))
            clients.append(
                httpx.AsyncClient(transport=transport, base_url="http://hecha", headers={"X-API-Key": KEY}, timeout=60)
            )
        yield verifier, clients


async def _at_once(client: httpx.AsyncClient) -> httpx.Response:
    files: dict[str, Any] = {side: (side, PICTURE + side.encode()) for side in ("front", "back", "selfie")}
    return await client.post(
        "/v1/verifications", files=files, data={"options": json.dumps({"consent": OPENING["consent"]})}
    )


async def _stepwise(client: httpx.AsyncClient) -> httpx.Response:
    case_id = (await client.post("/v1/verifications", json=OPENING)).json()["id"]
    for side in SIDES:
        picture = PICTURE + side.encode()
        await client.put(f"/v1/verifications/{case_id}/captures/{side}", content=picture)
    return await client.post(f"/v1/verifications/{case_id}/submit")


def test_of_any_two_verdicts_at_once_the_later_one_sees_the_other(
    servers: tuple[Together, list[httpx.AsyncClient]],
) -> None:
    verifier, clients = servers

    async def run() -> list[list[dict[str, Any]]]:
        assert (await clients[0].put("/v1/gallery")).status_code == 200
        verdicts = []
        for verifier.person in range(PEOPLE):
            ways = [(_at_once, _stepwise)[index % 2](clients[index % SERVERS]) for index in range(AT_ONCE)]
            answers = await asyncio.gather(*ways)
            assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
            verdicts.append([answer.json() for answer in answers])
        return verdicts

    for verdicts in asyncio.run(run()):
        seen = {each["id"]: {other["case_id"] for other in each["gallery"]["duplicates"]} for each in verdicts}
        order = sorted(seen, key=lambda case_id: len(seen[case_id]))
        assert [seen[case_id] for case_id in order] == [set(order[:index]) for index in range(AT_ONCE)]
        assert [each["decision"] for each in verdicts].count("approved") == 1
