"""Tencent Cloud SMS: `SendSms` of 2021-01-11, signed with TC3-HMAC-SHA256."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from service.phone.http_post import HttpPost, NoReply, NotSent, Reply
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender, Unknown, derived_key
from service.phone.sms.reading import by_status, word

_NUMBER = frozenset({"FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber"})
_NUMBER_LIMITS = ("LimitExceeded.PhoneNumber", "LimitExceeded.DeliveryFrequencyLimit")
_ACCOUNT_LIMITS = ("LimitExceeded", "RequestLimitExceeded")
_CLOCK = "InternalError.RequestTimeException"
"""Our clock is wrong: for the operator to mend, not Tencent."""


@dataclass(frozen=True, slots=True)
class Account:
    """`templates`: the approved template's id per language. `parameters`: what its {1}, {2} stand for, in order, of
    `code` and `minutes`; their number must be the template's."""

    secret_id: str
    secret_key: str = field(repr=False)
    app_id: str
    sign_name: str
    templates: Mapping[str, str]
    parameters: Sequence[str] = ("code",)
    region: str = "ap-guangzhou"
    url: str = "https://sms.tencentcloudapi.com/"


@dataclass(frozen=True, slots=True)
class _Tencent:
    account: Account
    post: HttpPost
    clock: Callable[[], datetime]

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        account, values = self.account, {"code": message.code, "minutes": str(message.minutes)}
        payload = {
            "PhoneNumberSet": [number_e164],
            "SmsSdkAppId": account.app_id,
            "SignName": account.sign_name,
            "TemplateId": account.templates[message.language],
            "TemplateParamSet": [values[name] for name in account.parameters],
            "SessionContext": message.id,
        }
        body = json.dumps(payload).encode()
        return _read(self.post(account.url, self._headers(body), body))

    def _headers(self, body: bytes) -> dict[str, str]:
        account, now = self.account, self.clock()
        signed = {
            "content-type": "application/json; charset=utf-8",
            "host": httpx.URL(account.url).netloc.decode(),
            "x-tc-action": "sendsms",  # signed in lower case
        }
        return {
            **signed,
            "x-tc-action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Region": account.region,
            "X-TC-Timestamp": str(int(now.timestamp())),
            "Authorization": authorization(account.secret_id, account.secret_key, "sms", signed, body, now),
        }


def authorization(
    secret_id: str, secret_key: str, service: str, signed: Mapping[str, str], body: bytes, now: datetime
) -> str:
    """The header `Authorization` of a POST to `/`. `signed`: headers by lower-case name, values in lower case."""
    scope = f"{now.astimezone(UTC):%Y-%m-%d}/{service}/tc3_request"
    return derived_key.authorization("TC3", (secret_id, secret_key), str(int(now.timestamp())), scope, signed, body)


def _read(reply: Reply | NotSent | NoReply) -> SmsAnswer:
    status = _status(reply)
    code = word(status.get("Code"))
    if not isinstance(reply, Reply) or not code or reply.status != 200:
        return by_status(reply, code)
    if code == "Ok":
        return Accepted(word(status.get("SerialNo")))
    if code == "InternalError.Timeout":  # Tencent gave up waiting for itself: it may have been sent
        return Unknown("timeout")
    if code in _NUMBER:
        return Rejected("number", retryable=False, code=code)
    if code.startswith(_NUMBER_LIMITS):
        return Rejected("limit", retryable=False, code=code)
    if code.startswith(_ACCOUNT_LIMITS):
        return Rejected("limit", retryable=True, code=code)
    if code.startswith("InternalError") and code != _CLOCK:
        return Rejected("unavailable", retryable=True, code=code)
    return Rejected("account", retryable=True, code=code)


def _status(reply: Reply | NotSent | NoReply) -> Mapping[str, Any]:
    """The one number's status, or the error of the whole request: both have a `Code`."""
    answer = reply.document().get("Response") if isinstance(reply, Reply) else None
    if not isinstance(answer, dict):
        return {}
    statuses = answer.get("SendStatusSet")
    one = statuses[0] if isinstance(statuses, list) and len(statuses) == 1 else None
    found = answer.get("Error") or one
    return found if isinstance(found, dict) else {}


def build(account: Account, *, post: HttpPost, clock: Callable[[], datetime]) -> SmsSender:
    """A sender over Tencent Cloud."""
    return _Tencent(account, post, clock)
