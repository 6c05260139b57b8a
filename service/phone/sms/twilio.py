"""Twilio's Messages resource (2010-04-01): a form under HTTP basic authentication."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from service.phone.http_post import HttpPost, NoReply, NotSent, Reply
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender
from service.phone.sms.reading import by_status, word

_NUMBER = frozenset({"21211", "21217", "21265", "21610", "21614", "30003", "30004", "30005", "30006"})
"""Not a number, not a mobile, unsubscribed, unreachable or blocked."""
_LIMITS = frozenset({"20429", "14107", "30001"})
_OUT_OF_ORDER = frozenset({"20500", "20503"})
_FAILED = frozenset({"failed", "undelivered", "canceled"})


@dataclass(frozen=True, slots=True)
class Account:
    """`sender`: a number of yours in E.164 form, or a messaging service (`MG...`)."""

    sid: str
    token: str = field(repr=False)
    sender: str
    url: str = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class _Twilio:
    account: Account
    post: HttpPost

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        account = self.account
        origin = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
        body = urlencode({"To": number_e164, origin: account.sender, "Body": message.text}).encode()
        headers = {
            "Authorization": basic(account.sid, account.token),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{account.url.rstrip('/')}/2010-04-01/Accounts/{quote(account.sid, safe='')}/Messages.json"
        return _read(self.post(url, headers, body))


def basic(user: str, password: str) -> str:
    """The header `Authorization` (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _read(reply: Reply | NotSent | NoReply) -> SmsAnswer:
    document = reply.document() if isinstance(reply, Reply) else {}
    if isinstance(reply, Reply) and reply.status in (200, 201) and document.get("status") not in _FAILED:
        sid = word(document.get("sid"))
        return Accepted(sid) if sid else by_status(reply)
    code = word(document.get("error_code") or document.get("code"))
    if code in _NUMBER:
        return Rejected("number", retryable=False, code=code)
    if code in _LIMITS and isinstance(reply, Reply):
        return Rejected("limit", retryable=True, code=code, retry_after_s=reply.retry_after_s)
    if code in _OUT_OF_ORDER:
        return Rejected("unavailable", retryable=True, code=code)
    if isinstance(reply, Reply) and reply.status in (200, 201):
        return Rejected("refused", retryable=True, code=code)  # it says itself that the message failed
    return by_status(reply, code)


def build(account: Account, *, post: HttpPost) -> SmsSender:
    """A sender over Twilio."""
    return _Twilio(account, post)
