"""A gateway of the operator's own: signed JSON there, a verdict in JSON back.

-> {"to": "+86...", "text": "...", "code": "123456", "minutes": 5, "language": "zh", "id": "..."}
<- {"accepted": true, "id": "..."}
<- {"accepted": false, "kind": "number|limit|account|refused|unavailable", "retryable": true, "code": "..."}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from service.phone.http_post import NoReply, NotSent, Reply
from service.phone.signed_json import Gateway
from service.phone.sms import Accepted, CodeMessage, Rejected, RejectionKind, SmsAnswer, SmsSender
from service.phone.sms.reading import by_status, word


@dataclass(frozen=True, slots=True)
class _Http:
    gateway: Gateway

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        question = {
            "to": number_e164,
            "text": message.text,
            "code": message.code,
            "minutes": message.minutes,
            "language": message.language,
            "id": message.id,
        }
        return _read(self.gateway.ask(message.id, question))


def _read(reply: Reply | NotSent | NoReply) -> SmsAnswer:
    document = reply.document() if isinstance(reply, Reply) else {}
    if not isinstance(reply, Reply) or reply.status == 504:
        return by_status(reply)
    if document.get("accepted") is True and reply.status < 300:
        return Accepted(word(document.get("id")))
    code = word(document.get("code"))
    kind: RejectionKind | None = next((k for k in get_args(RejectionKind) if k == document.get("kind")), None)
    if document.get("accepted") is False and kind is not None:
        retryable = document.get("retryable") is True
        return Rejected(kind, retryable=retryable, code=code, retry_after_s=reply.retry_after_s)
    return by_status(reply, code)


def build(gateway: Gateway) -> SmsSender:
    """A sender over the operator's gateway."""
    return _Http(gateway)
