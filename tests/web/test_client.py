"""`service.client` against the served app, and against servers that answer badly."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from service import errors
from service.client import Client, Unreachable, verify_webhook
from service.client.problems import problem_of

from .conftest import CODE, KEY, NUMBER, PICTURE, House

CONSENT = {
    "purpose": "onboarding",
    "biometric": True,
    "text_version": "1",
    "channel": "app",
    "given_at": datetime(2026, 11, 24, 9, 29, tzinfo=UTC),
}
THREE = tuple(PICTURE + name for name in (b"front", b"back", b"selfie"))


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    with Client(house.url, KEY, sleep=lambda _: None) as made:
        yield made


def test_a_verdict_in_one_call_and_again(house: House, client: Client) -> None:
    frames = (PICTURE + b"2", PICTURE + b"3")
    verdict = client.verify(
        *THREE, frames=frames, consent=CONSENT, external_id="order-1", today=date(2026, 11, 24), claimed_name="司马"
    )
    assert (verdict.decision, verdict.state) == ("approved", "decided")
    assert verdict.checks == {"check_character": "pass"}
    assert not verdict.sandbox
    asked = house.verifier.calls[-1]
    assert (asked["front"], asked["back"], asked["selfie"]) == THREE
    assert asked["today"] == date(2026, 11, 24)
    assert asked["frames"] == frames
    assert client.verification(verdict.id) == verdict
    assert "canary" not in repr(verdict)


def test_a_document_is_read(house: House, client: Client) -> None:
    found = client.read_document(back=THREE[1], kind="cn_resident_id")
    assert found["kind"] == "cn_resident_id"
    assert house.reader.calls[-1][:2] == (None, THREE[1])


def test_a_phone_is_confirmed(house: House, client: Client) -> None:
    code_id = client.send_phone_code(NUMBER)
    assert not client.check_phone_code(code_id, "000000")
    assert client.check_phone_code(code_id, CODE)
    client.verify(*THREE, consent=CONSENT, phone=NUMBER, phone_code_id=code_id)
    assert house.verifier.calls[-1]["phone_confirmed"] is True


def test_a_problem_is_the_error_it_is(house: House, client: Client) -> None:
    with pytest.raises(errors.PictureTypeUnsupported) as refused:
        client.verify(THREE[0], b"GIF89a", THREE[2], consent=CONSENT)
    assert refused.value.role == "back"
    assert refused.value.__notes__[0].startswith("request req_")
    with pytest.raises(errors.NotFound):
        client.verification("ver_unknown")
    with pytest.raises(errors.RequestInvalid) as invalid:
        client.verify(*THREE, consent=CONSENT, shoe_size=43)
    assert invalid.value.fields
    with Client(house.url, "wrong key") as stranger, pytest.raises(errors.Unauthorized):
        stranger.verification("ver_unknown")


@pytest.mark.parametrize("kind", errors.leaves(), ids=lambda kind: kind.code)
def test_every_error_comes_back(kind: type[errors.HechaError]) -> None:
    told = {"code": kind.code, "detail": "why", "instance": "req_1", "retryable": kind.retryable}
    told["errors"] = [{"field": "front", "code": kind.code}]  # type: ignore[assignment]
    answer = httpx.Response(kind.status, json=told, headers={"Retry-After": "7"})
    error = problem_of(answer)
    assert type(error) is kind
    assert (error.detail, error.retry_after_s, error.fields) == ("why", 7, (("front", kind.code),))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>Bad gateway"),
        httpx.Response(503, json=["list"]),
        httpx.Response(504, json={"code": "engine_busy"}),
        httpx.Response(429, content=b"\xff\xfe"),
    ],
)
def test_an_answer_of_a_proxy_is_an_error_too(answer: httpx.Response) -> None:
    error = problem_of(answer)
    assert type(error) is errors.HechaError
    assert error.retryable
    assert str(answer.status_code) in error.detail


class Server:
    """Answers one after the other, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **more: object) -> Client:
        transport = httpx.MockTransport(self)
        return Client("http://hecha", "k", transport=transport, sleep=self.slept.append, chance=lambda: 0.0, **more)  # type: ignore[arg-type]


def _busy(wish: str | None) -> httpx.Response:
    told = {"code": "engine_busy", "detail": "", "instance": "req_1", "retryable": True}
    return httpx.Response(503, json=told, headers={} if wish is None else {"Retry-After": wish})


def _verdict(**more: object) -> httpx.Response:
    return httpx.Response(201, json={"id": "ver_1", "decision": "approved", **more})


def test_what_may_pass_is_tried_again_with_the_same_key() -> None:
    server = Server(_busy("3"), httpx.ConnectError("no"), httpx.ReadTimeout("late"), _verdict())
    assert server.client().verify(*THREE, consent=CONSENT).decision == "approved"
    assert server.slept == [3.0, 1.0, 2.0]
    keys = {request.headers["Idempotency-Key"] for request in server.asked}
    assert len(keys) == 1
    assert all(request.content.count(PICTURE) == 3 for request in server.asked)


def test_another_call_has_another_key_and_ones_own_is_kept() -> None:
    server = Server(_verdict(), _verdict(), _verdict())
    client = server.client()
    client.verify(*THREE, consent=CONSENT)
    client.verify(*THREE, consent=CONSENT)
    client.verify(*THREE, consent=CONSENT, idempotency_key="order-1")
    first, second, own = (request.headers["Idempotency-Key"] for request in server.asked)
    assert first != second
    assert own == "order-1"


def test_tries_are_bounded() -> None:
    server = Server(*[_busy(None)] * 4)
    with pytest.raises(errors.EngineBusy):
        server.client().verify(*THREE, consent=CONSENT)
    assert len(server.asked) == 4
    lost = Server(*[httpx.ConnectError("canary")] * 4)
    with pytest.raises(Unreachable) as unreachable:
        lost.client().verification("ver_1")
    assert "canary" not in str(unreachable.value)


def test_a_long_pause_is_the_callers_to_make() -> None:
    server = Server(_busy("600"))
    with pytest.raises(errors.EngineBusy) as busy:
        server.client().verify(*THREE, consent=CONSENT)
    assert busy.value.retry_after_s == 600
    assert server.slept == []


def test_what_will_not_pass_is_not_tried_again() -> None:
    told = {"code": "request_invalid", "detail": "", "instance": "req_1", "retryable": False}
    server = Server(httpx.Response(422, json=told))
    with pytest.raises(errors.RequestInvalid):
        server.client().verify(*THREE, consent=CONSENT)
    assert len(server.asked) == 1


def test_a_code_is_tried_once() -> None:
    server = Server(httpx.ReadTimeout("late"))
    with pytest.raises(Unreachable):
        server.client().check_phone_code("code", "123456")
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed() -> None:
    server = Server(httpx.Response(302, headers={"Location": "http://elsewhere/"}))
    with pytest.raises(errors.HechaError):
        server.client().verification("ver_1")
    assert len(server.asked) == 1


def _blurred() -> dict[str, object]:
    return {"code": "blurred", "severity": "blocking", "message": "m", "advice": {"en": "e", "zh": "z"}}


def test_a_case_goes_step_by_step(house: House, client: Client) -> None:
    case = client.open_case("onboarding", external_id="order-1", consent=CONSENT)
    assert client.verification(case.id).state == "open"
    house.verifier.findings = [_blurred()]
    judged = client.put_capture(case, "document_front", THREE[0])
    assert (judged.accepted, judged.missing) == (False, ("document_back", "selfie"))
    assert (judged.findings[0].code, judged.findings[0].advice["en"]) == ("blurred", "e")
    house.verifier.findings = []
    with Client(house.url, case.capture_token) as telephone:
        assert telephone.put_capture(case.id, "document_front", THREE[0]).accepted
        with pytest.raises(errors.CapturesMissing):
            telephone.submit(case)
        telephone.put_capture(case.id, "document_back", THREE[1])
    with Client(house.url, client.renew_capture_token(case)) as telephone:
        telephone.put_capture(case.id, "selfie", THREE[2])
        assert telephone.submit(case).decision == "approved"
    assert client.wait(case).fields
    assert case.capture_token not in repr(case)


def test_a_png_is_called_one() -> None:
    judged = {"accepted": True, "findings": [], "missing": []}
    server = Server(*[httpx.Response(200, json=judged)] * 3)
    for head in (b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\xff\xd8\xff"):
        server.client().put_capture("ver_1", "selfie", head)
    assert [each.headers["Content-Type"] for each in server.asked] == ["image/png", "image/webp", "image/jpeg"]


def _standing(state: str) -> httpx.Response:
    return httpx.Response(200, json={"id": "ver_1", "state": state})


def test_waiting_ends_with_a_verdict_or_with_what_can_have_none() -> None:
    server = Server(_standing("submitted"), _standing("submitted"), _verdict(state="decided"))
    assert server.client().wait("ver_1").decision == "approved"
    assert server.slept == [1.0, 1.0]
    assert Server(_standing("withdrawn")).client().wait("ver_1").decision is None


def test_waiting_has_an_end() -> None:
    server = Server(*[_standing("submitted")] * 9)
    times = iter(range(0, 1000, 3))
    with pytest.raises(TimeoutError):
        server.client(monotonic=lambda: float(next(times))).wait("ver_1", timeout_s=10)
    assert 1 < len(server.asked) < 6


def test_later_is_asked_for_by_name() -> None:
    server = Server(httpx.Response(202, json={"id": "ver_1", "state": "submitted"}))
    assert server.client().submit("ver_1", phone_code_id="code", wait=False).state == "submitted"
    assert server.asked[0].headers["Prefer"] == "respond-async"
    assert json.loads(server.asked[0].content) == {"phone_code_id": "code"}


SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def _told(secret: str = SECRET, at: datetime | None = None, **data: object) -> tuple[bytes, dict[str, str]]:
    at = at or datetime.now(UTC)
    event = {"id": "msg_1", "type": "verification.decided", "timestamp": "2026-11-24T09:30:00.000Z"}
    body = json.dumps({**event, "data": {"verification_id": "ver_1", "decision": "review", **data}})
    headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(at.timestamp()))}
    return body.encode(), {**headers, "Webhook-Signature": Webhook(secret).sign("msg_1", at, body)}


def test_a_webhook_is_taken_by_any_of_ones_secrets() -> None:
    body, headers = _told(sandbox=True)
    event = verify_webhook(body, headers, "whsec_AAAA", SECRET)
    assert (event.id, event.verification_id, event.decision, event.sandbox) == ("msg_1", "ver_1", "review", True)
    assert event.at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


OTHER = "whsec_" + "A" * 44
FORGERIES: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
    "another secret": lambda: _told(OTHER),
    "an old one": lambda: _told(at=datetime.now(UTC) - timedelta(minutes=6)),
    "an altered body": lambda: (_told()[0].replace(b"review", b"approved"), _told()[1]),
    "another id": lambda: (_told()[0], {**_told()[1], "Webhook-Id": "msg_2"}),
    "no signature": lambda: (_told()[0], {}),
    "an odd signature": lambda: (_told()[0], {**_told()[1], "Webhook-Signature": "v1"}),
    "odd Base64": lambda: (_told()[0], {**_told()[1], "Webhook-Signature": "v1,%"}),
    "an odd time": lambda: (_told()[0], {**_told()[1], "Webhook-Timestamp": "now"}),
    "odd bytes": lambda: (b"\xff", _told()[1]),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused(forgery: str) -> None:
    body, headers = FORGERIES[forgery]()
    with pytest.raises(errors.Unauthorized):
        verify_webhook(body, headers, SECRET)


def test_the_client_is_light() -> None:
    heavy = ("cv2", "numpy", "PIL", "onnxruntime", "fastapi", "sqlalchemy", "pydantic")
    seen = f"import sys, service.client; print([each for each in {heavy!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class LostAnswers(httpx.HTTPTransport):
    """The service does its work, and the answer is lost on the way, so many times."""

    lost = 2

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self.lost:
            self.lost -= 1
            answer.close()
            raise httpx.ReadError("lost")
        return answer


def test_a_lost_answer_costs_no_second_verification(house: House) -> None:
    with Client(house.url, KEY, transport=LostAnswers(), sleep=lambda _: None) as client:
        verdict = client.verify(*THREE, consent=CONSENT)
    assert len(house.verifier.calls) == 1
    assert house.cases() == 1
    assert house.client.get(f"/v1/verifications/{verdict.id}").json()["decision"] == "approved"
