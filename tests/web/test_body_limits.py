"""What a body may cost, on a raw socket where it matters."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from service.web import Limits

from .conftest import KEY, House, Opener
from .test_uploads import END, FRONT, OK

SMALL = Limits(upload_bytes=100_000, body_bytes=1000)
SLOW = Limits(body_deadline_s=60.0, body_grace_s=0.4, body_bytes_per_s=2000)
HASTY = Limits(body_deadline_s=0.6, body_grace_s=30.0)
HEAD = f"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n" + (
    "Content-Type: multipart/form-data; boundary=BOUND\r\n"
)


@contextmanager
def _line(house: House, head: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        line.sendall(head.encode())
        yield line


def _answer(line: socket.socket) -> str:
    received = b""
    while chunk := line.recv(65536):
        received += chunk
    return received.decode()


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def test_a_stated_length_over_the_limit_is_refused_before_a_byte_of_it(open_house: Opener) -> None:
    house = open_house(SMALL)
    with _line(house, HEAD + "Content-Length: 100001\r\n\r\n") as line:
        answer = _answer(line)
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code": "request_too_large"' in answer
    assert "connection: close" in answer.lower()


def test_nobody_is_told_to_continue_with_a_body_over_the_limit(open_house: Opener) -> None:
    house = open_house(SMALL)
    with _line(house, HEAD + "Content-Length: 100001\r\nExpect: 100-continue\r\n\r\n") as line:
        assert _answer(line).startswith("HTTP/1.1 413 ")


def test_a_body_without_a_length_is_counted(open_house: Opener) -> None:
    house = open_house(SMALL)
    with _line(house, HEAD + "Transfer-Encoding: chunked\r\n\r\n") as line:
        line.sendall(_chunk(FRONT))
        for _ in range(400):
            line.sendall(_chunk(bytes(10_000)))
        line.sendall(_chunk(b""))
        answer = _answer(line)
    assert answer.startswith("HTTP/1.1 413 "), "a client that sends on to the end sees the answer"
    (entry,) = house.logged()
    assert (entry["status"], entry["code"]) == (413, "request_too_large")
    assert entry["bytes_in"] <= 100_000 + 320 * 1024, "what the server itself buffers comes on top"
    assert house.verifier.calls == []


def test_a_chunked_body_within_the_limit_is_accepted(house: House) -> None:
    answer = house.client.post(
        "/v1/verifications",
        content=iter([OK[:50], OK[50:51], OK[51:]]),
        headers={"Content-Type": "multipart/form-data; boundary=BOUND"},
    )
    assert answer.status_code == 201


def test_bodies_of_other_routes_are_much_smaller(open_house: Opener) -> None:
    house = open_house(SMALL)
    answer = house.client.post("/v1/phone/codes", json={"phone": "+" + "8" * 2000})
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def _drip(line: socket.socket, pause_s: float) -> None:
    try:
        for at in range(len(OK)):
            line.sendall(_chunk(OK[at : at + 1]))
            time.sleep(pause_s)
    except OSError:
        return


@pytest.mark.parametrize("limits", [SLOW, HASTY], ids=["rate", "deadline"])
def test_a_dripping_body_is_given_up(open_house: Opener, limits: Limits) -> None:
    house = open_house(limits)
    began = time.monotonic()
    with _line(house, HEAD + "Transfer-Encoding: chunked\r\n\r\n") as line:
        dripping = threading.Thread(target=_drip, args=(line, 0.02), daemon=True)
        dripping.start()
        head = line.recv(65536).decode()
        (entry,) = house.logged()
        assert time.monotonic() - began < 30
        dripping.join(10)
    assert head.startswith("HTTP/1.1 408 ")
    assert entry["code"] == "request_timeout"
    assert house.verifier.calls == []


def test_a_silent_body_is_given_up(open_house: Opener) -> None:
    house = open_house(SLOW)
    with _line(house, HEAD + "Content-Length: 1000\r\n\r\n") as line:
        assert _answer(line).startswith("HTTP/1.1 408 ")


def test_others_are_served_while_bodies_drip(open_house: Opener) -> None:
    house = open_house(Limits(body_grace_s=20.0))
    lines = [socket.create_connection(("127.0.0.1", house.port)) for _ in range(20)]
    for line in lines:
        line.sendall((HEAD + "Content-Length: 1000\r\n\r\n--").encode())
    began = time.monotonic()
    assert house.verify().status_code == 201
    # Long before any of them is given up.
    assert time.monotonic() - began < 15
    for line in lines:
        line.close()


def test_a_client_that_leaves_in_mid_upload_leaves_no_row(house: House) -> None:
    with _line(house, HEAD + f"Content-Length: {len(OK)}\r\n\r\n") as line:
        line.sendall(OK[: -len(END)])
        time.sleep(0.1)
    assert house.logged()[0]["status"] == 499
    assert house.cases() == 0
    assert house.verifier.calls == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
def test_a_compressed_body_is_refused(house: House, encoding: str) -> None:
    answer = house.verify(**{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


def test_too_many_verifications_at_once_are_sent_away(open_house: Opener) -> None:
    house = open_house(Limits(uploads=2))
    house.verifier.gate = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(house.verify) for _ in range(2)]
        while len(house.verifier.calls) < 2:
            time.sleep(0.01)
        answer = house.verify()
        house.verifier.gate.set()
        assert [each.result().status_code for each in running] == [201, 201]
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_busy")
    assert "retry-after" in answer.headers
    assert house.verify().status_code == 201


def test_it_lives_while_every_thread_works(open_house: Opener) -> None:
    house = open_house(Limits(uploads=100))
    house.verifier.gate = threading.Event()
    with ThreadPoolExecutor(45) as pool:
        running = [pool.submit(house.verify) for _ in range(45)]
        while len(house.verifier.calls) < 40:
            time.sleep(0.01)
        assert house.client.get("/healthz", timeout=5).status_code == 200
        assert house.client.get("/nope", timeout=5).status_code == 404
        assert house.client.post("/v1/verifications", timeout=5).status_code == 415
        house.verifier.gate.set()
        assert {each.result().status_code for each in running} == {201}
