"""The composition root: the one place where settings become working parts."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from service import store as stores
from service import web
from service.batch.run import run_batch as run_manifest
from service.documents.reader import DocumentReader
from service.engine import Engine
from service.errors import HechaError
from service.faces.calibration import threshold
from service.faces.engine import FaceEngine
from service.liveness.passive import PassiveLiveness
from service.phone import otp
from service.phone.sms import SmsSender, console, unset
from service.pipeline import Engines, Thresholds
from service.policy import Policy, load_policy
from service.report import Json
from service.runtime.fetch import fetch
from service.runtime.pool import EnginePool, PoolLimits
from service.runtime.weights import Weight, Weights, verify
from service.secrets import Secrets, load_secrets
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine process needs to build its engine; crosses to it by pickle."""

    models: Path
    policy: Path
    threads: int
    insightface_pack: Path | None
    accept_noncommercial_weights: bool

    @classmethod
    def of(cls, settings: Settings, threads: int) -> EngineSpec:
        """The spec of the settings with so many threads a model run."""
        return cls(
            settings.models,
            settings.policy,
            threads,
            settings.insightface_pack,
            settings.accept_noncommercial_weights,
        )

    def build(self) -> Engine:
        """Load policy and models and run each once. Raises a SetupError that names what is missing or wrong."""
        policy = load_policy(self.policy)
        engine = Engine(build_engines(self, policy, Weights.build(self.models)), policy)
        engine.warm()
        return engine


def build_engines(spec: EngineSpec, policy: Policy, weights: Weights) -> Engines:
    """The three rooms over verified weights, and the thresholds of the policy's error rates."""
    faces = FaceEngine.build(weights, spec.threads)
    template_weight = weights.verified("face_template")
    return Engines(
        documents=DocumentReader.build(weights, spec.threads),
        faces=faces,
        liveness=PassiveLiveness.build(weights, spec.threads),
        thresholds=Thresholds(
            match=threshold(template_weight, policy.max_fmr),
            clear_nonmatch=threshold(template_weight, policy.clear_nonmatch_fmr),
        ),
        versions={
            "hecha": version("hecha"),
            "policy": policy.version,
            **{name: weight.sha256 for name, weight in weights.weights.items()},
        },
    )


def local_today() -> date:
    """The day on this machine's calendar: a card expires at the operator's midnight, not at Greenwich's."""
    return datetime.now().astimezone().date()


@contextmanager
def engines(settings: Settings, processes: int, threads: int) -> Iterator[EnginePool]:
    """A pool whose engines are all built and warm. Raises the SetupError of a build that cannot succeed."""
    limits = PoolLimits(
        processes=processes,
        queue_size=max(settings.queue_limit, 2 * processes),
        job_timeout_s=settings.engine_timeout_s,
        memory_headroom_bytes=settings.engine_memory_mb * 2**20,
    )
    with EnginePool(EngineSpec.of(settings, threads).build, limits) as pool:
        yield pool


@contextmanager
def one_engine(settings: Settings) -> Iterator[EnginePool]:
    """One engine over all cores: the shortest wait for one picture after another."""
    with engines(settings, 1, settings.engines * settings.engine_threads) as pool:
        pool.wait_ready(120)
        yield pool


@contextmanager
def all_engines(settings: Settings) -> Iterator[EnginePool]:
    """An engine per core: the most pictures a second."""
    with engines(settings, settings.engines, settings.engine_threads) as pool:
        pool.wait_ready(120)
        yield pool


@dataclass(frozen=True, slots=True)
class PoolVerifier:
    """The web room's verifier over the engine pool."""

    pool: EnginePool

    def verify(
        self, front: bytes, back: bytes, selfie: bytes, *, today: date | None, phone_confirmed: bool | None
    ) -> dict[str, Any]:
        """One verdict; raises EngineBusy, EngineFailed or a PictureError."""
        answer = self.pool.call("verify", front, back, selfie, today or local_today(), phone_confirmed)
        if not isinstance(answer, dict):
            raise TypeError(f"an engine answered {type(answer).__name__}")
        return answer


def build_app(settings: Settings, keys: Secrets, pool: EnginePool) -> FastAPI:
    """The HTTP application over a store and a pool."""
    return web.create_app(
        verifier=PoolVerifier(pool),
        store=stores.build(settings.database, master_key=keys.master_key),
        sms=_sms(settings),
        clock=partial(datetime.now, UTC),
        api_key_hashes=[hashlib.sha256(key.encode()).hexdigest() for key in keys.api_keys],
        readiness=lambda: _readiness(pool),
        log=web.build_log(sys.stderr),
        phone_countries=_countries(settings),
        version=version("hecha"),
    )


def _readiness(pool: EnginePool) -> web.Readiness:
    try:
        ready = pool.ready()
    except HechaError:
        ready = False
    # An engine is built only over verified weights and a calibration that fits the policy.
    return web.Readiness(ready, {"engines": ready, "weights": ready})


def _sms(settings: Settings) -> SmsSender:
    # A code on the console is a code in a log file.
    return unset.build() if settings.mode == "production" else console.build(sys.stderr)


def _countries(settings: Settings) -> tuple[str, ...]:
    return tuple(code.strip() for code in settings.phone_countries.split(",") if code.strip())


def confirm_phone(number: str, settings: Settings, ask: Callable[[str], str]) -> bool:
    """Send a code to a number and ask for it until it is right or its tries are used up.

    Raises PhoneNumberInvalid, PhoneNumberRefused, TooManyRequests, SmsFailed.
    """
    store = stores.build(settings.database, master_key=load_secrets(settings).master_key)
    codes = otp.build(
        ledger=store.phones,
        sms=_sms(settings),
        pepper=store.keys.derive("phone"),
        clock=partial(datetime.now, UTC),
        countries=_countries(settings),
    )
    try:
        code_id = codes.send(number, otp.VERIFICATION).id
        while not (answer := codes.check(code_id, ask("Code: ").strip())).confirmed and answer.tries_left:
            pass
        return answer.confirmed
    except EOFError:
        return False
    finally:
        store.close()


def run_batch(manifest: Path, out: Path, today: date, settings: Settings) -> Json:
    """`hecha batch run`: every row of a manifest over all cores."""
    with all_engines(settings) as pool:
        return run_manifest(manifest, out, pool=pool, today=today)


def fetch_models(settings: Settings, report: Callable[[str], None]) -> None:
    """Bring every file of the manifest that is missing or wrong."""
    fetch(Weights.build(settings.models).everything(), report)


def verify_models(settings: Settings) -> list[HechaError]:
    """What is wrong with the files of the manifest; empty when nothing is."""
    return _problems(Weights.build(settings.models).everything())


def missing_weights(settings: Settings) -> list[HechaError]:
    """What is wrong with the weights a verification needs."""
    return _problems(Weights.build(settings.models).weights.values())


def _problems(weights: Iterable[Weight]) -> list[HechaError]:
    problems: list[HechaError] = []
    for weight in weights:
        try:
            verify(weight)
        except HechaError as error:
            problems.append(error)
    return problems


def list_models(settings: Settings) -> list[Json]:
    """What the manifest says of each weight."""
    return [
        {
            "name": weight.name,
            "task": weight.task,
            "package": f"{weight.origin.package} {weight.origin.version}",
            "member": weight.origin.member,
            "sha256": weight.sha256,
            "bytes": weight.size_bytes,
            "licence": weight.licence,
            "commercial_use": weight.commercial_use,
        }
        for weight in Weights.build(settings.models).weights.values()
    ]


def check_policy(settings: Settings, path: Path | None) -> Policy:
    """A policy as read, after asking the face weight's calibration for its error rates."""
    policy = load_policy(path or settings.policy)
    weight = Weights.build(settings.models).weights["face_template"]
    for wish in (policy.max_fmr, policy.clear_nonmatch_fmr):
        threshold(weight, wish)
    return policy


def load_keys(settings: Settings) -> Secrets:
    """The secrets of the settings, or generated ones in development."""
    return load_secrets(settings)
