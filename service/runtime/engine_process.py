"""The child side of `pool.py`: one process, one engine, one job at a time.

It decodes pictures of strangers, so it is built to be lost: it holds no state worth keeping, its memory is limited,
it leaves no core dump (that would hold the applicant's data) and it never outlives the parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from service.errors import EngineFailed, HechaError, PictureTooComplex

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine is built and warmed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one job: a result or an error. After a reply with `last` the process ends of its own accord."""

    result: object = None
    error: HechaError | None = None
    cause: str = ""
    """Kind and place of an unexpected exception, for the log; never its message, which may quote personal data."""
    last: bool = False


def serve(descriptor: int, memory_headroom_bytes: int) -> None:
    """Build the engine the parent sends, then answer jobs until the parent hangs up."""
    _isolate()
    connection = Connection(descriptor)
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            build: Callable[[], object] = connection.recv()
            engine = build()
        except (EOFError, ConnectionError):
            return
        except BaseException as error:  # noqa: BLE001  whatever it is, the parent must learn of it
            connection.send(_failure(error))
            return
        creep_bytes = _limit_memory(memory_headroom_bytes)
        connection.send(Ready())
        while _serve_one(connection, engine, creep_bytes):
            pass


def _serve_one(connection: Connection, engine: object, creep_bytes: int | None) -> bool:
    """Answer one job. Whether the process is fit for another; its pictures are forgotten when this returns."""
    method, args = connection.recv()
    reply = _answer(engine, method, args, creep_bytes)
    try:
        connection.send(reply)
    except (TypeError, AttributeError, ImportError, RecursionError, ValueError, MemoryError) as error:
        reply = _failure(error)
        connection.send(reply)
    return not reply.last


def _isolate() -> None:
    # Ctrl-C reaches the whole terminal and systemd's SIGTERM the whole group; the parent alone decides when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(headroom_bytes: int) -> int | None:
    """Let the process take `headroom_bytes` more than it has now.

    Returns where it counts as crept: half way up to the limit it is replaced between two jobs, before it begins to
    refuse good pictures. None where memory cannot be measured.

    RLIMIT_DATA rather than RLIMIT_AS: it counts private writable memory, not the mapped weights and the address
    space that malloc merely reserves for each thread.
    """
    used = _data_bytes()
    if used is None:
        return None
    limit = used + headroom_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return used + headroom_bytes // 2


def _data_bytes() -> int | None:
    """Private writable memory of this process (VmData), on Linux."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except OSError:
        return None
    return pages * resource.getpagesize()


def _answer(engine: object, method: str, args: tuple[object, ...], creep_bytes: int | None) -> Reply:
    try:
        reply = Reply(getattr(engine, method)(*args))
    except BaseException as error:  # noqa: BLE001  whatever it is, it costs this job only
        reply = _failure(error)
    return replace(reply, last=True) if creep_bytes is not None and _crept(creep_bytes) else reply


def _crept(creep_bytes: int) -> bool:
    if (_data_bytes() or 0) <= creep_bytes:
        return False
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    return (_data_bytes() or 0) > creep_bytes


def _failure(error: BaseException) -> Reply:
    if _out_of_memory(error):
        return Reply(error=PictureTooComplex(), cause=_place(error), last=True)
    if isinstance(error, HechaError):
        return Reply(error=error)
    return Reply(error=EngineFailed(), cause=_place(error), last=not isinstance(error, Exception))


def _out_of_memory(error: BaseException | None) -> bool:
    """Whether memory ran out anywhere along the chain of causes; numpy, OpenCV and ONNX Runtime say it differently."""
    while error is not None:
        vendor = type(error).__module__.partition(".")[0]
        if isinstance(error, MemoryError):
            return True
        if vendor == "cv2" and getattr(error, "code", None) == -4:
            return True
        if vendor == "onnxruntime" and "alloc" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def _place(error: BaseException) -> str:
    at: TracebackType | None = error.__traceback__
    frames: list[str] = []
    while at is not None:
        frames.append(f"{os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno}")
        at = at.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-4:]))}"
