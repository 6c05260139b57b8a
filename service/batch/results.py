"""`results.jsonl`: one line per finished row, appended whole, so that a run killed at any moment goes on from there."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from service.errors import BatchConflict

Json = dict[str, Any]

RESULTS = "results.jsonl"
MARK = "run.json"
SYNC_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Mark:
    """What makes two runs the same run: with any other manifest, day or model, results would not belong together."""

    manifest_sha256: str
    today: str
    versions: dict[str, str]


def marked_day(out: Path) -> str | None:
    """The day an unfinished run in this directory judges by, as ISO 8601; None if there is none."""
    found = _read_mark(out)
    return None if found is None else found.today


@dataclass(slots=True)
class ResultLog:
    """The open log of a run. `finished[n]` is 1 once row n has its line; `outcomes` counts decisions, error codes."""

    file: IO[bytes]
    finished: bytearray = field(repr=False)
    outcomes: Counter[str]
    synced_at: float = 0.0

    @classmethod
    @contextmanager
    def open(cls, out: Path, mark: Mark, rows: int) -> Iterator[Self]:
        """Create or continue the log of this run in `out`. Raises BatchConflict if it is another run's."""
        out.mkdir(parents=True, exist_ok=True)
        with (out / ".lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BatchConflict("Another run is writing to this output directory.") from None
            _check_mark(out, mark)
            with (out / RESULTS).open("r+b" if (out / RESULTS).exists() else "w+b", buffering=0) as file:
                log = cls(file, bytearray(rows + 1), Counter())
                log._recover()
                yield log
                os.fsync(file.fileno())

    def append(self, number: int, line: Json) -> None:
        """Add the line of a row: one write, on the disk within a fraction of a second."""
        content = json.dumps({**line}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if self.file.write(content) != len(content):
            raise OSError("the disk is full")
        self._count(number, line)
        now = time.monotonic()
        if now - self.synced_at >= SYNC_EVERY_S:
            os.fsync(self.file.fileno())
            self.synced_at = now

    def _recover(self) -> None:
        """Learn what is finished; cut off what a kill or a power cut left behind, from the first line that is torn."""
        good = 0
        with os.fdopen(os.dup(self.file.fileno()), "rb") as lines:
            for content in lines:
                number, line = _parsed(content)
                if not 0 < number < len(self.finished) or self.finished[number]:
                    break
                self._count(number, line)
                good += len(content)
        self.file.truncate(good)
        self.file.seek(good)

    def _count(self, number: int, line: Json) -> None:
        self.finished[number] = 1
        error = line.get("error")
        self.outcomes[error["code"] if error else line.get("decision", "unknown")] += 1


def _parsed(content: bytes) -> tuple[int, Json]:
    """Row number and line; row 0 does not exist and stands for a torn line."""
    try:
        line = json.loads(content) if content.endswith(b"\n") else None
    except ValueError:
        line = None
    if not isinstance(line, dict) or not isinstance(line.get("row"), int):
        return 0, {}
    return line["row"], line


def _read_mark(out: Path) -> Mark | None:
    try:
        return Mark(**json.loads((out / MARK).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise BatchConflict("The output directory holds a run.json that is not a run's.") from error


def _check_mark(out: Path, mark: Mark) -> None:
    found = _read_mark(out)
    if found is None:
        if (out / RESULTS).exists():
            raise BatchConflict("The output directory holds results of which it is not known how they were made.")
        _write_mark(out, mark)
    elif found != mark:
        other = [name for name, value in asdict(mark).items() if value != asdict(found)[name]]
        raise BatchConflict(
            f"The output directory holds a run with another {', '.join(other)}; choose another directory."
        )


def _write_mark(out: Path, mark: Mark) -> None:
    part = out / f"{MARK}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump(asdict(mark), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(out / MARK)
    descriptor = os.open(out, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
