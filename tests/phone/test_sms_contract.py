"""What every vendor's adapter promises, over real HTTP against a server that plays the vendor."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from service.phone.http_post import HttpPost
from service.phone.signed_json import Gateway
from service.phone.sms import (
    Accepted,
    CodeMessage,
    Rejected,
    SmsAnswer,
    SmsSender,
    Unknown,
    aliyun,
    http,
    sns,
    tencent,
    twilio,
)

from . import vendor_server
from .vendor_server import Play, answer, serving

NUMBER = "+8613800138000"
CODE = "042917"
MESSAGE = CodeMessage("code_1", "zh", CODE, 5, f"【Hecha】验证码 {CODE}，5 分钟内有效，请勿告诉他人。")
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@dataclass(frozen=True)
class Vendor:
    """`refusals`: what the vendor says -> what it means."""

    build: Callable[[str, HttpPost], SmsSender]
    success: Play
    accepted_id: str
    refusals: Mapping[str, tuple[Play, SmsAnswer]]


def _json(status: int, document: object, **headers: str) -> Play:
    return answer(status, json.dumps(document).encode(), content_type="application/json", **headers)


def _aliyun(code: str, status: int = 200) -> Play:
    return _json(status, {"Code": code, "Message": f"about {NUMBER}", "RequestId": "R"})


def _tencent(code: str) -> Play:
    status = {"SerialNo": "", "PhoneNumber": NUMBER, "Fee": 0, "Code": code, "Message": "m", "IsoCode": "CN"}
    return _json(200, {"Response": {"SendStatusSet": [status], "RequestId": "R"}})


def _tencent_error(code: str) -> Play:
    return _json(200, {"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "R"}})


def _twilio(code: int, status: int = 400, **headers: str) -> Play:
    return _json(status, {"code": code, "message": f"'To' {NUMBER}", "status": status}, **headers)


def _sns(code: str, status: int = 400) -> Play:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{NUMBER}</Message></Error>"
    return answer(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode())


def _rejected(kind: str, code: str, *, retryable: bool, after: int | None = None) -> Rejected:
    return Rejected(kind, retryable, code, after)  # type: ignore[arg-type]


def _row(
    says: Callable[..., Play], code: str | int, kind: str, *more: Any, retryable: bool = True
) -> tuple[Play, SmsAnswer]:
    """The vendor says a code of its own, and is understood."""
    return says(code, *more), _rejected(kind, str(code), retryable=retryable)


VENDORS: dict[str, Vendor] = {
    "http": Vendor(
        lambda url, post: http.build(Gateway(url, SECRET, post, clock)),
        _json(200, {"accepted": True, "id": "m-1"}),
        "m-1",
        {
            "number": (
                _json(200, {"accepted": False, "kind": "number", "retryable": False, "code": "absent"}),
                _rejected("number", "absent", retryable=False),
            ),
            "unavailable with 503": (
                _json(503, {"accepted": False, "kind": "unavailable", "retryable": True, "code": "down"}),
                _rejected("unavailable", "down", retryable=True),
            ),
            "an unknown kind": (_json(200, {"accepted": False, "kind": "mood"}), Unknown("garbage")),
            "accepted with 500": (_json(500, {"accepted": True}), _rejected("unavailable", "http_500", retryable=True)),
        },
    ),
    "aliyun": Vendor(
        lambda url, post: aliyun.build(
            aliyun.Account("id", "secret", "核查", {"zh": "SMS_1", "en": "SMS_2"}, url),
            post=post,
            clock=clock,
            nonce=lambda: "n",
        ),
        _json(200, {"Code": "OK", "Message": "OK", "BizId": "9006197469364984400", "RequestId": "R"}),
        "9006197469364984400",
        {
            "number": _row(_aliyun, "isv.MOBILE_NUMBER_ILLEGAL", "number", retryable=False),
            "limit of the number": _row(_aliyun, "isv.BUSINESS_LIMIT_CONTROL", "limit", retryable=False),
            "limit of the account": _row(_aliyun, "isv.DAY_LIMIT_CONTROL", "limit"),
            "money": _row(_aliyun, "isv.AMOUNT_NOT_ENOUGH", "account"),
            "signature": _row(_aliyun, "SignatureDoesNotMatch", "account", 400),
            "out of order": _row(_aliyun, "ServiceUnavailable", "unavailable", 503),
            "OK with 500": (_aliyun("OK", 500), _rejected("unavailable", "http_500", retryable=True)),
        },
    ),
    "tencent": Vendor(
        lambda url, post: tencent.build(
            tencent.Account("id", "key", "1400006666", "核查", {"zh": "1", "en": "2"}, ("code", "minutes"), url=url),
            post=post,
            clock=clock,
        ),
        _json(
            200,
            {"Response": {"SendStatusSet": [{"SerialNo": "5000:104571", "Code": "Ok", "Fee": 1}], "RequestId": "R"}},
        ),
        "5000:104571",
        {
            "number": _row(_tencent, "FailedOperation.PhoneNumberInBlacklist", "number", retryable=False),
            "limit of the number": _row(_tencent, "LimitExceeded.PhoneNumberDailyLimit", "limit", retryable=False),
            "limit of the account": _row(_tencent_error, "RequestLimitExceeded", "limit"),
            "signature": _row(_tencent_error, "AuthFailure.SignatureFailure", "account"),
            "clock": _row(_tencent_error, "InternalError.RequestTimeException", "account"),
            "out of order": _row(_tencent_error, "InternalError.OtherError", "unavailable"),
            "its own timeout": (_tencent("InternalError.Timeout"), Unknown("timeout")),
        },
    ),
    "twilio": Vendor(
        lambda url, post: twilio.build(twilio.Account("AC0", "token", "+12025550123", url), post=post),
        _json(201, {"sid": "SM1f0e8ae6", "status": "queued", "error_code": None}),
        "SM1f0e8ae6",
        {
            "number": _row(_twilio, 21211, "number", retryable=False),
            "unsubscribed": _row(_twilio, 21610, "number", retryable=False),
            "limit": (
                _twilio(20429, 429, Retry_After="7"),
                _rejected("limit", "20429", retryable=True, after=7),
            ),
            "keys": _row(_twilio, 20003, "account", 401),
            "country": _row(_twilio, 21408, "refused"),
            "failed with 201": (
                _json(201, {"sid": "SM1", "status": "failed", "error_code": 30007}),
                _rejected("refused", "30007", retryable=True),
            ),
        },
    ),
    "sns": Vendor(
        lambda url, post: sns.build(
            sns.Account("id", "secret", "ap-southeast-1", "HECHA", url), post=post, clock=clock
        ),
        answer(
            200,
            b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5'
            b"</MessageId></PublishResult></PublishResponse>",
        ),
        "94f20ce6-13c5",
        {
            "number": _row(_sns, "InvalidParameter", "number", retryable=False),
            "limit": _row(_sns, "Throttling", "limit"),
            "keys": _row(_sns, "SignatureDoesNotMatch", "account", 403),
            "out of order": _row(_sns, "InternalError", "unavailable", 500),
            "an error with 200": _row(_sns, "AuthorizationError", "account", 200),
        },
    ),
}
EACH = pytest.mark.parametrize("name", VENDORS)


@pytest.fixture(scope="module")
def patient() -> HttpPost:
    return HttpPost(deadline_s=20)


@pytest.fixture(scope="module")
def hasty() -> HttpPost:
    return HttpPost(deadline_s=0.4, connect_s=0.2)


@EACH
def test_success(name: str, patient: HttpPost) -> None:
    vendor = VENDORS[name]
    with serving(vendor.success) as server:
        assert vendor.build(server.url, patient).send(NUMBER, MESSAGE) == Accepted(vendor.accepted_id)
    (request,) = server.requests
    assert request.method == "POST"
    head = f"{request.target} {request.headers}"
    assert not [secret for secret in (NUMBER[1:], NUMBER[3:], CODE) if secret in head], "it is for the body alone"
    assert CODE in request.body.decode()
    assert "proxy" not in head.lower()


@pytest.mark.parametrize(("name", "said"), [(name, said) for name in VENDORS for said in VENDORS[name].refusals])
def test_the_vendors_own_words(name: str, said: str, patient: HttpPost) -> None:
    play, meant = VENDORS[name].refusals[said]
    with serving(play) as server:
        assert VENDORS[name].build(server.url, patient).send(NUMBER, MESSAGE) == meant
    assert len(server.requests) == 1


STATUS = {
    "400": (answer(400, b"no"), Rejected("refused", True, "http_400")),
    "401": (answer(401), Rejected("account", True, "http_401")),
    "429": (answer(429, Retry_After="30"), Rejected("limit", True, "http_429", 30)),
    "429 with a date": (
        answer(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"),
        Rejected("limit", True, "http_429"),
    ),
    "500": (answer(500, b"<html>"), Rejected("unavailable", True, "http_500")),
    "503": (answer(503, Retry_After="9"), Rejected("unavailable", True, "http_503", 9)),
    "503 of 10 MB": (vendor_server.ten_megabytes(503), Rejected("unavailable", True, "http_503")),
    "redirect": (answer(302, Location="/elsewhere"), Rejected("refused", True, "http_302")),
    "permanent redirect": (answer(308, Location="/elsewhere"), Rejected("refused", True, "http_308")),
}


@EACH
@pytest.mark.parametrize("case", STATUS)
def test_without_words_the_status_speaks(name: str, case: str, patient: HttpPost) -> None:
    play, meant = STATUS[case]
    with serving(play) as server:
        assert VENDORS[name].build(server.url, patient).send(NUMBER, MESSAGE) == meant
    assert len(server.requests) == 1, "neither followed nor tried again"


NOBODY_KNOWS: dict[str, Play] = {
    "reset after the request": vendor_server.reset,
    "closed after the request": vendor_server.close,
    "no HTTP": vendor_server.no_http,
    "half a body": vendor_server.short_body,
    "204": answer(204),
    "no JSON": answer(200, b"<html>all is well</html>"),
    "another JSON": answer(200, b"[" * 5000),
    "null": answer(200, b'{"Code": null, "accepted": "true", "sid": null, "Response": []}'),
    "10 MB": vendor_server.ten_megabytes(200, b'{"Code": "OK", "accepted": true, "sid": "SM1", "id": "1"}'),
    "compressed": answer(200, b"\x1f\x8b\x08", Content_Encoding="gzip"),
    "504": answer(504, b'{"Code": "OK", "accepted": true}'),
}


@EACH
@pytest.mark.parametrize("case", NOBODY_KNOWS)
def test_what_may_have_been_sent_is_unknown_and_asked_once(name: str, case: str, patient: HttpPost) -> None:
    with serving(NOBODY_KNOWS[case]) as server:
        assert isinstance(VENDORS[name].build(server.url, patient).send(NUMBER, MESSAGE), Unknown)
    assert len(server.requests) == 1


@EACH
@pytest.mark.parametrize("play", [vendor_server.hang, vendor_server.drip_head, vendor_server.drip_body])
def test_the_deadline_ends_whatever_it_is(name: str, play: Play, hasty: HttpPost) -> None:
    with serving(play) as server:
        assert VENDORS[name].build(server.url, hasty).send(NUMBER, MESSAGE) == Unknown("no_reply")
    assert len(server.requests) == 1


@EACH
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/", "https://127.0.0.1:9/"])
def test_without_a_connection_nothing_was_sent(name: str, url: str, patient: HttpPost) -> None:
    answered = VENDORS[name].build(url, patient).send(NUMBER, MESSAGE)
    assert answered == Rejected("unavailable", True, "no_connection")


@EACH
def test_an_address_without_tls_where_it_is_asked_for(name: str, hasty: HttpPost) -> None:
    with serving(VENDORS[name].success) as server:
        url = server.url.replace("http:", "https:")
        answered = VENDORS[name].build(url, hasty).send(NUMBER, MESSAGE)
    assert answered == Rejected("unavailable", True, "no_connection")
    assert server.requests == []


@EACH
def test_no_proxy_of_the_environment_is_used(name: str, patient: HttpPost, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = VENDORS[name]
    with serving(answer(502)) as proxy, serving(vendor.success) as server:
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, proxy.url)
        assert isinstance(vendor.build(server.url, patient).send(NUMBER, MESSAGE), Accepted)
    assert proxy.requests == []


@EACH
def test_a_vendor_cannot_write_into_the_log(name: str, patient: HttpPost) -> None:
    """Codes and ids end up there: a text that is no short word is dropped."""
    text = f"{NUMBER} \n is absent"
    replies = (
        {"Code": text, "code": text, "error_code": text, "accepted": False, "kind": "refused", "sid": text, "id": text},
        {"Code": "OK", "BizId": text, "accepted": True, "id": text, "sid": text, "status": "queued"},
        {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": text}]}},
    )
    for reply in replies:
        with serving(_json(200, reply)) as server:
            assert NUMBER not in repr(VENDORS[name].build(server.url, patient).send(NUMBER, MESSAGE))


@EACH
def test_a_sender_tells_no_secret(name: str, patient: HttpPost) -> None:
    sender = VENDORS[name].build("http://127.0.0.1:9/", patient)
    assert not [secret for secret in ("'secret'", "'key'", "'token'", SECRET) if secret in repr(sender)]
    assert CODE not in repr(MESSAGE)
