"""One POST to a stranger's server: to a checked address, with a total deadline and a bounded answer.

The name is resolved here and the connection goes to the very address that was checked, so a name that resolves
differently the next moment (DNS rebinding) changes nothing. `Host` and TLS keep the name. Redirects are not followed,
proxies of the environment not used, credentials in the URL refused.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore

from service.webhooks.address import Reach, TargetRefused, port_of

Resolve = Callable[[str, int], Sequence[str]]
"""Name and port to addresses. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `retry_after` is the header as sent."""

    status: int
    retry_after: str | None


class Unreachable(Exception):
    """No whole answer. `code`: dns | connect | tls | timeout | too_large | protocol, or one of TargetRefused."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from the resolved name to the end of the answer, and bytes of the answer, head included."""

    deadline_s: float = 20.0
    answer_bytes: int = 64 * 1024


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system knows it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Poster:
    """Sends; one connection per call. Safe to share between threads."""

    reach: Reach
    resolve: Resolve
    tls: ssl.SSLContext
    limits: Limits = Limits()
    monotonic: Callable[[], float] = time.monotonic

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Raises Unreachable."""
        try:
            parts = self.reach.check_url(url)
            guard = _Guard(self, plain=parts.scheme == "http")
            with httpcore.ConnectionPool(ssl_context=self.tls, network_backend=guard, retries=0) as pool:
                target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                address = httpcore.URL(
                    scheme=parts.scheme, host=str(parts.hostname), port=port_of(parts), target=target
                )
                own = {
                    "Host": parts.netloc,
                    "Connection": "close",
                    "Accept-Encoding": "identity",
                    "Content-Length": str(len(body)),
                }
                with pool.stream("POST", address, headers=[*own.items(), *headers.items()], content=body) as answer:
                    _drain(answer)
        except TargetRefused as refused:
            raise Unreachable(refused.code) from None
        except tuple(_CODES) as error:
            raise Unreachable(_code(error)) from None
        given = {name.lower(): value for name, value in answer.headers}
        return Answer(answer.status, given.get(b"retry-after", b"").decode("latin-1") or None)


def _drain(answer: httpcore.Response) -> None:
    """The head has said all; the body is let through so that its sender does not see the connection reset."""
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, _TooLarge):
        for _ in answer.iter_stream():
            pass


class _TooLarge(Exception):
    """The answer has too many bytes."""


_CODES: dict[type[Exception], str] = {
    httpcore.TimeoutException: "timeout",
    socket.gaierror: "dns",
    UnicodeError: "dns",  # a name that cannot be put into letters of the DNS
    ssl.SSLError: "tls",
    httpcore.ConnectError: "connect",
    httpcore.NetworkError: "connect",
    httpcore.ProtocolError: "protocol",
    _TooLarge: "too_large",
    OSError: "connect",
}


def _code(error: Exception) -> str:
    if isinstance(error.__context__, ssl.SSLError):
        return "tls"  # httpcore calls it a failed connection
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


class _Guard(httpcore.NetworkBackend):
    """Where httpcore opens its connections: resolve, check, connect to what was checked."""

    def __init__(self, poster: Poster, *, plain: bool) -> None:
        self._poster = poster
        self._plain = plain
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline's rest counts
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._poster.resolve(host.strip("[]"), port)
        if not addresses:
            raise socket.gaierror
        self._poster.reach.check(addresses, port, plain=self._plain)
        deadline = _Deadline(self._poster.monotonic, self._poster.limits.deadline_s)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, deadline, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return self._connect(addresses[-1], port, deadline, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        deadline: _Deadline,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(address, port, deadline.rest_s(), local_address, socket_options)
        return _Bounded(stream, deadline, self._poster.limits.answer_bytes)


class _Deadline:
    """Time that runs from now on."""

    def __init__(self, monotonic: Callable[[], float], span_s: float) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + span_s

    def rest_s(self) -> float:
        """Seconds left. Raises httpcore.ReadTimeout when there are none."""
        rest = self._end - self._monotonic()
        if rest <= 0:
            raise httpcore.ReadTimeout
        return rest


class _Bounded(httpcore.NetworkStream):
    """A connection every step of which has only the rest of the deadline: a dripping answer passes no read timeout."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline, bytes_left: int) -> None:
        self._stream = stream
        self._deadline = deadline
        self._bytes_left = bytes_left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        if self._bytes_left <= 0:
            raise _TooLarge
        data = self._stream.read(min(max_bytes, self._bytes_left), self._deadline.rest_s())
        self._bytes_left -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.rest_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.rest_s())
        return _Bounded(inner, self._deadline, self._bytes_left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
