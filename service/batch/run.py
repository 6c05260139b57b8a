"""Verify every row of a manifest over all engines; killed and started again it finishes the rest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TextIO

from service.batch.manifest import CAPTURES, Manifest, Row
from service.batch.progress import Summary, print_summary, shown
from service.batch.results import Json, Mark, ResultLog, marked_day
from service.errors import EngineBusy, EngineFailed, HechaError, InputError, ManifestInvalid, PictureError
from service.runtime.image import read

_FLIGHTS_PER_ENGINE = 2
"""One job running and one waiting: an engine never idles, and few pictures are held in memory."""


class Pool(Protocol):
    """The part of `runtime.pool.EnginePool` that is needed here."""

    @property
    def processes(self) -> int: ...
    def submit(self, method: str, *args: object) -> Future[Any]: ...


def run_batch(
    manifest: Path,
    out: Path,
    *,
    pool: Pool,
    versions: Mapping[str, str],
    today: date | None,
    default_today: date,
    stream: TextIO = sys.stderr,
) -> Summary:
    """Append one line of JSON per row to `out/results.jsonl`, in the order they finish: `id`, `row` and the verdict, or
    `id`, `row` and `error`. Rows that have their line are left alone.

    `today` is the day cards are judged by; None = the day of the unfinished run in `out`, or else `default_today`.
    `versions` are those of policy and models. Raises ManifestInvalid; BatchConflict if `out` belongs to another run
    (manifest, day or versions) or one is at work there; a MachineError when the engines are gone for good.
    """
    started = time.monotonic()
    cases = Manifest.scan(manifest)
    day = today or date.fromisoformat(marked_day(out) or default_today.isoformat())
    mark = Mark(cases.sha256, day.isoformat(), dict(versions))
    with ResultLog.open(out, mark, cases.rows) as log:
        done_before = sum(log.finished)
        rest = (row for row in cases if not log.finished[row.number])
        with shown(cases.rows, done_before, stream) as advance:
            for row, answer in _answers(rest, pool, day):
                log.append(row.number, {"id": row.id, "row": row.number, **answer})
                advance()
        summary = Summary(cases.rows, done_before, time.monotonic() - started, log.outcomes)
    print_summary(summary, stream)
    return summary


def _answers(rows: Iterable[Row], pool: Pool, day: date) -> Iterator[tuple[Row, Json]]:
    flights = _Flights(pool, day)
    for row in rows:
        while len(flights) >= _FLIGHTS_PER_ENGINE * pool.processes:
            yield from flights.land()
        yield from flights.launch(row)
    while len(flights):
        yield from flights.land()


class _Flights:
    """The rows the pool is working on."""

    def __init__(self, pool: Pool, day: date) -> None:
        self._pool = pool
        self._day = day
        self._flying: dict[Future[Any], tuple[Row, int]] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def launch(self, row: Row, attempt: int = 1) -> Iterator[tuple[Row, Json]]:
        """Submit a row; gives its answer at once if it cannot be."""
        try:
            pictures = _pictures(row)
        except InputError as error:
            yield row, _error_json(error)
            return
        self._flying[self._submit(pictures)] = (row, attempt)

    def land(self) -> Iterator[tuple[Row, Json]]:
        """Wait for the next answers. A row whose engine died gets a second try: it may have been another's fault."""
        landed, _ = wait(self._flying, return_when=FIRST_COMPLETED)
        for future in landed:
            row, attempt = self._flying.pop(future)
            try:
                yield row, future.result()
            except EngineFailed as error:
                if attempt == 1:
                    yield from self.launch(row, attempt=2)
                else:
                    yield row, _error_json(error)
            except InputError as error:
                yield row, _error_json(error)

    def _submit(self, pictures: tuple[bytes, ...]) -> Future[Any]:
        while True:
            try:
                return self._pool.submit("verify", *pictures, self._day, None)
            except EngineBusy as busy:
                pause_s = min(1.0, busy.retry_after_s or 1.0)
                if self._flying:
                    wait(self._flying, timeout=pause_s, return_when=FIRST_COMPLETED)
                else:
                    time.sleep(pause_s)


def _pictures(row: Row) -> tuple[bytes, ...]:
    """The bytes of front, back and selfie."""
    if row.problem is not None:
        raise ManifestInvalid(row.problem)
    found: list[bytes] = []
    for role, path in zip(CAPTURES, row.captures, strict=True):
        try:
            found.append(read(path))
        except PictureError as error:
            raise type(error)(error.detail, role=role) from error
    return tuple(found)


def _error_json(error: HechaError) -> Json:
    described: Json = {"code": error.code, "detail": error.detail}
    if isinstance(error, PictureError) and error.role is not None:
        described["capture"] = error.role
    return {"error": described}
