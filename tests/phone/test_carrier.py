"""What a carrier's registry promises: the HTTP adapter against a server that plays one, and the fake of other tests."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from service.evidence import CarrierMatch, Claim
from service.phone import signed_json
from service.phone.carrier import CarrierQuestion, CarrierRegistry, attested, http
from service.phone.carrier.checks import carrier_checks
from service.phone.http_post import HttpPost
from service.phone.signed_json import Gateway

from . import vendor_server
from .vendor_server import Play, Server, answer, serving

NUMBER, NAME, ID_NUMBER = "+8613800138000", "苏明远", "110105196803160412"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@dataclass
class FakeCarrier:
    """Knows one subscriber, and says so to whoever asks."""

    asked: list[CarrierQuestion] = field(default_factory=list)
    answers: bool = True

    def check(self, question: CarrierQuestion) -> CarrierMatch:
        self.asked.append(question)
        if not self.answers or question.number_e164 != NUMBER:
            return "unknown"
        same = question.name == NAME and question.id_number in (None, ID_NUMBER)
        return "match" if same else "mismatch"


def _play_carrier(server: Server, connection: socket.socket) -> None:
    asked = server.requests[-1].json()
    question = CarrierQuestion(asked["id"], asked["phone"], asked["name"], asked["id_number"])
    word = FakeCarrier().check(question)
    answer(200, json.dumps({"result": word}).encode())(server, connection)


def _adapter(url: str, deadline_s: float = 20) -> CarrierRegistry:
    return http.build(Gateway(url, SECRET, HttpPost(deadline_s=deadline_s), lambda: NOW))


@pytest.fixture(params=["http", "fake"])
def registry(request: pytest.FixtureRequest) -> Iterator[CarrierRegistry]:
    with ExitStack() as stack:
        if request.param == "fake":
            yield FakeCarrier()
        else:
            yield _adapter(stack.enter_context(serving(_play_carrier)).url)


@pytest.mark.parametrize(
    ("number", "name", "id_number", "word"),
    [
        (NUMBER, NAME, None, "match"),
        (NUMBER, NAME, ID_NUMBER, "match"),
        (NUMBER, "王小明", None, "mismatch"),
        (NUMBER, NAME, "110105196803160420", "mismatch"),
        ("+8613900139000", NAME, ID_NUMBER, "unknown"),
    ],
)
def test_two_and_three_elements(
    registry: CarrierRegistry, number: str, name: str, id_number: str | None, word: str
) -> None:
    assert registry.check(CarrierQuestion("q1", number, name, id_number)) == word


BAD: dict[str, Play] = {
    "400": answer(400, b'{"result": "match"}'),
    "429": answer(429, b'{"result": "match"}', Retry_After="5"),
    "500": answer(500, b'{"result": "match"}'),
    "another word": answer(200, b'{"result": "maybe"}'),
    "another type": answer(200, b'{"result": ["match"]}'),
    "no JSON": answer(200, b"match"),
    "10 MB": vendor_server.ten_megabytes(200, b'{"result": "match"}'),
    "redirect": answer(302, Location="/elsewhere"),
    "reset": vendor_server.reset,
    "no HTTP": vendor_server.no_http,
    "half a body": vendor_server.short_body,
}


@pytest.mark.parametrize("case", BAD)
def test_whoever_does_not_answer_well_does_not_know(case: str) -> None:
    with serving(BAD[case]) as server:
        assert _adapter(server.url).check(CarrierQuestion("q1", NUMBER, NAME)) == "unknown"
    assert len(server.requests) == 1


@pytest.mark.parametrize("play", [vendor_server.hang, vendor_server.drip_head, vendor_server.drip_body])
def test_the_deadline_ends_whatever_it_is(play: Play) -> None:
    with serving(play) as server:
        assert _adapter(server.url, 0.4).check(CarrierQuestion("q1", NUMBER, NAME)) == "unknown"
    assert len(server.requests) == 1


def test_nobody_there_does_not_know() -> None:
    assert _adapter("http://127.0.0.1:9/").check(CarrierQuestion("q1", NUMBER, NAME)) == "unknown"


@pytest.mark.parametrize(("id_number", "elements"), [(None, 2), (ID_NUMBER, 3)])
def test_what_a_gateway_is_sent(id_number: str | None, elements: int) -> None:
    with serving(_play_carrier) as server:
        _adapter(server.url).check(CarrierQuestion("q1", NUMBER, NAME, id_number))
    (request,) = server.requests
    asked = {"phone": NUMBER, "name": NAME, "id_number": id_number, "elements": elements, "id": "q1"}
    assert request.json() == asked
    sent_at = request.headers["webhook-timestamp"]
    assert request.headers["webhook-signature"] == signed_json.signature(SECRET, "q1", sent_at, request.body)


@pytest.mark.parametrize(
    ("claim", "carrier", "asked"),
    [
        (Claim(NAME, ID_NUMBER), "match", True),
        (Claim(NAME), "match", True),
        (Claim("王小明"), "mismatch", True),
        (Claim(None, ID_NUMBER), None, False),
    ],
)
def test_a_claim_is_attested(claim: Claim, carrier: CarrierMatch | None, asked: bool) -> None:
    registry = FakeCarrier()
    found = attested(claim, registry, NUMBER, question_id="q1")
    assert found.carrier == carrier
    assert (found.name, found.number) == (claim.name, claim.number)
    assert len(registry.asked) == int(asked)


def test_without_a_registry_nobody_is_asked() -> None:
    assert attested(Claim(NAME), None, NUMBER, question_id="q1") == Claim(NAME)


def test_a_question_tells_nothing_of_the_person() -> None:
    shown = repr(CarrierQuestion("q1", NUMBER, NAME, ID_NUMBER))
    assert not [secret for secret in (NUMBER, NAME, ID_NUMBER) if secret in shown]


@pytest.mark.parametrize(
    ("said", "required", "outcome", "reasons"),
    [
        ("match", True, "pass", ()),
        ("match", False, "pass", ()),
        ("mismatch", False, "fail", ("carrier_mismatch",)),
        ("unknown", True, "unknown", ("carrier_unknown",)),
        (None, True, "unknown", ("carrier_unknown",)),
        ("unknown", False, "unknown", ()),
    ],
)
def test_what_the_carrier_says_is_a_check(
    said: CarrierMatch | None, required: bool, outcome: str, reasons: tuple[str, ...]
) -> None:
    (check,) = carrier_checks(Claim(NAME, None, said), required=required)
    assert (check.name, check.outcome, check.reasons) == ("carrier_match", outcome, reasons)


def test_where_nobody_is_asked_there_is_no_check() -> None:
    assert carrier_checks(None, required=False) == carrier_checks(Claim(NAME), required=False) == ()
    assert carrier_checks(None, required=True)[0].outcome == "unknown"
