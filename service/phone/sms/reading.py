"""What the answers of all vendors have in common, where a vendor's own words say nothing."""

from __future__ import annotations

import re

from service.phone.http_post import NoReply, NotSent, Reply
from service.phone.sms import Rejected, Unknown

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


def word(value: object) -> str:
    """A vendor's code or id as it may be logged: a short word, else nothing. Vendors' texts may quote the number."""
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if _WORD.fullmatch(text) else ""


def by_status(reply: Reply | NotSent | NoReply, code: str = "") -> Rejected | Unknown:
    """An answer in which the vendor's own words are missing or not known, judged by its HTTP status.

    A success without the words of success is Unknown: it may have been sent. A gateway's 504 is somebody else's
    timeout, and so is it.
    """
    if isinstance(reply, NotSent):
        return Rejected("unavailable", retryable=True, code="no_connection")
    if isinstance(reply, NoReply):
        return Unknown("no_reply")
    status = reply.status
    code = code or f"http_{status}"
    if status in (408, 504):
        return Unknown("timeout")
    if status == 429:
        return Rejected("limit", retryable=True, code=code, retry_after_s=reply.retry_after_s)
    if status >= 500:
        return Rejected("unavailable", retryable=True, code=code, retry_after_s=reply.retry_after_s)
    if status in (401, 403):
        return Rejected("account", retryable=True, code=code)
    if status >= 300:
        return Rejected("refused", retryable=True, code=code)
    return Unknown("garbage")
