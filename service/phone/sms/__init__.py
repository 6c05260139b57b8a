"""The plug for SMS vendors: one file per vendor with one public `build(...)` that answers an `SmsSender`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the message over. `provider_id` finds it again at the vendor's."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor refused the message; nothing was sent. `code` is the vendor's, without personal data."""

    code: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came in time: the message may or may not have been sent, so it is never sent again by itself."""


SmsAnswer = Accepted | Rejected | Unknown


class SmsSender(Protocol):
    """Hands a message to a vendor."""

    def send(self, number_e164: str, text: str) -> SmsAnswer:
        """Send `text` to a number in E.164 form.

        May block for the vendor's time limit (10 s at most). Never raises for what the vendor or the network does:
        that is `Rejected` or `Unknown`. Sends at most once per call.
        """
        ...
