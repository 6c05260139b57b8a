"""One-time codes by SMS: six random digits, five minutes, five tries, used once (OWASP ASVS 5.0 V6.5, V6.6).

Six digits can be guessed from any hash of them, so a code is kept only as an HMAC under a pepper that is not in the
database, bound to the code's id, the number and the purpose.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from service.errors import SmsFailed
from service.phone.numbers import normalise
from service.phone.sms import Rejected, SmsSender

VERIFICATION = "verification"
"""The purpose of a code that a verification may lean on."""


@dataclass(frozen=True, slots=True)
class CodeRules:
    """The limits. `caps`: at most so many sends per number within each span."""

    lifetime: timedelta = timedelta(minutes=5)
    max_tries: int = 5
    caps: tuple[tuple[timedelta, int], ...] = (
        (timedelta(seconds=60), 1),
        (timedelta(hours=1), 5),
        (timedelta(days=1), 10),
    )
    confirmed_for: timedelta = timedelta(minutes=15)
    """How long a confirmed code may be used in a verification."""

    @property
    def resend_after(self) -> timedelta:
        """The pause before the next code to the same number."""
        return min(span for span, _ in self.caps)


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code is on its way."""

    id: str
    expires_at: datetime
    resend_after_s: int


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """Whether the code was right, and how many tries are left if not."""

    confirmed: bool
    tries_left: int


class TakenTry(Protocol):
    """A code one of whose tries has just been used up; `tries` counts that one."""

    @property
    def number_digest(self) -> bytes: ...
    @property
    def purpose(self) -> str: ...
    @property
    def code_digest(self) -> bytes: ...
    @property
    def tries(self) -> int: ...


class CodeLedger(Protocol):
    """Where codes are kept. Every method is atomic against all other processes."""

    def open(
        self,
        *,
        code_id: str,
        number_digest: bytes,
        purpose: str,
        code_digest: bytes,
        now: datetime,
        expires_at: datetime,
        caps: Sequence[tuple[timedelta, int]],
    ) -> None:
        """Count a send against the number and keep the code. Raises TooManyRequests (`retry_after_s`) at a cap."""
        ...

    def take_try(self, *, code_id: str, now: datetime, max_tries: int) -> TakenTry:
        """Use up one try. Raises NotFound; PhoneCodeUnusable when expired, confirmed or without tries."""
        ...

    def confirm(self, *, code_id: str, now: datetime) -> bool:
        """Mark as confirmed. True for exactly one caller."""
        ...


@dataclass(frozen=True, slots=True)
class PhoneCodes:
    """Sends codes and checks them."""

    ledger: CodeLedger
    sms: SmsSender
    pepper: bytes = field(repr=False)
    clock: Callable[[], datetime]
    countries: Collection[str]
    rules: CodeRules
    draw: Callable[[int], int] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def send(self, number: str, purpose: str) -> SentCode:
        """Send a new code.

        Raises PhoneNumberInvalid, PhoneNumberRefused, TooManyRequests, SmsFailed. The send counts before the vendor is
        asked, so that a failing vendor cannot be used to get around the caps.
        """
        e164 = normalise(number, countries=self.countries)
        now, code_id, code = self.clock(), self.new_id(), f"{self.draw(10**6):06d}"
        expires_at = now + self.rules.lifetime
        number_digest = self.number_digest(e164)
        self.ledger.open(
            code_id=code_id,
            number_digest=number_digest,
            purpose=purpose,
            code_digest=self._code_digest(code_id, number_digest, purpose, code),
            now=now,
            expires_at=expires_at,
            caps=self.rules.caps,
        )
        if isinstance(self.sms.send(e164, self._text(code)), Rejected):
            raise SmsFailed
        # `Unknown` counts as sent: it may arrive, and sending it again by ourselves could cost twice.
        return SentCode(code_id, expires_at, int(self.rules.resend_after.total_seconds()))

    def check(self, code_id: str, code: str) -> CodeAnswer:
        """Try a code. Raises NotFound, PhoneCodeUnusable. A try is used up before anything is compared."""
        now = self.clock()
        taken = self.ledger.take_try(code_id=code_id, now=now, max_tries=self.rules.max_tries)
        tries_left = self.rules.max_tries - taken.tries
        expected = self._code_digest(code_id, taken.number_digest, taken.purpose, code)
        if not hmac.compare_digest(expected, taken.code_digest):
            return CodeAnswer(False, tries_left)
        return CodeAnswer(self.ledger.confirm(code_id=code_id, now=now), tries_left)

    def number_digest(self, number: str) -> bytes:
        """The keyed digest a number is kept as. Raises PhoneNumberInvalid, PhoneNumberRefused."""
        return self._hmac("number", normalise(number, countries=self.countries))

    def _code_digest(self, code_id: str, number_digest: bytes, purpose: str, code: str) -> bytes:
        return self._hmac("code", code_id, number_digest.hex(), purpose, code)

    def _hmac(self, *parts: str) -> bytes:
        return hmac.new(self.pepper, json.dumps(parts).encode(), hashlib.sha256).digest()

    def _text(self, code: str) -> str:
        minutes = int(self.rules.lifetime.total_seconds() // 60)
        return f"Hecha: {code} is your code, valid for {minutes} minutes. 验证码 {code}，{minutes}分钟内有效。"


def build(
    *,
    ledger: CodeLedger,
    sms: SmsSender,
    pepper: bytes,
    clock: Callable[[], datetime],
    countries: Collection[str],
    rules: CodeRules | None = None,
    draw: Callable[[int], int] = secrets.randbelow,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(18),
) -> PhoneCodes:
    """Codes over a ledger and a sender. `pepper`: at least 32 secret bytes; `draw(n)`: a secure random int below n."""
    if len(pepper) < 32:
        raise ValueError("the pepper must have at least 32 bytes")
    return PhoneCodes(
        ledger=ledger,
        sms=sms,
        pepper=pepper,
        clock=clock,
        countries=frozenset(countries),
        rules=rules or CodeRules(),
        draw=draw,
        new_id=new_id,
    )
