"""Codes of a sandbox tenant: every outcome by its number, nothing sent, everything marked."""

from __future__ import annotations

import pytest

from service.phone.sandbox import CODE, OUTCOMES
from service.sandbox import is_sandbox
from service.store import Scope

from .conftest import NUMBER, House
from .test_tenants import key_for


@pytest.fixture
def sandbox(house: House) -> House:
    house.client.headers.update(key_for(house, Scope.VERIFY, Scope.READ, tenant="sandbox"))
    return house


SENT = (201, None, None)
FAILED = (502, "sms_failed", "5")


@pytest.mark.parametrize(
    ("last", "status", "code", "wait"),
    [
        (0, *SENT),
        (1, *SENT),
        (2, *SENT),
        (3, 429, "too_many_requests", "120"),
        (4, *FAILED),
        (5, *FAILED),
        (6, *FAILED),
        (7, *SENT),
        (8, 429, "too_many_requests", "60"),
        (9, 429, "sms_suspended", "3600"),
    ],
)
def test_the_number_says_what_becomes_of_the_message(
    sandbox: House, last: int, status: int, code: str | None, wait: str | None
) -> None:
    answer = sandbox.client.post("/v1/phone/codes", json={"phone": f"+86 138 0000 000{last}"})
    assert (answer.status_code, answer.json().get("code"), answer.headers.get("retry-after")) == (status, code, wait)
    assert status != 201 or answer.json()["sandbox"] is True
    assert sandbox.outbox.sent == []


def test_a_number_that_is_not_served(sandbox: House) -> None:
    refused = sandbox.client.post("/v1/phone/codes", json={"phone": "+8613800000010"})
    assert (refused.status_code, refused.json()["code"]) == (422, "phone_number_refused")


def test_a_code_that_comes_too_late(sandbox: House) -> None:
    sent = sandbox.client.post("/v1/phone/codes", json={"phone": "+8613800000011"})
    assert sent.status_code == 201
    tried = sandbox.client.post(f"/v1/phone/codes/{sent.json()['id']}/check", json={"code": CODE})
    assert (tried.status_code, tried.json()["code"]) == (410, "phone_code_unusable")


def test_every_kind_of_outcome_has_a_number() -> None:
    kinds = {getattr(outcome, "kind", type(outcome).__name__) for outcome in OUTCOMES.values()}
    assert kinds == {"Accepted", "number", "limit", "account", "refused", "unavailable", "Unknown"}


def test_the_code_is_always_the_same_and_may_be_sent_again_at_once(sandbox: House) -> None:
    for _ in range(12):
        sent = sandbox.client.post("/v1/phone/codes", json={"phone": NUMBER})
        assert sent.status_code == 201
    path = f"/v1/phone/codes/{sent.json()['id']}/check"
    wrong = sandbox.client.post(path, json={"code": "000001"})
    assert wrong.json() == {"confirmed": False, "tries_left": 4, "sandbox": True}
    right = sandbox.client.post(path, json={"code": CODE})
    assert right.json() == {"confirmed": True, "tries_left": 3, "sandbox": True}
    assert sandbox.client.post(path, json={"code": CODE}).status_code == 410


def test_no_carrier_is_asked_in_the_sandbox(sandbox: House) -> None:
    sent = sandbox.client.post("/v1/phone/codes", json={"phone": NUMBER}).json()
    sandbox.client.post(f"/v1/phone/codes/{sent['id']}/check", json={"code": CODE})
    options = {"phone": NUMBER, "phone_code_id": sent["id"], "claimed_name": "苏明远"}
    assert sandbox.verify(options).status_code == 201
    assert sandbox.verifier.calls[0]["phone_confirmed"] is True
    assert sandbox.carrier.asked == []


def test_the_special_numbers_are_nothing_special_elsewhere(house: House) -> None:
    answer = house.client.post("/v1/phone/codes", json={"phone": "+8613800000004"})
    assert (answer.status_code, answer.json()["sandbox"]) == (201, False)
    assert len(house.outbox.sent) == 1


@pytest.mark.parametrize(
    ("tenant", "sandbox"),
    [("sandbox", True), ("sandbox-acme", True), ("default", False), ("sandboxes", False), ("my-sandbox", False)],
)
def test_which_tenants_are_sandboxes(tenant: str, sandbox: bool) -> None:
    assert is_sandbox(tenant) is sandbox
