"""`hecha serve`: the HTTP service from start to stop, and what a person sees on the terminal meanwhile."""

from __future__ import annotations

import gc
import hashlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import uvicorn
from fastapi import FastAPI

from service import main as root
from service import store as stores
from service import web
from service.commands import terminal
from service.commands.webhook_desk import build_round, reach
from service.errors import HechaError
from service.evidence import Claim, Role, Template
from service.faces.calibration import Calibration
from service.phone_parts import PhoneParts, phone_parts, told
from service.pipeline import DocumentQuestion
from service.policy import load_policy
from service.runtime.pool import EnginePool
from service.secrets import Secrets, load_secrets
from service.settings import Settings
from service.specimens.cases import sample_case
from service.store import Retention, Store
from service.web.logs import Log


@dataclass(frozen=True, slots=True)
class PoolVerifier:
    """The web room's verifier over the engine pool."""

    pool: EnginePool

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
        """One verdict; raises EngineBusy, EngineFailed or a PictureError."""
        asked = (front, back, selfie, today or root.local_today(), phone_confirmed, claim, tuple(frames))
        if take_template is None:
            return _object(self.pool.call("verify", *asked))
        verdict, template = self.pool.call("verify_with_template", *asked)
        take_template(template)
        return _object(verdict)

    def judge(self, picture: bytes, role: Role) -> dict[str, Any]:
        """What is wrong with one picture; errors as above."""
        return _object(self.pool.call("judge", picture, role, root.local_today()))


@dataclass(frozen=True, slots=True)
class PoolReader:
    """The web room's reader over the engine pool."""

    pool: EnginePool

    def read_document(self, front: bytes | None, back: bytes | None, wish: web.Wish) -> dict[str, Any]:
        """What a document says; errors as above."""
        day = wish.today or root.local_today()
        question = DocumentQuestion(day, wish.kind, wish.card_image, wish.portrait_image)
        return _object(self.pool.call("document", front, back, question))


def _object(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TypeError(f"an engine answered {type(answer).__name__}")
    return answer


def build_app(
    settings: Settings, keys: Secrets, pool: EnginePool, store: Store, phone: PhoneParts, log: Log
) -> FastAPI:
    """The HTTP application over a store and a pool."""
    return web.create_app(
        verifier=PoolVerifier(pool),
        reader=PoolReader(pool),
        store=store,
        sms=phone.sms,
        clock=partial(datetime.now, UTC),
        api_key_hashes=[hashlib.sha256(key.encode()).hexdigest() for key in keys.api_keys],
        readiness=lambda: _readiness(pool),
        log=log,
        code_rules=phone.rules,
        reach=reach(settings),
        carrier=phone.carrier,
        session_rules=web.SessionRules(attempts_per_day=_attempts_per_day(settings)),
        retention=_retention(settings),
        gallery_rules=_gallery_rules(settings, pool),
        version=version("hecha"),
    )


def _retention(settings: Settings) -> Retention:
    return Retention(
        answers=timedelta(hours=settings.keep_answers_hours),
        deliveries=timedelta(days=settings.keep_deliveries_days),
        ended=timedelta(days=settings.keep_ended_days),
    )


def _gallery_rules(settings: Settings, pool: EnginePool) -> web.GalleryRules:
    policy = load_policy(settings.policy)

    @cache
    def calibration() -> Calibration:
        found: Calibration = pool.call("calibration")
        return found

    return web.GalleryRules(policy.max_fpir, policy.max_fmr, calibration, settings.gallery_templates)


def _attempts_per_day(settings: Settings) -> int | None:
    return settings.attempts_per_day or (10 if settings.mode == "production" else None)


def _readiness(pool: EnginePool) -> web.Readiness:
    try:
        ready = pool.ready()
    except HechaError:
        ready = False
    # An engine is built only over verified weights and a calibration that fits the policy.
    return web.Readiness(ready, {"engines": ready, "weights": ready})


def serve(settings: Settings, *, sample: bool, out: TextIO = sys.stdout) -> None:
    """Listen until told to stop. Raises a SetupError before listening when the installation is not complete."""
    keys, log = load_secrets(settings), web.build_log(sys.stderr)
    phone = phone_parts(settings, lambda vendor, answer: log(event="sms", **told(vendor, answer)))
    problems = root.missing_weights(settings)
    if problems:
        raise problems[0]
    root.check_policy(settings, None)
    with (
        root.engines(settings, settings.engines, settings.engine_threads) as pool,
        closing(stores.build(settings.database, master_key=keys.master_key)) as store,
        _webhooks(settings, store),
    ):
        with store.reading() as transaction:
            store.galleries.check(transaction)
        server = uvicorn.Server(_config(settings, build_app(settings, keys, pool, store, phone, log)))
        greeting = threading.Thread(
            target=_greet, args=(settings, keys, pool, server, sample, out), name="greeting", daemon=True
        )
        greeting.start()
        # uvicorn stops gracefully on SIGTERM, then raises it again; a stop that was asked for is no failure.
        signal.signal(signal.SIGTERM, lambda *_: None)
        gc.collect()
        gc.freeze()  # else the collector walks over all that was imported, 80 ms in the middle of a request
        server.run()
        pool.ready()  # raises what kept the engines from being built


@contextmanager
def _webhooks(settings: Settings, store: Store) -> Iterator[None]:
    """Deliver as long as the service runs."""
    couriers = build_round(settings, store, web.build_log(sys.stderr))
    couriers.start()
    try:
        yield
    finally:
        couriers.stop()


def _config(settings: Settings, app: Callable[..., object]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
        limit_concurrency=256,
    )


def _greet(
    settings: Settings, keys: Secrets, pool: EnginePool, server: uvicorn.Server, sample: bool, out: TextIO
) -> None:
    """Say when the service is ready and how to use it; stop the server if it never will be."""
    try:
        pool.wait_ready(root.READY_TIMEOUT_S)
    except HechaError:
        server.should_exit = True
        return
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.05)
    address = f"http://{settings.host}:{settings.port}"
    lines = [_sample(settings, pool)] if sample else []
    lines += [f"Hecha is ready at {address} (documentation: {address}/docs)"]
    if keys.generated:
        lines += [f"Development key: {keys.api_keys[0]}"]
    if sample:
        lines += ["Try it:", _curl(address, keys, _sample_folder(settings))]
    print("\n".join(lines), file=out, flush=True)


def _sample_folder(settings: Settings) -> Path:
    return settings.state / "sample"


def _sample(settings: Settings, pool: EnginePool) -> str:
    """Verify the built-in sample person and say what came out, and how long it took."""
    files = sample_case(settings.models / "assets").files()
    folder = _sample_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for role, content in files.items():
        (folder / f"{role}.jpg").write_bytes(content)
    started = time.perf_counter()
    verdict = pool.call("verify", files["front"], files["back"], files["selfie"], root.local_today(), None)
    elapsed_ms = 1000 * (time.perf_counter() - started)
    heading = f"The built-in sample person (invented data, public portraits), {elapsed_ms:.0f} ms:"
    return f"{heading}\n{terminal.verdict(verdict)}\n"


def _curl(address: str, keys: Secrets, folder: Path) -> str:
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    # The sample person's, to try it out; yours records what the applicant really agreed to.
    consent = {
        "purpose": "trial",
        "biometric": True,
        "text_version": "1",
        "given_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "channel": "terminal",
    }
    key = keys.api_keys[0] if keys.generated else "$HECHA_API_KEY"
    pictures = " ".join(f"-F {side}=@{shown}/{side}.jpg" for side in ("front", "back", "selfie"))
    options = f"-F 'options={json.dumps({'consent': consent})}'"
    return f"  curl -H 'X-API-Key: {key}' {pictures} \\\n    {options} {address}/v1/verifications"
