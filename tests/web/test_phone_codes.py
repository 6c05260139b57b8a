from __future__ import annotations

import pytest
from sqlalchemy import select

from service.phone.sms import Rejected, Unknown
from service.store import Scope
from service.store.tables import PHONE_CODES

from .conftest import CODE, NUMBER, House
from .test_tenants import key_for


def test_the_way_of_a_code(house: House) -> None:
    sent = house.client.post("/v1/phone/codes", json={"phone": "+86 138-0013-8000"})
    assert sent.status_code == 201
    code_id = sent.json()["id"]
    assert sent.json() == {
        "id": code_id,
        "expires_at": "2026-11-24T09:35:00.000Z",
        "resend_after_s": 60,
        "sandbox": False,
    }
    assert [number for number, text in house.outbox.sent if CODE in text] == [NUMBER]

    wrong = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()) == (200, {"confirmed": False, "tries_left": 4, "sandbox": False})
    right = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE})
    assert (right.status_code, right.json()) == (200, {"confirmed": True, "tries_left": 3, "sandbox": False})
    again = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE})
    assert (again.status_code, again.json()["code"]) == (410, "phone_code_unusable")


def test_the_answer_does_not_tell_the_code(house: House) -> None:
    assert CODE not in house.client.post("/v1/phone/codes", json={"phone": NUMBER}).text


def test_five_wrong_tries_are_the_end(house: House) -> None:
    code_id = house.client.post("/v1/phone/codes", json={"phone": NUMBER}).json()["id"]
    tries = [house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": "000000"}) for _ in range(5)]
    assert [each.json()["tries_left"] for each in tries] == [4, 3, 2, 1, 0]
    last = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE})
    assert (last.status_code, last.json()["code"]) == (410, "phone_code_unusable")


def test_after_five_minutes_it_is_over(house: House) -> None:
    code_id = house.client.post("/v1/phone/codes", json={"phone": NUMBER}).json()["id"]
    house.clock.advance(minutes=5)
    answer = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE})
    assert answer.status_code == 410


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n", 123456, None])
def test_what_is_no_code_costs_no_try(house: House, code: object) -> None:
    code_id = house.client.post("/v1/phone/codes", json={"phone": NUMBER}).json()["id"]
    answer = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": code})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "code", "code": "invalid"}]
    right = house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE})
    assert right.json() == {"confirmed": True, "tries_left": 4, "sandbox": False}


@pytest.mark.parametrize("code_id", ["unknown", "a%00b", "x" * 65])
def test_an_unknown_code_is_not_found(house: House, code_id: str) -> None:
    assert house.client.post(f"/v1/phone/codes/{code_id}/check", json={"code": CODE}).status_code == 404


def test_the_second_code_within_a_minute_is_refused(house: House) -> None:
    house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    house.clock.advance(seconds=20)
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.json()["errors"] == [{"field": "phone", "code": "number_cap"}]
    assert answer.headers["retry-after"] == "40"
    assert len(house.outbox.sent) == 1


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+861", "phone_number_invalid"),
        ("13800138000", "phone_number_invalid"),
        ("+447911123456", "phone_number_refused"),
    ],
)
def test_numbers_that_are_not_served(house: House, phone: str, code: str) -> None:
    answer = house.client.post("/v1/phone/codes", json={"phone": phone})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert phone not in answer.text
    assert house.outbox.sent == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "request_malformed"),
        (b"\xff", 400, "request_malformed"),
        (b"[" * 10_000, 400, "request_malformed"),
        (b"", 422, "request_invalid"),
        (b"[]", 422, "request_invalid"),
        (b"{}", 422, "request_invalid"),
        (b'{"phone": "+8613800138000", "extra": 1}', 422, "request_invalid"),
        (b'{"phone": ["+8613800138000"]}', 422, "request_invalid"),
        (b'{"phone": "+8613800138000", "purpose": "Sign In"}', 422, "request_invalid"),
    ],
)
def test_bad_bodies(house: House, body: bytes, status: int, code: str) -> None:
    answer = house.client.post("/v1/phone/codes", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert house.outbox.sent == []


def test_a_vendor_that_refuses_is_a_502(house: House) -> None:
    house.outbox.answer = Rejected("account", True, "isv.AMOUNT_NOT_ENOUGH")
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (502, "sms_failed", "60")


def test_a_vendor_that_does_not_answer_is_asked_once(house: House) -> None:
    house.outbox.answer = Unknown()
    assert house.client.post("/v1/phone/codes", json={"phone": NUMBER}).status_code == 201
    assert len(house.outbox.sent) == 1


def test_a_number_the_vendor_refuses_is_answered_like_any_other(house: House) -> None:
    """Whether a number exists or has unsubscribed is nobody's business."""
    plain = house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    house.outbox.answer = Rejected("number", False, "21610")
    refused = house.client.post("/v1/phone/codes", json={"phone": "+8613800148000"})
    assert (plain.status_code, plain.json() | {"id": ""}) == (refused.status_code, refused.json() | {"id": ""})


def test_the_vendors_limit_is_a_429(house: House) -> None:
    house.outbox.answer = Rejected("limit", False, "isv.BUSINESS_LIMIT_CONTROL", 120)
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "120")
    assert answer.json()["errors"] == [{"field": "phone", "code": "vendor_limit"}]


def test_the_address_counts(house: House) -> None:
    wanted = [{"phone": f"+861380{n:03d}8000", "client_ip": "2001:db8::1"} for n in range(11)]
    answers = [house.client.post("/v1/phone/codes", json=each) for each in wanted]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert answers[-1].json()["errors"] == [{"field": "phone", "code": "address_cap"}]
    assert answers[-1].headers["retry-after"] == "3600"


def test_too_few_codes_entered_suspend_a_prefix(house: House) -> None:
    for n in range(20):
        house.client.post("/v1/phone/codes", json={"phone": f"+861380013{n:04d}"})
    house.clock.advance(hours=2)
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    assert (answer.status_code, answer.json()["code"]) == (429, "sms_suspended")
    assert answer.headers["retry-after"] == str(22 * 3600)


@pytest.mark.parametrize(("language", "words"), [("en", "is your code"), ("zh", "验证码"), (None, "验证码")])
def test_the_language_of_the_message(house: House, language: str | None, words: str) -> None:
    house.client.post("/v1/phone/codes", json={"phone": NUMBER, "language": language})
    assert words in house.outbox.sent[0][1]


@pytest.mark.parametrize("more", [{"client_ip": "here"}, {"client_ip": 1}, {"client_ip": ""}, {"language": "fr"}])
def test_what_is_no_address_or_language(house: House, more: dict[str, object]) -> None:
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER, **more})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_the_log_says_which_cap_it_was(house: House) -> None:
    for _ in range(2):
        house.client.post("/v1/phone/codes", json={"phone": NUMBER})
    line = house.logged(2)[1]
    assert (line["code"], line["why"]) == ("too_many_requests", "number_cap")


def _case_code(house: House, case_id: str, phone: str = NUMBER) -> str:
    sent = house.client.post("/v1/phone/codes", json={"phone": phone, "verification_id": case_id})
    assert sent.status_code == 201
    house.client.post(f"/v1/phone/codes/{sent.json()['id']}/check", json={"code": CODE})
    return str(sent.json()["id"])


@pytest.mark.parametrize("own", [True, False])
def test_a_code_of_a_verification_serves_it_alone(house: House, own: bool) -> None:
    ours, theirs = house.filled()["id"], house.filled()["id"]
    code_id = _case_code(house, ours)
    case_id = ours if own else theirs
    assert house.submit(case_id, {"phone_code_id": code_id}).status_code == 200
    assert house.verifier.calls[-1]["phone_confirmed"] is own


def test_a_code_of_a_verification_confirms_no_other_call(house: House) -> None:
    code_id = _case_code(house, house.opened()["id"])
    assert house.verify({"phone_code_id": code_id}).status_code == 201
    assert house.verifier.calls[-1]["phone_confirmed"] is False


def test_the_number_must_be_that_of_the_verification(house: House) -> None:
    case_id = house.opened(phone=NUMBER)["id"]
    wanted = {"phone": "+8613800148000", "verification_id": case_id}
    answer = house.client.post("/v1/phone/codes", json=wanted)
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "phone", "code": "not_of_verification"}])
    assert house.outbox.sent == []
    _case_code(house, case_id, "+86 138-0013-8000")


@pytest.mark.parametrize("tenant", ["default", "other"])
def test_a_code_for_no_verification_or_another_tenants(house: House, tenant: str) -> None:
    case_id = "ver_nobody" if tenant == "default" else house.opened()["id"]
    headers = key_for(house, Scope.VERIFY, tenant=tenant)
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER, "verification_id": case_id}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert house.outbox.sent == []


def test_a_verification_that_is_over_gets_no_code(house: House) -> None:
    case_id = house.opened()["id"]
    house.clock.advance(hours=2)
    answer = house.client.post("/v1/phone/codes", json={"phone": NUMBER, "verification_id": case_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "case_conflict")


def test_an_erased_verification_is_in_no_code(house: House) -> None:
    case_id = house.opened()["id"]
    _case_code(house, case_id)
    admin = key_for(house, Scope.ADMIN)
    assert house.client.delete(f"/v1/verifications/{case_id}", headers=admin).status_code == 204
    with house.store.reading() as transaction:
        assert transaction.execute(select(PHONE_CODES.c.case_id)).scalars().all() == [None]
