"""Amazon SNS: `Publish` to a phone number (2010-03-31), signed with AWS Signature Version 4.

Signed here in few lines, proven against AWS's own test suite: botocore would bring 15 MB for one call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx

from service.phone.http_post import HttpPost, NoReply, NotSent, Reply
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender, derived_key
from service.phone.sms.reading import by_status, word

# One element each is wanted of a hostile document: no XML parser is needed to find it.
_MESSAGE_ID = re.compile(rb"<PublishResponse\b.*<MessageId>([\w-]{1,64})</MessageId>", re.DOTALL | re.ASCII)
_CODE = re.compile(rb"<Error>.*?<Code>([\w.]{1,64})</Code>", re.DOTALL | re.ASCII)
_NUMBER = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut"})
_LIMITS = frozenset({"Throttled", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_OUT_OF_ORDER = frozenset({"InternalError", "InternalFailure", "ServiceUnavailable"})


@dataclass(frozen=True, slots=True)
class Account:
    """`url` empty = SNS of the region. `sender_id`: up to eleven letters and digits, where the country allows it."""

    key_id: str
    key_secret: str = field(repr=False)
    region: str
    sender_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Sns:
    account: Account
    post: HttpPost
    clock: Callable[[], datetime]

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        account = self.account
        attributes = {"AWS.SNS.SMS.SMSType": "Transactional"}
        if account.sender_id:
            attributes["AWS.SNS.SMS.SenderID"] = account.sender_id
        form = {"Action": "Publish", "Version": "2010-03-31", "PhoneNumber": number_e164, "Message": message.text}
        for index, (name, value) in enumerate(attributes.items(), 1):
            entry = f"MessageAttributes.entry.{index}"
            form |= {
                f"{entry}.Name": name,
                f"{entry}.Value.DataType": "String",
                f"{entry}.Value.StringValue": value,
            }
        body = urlencode(form, quote_via=quote).encode()
        url = account.url or f"https://sns.{account.region}.amazonaws.com/"
        return _read(self.post(url, self._headers(url, body), body))

    def _headers(self, url: str, body: bytes) -> dict[str, str]:
        account = self.account
        signed = {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": httpx.URL(url).netloc.decode(),
            "x-amz-date": self.clock().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
        }
        key = (account.key_id, account.key_secret)
        return {**signed, "Authorization": authorization(key, f"{account.region}/sns", signed, body)}


def authorization(key: tuple[str, str], place: str, signed: Mapping[str, str], body: bytes) -> str:
    """The header `Authorization` of a POST to `/`.

    `key`: id and secret; `place`: region/service; `signed`: headers by lower-case name, with `x-amz-date`.
    """
    stamp = signed["x-amz-date"]
    return derived_key.authorization("AWS4", key, stamp, f"{stamp[:8]}/{place}/aws4_request", signed, body)


def _read(reply: Reply | NotSent | NoReply) -> SmsAnswer:
    body = (reply.body or b"") if isinstance(reply, Reply) else b""
    if isinstance(reply, Reply) and reply.status == 200 and (accepted := _MESSAGE_ID.search(body)):
        return Accepted(accepted[1].decode())
    found = _CODE.search(body)
    code = word(found[1].decode()) if found else ""
    if code in _NUMBER:
        return Rejected("number", retryable=False, code=code)
    if code in _LIMITS:
        return Rejected("limit", retryable=True, code=code)
    if code in _OUT_OF_ORDER:
        return Rejected("unavailable", retryable=True, code=code)
    if code and isinstance(reply, Reply) and reply.status in (200, 400):
        return Rejected("account", retryable=True, code=code)
    return by_status(reply, code)


def build(account: Account, *, post: HttpPost, clock: Callable[[], datetime]) -> SmsSender:
    """A sender over Amazon SNS."""
    return _Sns(account, post, clock)
