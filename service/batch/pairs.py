"""Compare thousands of pairs: a template is made once per file, on all engines, then pairs are answered in order."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from service.errors import HechaError, ManifestInvalid
from service.runtime.image import read

Found = tuple[NDArray[np.float32] | None, str]
"""A template and `ok`, or None and the code that says why there is none."""


class Pool(Protocol):
    """The part of `runtime.pool.EnginePool` that is needed here."""

    @property
    def processes(self) -> int: ...
    def submit(self, method: str, *args: object) -> Future[object]: ...


def compare_pairs(pairs: Path, root: Path, out: Path, *, pool: Pool, log: TextIO) -> int:
    """Write `file_a,file_b,similarity,status` for each row of `pairs` (columns `file_a,file_b,...`), in its order.

    A pair without two usable faces keeps its row: similarity empty, status the reason code. Returns the number of rows.
    Raises ManifestInvalid when a column is missing or the file cannot be read.
    """
    files = list(dict.fromkeys(name for row in _rows(pairs) for name in row))
    templates = dict(_templates(files, root, pool, log))
    count = 0
    with out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file_a", "file_b", "similarity", "status"])
        for count, (a, b) in enumerate(_rows(pairs), start=1):  # noqa: B007 counted for the caller
            writer.writerow([a, b, *_compared(templates[a], templates[b])])
    print(f"{count} pairs of {len(files)} files compared", file=log)
    return count


def templates_of(files: list[str], root: Path, pool: Pool, log: TextIO) -> dict[str, Found]:
    """The template of the most prominent face of each file, or why there is none."""
    return dict(_templates(files, root, pool, log))


def _rows(pairs: Path) -> Iterator[tuple[str, str]]:
    try:
        with pairs.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not {"file_a", "file_b"} <= set(reader.fieldnames or ()):
                raise ManifestInvalid("The pairs file needs the columns file_a and file_b.")
            for row in reader:
                yield row["file_a"] or "", row["file_b"] or ""
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ManifestInvalid("The pairs file cannot be read as UTF-8 CSV.") from None


def _templates(files: list[str], root: Path, pool: Pool, log: TextIO) -> Iterator[tuple[str, Found]]:
    """Two jobs in flight per engine, so that neither the engines nor the queue wait."""
    flying: deque[tuple[str, Future[object] | HechaError]] = deque()
    for done, name in enumerate(files):
        flying.append((name, _submit(root / name, pool)))
        if len(flying) >= 2 * pool.processes:
            yield _landed(*flying.popleft())
        if done and done % 500 == 0:
            print(f"{done}/{len(files)} files", file=log)
    for name, future in flying:
        yield _landed(name, future)


def _submit(path: Path, pool: Pool) -> Future[object] | HechaError:
    try:
        return pool.submit("template", read(path))
    except HechaError as error:
        return error


def _landed(name: str, future: Future[object] | HechaError) -> tuple[str, Found]:
    if isinstance(future, HechaError):
        return name, (None, future.code)
    try:
        found: Found = future.result()  # type: ignore[assignment]
    except HechaError as error:
        return name, (None, error.code)
    return name, found


def _compared(first: Found, second: Found) -> tuple[str, str]:
    (a, status_a), (b, status_b) = first, second
    if a is None or b is None:
        return "", status_a if a is None else status_b
    return f"{float(a @ b):.6f}", "ok"
