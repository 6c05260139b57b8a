"""`Idempotency-Key`: one effect, one answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from service.errors import EngineBusy
from service.store import Scope
from service.store.tables import IDEMPOTENCY

from .conftest import CONSENT, NUMBER, House
from .test_sessions import bearer, code
from .test_tenants import key_for

KEY = {"Idempotency-Key": "order-4711"}


def rows(house: House) -> list[Any]:
    with house.store.reading() as transaction:
        return list(transaction.execute(select(IDEMPOTENCY)))


def test_the_same_call_is_answered_with_the_same_bytes(house: House) -> None:
    first, again = house.verify({"external_id": "x"}, **KEY), house.verify({"external_id": "x"}, **KEY)
    assert first.request.headers["content-type"] != again.request.headers["content-type"], "another boundary"
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (house.cases(), len(house.verifier.calls)) == (1, 1)


def test_an_opened_case_is_the_same_with_its_token(house: House) -> None:
    asked = {"purpose": "onboarding", "consent": CONSENT}
    first, again = (house.client.post("/v1/verifications", json=asked, headers=KEY) for _ in range(2))
    assert again.content == first.content
    assert house.put(first.json()["id"], "selfie", **bearer(again.json())).status_code == 200
    assert house.cases() == 1


def test_a_submission_is_decided_once(house: House) -> None:
    case_id = house.filled()["id"]
    first, again = house.submit(case_id, **KEY), house.submit(case_id, **KEY)
    assert (again.status_code, again.content) == (200, first.content)
    assert len(house.verifier.calls) == 1
    later = house.filled()["id"]
    told = [house.submit(later, **{"Idempotency-Key": "2", "Prefer": "respond-async"}) for _ in range(2)]
    assert [each.status_code for each in told] == [202, 202]
    assert told[0].content == told[1].content


def test_another_request_under_the_same_key_is_refused(house: House) -> None:
    house.verify({"external_id": "x"}, **KEY)
    assert code(house.verify({"external_id": "y"}, **KEY)) == (422, "idempotency_mismatch")
    assert code(house.client.post("/v1/verifications", json={"purpose": "x"}, headers=KEY)) == (
        422,
        "idempotency_mismatch",
    )
    assert code(house.client.post("/v1/phone/codes", json={"phone": NUMBER}, headers=KEY)) == (
        422,
        "idempotency_mismatch",
    )


def test_a_call_in_flight_is_told_to_wait(house: House) -> None:
    house.verifier.gate = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(house.verify, None, **KEY)
        while not house.verifier.calls:
            threading.Event().wait(0.01)
        refused = house.verify(None, **KEY)
        house.verifier.gate.set()
        first = running.result()
    assert code(refused) == (409, "idempotency_in_flight")
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["retryable"] is True
    assert house.verify(None, **KEY).content == first.content


def test_of_20_at_once_one_has_an_effect(house: House) -> None:
    asked = {"purpose": "onboarding"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: house.client.post("/v1/verifications", json=asked, headers=KEY), range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert house.cases() == 1


def test_a_call_that_failed_may_be_made_again(house: House) -> None:
    house.verifier.error = EngineBusy()
    assert house.verify(None, **KEY).status_code == 503
    house.verifier.error = RuntimeError("boom")
    assert house.verify(None, **KEY).status_code == 500
    assert rows(house) == []
    house.verifier.error = None
    assert house.verify(None, **KEY).status_code == 201


def test_a_call_whose_process_died_may_be_made_again_after_its_lease(house: House) -> None:
    class Killed(type(house.verifier)):  # type: ignore[misc]
        def verify(self, *_: bytes, **__: Any) -> dict[str, Any]:
            raise BaseExceptionGroup("killed", [SystemExit()])

    before = type(house.verifier)
    house.verifier.__class__ = Killed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(house.store.once), "release", lambda *_: None)  # nobody is left to do it
        house.verify(None, **KEY)
    house.verifier.__class__ = before
    assert code(house.verify(None, **KEY)) == (409, "idempotency_in_flight")
    house.clock.advance(minutes=3)
    assert house.verify(None, **KEY).status_code == 201


def test_a_phone_code_is_sent_once(house: House) -> None:
    first, again = (house.client.post("/v1/phone/codes", json={"phone": NUMBER}, headers=KEY) for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert len(house.outbox.sent) == 1


def test_keys_of_two_tenants_and_of_two_cases_do_not_meet(house: House) -> None:
    stranger = key_for(house, *Scope, tenant="stranger")
    mine = house.client.post("/v1/verifications", json={"purpose": "x"}, headers=KEY).json()["id"]
    theirs = house.client.post("/v1/verifications", json={"purpose": "x"}, headers={**KEY, **stranger})
    assert theirs.json()["id"] != mine
    one, other = house.filled(), house.filled()
    for opened in (one, other):
        assert house.submit(opened["id"], **{"Idempotency-Key": "1"}, **bearer(opened)).json()["id"] == opened["id"]


def test_what_is_kept_cannot_be_read_without_the_callers_key(house: House) -> None:
    answer = house.verify({"external_id": "canary-external"}, **{"Idempotency-Key": "canary-key"})
    (row,) = rows(house)
    kept = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in (b"canary", answer.json()["document"]["fields"]["name"].encode()):
        assert secret not in kept
    assert row.case_id == answer.json()["id"]


def test_an_erased_case_is_not_given_again(house: House) -> None:
    case_id = house.verify(None, **KEY).json()["id"]
    house.client.delete(f"/v1/verifications/{case_id}")
    assert rows(house) == []


def test_answers_are_forgotten_after_a_day(house: House) -> None:
    first = house.verify(None, **KEY).json()["id"]
    house.clock.advance(days=1, seconds=1)
    house.clerk.sweep()
    assert house.verify(None, **KEY).json()["id"] != first


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_a_key_has_a_form(house: House, key: str) -> None:
    refused = house.client.post("/v1/verifications", json={"purpose": "x"}, headers={b"Idempotency-Key": key.encode()})
    assert code(refused) == (422, "request_invalid")
    assert refused.json()["errors"] == [{"field": "Idempotency-Key", "code": "invalid"}]


def test_the_documentation_says_so(house: House) -> None:
    paths = house.client.get("/openapi.json").json()["paths"]
    for path, verbs in paths.items():
        told = [each["name"] for each in verbs.get("post", {}).get("parameters", [])]
        if path.startswith("/v1/") and "post" in verbs:
            assert ("Idempotency-Key" in told) is (path != "/v1/documents"), path
