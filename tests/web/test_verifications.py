from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any, get_args

import pytest

from service import store as stores
from service.errors import EngineBusy, EngineFailed, PictureTruncated
from service.evidence import CarrierMatch, Claim, Role

from .conftest import CODE, CONSENT, NUMBER, PICTURE, VERDICT, House


def test_a_verdict_is_the_verifiers_with_id_and_time(house: House) -> None:
    answer = house.verify()
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    head = {"id": body["id"], "created_at": "2026-11-24T09:30:00.000Z", "state": "decided"}
    sides = {"document_front": b"front", "document_back": b"back", "selfie": b"selfie"}
    pinned = {side: hashlib.sha256(PICTURE + end).hexdigest() for side, end in sides.items()}
    assert body == {**head, **VERDICT, "captures": pinned}
    assert list(body) == [*head, *VERDICT, "captures"]
    assert answer.headers["location"] == f"/v1/verifications/{body['id']}"


def test_the_verifier_gets_the_bytes_as_they_came(house: House) -> None:
    house.verify({"today": "2031-02-28"})
    assert house.verifier.calls == [
        {
            "front": PICTURE + b"front",
            "back": PICTURE + b"back",
            "selfie": PICTURE + b"selfie",
            "today": date(2031, 2, 28),
            "phone_confirmed": None,
            "claim": None,
            "frames": (),
        }
    ]


@pytest.mark.parametrize("said", [{}, {"consent": None}, {"consent": {**CONSENT, "biometric": False}}])
def test_without_consent_to_biometrics_no_face_is_looked_at(house: House, said: dict[str, Any]) -> None:
    refused = house.verify(json.dumps(said))
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_required")
    assert refused.json()["errors"][0]["field"] == "options.consent"
    assert (house.verifier.calls, house.cases()) == ([], 0)


def test_without_options_there_is_no_consent(house: House) -> None:
    parts = {name: (name, PICTURE + name.encode(), "image/jpeg") for name in ("front", "back", "selfie")}
    refused = house.client.post("/v1/verifications", files=parts)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_required")
    assert house.verifier.calls == []


@pytest.mark.parametrize(
    ("options", "claim"),
    [
        ({"claimed_name": "苏明远"}, Claim(name="苏明远")),
        ({"claimed_number": "11010519491231002x"}, Claim(number="11010519491231002x")),
        ({"claimed_name": "买买提 · 艾力", "claimed_number": "1"}, Claim("买买提 · 艾力", "1")),
    ],
)
def test_what_the_applicant_typed_reaches_the_verifier_as_typed(
    house: House, options: dict[str, str], claim: Claim
) -> None:
    assert house.verify(options).status_code == 201
    assert house.verifier.calls[0]["claim"] == claim


def test_without_a_day_the_verifier_chooses_it(house: House) -> None:
    house.verify()
    assert house.verifier.calls[0]["today"] is None


def test_the_same_bytes_are_given_again(house: House) -> None:
    first = house.verify()
    house.verifier.verdict = {**VERDICT, "decision": "declined"}
    house.verify()
    again = house.client.get(first.headers["location"])
    assert again.status_code == 200
    assert again.content == first.content


@pytest.mark.parametrize("case_id", ["ver_unknown", "x" * 65, "a%00b", "..%2f..", "ver%20x", "'%20or%201=1"])
def test_an_unknown_id_is_not_found(house: House, case_id: str) -> None:
    answer = house.client.get(f"/v1/verifications/{case_id}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_ids_cannot_be_guessed(house: House) -> None:
    ids = {house.verify().json()["id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(len(each) >= len("ver_") + 22 for each in ids)


@pytest.mark.parametrize(
    ("options", "status", "field", "code"),
    [
        ({"unknown": 1}, 422, "options", "unknown_key"),
        ({"today": "2026-02-30"}, 422, "options.today", "invalid"),
        ({"today": "2026-11-24T00:00:00"}, 422, "options.today", "invalid"),
        ({"today": 1700000000}, 422, "options.today", "invalid"),
        ({"external_id": ""}, 422, "options.external_id", "invalid"),
        ({"external_id": "x" * 129}, 422, "options.external_id", "invalid"),
        ({"external_id": "a\nb"}, 422, "options.external_id", "invalid"),
        ({"external_id": 7}, 422, "options.external_id", "invalid"),
        ({"phone_code_id": "../x"}, 422, "options.phone_code_id", "invalid"),
        ({"claimed_name": ""}, 422, "options.claimed_name", "invalid"),
        ({"claimed_name": "苏" * 101}, 422, "options.claimed_name", "invalid"),
        ({"claimed_name": "苏\n明"}, 422, "options.claimed_name", "invalid"),
        ({"claimed_number": 110105}, 422, "options.claimed_number", "invalid"),
        ({"claimed_number": "1" * 33}, 422, "options.claimed_number", "invalid"),
        ([], 422, "options", "invalid"),
        ("null", 422, "options", "invalid"),
        ("{", 400, "options", "json_invalid"),
        ("", 400, "options", "json_invalid"),
        ("[" * 2000, 400, "options", "json_invalid"),
        ('{"external_id": "' + "x" * 5000 + '"}', 413, "options", "too_large"),
    ],
)
def test_options_are_read_strictly(house: House, options: object, status: int, field: str, code: str) -> None:
    answer = house.verify(options)
    assert answer.status_code == status
    assert answer.json()["errors"] == [{"field": field, "code": code}]
    assert house.verifier.calls == []


def test_a_key_the_caller_made_up_is_not_echoed(house: House) -> None:
    assert "zhangsan" not in house.verify({"zhangsan": 1}).text


def test_all_options_together(house: House) -> None:
    options = {"today": "2026-11-24", "external_id": "order 4711/订单", "phone": NUMBER}
    assert house.verify(options).status_code == 201


def _asked_about_phone(house: House, options: dict[str, Any]) -> object:
    assert house.verify(options).status_code == 201
    return house.verifier.calls[-1]["phone_confirmed"]


def test_a_confirmed_code_confirms_the_phone_once(house: House) -> None:
    code_id = house.confirmed_code()
    assert _asked_about_phone(house, {"phone": NUMBER, "phone_code_id": code_id}) is True
    assert _asked_about_phone(house, {"phone": NUMBER, "phone_code_id": code_id}) is False


def test_a_code_goes_without_naming_the_number(house: House) -> None:
    assert _asked_about_phone(house, {"phone_code_id": house.confirmed_code()}) is True


@pytest.mark.parametrize(("minutes", "confirmed"), [(15, True), (15.1, False)])
def test_a_confirmation_holds_15_minutes(house: House, minutes: float, confirmed: bool) -> None:
    code_id = house.confirmed_code()
    house.clock.advance(minutes=minutes)
    assert _asked_about_phone(house, {"phone_code_id": code_id}) is confirmed


def test_what_does_not_confirm_a_phone(house: House) -> None:
    other_purpose = house.confirmed_code("+8613800138001", "sign_in")
    other_number = house.confirmed_code("+8613800138002")
    unconfirmed = house.client.post("/v1/phone/codes", json={"phone": NUMBER}).json()["id"]
    assert _asked_about_phone(house, {"phone": NUMBER}) is False
    assert _asked_about_phone(house, {"phone_code_id": "unknown"}) is False
    assert _asked_about_phone(house, {"phone_code_id": unconfirmed}) is False
    assert _asked_about_phone(house, {"phone_code_id": other_purpose}) is False
    assert _asked_about_phone(house, {"phone": NUMBER, "phone_code_id": other_number}) is False
    assert _asked_about_phone(house, {"phone_code_id": other_number}) is True


def test_a_failed_verification_does_not_spend_the_code(house: House) -> None:
    code_id = house.confirmed_code()
    house.verifier.error = EngineBusy(retry_after_s=3)
    assert house.verify({"phone_code_id": code_id}).status_code == 503
    house.verifier.error = None
    assert _asked_about_phone(house, {"phone_code_id": code_id}) is True


def test_a_code_lost_to_another_case_in_the_meantime_leaves_no_row(house: House) -> None:
    code_id = house.confirmed_code()

    class Meanwhile(type(house.verifier)):  # type: ignore[misc]
        def verify(self, *pictures: bytes, **asked: Any) -> dict[str, Any]:
            with house.store.transaction() as transaction:
                house.store.phones(stores.DEFAULT_TENANT).use(
                    transaction, code_id, case_id="ver_other", now=house.clock()
                )
            return dict(VERDICT)

    house.verifier.__class__ = Meanwhile
    answer = house.verify({"phone_code_id": code_id})
    assert (answer.status_code, answer.json()["code"]) == (410, "phone_code_unusable")
    assert house.cases() == 0


@pytest.mark.parametrize("phone", ["+86138", "13800138000", "+86 800 810 8888", "+12025550123", CODE])
def test_a_phone_that_cannot_be_served_is_refused(house: House, phone: str) -> None:
    answer = house.verify({"phone": phone})
    assert answer.status_code == 422
    assert answer.json()["code"] in ("phone_number_invalid", "phone_number_refused")


def test_a_picture_error_names_its_part(house: House) -> None:
    house.verifier.error = PictureTruncated(role=Role.BACK)
    answer = house.verify()
    assert answer.status_code == 422
    assert answer.json()["code"] == "picture_truncated"
    assert answer.json()["errors"] == [{"field": "back", "code": "picture_truncated"}]


def test_a_role_found_out_later_is_named_too(house: House) -> None:
    house.verifier.error = PictureTruncated()
    house.verifier.error.role = "selfie"
    assert house.verify().json()["errors"] == [{"field": "selfie", "code": "picture_truncated"}]


def test_a_busy_engine_says_when_to_come_back(house: House) -> None:
    house.verifier.error = EngineBusy(retry_after_s=7)
    answer = house.verify()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["retryable"] is True


def test_an_error_leaves_no_row(house: House) -> None:
    for error in (EngineFailed(), RuntimeError("boom"), PictureTruncated(role="front")):
        house.verifier.error = error
        assert house.verify().status_code in (422, 500)
    assert house.cases() == 0


def test_a_verdict_that_is_no_json_is_an_error_and_leaves_no_row(house: House) -> None:
    house.verifier.verdict = {**VERDICT, "comparison": {"similarity": float("nan")}}
    assert house.verify().json()["code"] == "internal_error"
    assert house.cases() == 0


def test_before_the_engines_are_warm_nothing_is_verified(house: House) -> None:
    house.state["ready"] = False
    answer = house.verify()
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "retry-after" in answer.headers
    assert house.verifier.calls == []


def test_the_stored_answer_survives_chinese_text(house: House) -> None:
    answer = house.verify()
    assert "司马" in answer.content.decode()
    assert json.loads(house.client.get(answer.headers["location"]).content) == answer.json()


@pytest.mark.parametrize("word", get_args(CarrierMatch))
def test_the_carrier_is_asked_about_a_confirmed_phone(house: House, word: CarrierMatch) -> None:
    house.carrier.word = word
    options = {"phone": "+86 138-0013-8000", "claimed_name": "苏明远", "claimed_number": "110105196803160412"}
    answer = house.verify({**options, "phone_code_id": house.confirmed_code()})
    (asked,) = house.carrier.asked
    assert (asked.id, asked.number_e164, asked.name) == (answer.json()["id"], NUMBER, "苏明远")
    assert asked.id_number == "110105196803160412"
    assert house.verifier.calls[0]["claim"] == Claim("苏明远", "110105196803160412", word)


@pytest.mark.parametrize("missing", ["phone", "phone_code_id", "claimed_name"])
def test_the_carrier_is_not_asked_whose_number_it_is(house: House, missing: str) -> None:
    """Without a confirmed phone anybody could learn here whose number it is."""
    options = {"phone": NUMBER, "phone_code_id": house.confirmed_code(), "claimed_name": "苏明远"}
    del options[missing]
    assert house.verify(options).status_code == 201
    assert house.carrier.asked == []
    claim = house.verifier.calls[0]["claim"]
    assert claim is None or claim.carrier is None
