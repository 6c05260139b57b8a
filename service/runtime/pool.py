"""Engine processes: a picture that crashes one, hangs it or eats its memory costs that job only.

One thread supervises each process: it starts it, hands it one job at a time from a shared bounded queue, kills it when
a job exceeds its time, and starts another in its place. The engine itself is unknown here: it is what `build` makes.
"""

from __future__ import annotations

import logging
import os
import pickle
import resource
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from service.errors import EngineFailed, HechaError, NotReady, PictureTooComplex
from service.runtime.child_process import ChildProcess, ProcessLost
from service.runtime.engine_process import Ready, Reply
from service.runtime.job_queue import Job, JobQueue

_log = logging.getLogger(__name__)

ONE_THREAD: Final[Mapping[str, str]] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Every thread of the runtimes would otherwise keep an arena of its own: memory that creeps without a leak.
    "MALLOC_ARENA_MAX": "2",
}
"""Environment of an engine process when there is one per core."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What engines may cost. A queue of `queue_size` jobs waits beside the running ones."""

    processes: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    """One per core this process may use."""
    queue_size: int = 16
    job_timeout_s: float = 30.0
    """A job is stopped after so long, if it also had the processor for half of it ..."""
    starved_factor: float = 4.0
    """... and after so many times as long in any case. On an overloaded machine time passes while nothing is done, and
    killing an engine for that would blame a good picture and cost a rebuild on top."""
    memory_headroom_bytes: int = 1_000_000_000
    """Private memory a process may take beyond what it has when its engine is built."""
    build_timeout_s: float = 300.0
    build_attempts: int = 3
    """How often a build that crashes or hangs is tried; one that raises a HechaError is final at once."""
    rebuild_pause_s: float = 30.0
    """After an engine that has served before could not be rebuilt."""


class EnginePool:
    """`limits.processes` engines behind one bounded queue. Safe to call from any thread.

    `build` makes the engine inside each process: a top-level callable of an importable module (or a `partial` of one).
    """

    def __init__(
        self,
        build: Callable[[], object],
        limits: PoolLimits | None = None,
        environment: Mapping[str, str] = ONE_THREAD,
    ) -> None:
        self._build = build
        self._limits = limits or PoolLimits()
        self._environment = environment
        self._queue = JobQueue(self._limits.queue_size, self._limits.processes)
        self._state = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._children: dict[int, ChildProcess] = {}
        self._built: set[int] = set()
        self._serving: set[int] = set()
        self._failures: dict[int, HechaError] = {}

    def start(self) -> Self:
        """Begin to start the processes; returns at once. `build` must be picklable."""
        pickle.dumps(self._build)
        for slot in range(self._limits.processes):
            thread = threading.Thread(target=self._supervise, args=(slot,), name=f"engine-{slot}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # After Ctrl-C or a failure nobody reads the answers any more.
        self.close(grace_s=0.0 if kind else 30.0)

    @property
    def processes(self) -> int:
        """How many jobs run at the same time."""
        return self._limits.processes

    def ready(self) -> bool:
        """Whether every engine has been built once and at least one is serving now.

        Raises the error of the build (a SetupError names what is missing) if one could not be built.
        """
        with self._state:
            for slot, error in self._failures.items():
                if slot not in self._built or not self._serving:
                    raise error
            return len(self._built) == self._limits.processes and bool(self._serving)

    def wait_ready(self, timeout_s: float) -> None:
        """Block until `ready()`. Raises what `ready()` raises, or NotReady when the time is over."""
        deadline = time.monotonic() + timeout_s
        while not self.ready():
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self._queue.closed.is_set():
                raise NotReady
            with self._state:
                self._state.wait(min(remaining, 0.2))

    def submit(self, method: str, *args: object, timeout_s: float | None = None) -> Future[Any]:
        """Queue `engine.method(*args)`. `timeout_s` limits its run, not its wait in the queue.

        Raises EngineBusy at once when the queue is full, NotReady after `close()`, or the error of a failed build.
        The future raises the HechaError of the engine; PictureTooComplex if it ran out of time or memory; EngineFailed
        if the process died or anything unforeseen was raised. Arguments and results must be picklable.
        """
        with self._state:
            if self._failures and not self._serving:
                raise next(iter(self._failures.values()))
        job = Job(method, pickle.dumps((method, args)), timeout_s or self._limits.job_timeout_s, Future())
        self._queue.put(job)
        return job.future

    def call(self, method: str, *args: object, timeout_s: float | None = None) -> Any:
        """`submit` and wait for the answer."""
        return self.submit(method, *args, timeout_s=timeout_s).result()

    def close(self, grace_s: float = 30.0) -> None:
        """Refuse new jobs, finish the accepted ones within `grace_s`, then end every process."""
        deadline = time.monotonic() + grace_s
        self._queue.close()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._queue.refuse_all(NotReady())
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        for thread in self._threads:
            thread.join(5.0)

    def pids(self) -> tuple[int, ...]:
        """Process ids of the engines alive now."""
        with self._state:
            return tuple(child.pid for child in self._children.values() if child.alive())

    def resident_bytes(self) -> dict[int, int]:
        """Resident memory of each engine by process id, on Linux."""
        found: dict[int, int] = {}
        for pid in self.pids():
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            except (OSError, IndexError):
                continue
            found[pid] = pages * resource.getpagesize()
        return found

    def waiting(self) -> int:
        """Jobs in the queue that no engine has begun."""
        return len(self._queue)

    # ---- one thread per process

    def _supervise(self, slot: int) -> None:
        lost_builds = 0
        while not self._queue.closed.is_set() or len(self._queue):
            try:
                lost_builds = 0 if self._run_child(slot) else lost_builds + 1
                if lost_builds < self._limits.build_attempts:
                    continue
                failure: HechaError = EngineFailed("An engine process ends or hangs whenever it is built.")
            except HechaError as error:
                failure = error
            self._mark_failed(slot, failure)
            if slot not in self._built:
                return
            self._queue.closed.wait(self._limits.rebuild_pause_s)

    def _mark_failed(self, slot: int, error: HechaError) -> None:
        """While no engine serves, nobody shall wait for one in vain."""
        with self._state:
            self._failures[slot] = error
            nobody_serves = not self._serving
            self._state.notify_all()
        if nobody_serves:
            self._queue.refuse_all(error)

    def _run_child(self, slot: int) -> bool:
        """Start a process and serve until it ends. Whether its engine was built; raises what the build raised."""
        try:
            child = ChildProcess(self._build, self._limits.memory_headroom_bytes, self._environment)
        except (OSError, ProcessLost) as error:
            _log.error("engine process cannot be started: %s", type(error).__name__)
            self._queue.closed.wait(1.0)
            return False
        with self._state:
            self._children[slot] = child
        try:
            if not self._await_ready(child):
                return False
            self._serve(slot, child)
            return True
        finally:
            with self._state:
                self._serving.discard(slot)
            child.stop(2.0 if self._queue.closed.is_set() else 0.1)

    def _await_ready(self, child: ChildProcess) -> bool:
        deadline = time.monotonic() + self._limits.build_timeout_s
        while True:
            try:
                message = child.receive(0.2)
                break
            except TimeoutError:
                if time.monotonic() > deadline or (self._queue.closed.is_set() and not len(self._queue)):
                    return False
            except ProcessLost:
                self._log_loss(child, "building its engine")
                return False
        if isinstance(message, Reply) and message.error is not None:
            if message.cause:
                _log.error("engine cannot be built: %s", message.cause)
            raise message.error
        return isinstance(message, Ready)

    def _serve(self, slot: int, child: ChildProcess) -> None:
        """Give jobs to the child until it is lost, has to be replaced, or the pool closes."""
        with self._state:
            self._built.add(slot)
            self._serving.add(slot)
            self._failures.pop(slot, None)
            self._state.notify_all()
        while (job := self._queue.take(fit=child.alive)) is not None:
            started = time.monotonic()
            fit = self._run(child, job)
            self._queue.took(time.monotonic() - started)
            if not fit:
                return

    def _run(self, child: ChildProcess, job: Job) -> bool:
        """Answer the job. Whether the child is fit for another."""
        try:
            child.send(job.payload)
            reply = self._await_reply(child, job.timeout_s)
        except HechaError as error:
            _log.warning("engine job %s stopped after its time: %s", job.method, error.code)
            job.future.set_exception(error)
            return False
        except ProcessLost:
            self._log_loss(child, f"at work on {job.method}")
            job.future.set_exception(EngineFailed())
            return False
        if not isinstance(reply, Reply):
            job.future.set_exception(EngineFailed())
            return False
        if reply.cause:
            _log.error("engine job %s failed: %s", job.method, reply.cause)
        if reply.error is not None:
            job.future.set_exception(reply.error)
        else:
            job.future.set_result(reply.result)
        return not reply.last

    def _await_reply(self, child: ChildProcess, timeout_s: float) -> object:
        """Raises PictureTooComplex if the job worked too long, EngineFailed if it only took too long."""
        wait_s, cpu_before_s = timeout_s, child.cpu_seconds()
        deadline = time.monotonic() + self._limits.starved_factor * timeout_s
        while True:
            try:
                return child.receive(wait_s)
            except TimeoutError:
                wait_s = min(0.2, timeout_s)
            if child.cpu_seconds() - cpu_before_s >= timeout_s / 2:
                raise PictureTooComplex
            if time.monotonic() >= deadline:
                raise EngineFailed("The engine did not answer in time.")

    def _log_loss(self, child: ChildProcess, occupation: str) -> None:
        status = child.stop(1.0)
        if not self._queue.closed.is_set():
            _log.error("engine process %d ended with status %d while %s", child.pid, status, occupation)
