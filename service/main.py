"""The composition root: the one place where settings become working parts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from service.assembly import EngineSpec
from service.batch.run import run_batch as run_manifest
from service.errors import HechaError
from service.faces.calibration import KEY_PURPOSE, Calibration, of_weight, read_signed
from service.policy import Policy, load_policy
from service.report import Json
from service.runtime.fetch import fetch
from service.runtime.pool import EnginePool, PoolLimits
from service.runtime.weights import Weight, Weights, verify
from service.settings import Settings

READY_TIMEOUT_S = 300.0
"""Loading takes two seconds; a starved machine may take minutes, and then waiting is better than failing."""


def local_today() -> date:
    """The day on this machine's calendar: a card expires at the operator's midnight, not at Greenwich's."""
    return datetime.now().astimezone().date()


@contextmanager
def engines(settings: Settings, processes: int, threads: int, *, templates_only: bool = False) -> Iterator[EnginePool]:
    """A pool whose engines are all built and warm. Raises the SetupError of a build that cannot succeed."""
    spec = EngineSpec(
        settings.models,
        settings.policy,
        threads,
        settings.insightface_pack,
        settings.accept_noncommercial_weights,
        _calibration(settings),
    )
    limits = PoolLimits(
        processes=processes,
        queue_size=max(settings.queue_limit, 2 * processes),
        job_timeout_s=settings.engine_timeout_s,
        memory_headroom_bytes=settings.engine_memory_mb * 2**20,
    )
    with EnginePool(spec.build_template_maker if templates_only else spec.build, limits) as pool:
        yield pool


@contextmanager
def one_engine(settings: Settings) -> Iterator[EnginePool]:
    """One engine over all cores: the shortest wait for one picture after another."""
    with engines(settings, 1, settings.engine_threads) as pool:
        pool.wait_ready(READY_TIMEOUT_S)
        yield pool


@contextmanager
def all_engines(settings: Settings) -> Iterator[EnginePool]:
    """An engine per core, one thread each: the most pictures a second (a tenth more than with threads that compete)."""
    with engines(settings, settings.engines, 1) as pool:
        pool.wait_ready(READY_TIMEOUT_S)
        yield pool


def run_batch(manifest: Path, out: Path, today: date | None, settings: Settings) -> None:
    """`hecha batch run`: every row of a manifest, on all cores. Without `today` an unfinished run keeps its own day."""
    with all_engines(settings) as pool:
        versions = pool.call("versions")
        run_manifest(manifest, out, pool=pool, versions=versions, today=today, default_today=local_today())


def calibrate(
    people: Path | None, pairs: Path | None, folder: Path | None, out: Path, seed: int, settings: Settings
) -> list[str]:
    """`hecha calibrate`: the operator's own thresholds, signed; answers the lines to show."""
    from service.batch.calibrate import calibrate as fit
    from service.batch.calibrate import lines, write
    from service.batch.labelled import from_folder, from_pairs

    out.mkdir(parents=True, exist_ok=True)
    uncalibrated = settings.model_copy(update={"calibration": None})
    with engines(uncalibrated, settings.engines, 1, templates_only=True) as pool:
        pool.wait_ready(READY_TIMEOUT_S)
        versions = pool.call("versions")
        if people is not None:
            data = from_folder(people, pool=pool, log=sys.stderr)
        else:
            assert pairs is not None  # noqa: S101 the command takes one of the two
            data = from_pairs(pairs, folder or pairs.parent, pool=pool, log=sys.stderr)
    table = fit(data, versions["face_template"], seed=seed, day=local_today().isoformat())
    write(out, data, table, _calibration_key(settings))
    return lines(table)


def _calibration(settings: Settings) -> Calibration | None:
    """The operator's own, if named. Raises CalibrationInvalid."""
    path = settings.calibration
    return None if path is None else read_signed(path, _calibration_key(settings))


def _calibration_key(settings: Settings) -> bytes:
    from service.secrets import load_secrets
    from service.store.keys import KeyRing  # loads the store, which few commands need

    return KeyRing(load_secrets(settings).master_key).derive(KEY_PURPOSE)


def fetch_models(settings: Settings, report: Callable[[str], None]) -> None:
    """Bring every file of the manifest that is missing or wrong."""
    fetch(Weights.build(settings.models).everything(), report)


def chinese_font(settings: Settings) -> Path:
    """A font with Chinese characters, that of the specimens. Raises WeightMissing or WeightMismatch."""
    font = Weights.build(settings.models).assets["font_sans"]
    verify(font)
    return font.path


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
    if settings.insightface_pack is not None:
        return policy  # a pack's calibration is asked for when the pack is loaded
    calibration = _calibration(settings) or of_weight(Weights.build(settings.models).weights["face_template"])
    for wish in (policy.max_fmr, policy.clear_nonmatch_fmr):
        calibration.threshold(wish)
    return policy
