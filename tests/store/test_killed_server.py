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

from .serving_process import KEY

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
def server(url: str, port: int, word: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(Path(__file__).with_name("serving_process.py")), url, str(port), word]
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


def test_a_verdict_committed_before_the_kill_is_answered_after_it(database_url: str) -> None:
    port = free_port()
    once = {"Idempotency-Key": "one-call"}
    base = f"http://127.0.0.1:{port}/v1"
    with httpx.Client(base_url=base, headers={"X-API-Key": KEY}, timeout=60, trust_env=False, verify=False) as client:  # noqa: S501
        with server(database_url, port, "dies") as process:
            asked = {"purpose": "onboarding", "consent": CONSENT}
            address = f"/verifications/{client.post('/verifications', json=asked).json()['id']}"
            for side in SIDES:
                assert client.put(f"{address}/captures/{side}", content=PICTURE + side.encode()).status_code == 200
            with pytest.raises(httpx.TransportError):
                client.post(f"{address}/submit", headers=once)
            assert process.wait(60) == -signal.SIGKILL
        with server(database_url, port, "lives"):
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
