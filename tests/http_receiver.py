"""A receiver of webhooks on this machine: keeps what it got and answers what the test says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """Speaks HTTP by hand, so that it can also speak it badly. `behaviour(connection)` answers."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    behaviour: Callable[[socket.socket], None] = lambda connection: connection.sendall(OK)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answers(self, head: str, body: bytes = b"") -> None:
        text = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        self.behaviour = lambda connection: connection.sendall(text)


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def serve(listening: socket.socket, receiver: Receiver, tls: ssl.SSLContext | None = None) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        receiver.connections += 1
        with suppress(OSError), connection:
            connection.settimeout(20)
            spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
            request = _read(spoken)
            if request:
                receiver.requests.append(request)
                receiver.behaviour(spoken)
            spoken.close()


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        made = Receiver(listening.getsockname()[1])
        threading.Thread(target=serve, args=(listening, made, tls), daemon=True).start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
