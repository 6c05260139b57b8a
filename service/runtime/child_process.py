"""Starting an engine process and talking to it. Used by `pool.py` alone."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path


class ProcessLost(Exception):
    """The process is gone."""


class ChildProcess:
    """A started process and the line to it."""

    def __init__(self, build: Callable[[], object], memory_headroom_bytes: int, environment: Mapping[str, str]) -> None:
        here, there = socket.socketpair()
        # The parent's path, so that `build` can be imported; stdout is the parent's for results, never the engine's.
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; from service.runtime.engine_process import serve; "
            f"serve({there.fileno()}, {memory_headroom_bytes})"
        )
        with there:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=[there.fileno()],
                env={**os.environ, **environment},
                process_group=0,
            )
        self._line = Connection(here.detach())
        self.pid = self._process.pid
        self.send(pickle.dumps(build))

    def alive(self) -> bool:
        return self._process.poll() is None

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far, on Linux; elsewhere the time since the epoch, which grows alike."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return time.time()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def send(self, payload: bytes) -> None:
        """Send one pickled message."""
        try:
            self._line.send_bytes(payload)
        except OSError as error:
            raise ProcessLost from error

    def receive(self, timeout_s: float) -> object:
        """The next message. Raises TimeoutError, or `ProcessLost` when the process ended."""
        try:
            if not self._line.poll(timeout_s):
                raise TimeoutError
            return self._line.recv()
        except TimeoutError:
            raise
        except Exception as error:  # a torn message is as good as none
            raise ProcessLost from error

    def stop(self, grace_s: float) -> int:
        """Hang up, wait, kill if need be. The exit status (negative: the signal)."""
        self._line.close()
        try:
            return self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
