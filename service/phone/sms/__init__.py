"""The plug for SMS vendors: one file per vendor with one public `build(...)` that answers an `SmsSender`.

Accepted   the vendor took the message over
Rejected   the vendor, or the way to it, said no: nothing was sent
Unknown    nobody can tell: it may have been sent, so it is never sent again by itself
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

RejectionKind = Literal["number", "limit", "account", "refused", "unavailable"]
"""Why nothing was sent: the number cannot get or does not want messages; too many messages; our keys, money, signature
or template; something else the vendor did not like; the vendor is out of order or out of reach."""


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A code on its way to a person. `text` is the whole message; vendors with templates take `code` and `minutes`."""

    id: str
    """The code's id: the same message has the same one at every vendor. Tells nothing about the person."""
    language: Literal["zh", "en"]
    code: str = field(repr=False)
    minutes: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the message over. `provider_id` finds it again at the vendor's."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was sent. `retryable`: the fault is not the number's, so another vendor may take the message.

    `code` is the vendor's own word, without personal data; `retry_after_s` its wish, where it has one.
    """

    kind: RejectionKind
    retryable: bool
    code: str = ""
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The message may or may not have been sent. `why` is a word of ours: `no_reply`, `garbage`, `timeout`."""

    why: str = "no_reply"


SmsAnswer = Accepted | Rejected | Unknown


class SmsSender(Protocol):
    """Hands a message to a vendor."""

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        """Send `message` to a number in E.164 form.

        May block for the vendor's time limit (`service.phone.http_post`). Never raises for what the vendor or the
        network does: that is `Rejected` or `Unknown`. Sends at most once per call.
        """
        ...
