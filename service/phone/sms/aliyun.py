"""Aliyun (Alibaba Cloud) SMS: `SendSms` of Dysmsapi 2017-05-25, signed with ACS3-HMAC-SHA256.

Number and code go in the body. Aliyun's own SDK puts them in the query, where every proxy on the way logs them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx

from service.phone.http_post import HttpPost, NoReply, NotSent, Reply
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender
from service.phone.sms.reading import by_status, word

_NUMBER = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.PHONE_NUMBER_ILLEGAL"})
_ACCOUNT_LIMITS = frozenset({"isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
_OUT_OF_ORDER = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "ServiceUnavailable", "InternalError"})


@dataclass(frozen=True, slots=True)
class Account:
    """`templates`: the approved template's code per language; it has the one variable `${code}`."""

    key_id: str
    key_secret: str = field(repr=False)
    sign_name: str
    templates: Mapping[str, str]
    url: str = "https://dysmsapi.aliyuncs.com/"


@dataclass(frozen=True, slots=True)
class _Aliyun:
    account: Account
    post: HttpPost
    clock: Callable[[], datetime]
    nonce: Callable[[], str]

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        form = {
            "PhoneNumbers": number_e164.removeprefix("+"),
            "SignName": self.account.sign_name,
            "TemplateCode": self.account.templates[message.language],
            "TemplateParam": json.dumps({"code": message.code}),
            "OutId": message.id,
        }
        body = urlencode(form, quote_via=quote).encode()
        return _read(self.post(self.account.url, self._headers(body), body))

    def _headers(self, body: bytes) -> dict[str, str]:
        url = httpx.URL(self.account.url)
        signed = {
            "content-type": "application/x-www-form-urlencoded",
            "host": url.netloc.decode(),
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self.nonce(),
            "x-acs-version": "2017-05-25",
        }
        return {**signed, "Authorization": authorization(self.account.key_id, self.account.key_secret, signed)}


def authorization(key_id: str, key_secret: str, signed: Mapping[str, str], *, query: str = "") -> str:
    """The header `Authorization` of a POST to `/`. `signed`: headers by lower-case name; `query` already canonical."""
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = "\n".join(("POST", "/", query, headers, names, signed["x-acs-content-sha256"]))
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def _read(reply: Reply | NotSent | NoReply) -> SmsAnswer:
    document = reply.document() if isinstance(reply, Reply) else {}
    code = word(document.get("Code"))
    if code == "OK":
        accepted = isinstance(reply, Reply) and reply.status == 200
        return Accepted(word(document.get("BizId"))) if accepted else by_status(reply)
    if not isinstance(reply, Reply) or not code or reply.status in (429, 504):
        return by_status(reply, code)
    if code in _NUMBER:
        return Rejected("number", retryable=False, code=code)
    if "BUSINESS_LIMIT" in code:  # the limits of one number: another vendor must not get around them
        return Rejected("limit", retryable=False, code=code)
    if code in _ACCOUNT_LIMITS or code.startswith("Throttling"):
        return Rejected("limit", retryable=True, code=code)
    if code in _OUT_OF_ORDER:
        return Rejected("unavailable", retryable=True, code=code)
    return Rejected("account", retryable=True, code=code)


def build(account: Account, *, post: HttpPost, clock: Callable[[], datetime], nonce: Callable[[], str]) -> SmsSender:
    """A sender over Aliyun. `nonce()` answers a new word each time: a repeated one is refused as a replay."""
    return _Aliyun(account, post, clock, nonce)
