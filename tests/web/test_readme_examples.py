"""The examples of the README, run as they stand there (Kotlin and Swift: parsed)."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import tree_sitter_kotlin
import tree_sitter_swift
from tree_sitter import Language, Parser

from service.store import Event
from service.webhooks.courier import Parcel, headers

from .conftest import KEY, PICTURE, House

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: (language, text)
    for name, language, text in re.findall(r"<!-- example: ([\w-]+) -->\n```(\w+)\n(.*?)```", README, re.DOTALL)
}
RUNNERS = {
    "sh": ("bash", "-eu", "example.sh"),
    "python": (sys.executable, "example.py"),
    "javascript": ("node", "example.mjs"),
}
GRAMMARS = {"kotlin": tree_sitter_kotlin.language, "swift": tree_sitter_swift.language}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for side in ("front", "back", "selfie"):
        (tmp_path / f"{side}.jpg").write_bytes(PICTURE + side.encode())
    return tmp_path


def _command(name: str, folder: Path) -> list[str]:
    language, text = EXAMPLES[name]
    runner = RUNNERS[language]
    (folder / runner[-1]).write_text(text, encoding="utf-8")
    return list(runner)


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def _run(name: str, folder: Path, house: House, **more: str) -> str:
    own = _environment(HECHA_URL=house.url, HECHA_KEY=KEY, **more)
    done = subprocess.run(_command(name, folder), cwd=folder, env=own, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_tried() -> None:
    assert {language for language, _ in EXAMPLES.values()} == {*RUNNERS, *GRAMMARS}


@pytest.mark.parametrize("name", ["curl", "python", "javascript"])
def test_a_verification_at_once(name: str, folder: Path, house: House) -> None:
    house.clock.now = datetime.now(UTC)
    assert "approved" in _run(name, folder, house)
    (asked,) = house.verifier.calls
    assert asked["selfie"] == PICTURE + b"selfie"


@pytest.mark.parametrize("name", ["curl-steps", "python-steps"])
def test_a_verification_step_by_step(name: str, folder: Path, house: House) -> None:
    house.clock.now = datetime.now(UTC)
    assert "approved" in _run(name, folder, house)
    assert [picture for picture, _ in house.verifier.judged] == [
        PICTURE + each for each in (b"front", b"back", b"selfie")
    ]


@pytest.mark.parametrize("name", ["python", "javascript"])
def test_a_picture_that_is_none_is_named(name: str, folder: Path, house: House) -> None:
    house.clock.now = datetime.now(UTC)
    (folder / "back.jpg").write_bytes(b"GIF89a")
    if name == "python":
        assert "back picture_type_unsupported" in _run(name, folder, house)
    else:
        with pytest.raises(AssertionError, match="picture_type_unsupported"):
            _run(name, folder, house)


@contextmanager
def _serving(name: str, folder: Path, secret: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = _environment(HECHA_WEBHOOK_SECRET=secret, PORT=str(port))
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(_command(name, folder), cwd=folder, env=own, stdout=out)
    try:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("name", ["python-webhook", "javascript-webhook"])
def test_a_receiver_takes_what_is_genuine_and_nothing_else(name: str, folder: Path, house: House) -> None:
    made = house.client.post("/v1/webhooks", json={"url": "https://example.com/"}).json()
    rotated = house.client.post(f"/v1/webhooks/{made['id']}/rotate").json()
    with house.store.transaction() as transaction:
        house.store.outbox.announce(transaction, Event("default", "ver_1", "review", house.clock()))
    parcel = house.store.outbox.claim(now=house.clock(), lease=house.clock.now - house.clock.now)
    assert parcel
    assert rotated["secret"] in parcel.secrets
    with _serving(name, folder, made["secret"]) as url:
        assert _post(url, parcel, {}) == 204
        assert _post(url, parcel, {"webhook-signature": "v1,AAAA"}) == 401
        assert _post(url, parcel, {"webhook-timestamp": "1"}) == 401
    assert (folder / "out").read_text().split() == [parcel.id, "ver_1", "review"]


def _post(url: str, parcel: Parcel, changed: dict[str, str]) -> int:
    return httpx.post(url, content=parcel.body, headers={**headers(parcel, datetime.now(UTC)), **changed}).status_code


@pytest.mark.parametrize("language", GRAMMARS)
def test_examples_that_cannot_run_here_are_at_least_parsed(language: str) -> None:
    parser = Parser(Language(GRAMMARS[language]()))
    assert parser.parse(b"fun (((").root_node.has_error
    texts = [text for found, text in EXAMPLES.values() if found == language]
    assert texts
    for text in texts:
        root = parser.parse(text.encode()).root_node
        assert not root.has_error, root


def test_json_of_the_examples_is_json() -> None:
    found = re.findall(r"'(?:options=)?(\{[^']*\})'", "\n".join(text for _, text in EXAMPLES.values()))
    assert found
    for text in found:
        json.loads(text)
