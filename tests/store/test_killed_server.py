"""`kill -9` between commit and answer, of a real server process on either database."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from service import store as stores
from service.store.tables import VERIFICATIONS

from .serving_process import CODE, KEY

CONSENT = {
    "purpose": "onboarding",
    "biometric": True,
    "text_version": "2026-11",
    "given_at": "2026-11-24T09:29:00Z",
    "channel": "app",
}
PICTURE = b"\xff\xd8\xff\xe0 a picture, as far as its first bytes tell"
SIDES = ("document_front", "document_back", "selfie")


@contextmanager
def server(url: str, port: int, word: str, book: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(Path(__file__).with_name("serving_process.py")), url, str(port), word, str(book)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(2400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


ONCE = {"Idempotency-Key": "one-call"}


@contextmanager
def caller(port: int) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{port}/v1"
    with httpx.Client(base_url=base, headers={"X-API-Key": KEY}, timeout=60, trust_env=False, verify=False) as client:  # noqa: S501
        yield client


def test_a_verdict_committed_before_the_kill_is_answered_after_it(database_url: str, tmp_path: Path) -> None:
    port, book, once = free_port(), tmp_path / "book", ONCE
    with caller(port) as client:
        with server(database_url, port, "dies", book) as process:
            asked = {"purpose": "onboarding", "consent": CONSENT}
            address = f"/verifications/{client.post('/verifications', json=asked).json()['id']}"
            for side in SIDES:
                assert client.put(f"{address}/captures/{side}", content=PICTURE + side.encode()).status_code == 200
            with pytest.raises(httpx.TransportError):
                client.post(f"{address}/submit", headers=once)
            assert process.wait(60) == -signal.SIGKILL
        with server(database_url, port, "lives", book):
            again = [client.post(f"{address}/submit", headers=once) for _ in range(2)]
            found = client.get(address)
    assert [answer.headers["idempotent-replayed"] for answer in again] == ["true", "true"]
    assert again[0].content == again[1].content == found.content
    assert again[0].json()["decision"] == "approved"
    opened = stores.build(database_url, master_key=bytes(32))
    with opened.reading() as transaction:
        (row,) = transaction.execute(select(VERIFICATIONS.c.state, VERIFICATIONS.c.submits)).all()
    opened.close()
    assert tuple(row) == ("decided", 1)


def test_a_message_that_went_out_before_the_kill_is_not_sent_again(database_url: str, tmp_path: Path) -> None:
    port, book, asked = free_port(), tmp_path / "book", {"phone": "+8613800138000"}
    with caller(port) as client:
        with server(database_url, port, "dies sending", book) as process:
            with pytest.raises(httpx.TransportError):
                client.post("/phone/codes", json=asked, headers=ONCE)
            assert process.wait(60) == -signal.SIGKILL
        with server(database_url, port, "lives", book):
            soon = client.post("/phone/codes", json=asked, headers=ONCE)
        with server(database_url, port, "later", book):
            sent = [client.post("/phone/codes", json=asked, headers=ONCE) for _ in range(2)]
            checked = client.post(f"/phone/codes/{sent[0].json()['id']}/check", json={"code": CODE})
    assert (soon.status_code, soon.json()["code"]) == (409, "idempotency_in_flight")
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].content == sent[1].content
    assert checked.json()["confirmed"] is True, "the message that went out is the one"
    assert book.read_text() == "sent\n"


def test_a_try_and_a_webhook_committed_before_the_kill_count_once(database_url: str, tmp_path: Path) -> None:
    port, book = free_port(), tmp_path / "book"
    with caller(port) as client:
        with server(database_url, port, "lives", book):
            code_id = client.post("/phone/codes", json={"phone": "+8613800138000"}).json()["id"]
        calls = (
            (f"/phone/codes/{code_id}/check", {"code": "000000"}),
            (f"/phone/codes/{code_id}/check", {"code": CODE}),
            ("/webhooks", {"url": "https://example.com/"}),
        )
        for number, (path, asked) in enumerate(calls):
            with server(database_url, port, "dies", book), pytest.raises(httpx.TransportError):
                client.post(path, json=asked, headers={"Idempotency-Key": str(number)})
        with server(database_url, port, "lives", book):
            wrong, right, made = (
                client.post(path, json=asked, headers={"Idempotency-Key": str(number)})
                for number, (path, asked) in enumerate(calls)
            )
            hooks = client.get("/webhooks").json()["webhooks"]
    assert wrong.json() == {"confirmed": False, "tries_left": 4, "sandbox": False}
    assert right.json() == {"confirmed": True, "tries_left": 3, "sandbox": False}
    assert [hook["id"] for hook in hooks] == [made.json()["id"]]
    assert {answer.headers["idempotent-replayed"] for answer in (wrong, right, made)} == {"true"}
