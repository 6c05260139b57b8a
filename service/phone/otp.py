"""One-time codes by SMS: six random digits, five minutes, five tries, used once (OWASP ASVS 5.0 V6.5, V6.6).

Six digits can be guessed from any hash of them, so a code is kept only as an HMAC under a pepper that is not in the
database, bound to tenant, case, number, purpose and the code's id.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from service.errors import SmsFailed, StoreUnavailable, TooManyRequests
from service.phone import wording
from service.phone.limits import BREAKERS, CAPS, Breaker, Cap
from service.phone.numbers import calling_code, normalise
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender
from service.phone.wording import Language

VERIFICATION = "verification"
"""The purpose of a code that a verification may lean on."""


@dataclass(frozen=True, slots=True)
class CodeRules:
    """What the operator allows. `countries`: calling codes whose numbers get codes; `brand`: who asks."""

    countries: tuple[str, ...] = ()
    brand: str = "Hecha"
    lifetime: timedelta = timedelta(minutes=5)
    max_tries: int = 5
    caps: tuple[Cap, ...] = CAPS
    breakers: tuple[Breaker, ...] = BREAKERS
    confirmed_for: timedelta = timedelta(minutes=15)
    """How long a confirmed code may be used in a verification."""

    @property
    def kept_for(self) -> timedelta:
        """How long a code is kept: while a cap, a breaker or a verification may ask for it."""
        counted = [*(cap.span for cap in self.caps), *(breaker.span for breaker in self.breakers)]
        return max([self.lifetime + self.confirmed_for, *counted])

    @property
    def resend_after_s(self) -> int:
        """The pause before the next code to the same number, in seconds."""
        spans = [cap.span for cap in self.caps if cap.scope == "number"]
        return int(min(spans, default=timedelta()).total_seconds())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to get a code, and for what. `case_id` binds it to a case; `address` is the applicant's IP address."""

    number: str = field(repr=False)
    purpose: str = VERIFICATION
    case_id: str | None = None
    address: str | None = field(default=None, repr=False)
    language: Language | None = None


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


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as it is kept: digests, and what it is counted under."""

    id: str
    purpose: str
    case_id: str | None
    number_digest: bytes = field(repr=False)
    prefix_digest: bytes = field(repr=False)
    address_digest: bytes | None = field(repr=False)
    country: str
    code_digest: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime


class TakenTry(Protocol):
    """A code one of whose tries has just been used up; `tries` counts that one."""

    @property
    def number_digest(self) -> bytes: ...
    @property
    def purpose(self) -> str: ...
    @property
    def case_id(self) -> str | None: ...
    @property
    def code_digest(self) -> bytes: ...
    @property
    def tries(self) -> int: ...


class CodeLedger(Protocol):
    """Where a tenant's codes are kept. Every method is atomic against all other processes."""

    def transaction(self) -> AbstractContextManager[Any]:
        """What all other methods take: all or nothing of what is done in it."""
        ...

    def open(self, transaction: Any, code: NewCode, *, rules: CodeRules) -> None:
        """Count a send and keep its code. Raises TooManyRequests or SmsSuspended, both with `retry_after_s`."""
        ...

    def settle(self, transaction: Any, code_id: str, *, delivery: str) -> None:
        """Note what the vendor made of the message: `accepted`, `rejected` or `unknown`."""
        ...

    def take_try(self, transaction: Any, code_id: str, *, now: datetime, max_tries: int) -> TakenTry:
        """Use up one try. Raises NotFound; PhoneCodeUnusable when expired, confirmed or without tries."""
        ...

    def confirm(self, transaction: Any, code_id: str, *, now: datetime) -> bool:
        """Mark as confirmed. True for exactly one caller."""
        ...


class Aside:
    """What the caller does in the same transactions; as it stands here, nothing."""

    def begin(self, transaction: Any) -> None:
        """Before anything else. What it raises ends the call without an effect."""

    def keep(self, transaction: Any, answer: SentCode | CodeAnswer, *, held: bool = False) -> None:
        """Keep the answer. `held`: the vendor has not been asked yet; the answer is true unless `take_back` follows,
        also where the process dies and nobody knows whether the message is out."""

    def take_back(self, transaction: Any) -> None:
        """Surely nothing was sent: the call may be made again."""


ALONE = Aside()


@dataclass(frozen=True, slots=True)
class PhoneCodes:
    """Sends and checks a tenant's codes."""

    tenant: str
    ledger: CodeLedger = field(repr=False)
    sms: SmsSender = field(repr=False)
    pepper: bytes = field(repr=False)
    clock: Callable[[], datetime]
    rules: CodeRules
    draw: Callable[[int], int] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def send(self, wanted: Wanted, aside: Aside = ALONE) -> SentCode:
        """Send a new code.

        Raises PhoneNumberInvalid, PhoneNumberRefused, TooManyRequests, SmsSuspended, SmsFailed. The send counts, and
        its answer is kept, before the vendor is asked: a failing vendor cannot be used to get around the caps, and a
        call that is made again after a crash sends nothing again.
        """
        number = self.e164(wanted.number)
        code = f"{self.draw(10**6):06d}"
        kept = self._new_code(wanted, number, code)
        sent = SentCode(kept.id, kept.expires_at, self.rules.resend_after_s)
        with self.ledger.transaction() as transaction:
            aside.begin(transaction)
            self.ledger.open(transaction, kept, rules=self.rules)
            aside.keep(transaction, sent, held=True)
        answer = self.sms.send(number, self._message(kept, wanted.language, code))
        refusal = self._refusal(answer)
        with suppress(StoreUnavailable), self.ledger.transaction() as transaction:  # code and answer are kept already
            self.ledger.settle(transaction, kept.id, delivery=_delivery(answer))
            if refusal is None:
                aside.keep(transaction, sent)
            else:
                aside.take_back(transaction)
        if refusal is not None:
            raise refusal
        return sent

    def check(self, code_id: str, code: str, aside: Aside = ALONE) -> CodeAnswer:
        """Try a code. Raises NotFound, PhoneCodeUnusable. A try is used up in the transaction that compares, so that
        nobody learns the answer of one that was not."""
        now = self.clock()
        with self.ledger.transaction() as transaction:
            aside.begin(transaction)
            taken = self.ledger.take_try(transaction, code_id, now=now, max_tries=self.rules.max_tries)
            bound_to = (taken.case_id or "", code_id, taken.number_digest.hex(), taken.purpose)
            right = hmac.compare_digest(self._hmac("code", *bound_to, code), taken.code_digest)
            confirmed = right and self.ledger.confirm(transaction, code_id, now=now)
            answer = CodeAnswer(confirmed, self.rules.max_tries - taken.tries)
            aside.keep(transaction, answer)
        return answer

    def e164(self, number: str) -> str:
        """A number's one form. Raises PhoneNumberInvalid, PhoneNumberRefused."""
        return normalise(number, countries=self.rules.countries)

    def number_digest(self, number: str) -> bytes:
        """The keyed digest a number is kept as. Raises PhoneNumberInvalid, PhoneNumberRefused."""
        return self._hmac("number", self.e164(number))

    def _new_code(self, wanted: Wanted, number: str, code: str) -> NewCode:
        now, code_id = self.clock(), self.new_id()
        number_digest = self._hmac("number", number)
        bound_to = (wanted.case_id or "", code_id, number_digest.hex(), wanted.purpose)
        address = None if wanted.address is None else self._hmac("address", _network(wanted.address))
        return NewCode(
            id=code_id,
            purpose=wanted.purpose,
            case_id=wanted.case_id,
            number_digest=number_digest,
            prefix_digest=self._hmac("prefix", number[:-4]),
            address_digest=address,
            country=calling_code(number),
            code_digest=self._hmac("code", *bound_to, code),
            created_at=now,
            expires_at=now + self.rules.lifetime,
        )

    def _message(self, kept: NewCode, language: Language | None, code: str) -> CodeMessage:
        language = language or wording.usual_language(kept.country)
        minutes = int(self.rules.lifetime.total_seconds() // 60)
        text = wording.text(language, brand=self.rules.brand, code=code, minutes=minutes)
        return CodeMessage(kept.id, language, code, minutes, text)

    def _refusal(self, answer: SmsAnswer) -> TooManyRequests | SmsFailed | None:
        """What the caller is told of a vendor's refusal: all but what it knows of the number.

        Whether a number exists or has unsubscribed is nobody's business; `Unknown` counts as sent, for it may arrive.
        """
        if not isinstance(answer, Rejected) or answer.kind == "number":
            return None
        retry_after_s = max(answer.retry_after_s or 0, self.rules.resend_after_s)
        if answer.kind == "limit":
            return TooManyRequests(retry_after_s=retry_after_s, fields=(("phone", "vendor_limit"),))
        return SmsFailed(retry_after_s=retry_after_s)

    def _hmac(self, *parts: str) -> bytes:
        return hmac.new(self.pepper, json.dumps((self.tenant, *parts)).encode(), hashlib.sha256).digest()


def _delivery(answer: SmsAnswer) -> str:
    if isinstance(answer, Accepted):
        return "accepted"
    return "rejected" if isinstance(answer, Rejected) else "unknown"


def _network(address: str) -> str:
    """An IPv6 user has a whole /64 to send from."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    if isinstance(parsed, ipaddress.IPv4Address) or mapped:
        return str(mapped or parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def build(
    *,
    tenant: str,
    ledger: CodeLedger,
    sms: SmsSender,
    pepper: bytes,
    clock: Callable[[], datetime],
    rules: CodeRules,
    draw: Callable[[int], int] = secrets.randbelow,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(18),
) -> PhoneCodes:
    """A tenant's codes over its ledger and a sender.

    `pepper`: at least 32 secret bytes; `draw(n)`: a secure random int below n.
    """
    if len(pepper) < 32:
        raise ValueError("the pepper must have at least 32 bytes")
    return PhoneCodes(
        tenant=tenant,
        ledger=ledger,
        sms=sms,
        pepper=pepper,
        clock=clock,
        rules=rules,
        draw=draw,
        new_id=new_id,
    )
