"""The bounded queue in front of the engine processes. Used by `pool.py` alone."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from service.errors import EngineBusy, HechaError, NotReady


@dataclass(slots=True)
class Job:
    """A call of an engine's method, to be stopped when it runs longer than `timeout_s`."""

    method: str
    payload: bytes = field(repr=False)
    """The pickled pair (method, args)."""
    timeout_s: float
    future: Future[Any]


class JobQueue:
    """First in, first out, at most `size` waiting; full means refused at once, never blocked."""

    def __init__(self, size: int, workers: int) -> None:
        self._size = size
        self._workers = workers
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._mean_job_s = 1.0
        self.closed = threading.Event()

    def __len__(self) -> int:
        return len(self._jobs)

    def put(self, job: Job) -> None:
        """Raises EngineBusy with the seconds after which there should be room, or NotReady once closed."""
        with self._changed:
            if self.closed.is_set():
                raise NotReady
            if len(self._jobs) >= self._size:
                seconds = math.ceil(len(self._jobs) * self._mean_job_s / self._workers)
                raise EngineBusy(retry_after_s=max(1, min(60, seconds)))
            self._jobs.append(job)
            self._changed.notify()

    def take(self, fit: Callable[[], bool]) -> Job | None:
        """The next job, already marked as running. None once closed and empty, or half a second at most after the
        taker ceases to be `fit`."""
        while fit():
            with self._changed:
                if not self._jobs and not self.closed.is_set():
                    self._changed.wait(0.5)
                    continue
                job = self._jobs.popleft() if self._jobs else None
            if job is None or job.future.set_running_or_notify_cancel():
                return job
        return None

    def took(self, seconds: float) -> None:
        """Learn from a finished job how long one takes."""
        self._mean_job_s += 0.1 * (seconds - self._mean_job_s)

    def close(self) -> None:
        """Accept no more; what was accepted can still be taken."""
        with self._changed:
            self.closed.set()
            self._changed.notify_all()

    def refuse_all(self, error: HechaError) -> None:
        """Answer everything that waits with `error`."""
        with self._changed:
            refused, self._jobs = self._jobs, deque()
        for job in refused:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)
