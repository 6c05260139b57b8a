"""The service as it is started by hand: `hecha serve`, real HTTP, real engines, real verdicts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from http_receiver import receiving
from standardwebhooks import Webhook

from service.client import Client
from service.specimens.sample import sample_person
from service.web import schemas


@dataclass(frozen=True)
class Running:
    client: httpx.Client
    process: subprocess.Popen[str]
    greeting: str
    log: list[str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port, state = free_port(), tmp_path_factory.mktemp("state")
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--sample", "--port", str(port)],
        env={
            **os.environ,
            "HECHA_STATE": str(state),
            "HECHA_ENGINES": "2",
            "HECHA_QUEUE_LIMIT": "2",
            "HECHA_WEBHOOK_NETWORKS": "127.0.0.0/8",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    log: list[str] = []
    stderr = process.stderr
    listening = threading.Thread(target=lambda: log.extend(stderr), daemon=True)
    listening.start()
    greeting = ""
    while "curl" not in greeting:
        line = process.stdout.readline()
        assert line, f"the service ended: {log}"
        greeting += line
    key = re.search(r"Development key: (\S+)", greeting)
    assert key
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": key.group(1)}, timeout=120) as client:
        yield Running(client, process, greeting, log)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    listening.join(10)
    process.stdout.close()
    process.stderr.close()


CONSENT = {
    "purpose": "test",
    "biometric": True,
    "text_version": "1",
    "given_at": "2026-11-24T08:00:00Z",
    "channel": "app",
}


def parts(sample: dict[str, bytes], **options: object) -> dict[str, tuple[str, bytes | str, str]]:
    pictures = {role: (f"{role}.jpg", content, "image/jpeg") for role, content in sample.items()}
    return {**pictures, "options": ("", json.dumps({"consent": CONSENT, **options}), "application/json")}


def test_the_greeting_shows_a_true_verdict_and_how_to_go_on(running: Running) -> None:
    assert "decision    APPROVED" in running.greeting
    for word in ("ready at http://127.0.0.1:", "/docs", "Development key:", "curl -H"):
        assert word in running.greeting


def test_a_verdict_and_the_same_bytes_again(running: Running, sample: dict[str, bytes]) -> None:
    made = running.client.post("/v1/verifications", files=parts(sample, today="2026-11-24", external_id="order-1"))
    assert made.status_code in {200, 201}, made.text
    verdict = made.json()
    assert verdict["decision"] == "approved"
    again = running.client.get(f"/v1/verifications/{verdict['id']}")
    assert again.content == made.content


def test_further_frames_of_the_selfie_are_looked_at(running: Running, sample: dict[str, bytes]) -> None:
    frames = [("selfie_frames", ("frame.jpg", sample["selfie"], "image/jpeg"))] * 2
    verdict = running.client.post("/v1/verifications", files=[*parts(sample).items(), *frames]).json()
    assert verdict["decision"] != "approved"
    assert "frames_identical" in verdict["liveness"]["reasons"]
    assert verdict["captures"]["selfie_3"] == verdict["captures"]["selfie"]


def test_a_gallery_knows_the_person_again_and_forgets_them(running: Running, sample: dict[str, bytes]) -> None:
    def verified() -> dict[str, Any]:
        answer = running.client.post("/v1/verifications", files=parts(sample, consent={**CONSENT, "gallery": True}))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    assert running.client.put("/v1/gallery").json()["cases"]["threshold"] == 0.4206
    try:
        first, again = verified(), verified()
        assert (first["gallery"]["kept"], first["gallery"]["known"]) == (True, [])
        assert again["decision"] == "approved"
        assert again["gallery"]["known"] == [{"case_id": first["id"], "similarity": pytest.approx(1, abs=1e-3)}]
        running.client.post(f"/v1/verifications/{first['id']}/blocklist", json={"reason": "test"})
        assert verified()["decision"] == "review"
    finally:
        assert running.client.delete("/v1/gallery").status_code == 204
    assert "gallery" not in verified()


def test_a_verdict_is_told_to_a_webhook(running: Running, sample: dict[str, bytes]) -> None:
    with receiving() as receiver:
        hook = running.client.post("/v1/webhooks", json={"url": receiver.url}).json()
        verdict = running.client.post("/v1/verifications", files=parts(sample)).json()
        deadline = time.monotonic() + 30
        while not receiver.requests and time.monotonic() < deadline:
            time.sleep(0.05)
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    told = Webhook(hook["secret"]).verify(body, headers)
    assert told["data"] == {"verification_id": verdict["id"], "decision": verdict["decision"]}
    assert running.client.delete(f"/v1/webhooks/{hook['id']}").status_code == 204


def test_the_client_goes_step_by_step(running: Running, sample: dict[str, bytes]) -> None:
    consent = {"purpose": "onboarding", "biometric": True, "text_version": "1", "channel": "app"}
    key = running.client.headers["X-API-Key"]
    with Client(str(running.client.base_url), key) as backend:
        case = backend.open_case("onboarding", consent={**consent, "given_at": datetime.now(UTC)})
    with Client(str(running.client.base_url), case.capture_token) as telephone:
        wrong = telephone.put_capture(case, "document_front", sample["selfie"])
        assert not wrong.accepted
        for side, role in (("document_front", "front"), ("document_back", "back"), ("selfie", "selfie")):
            assert telephone.put_capture(case, side, sample[role]).accepted
        assert telephone.submit(case).decision == "approved"
    with Client(str(running.client.base_url), key) as backend:
        assert backend.wait(case).fields["number"] == sample_person().front()["number"]


def test_a_case_goes_step_by_step(running: Running, sample: dict[str, bytes]) -> None:
    consent = {
        "purpose": "test",
        "biometric": True,
        "text_version": "1",
        "given_at": "2026-01-01T00:00:00Z",
        "channel": "x",
    }
    asked = {"purpose": "test", "consent": consent, "today": "2026-11-24"}
    opened = running.client.post("/v1/verifications", json=asked).json()
    address, device = f"/v1/verifications/{opened['id']}", {"X-API-Key": opened["capture_token"]}

    def put(side: str, shown: str) -> dict[str, Any]:
        answer = running.client.put(f"{address}/captures/{side}", content=sample[shown], headers=device)
        assert answer.status_code == 200, answer.text
        judged: dict[str, Any] = answer.json()
        return judged

    wrong = put("document_back", "front")
    assert (wrong["accepted"], [each["code"] for each in wrong["findings"]]) == (False, ["wrong_side"])
    for side, shown in (("document_front", "front"), ("document_back", "back"), ("selfie", "selfie")):
        assert put(side, shown)["accepted"], side
    accepted = running.client.post(f"{address}/submit", headers={**device, "Prefer": "respond-async"})
    assert (accepted.status_code, accepted.json()["state"]) == (202, "submitted")
    deadline = time.monotonic() + 120
    while (found := running.client.get(address).json())["state"] == "submitted":
        assert time.monotonic() < deadline, "nobody decided"
        time.sleep(0.1)
    assert (found["state"], found["decision"]) == ("decided", "approved")
    assert found["document"]["fields"] == sample_person().front() | sample_person().back()
    assert running.client.get(address, headers=device).status_code == 401, "the token died with the verdict"


def test_a_case_without_biometrics_goes_to_a_person(running: Running, sample: dict[str, bytes]) -> None:
    asked = {"purpose": "test", "checks": ["document"], "today": "2026-11-24"}
    address = f"/v1/verifications/{running.client.post('/v1/verifications', json=asked).json()['id']}"
    for side in ("front", "back"):
        running.client.put(f"{address}/captures/document_{side}", content=sample[side])
    verdict = running.client.post(f"{address}/submit").json()
    assert (verdict["decision"], [each["code"] for each in verdict["reasons"]]) == ("review", ["face_not_compared"])
    assert (verdict["comparison"], verdict["liveness"]) == (None, None)


def test_a_document_is_read_with_its_crops(running: Running, sample: dict[str, bytes]) -> None:
    options = {"kind": "cn_resident_id", "card_image": True, "portrait_image": True, "today": "2026-11-24"}
    pictures = {role: part for role, part in parts(sample).items() if role in ("front", "back")}
    answer = running.client.post("/v1/documents", files=pictures, data={"options": json.dumps(options)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["fields"] == sample_person().front() | sample_person().back()
    assert {check["outcome"] for check in found["checks"]} == {"pass"}
    assert found["front"]["card_image"]
    assert found["front"]["portrait_image"]
    schemas.Document.model_validate(found)
    cut = running.client.post("/v1/documents", files={"back": ("back.jpg", b"\xff\xd8\xff\xe0 cut", "image/jpeg")})
    assert cut.json()["errors"][0]["field"] == "back"


def test_health_and_documentation_need_no_key(running: Running) -> None:
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert httpx.get(str(running.client.base_url.join(path))).status_code == 200, path
    refused = httpx.get(str(running.client.base_url.join("/v1/verifications/x")))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")


def test_a_picture_that_is_none_names_its_part(running: Running, sample: dict[str, bytes]) -> None:
    answer = running.client.post("/v1/verifications", files=parts(sample | {"back": b"\xff\xd8\xff\xe0 cut"}))
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"].startswith("picture_")
    assert answer.json()["errors"][0]["field"] == "back"


def engine_pids(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(pid) for path in children for pid in path.read_text().split()]


def test_a_killed_engine_costs_that_request_only(running: Running, sample: dict[str, bytes]) -> None:
    with ThreadPoolExecutor(1) as pool:
        post = pool.submit(lambda: running.client.post("/v1/verifications", files=parts(sample)))
        time.sleep(0.25)
        for pid in engine_pids(running.process):
            os.kill(pid, signal.SIGKILL)
        assert post.result().status_code in {200, 201, 500}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = running.client.post("/v1/verifications", files=parts(sample))
        if answer.status_code in {200, 201}:
            return
        assert answer.json()["retryable"] is True
        time.sleep(0.5)
    pytest.fail("no verdict within 30 seconds after the engines were killed")


def test_a_full_queue_answers_503_with_retry_after(running: Running, sample: dict[str, bytes]) -> None:
    with ThreadPoolExecutor(12) as pool:
        posts = [pool.submit(running.client.post, "/v1/verifications", files=parts(sample)) for _ in range(12)]
        answers = [post.result() for post in posts]
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {200, 201, 503}
    busy = [answer for answer in answers if answer.status_code == 503]
    assert busy
    assert all(answer.json()["code"] == "engine_busy" and int(answer.headers["retry-after"]) > 0 for answer in busy)


def test_a_phone_is_confirmed_and_named_in_the_verdict(running: Running, sample: dict[str, bytes]) -> None:
    phone = "+8613912345678"
    sent = running.client.post("/v1/phone/codes", json={"phone": phone, "language": "en"}).json()
    deadline = time.monotonic() + 5
    while not (found := [line for line in running.log if phone in line]) and time.monotonic() < deadline:
        time.sleep(0.05)
    code = re.search(r"\b(\d{6}) is your code", found[0])
    assert code
    checked = running.client.post(f"/v1/phone/codes/{sent['id']}/check", json={"code": code.group(1)})
    assert checked.json()["confirmed"] is True
    said = parts(sample, phone=phone, phone_code_id=sent["id"])
    verdict = running.client.post("/v1/verifications", files=said).json()
    assert {"phone": "pass"}.items() <= {check["name"]: check["outcome"] for check in verdict["checks"]}.items()


def test_nothing_personal_reached_the_log(running: Running, sample: dict[str, bytes]) -> None:
    verdict = running.client.post("/v1/verifications", files=parts(sample)).json()
    log = "".join(line for line in running.log if not line.startswith("SMS to "))
    assert log
    for value in verdict["document"]["fields"].values():
        assert len(value) < 3 or value not in log
