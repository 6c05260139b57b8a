from __future__ import annotations

import pytest

from service.store import Scope
from service.web import schemas
from service.web.sandbox import EXHAUSTED, FORCED
from service.web.session_desk import SessionRules

from .conftest import CONSENT, PICTURE, SIDES, VERDICT, House, Opener
from .test_tenants import key_for

DECISIONS = dict(zip(FORCED, ("approved", "review", "retake", "declined", "declined", "declined"), strict=True))


@pytest.fixture
def key(house: House) -> dict[str, str]:
    return key_for(house, *Scope, tenant="sandbox-shop")


@pytest.mark.parametrize("number", FORCED)
def test_a_number_forces_its_verdict_in_one_call(house: House, key: dict[str, str], number: str) -> None:
    answer = house.verify({"claimed_number": number}, **key)
    assert answer.status_code == 201, answer.text
    verdict = answer.json()
    assert (verdict["decision"], verdict["sandbox"]) == (DECISIONS[number], True)
    found = FORCED[number]
    assert [reason["code"] for reason in verdict["reasons"]] == ([found.code] if found else [])
    assert verdict["document"]["fields"]["number"] == number
    schemas.Verification.model_validate(verdict)
    assert house.verifier.calls == []
    assert house.client.get(f"/v1/verifications/{verdict['id']}", headers=key).content == answer.content


@pytest.mark.parametrize("number", FORCED)
def test_and_step_by_step(house: House, key: dict[str, str], number: str) -> None:
    case = house.client.post("/v1/verifications", json={"purpose": "trial", "claimed_number": number}, headers=key)
    case_id = case.json()["id"]
    house.client.put(f"/v1/verifications/{case_id}/consent", json=CONSENT, headers=key)
    for side in SIDES:
        assert house.put(case_id, side, PICTURE + side.encode(), **key).status_code == 200
    device = {"X-API-Key": case.json()["capture_token"]}
    told = house.client.post(f"/v1/verifications/{case_id}/submit", headers=device).json()
    assert (told["decision"], told["sandbox"]) == (DECISIONS[number], True)
    assert house.verifier.calls == []


def test_a_number_that_has_seen_all_its_verdicts(house: House, key: dict[str, str]) -> None:
    refused = house.verify({"claimed_number": EXHAUSTED}, **key)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.json()["errors"] == [{"field": "number", "code": "attempts_exhausted"}]
    assert refused.headers["retry-after"] == "86400"
    assert house.verify({"claimed_number": EXHAUSTED}).status_code == 201, "outside the sandbox it is a number"


def test_any_other_number_is_judged_and_marked(house: House, key: dict[str, str]) -> None:
    verdict = house.verify({"claimed_number": "11010519491231002X"}, **key).json()
    assert (verdict["decision"], verdict["sandbox"]) == ("approved", True)
    assert len(house.verifier.calls) == 1


def test_outside_the_sandbox_nothing_is_forced(house: House) -> None:
    verdict = house.verify({"claimed_number": "000000199001010004"}).json()
    assert verdict["decision"] == "approved"
    assert "sandbox" not in verdict
    assert len(house.verifier.calls) == 1
    sandboxy = key_for(house, *Scope, tenant="sandboxes")
    assert "sandbox" not in house.verify({"claimed_number": "000000199001010004"}, **sandboxy).json()


def test_a_number_may_be_used_again_and_again(open_house: Opener) -> None:
    house = open_house(rules=SessionRules(attempts_per_day=1))
    house.verifier.verdict = {**VERDICT, "document": {"fields": {"number": "11010519491231002X"}}}
    key = key_for(house, *Scope, tenant="sandbox")
    options = {"claimed_number": "000000199001010001"}
    assert [house.verify(options, **key).status_code for _ in range(3)] == [201, 201, 201]
    assert [house.verify(options).status_code for _ in range(2)] == [201, 429]
