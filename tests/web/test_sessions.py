"""Verifications that go step by step, over HTTP."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.errors import EngineBusy, EngineFailed, PictureTruncated
from service.evidence import Claim, Role
from service.store.tables import ATTEMPTS, CAPTURES, DATA_KEYS, VERIFICATIONS
from service.web import session_schemas as schemas
from service.web.session_desk import SessionRules

from .conftest import CONSENT, NUMBER, PICTURE, SIDES, VERDICT, House, Opener

BLURRED: dict[str, Any] = {
    "code": "blurred",
    "severity": "blocking",
    "message": "m",
    "advice": {"en": "e", "zh": "z"},
    "measure": {"name": "sharpness", "value": 3.0, "threshold": 5.0, "worse": "lower"},
}
RETAKE = {**VERDICT, "decision": "retake", "reasons": [BLURRED]}


def bearer(opened: dict[str, Any]) -> dict[str, str]:
    """The applicant's device instead of the house's key."""
    return {"X-API-Key": opened["capture_token"]}


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def captures(house: House) -> list[Any]:
    with house.store.reading() as transaction:
        return list(transaction.execute(select(CAPTURES)))


def test_the_way_of_a_case(house: House) -> None:
    opened = house.opened(external_id="order-1", claimed_name="苏明远", today="2026-11-20")
    schemas.CaseOpened.model_validate(opened)
    case_id = opened["id"]
    assert house.standing(case_id)["missing"] == list(SIDES)
    for index, side in enumerate(SIDES):
        judged = house.put(case_id, side, PICTURE + side.encode())
        assert judged.status_code == 200
        schemas.CaptureJudged.model_validate(judged.json())
        assert judged.json()["sha256"] == hashlib.sha256(PICTURE + side.encode()).hexdigest()
        assert judged.json()["missing"] == list(SIDES[index + 1 :])
    assert [role for _, role in house.verifier.judged] == list(Role)
    verdict = house.submit(case_id)
    assert (verdict.status_code, verdict.json()["state"], verdict.json()["decision"]) == (200, "decided", "approved")
    assert verdict.json()["captures"] == {side: hashlib.sha256(PICTURE + side.encode()).hexdigest() for side in SIDES}
    assert house.verifier.calls == [
        {
            "front": PICTURE + b"document_front",
            "back": PICTURE + b"document_back",
            "selfie": PICTURE + b"selfie",
            "today": date(2026, 11, 20),
            "phone_confirmed": None,
            "claim": Claim("苏明远", None),
            "frames": (),
        }
    ]
    again = house.client.get(f"/v1/verifications/{case_id}")
    assert again.content == verdict.content


def test_pictures_are_gone_with_the_verdict(house: House) -> None:
    case_id = house.filled()["id"]
    assert all(row.picture for row in captures(house))
    house.submit(case_id)
    assert [(row.picture, row.judged) for row in captures(house)] == [(None, None)] * 3
    assert all(row.digest for row in captures(house))


def test_pictures_and_what_was_said_are_kept_encrypted(house: House) -> None:
    house.verifier.findings = [{**BLURRED, "message": "canary-finding"}]
    house.filled(external_id="canary-external", claimed_name="canary-name", device="canary-device")
    with house.store.reading() as transaction:
        rows = [*transaction.execute(select(VERIFICATIONS)), *captures(house)]
    kept = b"".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    assert b"canary" not in kept
    assert PICTURE not in kept


def test_a_picture_is_judged_on_the_spot_and_may_be_taken_again(house: House) -> None:
    case_id = house.opened()["id"]
    house.verifier.findings = [BLURRED]
    judged = house.put(case_id, "document_front").json()
    assert (judged["accepted"], judged["findings"]) == (False, [BLURRED])
    assert house.standing(case_id)["captures"]["document_front"]["accepted"] is False
    house.verifier.findings = []
    assert house.put(case_id, "document_front", PICTURE + b"2").json()["accepted"] is True
    assert len(captures(house)) == 1
    assert house.standing(case_id)["captures"]["document_front"]["sha256"] == (
        hashlib.sha256(PICTURE + b"2").hexdigest()
    )


def test_a_picture_that_cannot_be_used_leaves_the_old_one(house: House) -> None:
    case_id = house.opened()["id"]
    house.put(case_id, "document_front")
    house.verifier.error = PictureTruncated(role=Role.FRONT)
    assert code(house.put(case_id, "document_front", PICTURE + b"2")) == (422, "picture_truncated")
    assert house.standing(case_id)["captures"]["document_front"]["sha256"] == hashlib.sha256(PICTURE).hexdigest()


def test_fields_come_on_request_and_only_to_a_key_that_may_read(house: House) -> None:
    opened = house.opened()
    path = f"/v1/verifications/{opened['id']}/captures/document_front?fields=true"
    kind = {"Content-Type": "image/jpeg"}
    assert house.client.put(path, content=PICTURE, headers=kind).json()["fields"] == {"number": "11010519491231002X"}
    assert code(house.client.put(path, content=PICTURE, headers={**kind, **bearer(opened)})) == (403, "scope_missing")
    assert "fields" not in house.put(opened["id"], "document_front").json()


def test_the_applicants_device_goes_all_the_way_with_its_token(house: House) -> None:
    opened = house.opened()
    house.verifier.findings = [BLURRED]
    for side in SIDES:
        judged = house.put(opened["id"], side, PICTURE + side.encode(), **bearer(opened))
        assert judged.status_code == 200
        assert "measure" not in judged.json()["findings"][0]
    assert "measure" not in json.dumps(house.standing(opened["id"], **bearer(opened)))
    house.verifier.verdict = RETAKE
    told = house.submit(opened["id"], **bearer(opened)).json()
    schemas.ApplicantVerdict.model_validate(told)
    assert told == {
        "id": opened["id"],
        "state": "retake",
        "decision": "retake",
        "reasons": [{key: BLURRED[key] for key in ("code", "severity", "message", "advice")}],
    }
    assert house.standing(opened["id"], **bearer(opened)) == told
    assert house.standing(opened["id"])["comparison"] == VERDICT["comparison"]


def test_a_token_is_renewed_while_the_case_is_open(house: House) -> None:
    opened = house.filled()
    address = f"/v1/verifications/{opened['id']}/capture-token"
    house.clock.advance(minutes=16)
    assert code(house.submit(opened["id"], **bearer(opened))) == (401, "unauthorized")
    first = house.client.post(address)
    assert first.status_code == 201
    schemas.TokenRenewed.model_validate(first.json())
    assert first.json()["capture_token_expires_at"] == "2026-11-24T10:01:00.000Z"
    second = house.client.post(address).json()
    assert code(house.submit(opened["id"], **bearer(first.json()))) == (401, "unauthorized")
    assert code(house.client.post(address, headers=bearer(second))) == (403, "scope_missing"), (
        "no device renews its own"
    )
    assert house.submit(opened["id"], **bearer(second)).status_code == 200
    assert code(house.client.post(address)) == (409, "case_conflict")
    assert code(house.submit(opened["id"], **bearer(second))) == (401, "unauthorized")


@pytest.mark.parametrize("end", ["withdrawn", "expired"])
def test_no_token_is_renewed_after_the_end(house: House, end: str) -> None:
    opened = house.opened()
    if end == "withdrawn":
        house.client.delete(f"/v1/verifications/{opened['id']}/consent")
    else:
        house.clock.advance(hours=1)
    refused = house.client.post(f"/v1/verifications/{opened['id']}/capture-token")
    assert code(refused) == (409, "case_conflict")
    assert refused.json()["errors"] == [{"field": "state", "code": end}]


def test_row_51_a_side_that_is_the_other_one(house: House) -> None:
    case_id = house.opened()["id"]
    assert house.put(case_id, "document_front").status_code == 200
    refused = house.put(case_id, "document_back")
    assert code(refused) == (422, "duplicate_side")
    assert refused.json()["errors"] == [{"field": "back", "code": "duplicate_side"}]
    assert len(house.verifier.judged) == 1, "refused before it costs anything"
    assert house.put(case_id, "document_front").status_code == 200, "the same side again is no twin"
    assert house.put(case_id, "document_back", PICTURE + b"back").status_code == 200
    assert code(house.put(case_id, "document_front", PICTURE + b"back")) == (422, "duplicate_side")
    assert house.submit(house.filled()["id"]).status_code == 200


def test_a_token_opens_nothing_but_its_own_case(house: House) -> None:
    mine, other = house.opened(), house.opened()
    assert code(house.put(other["id"], "document_front", **bearer(mine))) == (404, "not_found")
    assert house.client.get(f"/v1/verifications/{other['id']}", headers=bearer(mine)).status_code == 404
    for method, path in (("GET", "/v1/verifications"), ("DELETE", f"/v1/verifications/{mine['id']}")):
        assert code(house.client.request(method, path, headers=bearer(mine))) == (403, "scope_missing")
    assert code(house.client.post("/v1/verifications", json={"purpose": "x"}, headers=bearer(mine)))[0] == 403


def test_a_token_dies_after_15_minutes_and_with_the_verdict(house: House) -> None:
    opened, other = house.filled(), house.filled()
    house.clock.advance(minutes=14, seconds=59)
    assert house.put(opened["id"], "selfie", **bearer(opened)).status_code == 200
    house.submit(opened["id"])
    assert code(house.put(opened["id"], "selfie", **bearer(opened))) == (401, "unauthorized")
    house.clock.advance(seconds=1)
    assert code(house.put(other["id"], "selfie", **bearer(other))) == (401, "unauthorized")
    assert house.put(other["id"], "selfie").status_code == 200, "the key goes on"


def test_only_the_digest_of_a_token_is_kept(house: House) -> None:
    token = house.opened()["capture_token"]
    assert len(token) >= len("cap_") + 43
    with house.store.reading() as transaction:
        row = transaction.execute(select(VERIFICATIONS)).one()
    assert row.token_digest == hashlib.sha256(token.encode()).digest()


def test_without_consent_there_are_no_biometrics(house: House) -> None:
    for consent in (None, {**CONSENT, "biometric": False}):
        case_id = house.opened(consent=consent)["id"]
        assert house.put(case_id, "document_front").status_code == 200
        judged = len(house.verifier.judged)
        assert code(house.put(case_id, "selfie")) == (409, "consent_required")
        assert len(house.verifier.judged) == judged, "no selfie was looked at"
        given = house.client.put(f"/v1/verifications/{case_id}/consent", json=CONSENT)
        assert given.json()["consent"] == {**CONSENT, "gallery": False}
        assert house.put(case_id, "selfie").status_code == 200


def test_frames_follow_a_selfie_in_their_order_and_go_with_it(house: House) -> None:
    case_id = house.filled()["id"]
    for side in ("selfie_3", "selfie_2", "selfie_5"):
        answer = house.put(case_id, side, PICTURE + side.encode()).json()
        assert (answer["capture"], answer["accepted"], answer["missing"]) == (side, True, [])
        assert house.verifier.judged[-1] == (PICTURE + side.encode(), Role.SELFIE)
    assert {"selfie", "selfie_2", "selfie_3", "selfie_5"} < set(house.standing(case_id)["captures"])
    house.verifier.verdict = {**VERDICT, "decision": "retake"}
    verdict = house.submit(case_id).json()
    assert house.verifier.calls[-1]["selfie"] == PICTURE + b"selfie"
    assert house.verifier.calls[-1]["frames"] == tuple(
        PICTURE + side for side in (b"selfie_2", b"selfie_3", b"selfie_5")
    )
    assert list(verdict["captures"])[2:] == ["selfie", "selfie_2", "selfie_3", "selfie_5"]
    house.put(case_id, "selfie", PICTURE + b"another")
    assert set(house.standing(case_id)["captures"]) == {"document_front", "document_back", "selfie"}
    house.submit(case_id)
    assert house.verifier.calls[-1]["frames"] == ()


def test_a_frame_needs_its_selfie_and_the_same_consent(house: House) -> None:
    case_id = house.opened()["id"]
    refused = house.put(case_id, "selfie_2")
    assert (code(refused), refused.json()["errors"]) == (
        (409, "captures_missing"),
        [{"field": "selfie", "code": "missing"}],
    )
    assert house.verifier.judged == []
    for side in ("selfie", "selfie_2"):
        assert house.put(case_id, side).status_code == 200
    house.client.put(f"/v1/verifications/{case_id}/consent", json={**CONSENT, "biometric": False})
    assert house.standing(case_id)["captures"] == {}
    assert code(house.put(case_id, "selfie_2")) == (409, "consent_required")
    assert code(house.put(house.opened(checks=["document"])["id"], "selfie_2")) == (409, "case_conflict")
    assert house.put(case_id, "selfie_6").status_code == 422


def test_a_consent_without_biometrics_takes_the_selfie_away(house: House) -> None:
    case_id = house.filled()["id"]
    house.client.put(f"/v1/verifications/{case_id}/consent", json={**CONSENT, "biometric": False})
    assert house.standing(case_id)["missing"] == ["selfie"]
    assert code(house.submit(case_id)) == (409, "captures_missing")


@pytest.mark.parametrize("given_at", ["2026-11-24T09:35:01Z", "2026-11-24T09:00:00", "yesterday", 0])
def test_a_consent_was_given_at_some_time_in_the_past(house: House, given_at: object) -> None:
    consent = {**CONSENT, "given_at": given_at}
    case_id = house.opened()["id"]
    refused = house.client.put(f"/v1/verifications/{case_id}/consent", json=consent)
    assert refused.json()["errors"] == [{"field": "given_at", "code": "invalid"}]
    refused = house.client.post("/v1/verifications", json={"purpose": "x", "consent": consent})
    assert refused.json()["errors"] == [{"field": "consent.given_at", "code": "invalid"}]
    refused = house.verify({"consent": consent})
    assert refused.json()["errors"] == [{"field": "options.consent.given_at", "code": "invalid"}]


def test_the_one_call_refuses_a_consent_without_biometrics_and_keeps_one_with(house: House) -> None:
    assert code(house.verify({"consent": {**CONSENT, "biometric": False}})) == (409, "consent_required")
    assert house.verifier.calls == []
    assert house.verify({"consent": CONSENT}).status_code == 201
    with house.store.reading() as transaction:
        assert transaction.execute(select(VERIFICATIONS.c.consent)).scalar_one() is not None


def test_withdrawal_stops_processing(house: House) -> None:
    opened = house.filled()
    withdrawn = house.client.delete(f"/v1/verifications/{opened['id']}/consent", headers=bearer(opened))
    assert withdrawn.json()["state"] == "withdrawn"
    assert captures(house) == []
    assert code(house.put(opened["id"], "selfie")) == (409, "case_conflict")
    assert code(house.submit(opened["id"])) == (409, "case_conflict")
    assert code(house.put(opened["id"], "selfie", **bearer(opened))) == (401, "unauthorized")
    assert house.verifier.calls == []


def test_a_verdict_on_its_way_is_not_written_after_a_withdrawal(house: House) -> None:
    case_id = house.filled()["id"]
    house.verifier.gate = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        submitting = pool.submit(house.submit, case_id)
        while not house.verifier.calls:
            threading.Event().wait(0.01)
        assert house.client.delete(f"/v1/verifications/{case_id}/consent").json()["state"] == "withdrawn"
        house.verifier.gate.set()
        assert code(submitting.result()) == (409, "case_conflict")
    assert house.standing(case_id)["state"] == "withdrawn"


def test_a_case_without_biometrics(house: House) -> None:
    case_id = house.filled(checks=["document"], consent=None)["id"]
    assert code(house.put(case_id, "selfie")) == (409, "case_conflict")
    assert house.submit(case_id).status_code == 200
    assert house.verifier.calls[0]["selfie"] is None


def test_a_case_asks_for_its_phone(house: House) -> None:
    first = house.filled(checks=["document", "face", "phone"])["id"]
    house.submit(first)
    assert house.verifier.calls[-1]["phone_confirmed"] is False
    second = house.filled(phone=NUMBER)["id"]
    assert house.submit(second, {"phone_code_id": house.confirmed_code()}).status_code == 200
    assert house.verifier.calls[-1]["phone_confirmed"] is True


def test_what_is_missing_is_named(house: House) -> None:
    case_id = house.opened()["id"]
    house.put(case_id, "document_back")
    refused = house.submit(case_id)
    assert code(refused) == (409, "captures_missing")
    assert [each["field"] for each in refused.json()["errors"]] == ["document_front", "selfie"]


def test_a_retake_goes_on_with_the_side_that_is_taken_again(house: House) -> None:
    case_id = house.filled()["id"]
    house.verifier.verdict = RETAKE
    assert house.submit(case_id).json()["state"] == "retake"
    refused = house.submit(case_id)
    assert code(refused) == (409, "case_conflict")
    assert refused.json()["errors"] == [{"field": "state", "code": "retake"}]
    house.put(case_id, "document_front", PICTURE + b"better")
    standing = house.standing(case_id)
    assert (standing["state"], standing["missing"]) == ("open", []), "the verdict is gone, the other pictures stay"
    house.verifier.verdict = VERDICT
    assert house.submit(case_id).json()["decision"] == "approved"
    assert house.verifier.calls[-1]["front"] == PICTURE + b"better"
    assert house.verifier.calls[-1]["back"] == PICTURE + b"document_back"


def test_after_the_verdict_nothing_moves(house: House) -> None:
    case_id = house.filled()["id"]
    house.submit(case_id)
    path = f"/v1/verifications/{case_id}"
    for answer in (
        house.put(case_id, "document_front"),
        house.submit(case_id),
        house.client.put(f"{path}/consent", json=CONSENT),
        house.client.delete(f"{path}/consent"),
    ):
        assert code(answer) == (409, "case_conflict")
        assert answer.json()["errors"] == [{"field": "state", "code": "decided"}]


def test_a_case_expires_and_is_swept(house: House) -> None:
    opened = house.filled()
    house.clock.advance(minutes=60)
    assert house.standing(opened["id"])["state"] == "expired"
    assert code(house.put(opened["id"], "selfie")) == (409, "case_conflict")
    assert code(house.submit(opened["id"])) == (409, "case_conflict")
    assert house.client.get("/v1/verifications").json()["items"][0]["state"] == "expired"
    assert len(captures(house)) == 3
    assert house.clerk.sweep() == 1
    assert captures(house) == []
    assert house.standing(opened["id"])["state"] == "expired"
    assert house.clerk.sweep() == 0


def test_uploads_and_submissions_of_a_case_are_capped(open_house: Opener) -> None:
    house = open_house(rules=SessionRules(uploads=4, submits=2))
    case_id = house.filled()["id"]
    house.verifier.error = EngineBusy(retry_after_s=2)
    for _ in range(2):
        assert code(house.submit(case_id)) == (503, "engine_busy")
    assert code(house.submit(case_id)) == (409, "attempts_exhausted")
    house.put(case_id, "selfie")
    judged = len(house.verifier.judged)
    assert code(house.put(case_id, "selfie")) == (409, "attempts_exhausted")
    assert len(house.verifier.judged) == judged


@pytest.mark.parametrize("value", [{"device": "phone-7"}, {"phone": NUMBER}, {"claimed_number": "11010519491231002X"}])
def test_attempts_of_one_device_phone_or_number_are_capped_by_the_day(
    open_house: Opener, value: dict[str, str]
) -> None:
    house = open_house(rules=SessionRules(attempts_per_day=2))
    asked = {"purpose": "onboarding", **value}
    assert [house.client.post("/v1/verifications", json=asked).status_code for _ in range(2)] == [201, 201]
    house.clock.advance(hours=1)
    refused = house.client.post("/v1/verifications", json=asked)
    assert code(refused) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == str(23 * 3600)
    house.clock.advance(hours=23)
    assert house.client.post("/v1/verifications", json=asked).status_code == 201


def test_attempts_of_one_document_are_capped_whichever_way_it_comes(open_house: Opener) -> None:
    house = open_house(rules=SessionRules(attempts_per_day=2))
    house.verifier.verdict = {**VERDICT, "document": {"fields": {"number": "11010519491231002X"}}}
    assert house.submit(house.filled()["id"]).status_code == 200
    assert house.verify().status_code == 201
    third = house.filled()["id"]
    assert code(house.submit(third)) == (429, "too_many_requests")
    assert house.standing(third)["problem"] == "too_many_requests"
    assert code(house.verify()) == (429, "too_many_requests")


def test_attempts_that_no_cap_counts_are_dropped(open_house: Opener) -> None:
    house = open_house(rules=SessionRules(attempts_per_day=2))
    house.opened(device="phone-7")
    with house.store.reading() as transaction:
        assert "phone-7" not in str(transaction.execute(select(ATTEMPTS)).one())
    house.clock.advance(hours=24)
    house.clerk.sweep()
    with house.store.reading() as transaction:
        assert transaction.execute(select(ATTEMPTS)).all() == []


def test_the_clerk_goes_on_after_whatever_happens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = house.filled()["id"]
    failed = threading.Event()

    def fail(*_: object, **__: object) -> int:
        monkeypatch.undo()
        failed.set()
        raise RuntimeError("boom")

    monkeypatch.setattr(house.store.moves, "sweep", fail)
    house.clerk.start()
    assert failed.wait(20)
    house.submit(case_id, Prefer="respond-async")
    until = time.monotonic() + 60
    while house.standing(case_id)["state"] != "decided":
        assert time.monotonic() < until
        time.sleep(0.02)
    house.clerk.stop()


def test_a_failing_machine_gives_the_case_back(house: House) -> None:
    case_id = house.filled()["id"]
    for error, status in ((EngineBusy(retry_after_s=7), 503), (EngineFailed(), 500), (RuntimeError("boom"), 500)):
        house.verifier.error = error
        assert house.submit(case_id).status_code == status
        standing = house.standing(case_id)
        assert (standing["state"], standing["problem"]) == ("open", getattr(error, "code", "internal_error"))
    house.verifier.error = None
    assert house.submit(case_id).status_code == 200


def test_a_verdict_may_come_later(house: House) -> None:
    case_id = house.filled()["id"]
    accepted = house.submit(case_id, Prefer="respond-async")
    assert accepted.status_code == 202
    assert accepted.json()["state"] == "submitted"
    assert "retry-after" in accepted.headers
    assert code(house.put(case_id, "selfie")) == (409, "case_conflict")
    assert house.verifier.calls == []
    assert house.clerk.round() is True
    assert house.standing(case_id)["decision"] == "approved"
    assert house.clerk.round() is False


def test_the_clerk_tries_three_times_what_may_pass(house: House) -> None:
    case_id = house.filled()["id"]
    house.verifier.error = EngineBusy()
    house.submit(case_id, Prefer="respond-async")
    for _ in range(3):
        assert house.standing(case_id)["state"] == "submitted"
        assert house.clerk.round() is True
        assert house.clerk.round() is False, "not at once again"
        house.clock.advance(seconds=10)
    assert (house.standing(case_id)["state"], house.standing(case_id)["problem"]) == ("open", "engine_busy")


def test_what_a_killed_process_left_is_taken_over(house: House) -> None:
    case_id = house.filled()["id"]
    house.submit(case_id, Prefer="respond-async")
    now = house.clock()
    with house.store.transaction() as transaction:  # a process that claims the work and dies
        dead = house.store.moves.claim(transaction, leased_until=now + SessionRules().lease, now=now)
    assert dead is not None
    assert house.clerk.round() is False
    house.clock.advance(minutes=3)
    assert house.clerk.round() is True
    assert house.standing(case_id)["decision"] == "approved"
    assert len(house.verifier.calls) == 1


def test_of_many_parallel_submissions_one_decides(house: House) -> None:
    case_id = house.filled()["id"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: house.submit(case_id), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 9]
    assert len(house.verifier.calls) == 1


def test_a_case_is_erased_with_its_key(house: House) -> None:
    case_id, other = house.filled()["id"], house.verify().json()["id"]
    for each in (case_id, other):
        assert house.client.delete(f"/v1/verifications/{each}").status_code == 204
        assert house.client.get(f"/v1/verifications/{each}").status_code == 404
        assert house.client.delete(f"/v1/verifications/{each}").status_code == 404
    assert house.cases() == 0
    assert captures(house) == []


def test_cases_are_listed_page_by_page(house: House) -> None:
    made = []
    for _ in range(5):
        made.append(house.opened()["id"])
        made.append(house.verify().json()["id"])  # of the same moment
        house.clock.advance(seconds=1)
    listed: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = house.client.get("/v1/verifications", params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        schemas.CasePage.model_validate(page.json())
        listed += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert sorted(row["id"] for row in listed) == sorted(made)
    assert [row["created_at"] for row in listed] == sorted((row["created_at"] for row in listed), reverse=True)
    assert {(row["state"], row["decision"]) for row in listed} == {("open", None), ("decided", "approved")}


@pytest.mark.parametrize("cursor", ["x", "!!", "W10", "WyIyMDI2IiwgMV0", "bnVsbA", "é"])
def test_a_cursor_that_is_none(house: House, cursor: str) -> None:
    refused = house.client.get("/v1/verifications", params={"cursor": cursor})
    assert code(refused) == (422, "request_invalid")
    assert refused.json()["errors"] == [{"field": "cursor", "code": "invalid"}]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "purpose"),
        ({"purpose": "a b"}, "purpose"),
        ({"purpose": "x", "checks": []}, "checks"),
        ({"purpose": "x", "checks": ["face"]}, "body"),
        ({"purpose": "x", "checks": ["document", "document"]}, "body"),
        ({"purpose": "x", "checks": ["document", "luck"]}, "checks.1"),
        ({"purpose": "x", "consent": {"biometric": True}}, "consent.purpose"),
        ({"purpose": "x", "unknown": 1}, "body"),
        ({"purpose": "x", "today": 5}, "today"),
        ([], "body"),
    ],
)
def test_openings_are_read_strictly(house: House, asked: object, field: str) -> None:
    refused = house.client.post("/v1/verifications", json=asked)
    assert code(refused) == (422, "request_invalid")
    assert refused.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000])
def test_an_opening_that_is_no_json(house: House, body: bytes) -> None:
    assert code(house.post_raw(body, "application/json")) == (400, "request_malformed")


def test_an_opening_is_no_upload(house: House) -> None:
    body = json.dumps({"purpose": "x", "external_id": "y" * 20_000}).encode()
    assert code(house.post_raw(body, "application/json")) == (413, "request_too_large")


def test_a_phone_that_cannot_be_served_is_refused_at_once(house: House) -> None:
    refused = house.client.post("/v1/verifications", json={"purpose": "x", "phone": "+86138"})
    assert code(refused) == (422, "phone_number_invalid")


@pytest.mark.parametrize("case_id", ["ver_unknown", "x" * 65, "a%00b", "ver%20x"])
def test_an_unknown_case_is_not_found_anywhere(house: House, case_id: str) -> None:
    path = f"/v1/verifications/{case_id}"
    for answer in (
        house.client.get(path),
        house.client.delete(path),
        house.put(case_id, "selfie"),
        house.submit(case_id),
        house.client.delete(f"{path}/consent"),
        house.client.put(f"{path}/consent", json=CONSENT),
    ):
        assert code(answer) == (404, "not_found")


@pytest.mark.parametrize("end", ["withdrawn", "expired"])
def test_what_ended_without_a_verdict_is_erased_after_its_time(house: House, end: str) -> None:
    kept = house.filled()["id"]
    assert house.submit(kept).status_code == 200
    opened = house.filled(claimed_name="canary-name", external_id="canary-order")
    address = f"/v1/verifications/{opened['id']}"
    if end == "withdrawn":
        house.client.delete(f"{address}/consent")
    house.clock.advance(hours=2)
    house.clerk.sweep()
    assert house.standing(opened["id"])["state"] == end
    house.clock.advance(days=29)
    house.clerk.sweep()
    assert house.client.get(address).status_code == 200
    house.clock.advance(days=1)
    house.clerk.sweep()
    assert house.client.get(address).status_code == 404
    assert house.client.get(f"/v1/verifications/{kept}").json()["decision"] == "approved", "verdicts stay"
    with house.store.reading() as transaction:
        assert list(transaction.execute(select(DATA_KEYS.c.id)).scalars()) == [kept]
        assert {row.case_id for row in transaction.execute(select(CAPTURES))} == {kept}
