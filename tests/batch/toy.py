"""A pool without processes, an engine without models, and the run that the killing test kills."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from service.batch.run import run_batch
from service.errors import EngineFailed, PictureCorrupt, PictureTooComplex
from service.runtime.pool import EnginePool, PoolLimits

TODAY = date(2026, 11, 24)
VERSIONS = {"policy": "p1", "model": "abc"}


class Engine:
    """The verdict depends on the first bytes of the front picture."""

    def verify(self, front: bytes, back: bytes, selfie: bytes, today: date, phone_confirmed: bool | None) -> Any:
        if front.startswith(b"corrupt"):
            raise PictureCorrupt(role="front")
        if front.startswith(b"complex"):
            raise PictureTooComplex
        if front.startswith(b"crash"):
            os._exit(9)
        time.sleep(0.002)
        digest = hashlib.sha256(front + back + selfie).hexdigest()
        return {
            "decision": "approved" if front.startswith(b"good") else "review",
            "digest": digest,
            "today": str(today),
        }


def build() -> Engine:
    return Engine()


class ThreadPool:
    """The shape of an EnginePool, for tests that do not kill engines."""

    def __init__(self, verify: Callable[..., Any], processes: int = 2) -> None:
        self._verify = verify
        self._threads = ThreadPoolExecutor(processes)
        self.processes = processes
        self.in_flight = 0
        self.most_in_flight = 0

    def submit(self, method: str, *args: object) -> Future[Any]:
        assert method == "verify"
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        future = self._threads.submit(self._verify, *args)
        future.add_done_callback(self._landed)
        return future

    def _landed(self, future: Future[Any]) -> None:
        self.in_flight -= 1


class Failing:
    """Raises EngineFailed so many times for pictures that begin with `flaky`, then answers."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, front: bytes, *rest: Any) -> Any:
        if front.startswith(b"flaky") and self.left:
            self.left -= 1
            raise EngineFailed
        return Engine().verify(front, *rest)


def write_manifest(directory: Path, fronts: list[bytes], name: str = "manifest.csv") -> Path:
    """A manifest of as many rows, with ids r1, r2, ... and one picture directory."""
    (directory / "pictures").mkdir(exist_ok=True)
    (directory / "pictures" / "back").write_bytes(b"back")
    (directory / "pictures" / "selfie").write_bytes(b"selfie")
    lines = ["id,front,back,selfie"]
    for number, content in enumerate(fronts, 1):
        (directory / "pictures" / f"front{number}").write_bytes(content)
        lines.append(f"r{number},pictures/front{number},pictures/back,pictures/selfie")
    path = directory / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """`python -c "...main()" MANIFEST OUT`: a whole run over real engine processes."""
    manifest, out = map(Path, sys.argv[1:3])
    with EnginePool(build, PoolLimits(processes=2)) as pool:
        pool.wait_ready(30)
        run_batch(manifest, out, pool=pool, versions=VERSIONS, today=None, default_today=TODAY)
