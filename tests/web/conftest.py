"""The service over real HTTP: uvicorn on a free port, a real store, an invented verifier.

The store is SQLite, and PostgreSQL besides for the files whose answers rest on what the database promises.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from postgres_server import database, databases, url_of
from sqlalchemy import Engine, create_engine, delete, select

from service import store as stores
from service import web
from service.evidence import CarrierMatch, Claim, Role, Template
from service.faces.calibration import Calibration
from service.phone.carrier import CarrierQuestion
from service.phone.otp import CodeRules
from service.phone.sms import Accepted, CodeMessage, SmsAnswer
from service.store import Store
from service.store.tables import METADATA, VERIFICATIONS
from service.web import examples
from service.web.clerk import Clerk
from service.web.session_desk import SessionRules

ON_BOTH = {
    "test_gallery",
    "test_idempotency",
    "test_phone_codes",
    "test_sandbox_codes",
    "test_sessions",
    "test_tenants",
    "test_verifications",
    "test_webhooks",
}
KEY = "key-of-the-tests"
CALIBRATION = Calibration(
    "id",
    {
        "model_sha256": "weight",
        "rates": [{"max_fmr": rate, "threshold": at} for rate, at in ((1e-2, 0.33), (1e-3, 0.42), (1e-4, 0.48))],
    },
)
GALLERY_TEMPLATES = 12
CODE = "042042"
CONSENT = {
    "purpose": "onboarding",
    "biometric": True,
    "text_version": "2026-11",
    "given_at": "2026-11-24T09:29:00.000Z",
    "channel": "app",
}
SIDES = ("document_front", "document_back", "selfie")
NUMBER = "+8613800138000"
PICTURE = b"\xff\xd8\xff\xe0 a picture, as far as its first bytes tell"

VERDICT: dict[str, Any] = {
    "decision": "approved",
    "reasons": [],
    "checks": [{"name": "check_character", "outcome": "pass"}],
    "document": {"fields": {"name": "司马 canary-name", "number": "11010519491231002X"}},
    "comparison": {"similarity": 0.63},
    "liveness": {"decision": "bona_fide"},
    "versions": {"policy": "1"},
}


@dataclass
class Clock:
    """A time that stands still until it is moved."""

    now: datetime = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class InventedVerifier:
    """Answers `verdict`, or raises `error`, and remembers what it was asked."""

    verdict: dict[str, Any] = field(default_factory=lambda: dict(VERDICT))
    error: Exception | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    gate: threading.Event | None = None
    judged: list[tuple[bytes, Role]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    template: Template | None = None

    def verify(
        self,
        front: bytes,
        back: bytes,
        selfie: bytes | None,
        *,
        today: date | None,
        phone_confirmed: bool | None,
        claim: Claim | None,
        frames: Sequence[bytes] = (),
        take_template: Callable[[Template | None], None] | None = None,
    ) -> dict[str, Any]:
        asked = {"front": front, "back": back, "selfie": selfie, "today": today, "phone_confirmed": phone_confirmed}
        self.calls.append({**asked, "claim": claim, "frames": tuple(frames)})
        if self.gate is not None:
            self.gate.wait(10)
        if self.error is not None:
            raise self.error
        if take_template is not None:
            take_template(self.template)
        return self.verdict

    def judge(self, picture: bytes, role: Role) -> dict[str, Any]:
        self.judged.append((picture, role))
        if self.error is not None:
            raise self.error
        return {"accepted": not self.findings, "findings": self.findings, "fields": {"number": "11010519491231002X"}}


@dataclass
class InventedReader:
    """Answers `answer`, or raises `error`, and remembers what it was asked."""

    answer: dict[str, Any] = field(default_factory=lambda: dict(examples.DOCUMENT))
    error: Exception | None = None
    calls: list[tuple[bytes | None, bytes | None, web.Wish]] = field(default_factory=list)

    def read_document(self, front: bytes | None, back: bytes | None, wish: web.Wish) -> dict[str, Any]:
        self.calls.append((front, back, wish))
        if self.error is not None:
            raise self.error
        return self.answer


@dataclass
class Outbox:
    """An SMS vendor that keeps what it was given."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    answer: SmsAnswer = field(default_factory=lambda: Accepted("1"))

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        self.sent.append((number_e164, message.text))
        return self.answer


@dataclass
class InventedCarrier:
    """Says `word` of everybody."""

    word: CarrierMatch = "match"
    asked: list[CarrierQuestion] = field(default_factory=list)

    def check(self, question: CarrierQuestion) -> CarrierMatch:
        self.asked.append(question)
        return self.word


@dataclass
class House:
    """The running service and everything behind it."""

    url: str
    client: httpx.Client
    verifier: InventedVerifier
    reader: InventedReader
    outbox: Outbox
    carrier: InventedCarrier
    store: Store
    clock: Clock
    log: io.StringIO
    state: dict[str, Any]
    clerk: Clerk

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def logged(self, requests: int = 1) -> list[dict[str, Any]]:
        """The lines of so many requests; a line is written just after its answer."""
        until = time.monotonic() + 10
        while len(lines := [line for line in self.log_lines() if line["event"] == "request"]) < requests:
            assert time.monotonic() < until, "the log lacks a request"
            time.sleep(0.005)
        return lines

    def cases(self) -> int:
        with self.store.reading() as transaction:
            return len(transaction.execute(select(VERIFICATIONS.c.id)).all())

    def opened(self, **wanted: object) -> dict[str, Any]:
        """A case that was opened, with consent unless `consent` says otherwise."""
        asked = {"purpose": "onboarding", "consent": CONSENT, **wanted}
        answer = self.client.post("/v1/verifications", json=asked)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def put(self, case_id: str, side: str, picture: bytes = PICTURE, **headers: str) -> httpx.Response:
        kind = {"Content-Type": "image/jpeg", **headers}
        return self.client.put(f"/v1/verifications/{case_id}/captures/{side}", content=picture, headers=kind)

    def filled(self, **wanted: object) -> dict[str, Any]:
        """A case with every picture it asks for."""
        opened = self.opened(**wanted)
        for side in SIDES if "face" in wanted.get("checks", ["face"]) else SIDES[:2]:  # type: ignore[operator]
            assert self.put(opened["id"], side, PICTURE + side.encode()).status_code == 200
        return opened

    def submit(self, case_id: str, said: object = None, **headers: str) -> httpx.Response:
        body = {} if said is None else {"json": said}
        return self.client.post(f"/v1/verifications/{case_id}/submit", headers=headers, **body)  # type: ignore[arg-type]

    def standing(self, case_id: str, **headers: str) -> dict[str, Any]:
        return dict(self.client.get(f"/v1/verifications/{case_id}", headers=headers).json())

    def verify(self, options: object = None, **headers: str) -> httpx.Response:
        parts = {name: (f"{name}.jpg", PICTURE + name.encode(), "image/jpeg") for name in ("front", "back", "selfie")}
        if options is None or isinstance(options, dict):
            options = {"consent": CONSENT, **(options or {})}
        data = {"options": options if isinstance(options, str) else json.dumps(options)}
        return self.client.post("/v1/verifications", files=parts, data=data, headers=headers)

    def seen(
        self, face: int = 1, number: str = "11010519491231002X", similarity: float = 1.0, **headers: str
    ) -> dict[str, Any]:
        """A verdict on a live person, consent to the gallery included; `face` as alike to itself as `similarity`."""
        checks = [{"name": name, "outcome": "pass"} for name in ("selfie", "liveness", "face")]
        fields = {**VERDICT["document"]["fields"], "number": number}
        self.verifier.verdict = {**VERDICT, "reasons": [], "checks": checks, "document": {"fields": fields}}
        self.verifier.template = face_of(face, similarity)
        answer = self.verify({"consent": {**CONSENT, "gallery": True}}, **headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def read(self, *sides: str, options: object = None) -> httpx.Response:
        parts: dict[str, Any] = {name: (f"{name}.jpg", PICTURE + name.encode(), "image/jpeg") for name in sides}
        if options is not None:
            text = options if isinstance(options, str) else json.dumps(options)
            parts["options"] = (None, text, "application/json")
        return self.client.post("/v1/documents", files=parts or {"": (None, "")})

    def post_raw(
        self,
        body: bytes,
        content_type: str = "multipart/form-data; boundary=BOUND",
        path: str = "/v1/verifications",
    ) -> httpx.Response:
        return self.client.post(path, content=body, headers={"Content-Type": content_type})

    def confirmed_code(self, number: str = NUMBER, purpose: str = "verification") -> str:
        sent = self.client.post("/v1/phone/codes", json={"phone": number, "purpose": purpose}).json()
        tried = self.client.post(f"/v1/phone/codes/{sent['id']}/check", json={"code": CODE})
        assert tried.json()["confirmed"] is True
        return str(sent["id"])


def face_of(person: int, similarity: float = 1.0) -> Template:
    """A template of an invented person; every two people's have the similarity 0."""
    vector = np.zeros(512, np.float32)
    vector[person], vector[0] = similarity, np.sqrt(1 - similarity**2)
    return Template(vector, "weight")


Opener = Callable[..., House]


class Stage:
    """The app that is played at the moment; one server serves them all."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Theatre:
    stage: Stage
    url: str
    tables: Path
    """A database with its tables, to be copied."""


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    stage = Stage()
    tables = tmp_path_factory.mktemp("tables") / "empty.db"
    stores.build(f"sqlite:///{tables}", master_key=bytes(32)).close()
    server = uvicorn.Server(
        uvicorn.Config(stage, host="127.0.0.1", port=0, log_level="warning", access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Theatre(stage, f"http://127.0.0.1:{port}", tables)
    server.should_exit = server.force_exit = True
    thread.join(10)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "open_house" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("open_house", databases(), indirect=True)


@pytest.fixture(scope="session")
def postgres_tables() -> Iterator[Engine]:
    """A database with its tables."""
    with database() as name:
        stores.build(url_of(name), master_key=bytes(32)).close()
        engine = create_engine(url_of(name))
        yield engine
        engine.dispose()


@pytest.fixture
def open_house(request: pytest.FixtureRequest, theatre: Theatre, tmp_path: Path) -> Iterator[Opener]:
    """Opens the house with other limits than the usual ones."""
    if getattr(request, "param", "sqlite") == "sqlite":
        url = f"sqlite:///{shutil.copy(theatre.tables, tmp_path / 'hecha.db')}"
    else:
        engine: Engine = request.getfixturevalue("postgres_tables")
        url = engine.url.render_as_string(hide_password=False)
        with engine.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(delete(table))
    with ExitStack() as closing:

        def opener(limits: web.Limits | None = None, rules: SessionRules | None = None) -> House:
            return _open(theatre, url, limits, rules, closing)

        yield opener


@pytest.fixture
def house(open_house: Opener) -> House:
    return open_house()


def _open(
    theatre: Theatre, url: str, limits: web.Limits | None, rules: SessionRules | None, closing: ExitStack
) -> House:
    clock, log, verifier, reader, outbox = Clock(), io.StringIO(), InventedVerifier(), InventedReader(), Outbox()
    state: dict[str, Any] = {"ready": True, "parts": {"engines": True, "weights": True}}
    carrier = InventedCarrier()
    store = stores.build(url, master_key=bytes(range(32)))
    closing.callback(store.close)
    theatre.stage.app = web.create_app(
        verifier=verifier,
        reader=reader,
        store=store,
        sms=outbox,
        clock=clock,
        api_key_hashes=[hashlib.sha256(each.encode()).hexdigest() for each in (KEY, "another key")],
        readiness=lambda: web.Readiness(state["ready"], state["parts"]),
        log=web.build_log(log, clock=clock),
        limits=limits,
        session_rules=rules,
        code_rules=CodeRules(("+86",)),
        gallery_rules=web.GalleryRules(0.01, 1e-3, lambda: CALIBRATION, GALLERY_TEMPLATES),
        carrier=carrier,
        draw=lambda _: int(CODE),
    )
    client = httpx.Client(base_url=theatre.url, headers={"X-API-Key": KEY}, timeout=20, trust_env=False)
    closing.callback(client.close)
    clerk = theatre.stage.app.state.clerk
    return House(theatre.url, client, verifier, reader, outbox, carrier, store, clock, log, state, clerk)
