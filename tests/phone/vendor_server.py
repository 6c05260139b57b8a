"""A real HTTP server on this machine that plays a vendor's answers, good and hostile, and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), strict_parsing=True).items()}

    def json(self) -> Any:
        return json.loads(self.body)


Play = Callable[["Server", socket.socket], None]


@dataclass
class Server:
    """Answers each request by `play`, one request per connection."""

    url: str
    play: Play
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def take(self, accepted: socket.socket) -> None:
        with accepted, suppress(OSError):
            accepted.settimeout(10)
            with self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted as connection:
                request = _read(connection)
                if request is not None:
                    self.requests.append(request)
                    self.play(self, connection)


@contextmanager
def serving(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
        server = Server(f"{scheme}://{host}:{listener.getsockname()[1]}/", play, tls)
        accepting = threading.Thread(target=_accept, args=(listener, server), daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            server.closing.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)


def _accept(listener: socket.socket, server: Server) -> None:
    while not server.closing.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=server.take, args=(connection,), daemon=True).start()


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body)


def answer(status: int, body: bytes = b"", **headers: str) -> Play:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def play(server: Server, connection: socket.socket) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return play


def hang(server: Server, connection: socket.socket) -> None:
    server.closing.wait(10)


def reset(server: Server, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(server: Server, connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def no_http(server: Server, connection: socket.socket) -> None:
    connection.sendall(b"\x00\xffthis is not HTTP\r\n\r\n")


def drip_head(server: Server, connection: socket.socket) -> None:
    """A header without an end, a byte now and then: no pause is ever long enough to be a read timeout."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    _drip(server, connection)


def drip_body(server: Server, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    _drip(server, connection)


def _drip(server: Server, connection: socket.socket) -> None:
    while not server.closing.wait(0.05):
        connection.sendall(b"x")


def short_body(server: Server, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def ten_megabytes(status: int, opening: bytes = b"") -> Play:
    return answer(status, opening + b" " * (10 * 2**20 - len(opening)))
