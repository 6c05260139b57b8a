"""Several vendors in a row, each behind a fuse: the next is asked only where the one before surely sent nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender

Tell = Callable[[str, SmsAnswer], None]
"""Is told every vendor's name and answer. Neither holds personal data."""

BLOWS_AFTER = 5
OPEN_FOR_S = 30.0


@dataclass(slots=True)
class _Fuse:
    """After BLOWS_AFTER failures in a row a vendor is left alone for OPEN_FOR_S; then one message tries it again.

    Otherwise a vendor that hangs would hold a thread for each of its seconds.
    """

    monotonic: Callable[[], float]
    lock: threading.Lock = field(default_factory=threading.Lock)
    failures: int = 0
    closed_until: float = 0.0

    def lets_through(self) -> bool:
        with self.lock:
            now = self.monotonic()
            if self.failures < BLOWS_AFTER:
                return True
            if now < self.closed_until:
                return False
            self.closed_until = now + OPEN_FOR_S  # this one is the try; others wait for how it ends
            return True

    def saw(self, answer: SmsAnswer) -> None:
        works = isinstance(answer, Accepted) or (isinstance(answer, Rejected) and answer.kind != "unavailable")
        with self.lock:
            self.failures = 0 if works else self.failures + 1
            if self.failures == BLOWS_AFTER:
                self.closed_until = self.monotonic() + OPEN_FOR_S


@dataclass(frozen=True, slots=True)
class _Vendor:
    name: str
    sender: SmsSender
    fuse: _Fuse

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        if not self.fuse.lets_through():
            return Rejected("unavailable", retryable=True, code="fuse", retry_after_s=int(OPEN_FOR_S))
        answer = self.sender.send(number_e164, message)
        self.fuse.saw(answer)
        return answer


@dataclass(frozen=True, slots=True)
class _Fallback:
    vendors: Sequence[_Vendor]
    tell: Tell

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        for vendor in self.vendors:
            answer = vendor.send(number_e164, message)
            self.tell(vendor.name, answer)
            if not isinstance(answer, Rejected) or not answer.retryable:
                return answer
        return answer


def build(
    vendors: Sequence[tuple[str, SmsSender]], *, tell: Tell, monotonic: Callable[[], float] = time.monotonic
) -> SmsSender:
    """A sender over named vendors, the preferred one first. Raises ValueError where there is none."""
    if not vendors:
        raise ValueError("at least one vendor is needed")
    return _Fallback([_Vendor(name, sender, _Fuse(monotonic)) for name, sender in vendors], tell)
