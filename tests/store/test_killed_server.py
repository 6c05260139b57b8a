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
    address, key = f"http://127.0.0.1:{port}/v1/verifications", {"X-API-Key": KEY}
    parts = {name: (name, PICTURE, "image/jpeg") for name in ("front", "back", "selfie")}
    once = {**key, "Idempotency-Key": "one-call"}
    with server(url=database_url, port=port, word="dies") as process:
        asked = {"purpose": "onboarding", "consent": CONSENT}
        case_id = httpx.post(address, json=asked, headers=key).json()["id"]
        for side in SIDES:
            httpx.put(f"{address}/{case_id}/captures/{side}", content=PICTURE, headers=key)
        with pytest.raises(httpx.TransportError):
            httpx.post(address, files=parts, headers=once)
        assert process.wait(30) == -signal.SIGKILL
    with server(url=database_url, port=port, word="dies"), pytest.raises(httpx.TransportError):
        httpx.post(f"{address}/{case_id}/submit", headers={**key, "Idempotency-Key": "another"})
    with server(url=database_url, port=port, word="lives"):
        again = [httpx.post(address, files=parts, headers=once) for _ in range(2)]
        decided = httpx.post(f"{address}/{case_id}/submit", headers={**key, "Idempotency-Key": "another"})
        assert httpx.get(f"{address}/{case_id}", headers=key).content == decided.content
        assert httpx.get(f"{address}/{again[0].json()['id']}", headers=key).content == again[0].content
    assert [answer.headers["idempotent-replayed"] for answer in (*again, decided)] == ["true"] * 3
    assert again[0].content == again[1].content
    assert (again[0].json()["decision"], decided.json()["decision"]) == ("approved", "approved")
    opened = stores.build(database_url, master_key=bytes(32))
    with opened.reading() as transaction:
        rows = transaction.execute(select(VERIFICATIONS.c.id, VERIFICATIONS.c.state)).all()
    opened.close()
    assert sorted(rows) == sorted([(case_id, "decided"), (again[0].json()["id"], "decided")])
