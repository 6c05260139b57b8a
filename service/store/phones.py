"""Phone codes, which are also the sends that count against caps. Numbers and codes are here only as keyed digests.

`PhoneLedger` keeps the promise of `service.phone.otp.CodeLedger`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, insert, or_, select, update

from service.errors import NotFound, PhoneCodeUnusable, SmsSuspended, TooManyRequests
from service.phone.limits import Breaker, Scope
from service.phone.otp import CodeRules, NewCode
from service.store.database import Database, Transaction
from service.store.tables import PHONE_CODES

_CODES = PHONE_CODES.c
_Counted = Mapping[Scope, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code one of whose tries has just been taken. `tries` counts that one."""

    number_digest: bytes = field(repr=False)
    purpose: str
    case_id: str | None
    code_digest: bytes = field(repr=False)
    tries: int


class PhoneLedger:
    """The rows of one tenant in the table `phone_codes`."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing of what is done in it."""
        with self._database.transaction() as transaction:
            yield transaction

    def open(self, transaction: Transaction, code: NewCode, *, rules: CodeRules) -> None:
        """Count a send and keep its code. Raises TooManyRequests or SmsSuspended, having written nothing."""
        counted = self._counted_with(code)
        # Caps of prefix, address and tenant hold across numbers, so all sends of a tenant pass here one by one.
        self._database.serialise(transaction, f"phone {self._tenant}".encode())
        _check_caps(transaction, code, counted, rules)
        for breaker in rules.breakers:
            if breaker.scope in counted:
                _check_breaker(transaction, code, counted[breaker.scope], breaker)
        transaction.execute(insert(PHONE_CODES).values(tenant=self._tenant, tries=0, **_row(code)))

    def settle(self, transaction: Transaction, code_id: str, *, delivery: str) -> None:
        """Note what the vendor made of the message."""
        transaction.execute(
            update(PHONE_CODES).where(_CODES.id == code_id, _CODES.tenant == self._tenant).values(delivery=delivery)
        )

    def take_try(self, transaction: Transaction, code_id: str, *, now: datetime, max_tries: int) -> OpenCode:
        """Use up one try. Raises NotFound or PhoneCodeUnusable."""
        # One statement decides and counts, so that parallel tries cannot share one (PostgreSQL re-checks the
        # condition after waiting for the row; SQLite has one writer).
        taking = (
            update(PHONE_CODES)
            .where(_CODES.id == code_id, _CODES.tenant == self._tenant, _CODES.tries < max_tries)
            .where(_CODES.expires_at > now, _CODES.confirmed_at.is_(None))
            .values(tries=_CODES.tries + 1)
            .returning(_CODES.number_digest, _CODES.purpose, _CODES.case_id, _CODES.code_digest, _CODES.tries)
        )
        row = transaction.execute(taking).one_or_none()
        if row is not None:
            return OpenCode(row.number_digest, row.purpose, row.case_id, row.code_digest, row.tries)
        raise PhoneCodeUnusable if self._exists(transaction, code_id) else NotFound

    def confirm(self, transaction: Transaction, code_id: str, *, now: datetime) -> bool:
        """Mark a code as confirmed. True for exactly one caller."""
        statement = (
            update(PHONE_CODES)
            .where(_CODES.id == code_id, _CODES.tenant == self._tenant, _CODES.confirmed_at.is_(None))
            .values(confirmed_at=now)
        )
        return _rows(transaction.execute(statement)) == 1

    def usable(
        self,
        transaction: Transaction,
        code_id: str,
        *,
        purpose: str,
        case_id: str | None,
        number_digest: bytes | None,
        since: datetime,
    ) -> bool:
        """Whether a verification may lean on this code: confirmed not before `since`, not used yet, not bound to
        another case, and of this number, where one is named."""
        query = select(_CODES.number_digest, _CODES.case_id).where(
            _CODES.id == code_id,
            _CODES.tenant == self._tenant,
            _CODES.purpose == purpose,
            _CODES.confirmed_at >= since,
            _CODES.used_at.is_(None),
        )
        found = transaction.execute(query).one_or_none()
        return found is not None and number_digest in (None, found.number_digest) and found.case_id in (None, case_id)

    def use(self, transaction: Transaction, code_id: str, *, case_id: str, now: datetime) -> None:
        """Spend a confirmed code on a case. Raises PhoneCodeUnusable when another case was faster."""
        statement = (
            update(PHONE_CODES)
            .where(_CODES.id == code_id, _CODES.tenant == self._tenant)
            .where(_CODES.confirmed_at.is_not(None), _CODES.used_at.is_(None))
            .values(used_at=now, used_by=case_id)
        )
        if _rows(transaction.execute(statement)) != 1:
            raise PhoneCodeUnusable

    def unlink(self, transaction: Transaction, case_id: str, *, now: datetime) -> None:
        """Forget that codes were a case's. They serve nobody any more, and count as sends while a cap asks for them."""
        statement = (
            update(PHONE_CODES)
            .where(_CODES.tenant == self._tenant, or_(_CODES.case_id == case_id, _CODES.used_by == case_id))
            .values(case_id=None, used_by=None, used_at=now)
        )
        transaction.execute(statement)

    def _counted_with(self, code: NewCode) -> _Counted:
        """The sends that count together with this one, by scope; no address, no such scope."""
        mine = _CODES.tenant == self._tenant
        scopes: dict[Scope, ColumnElement[bool]] = {
            "number": and_(mine, _CODES.number_digest == code.number_digest),
            "prefix": and_(mine, _CODES.prefix_digest == code.prefix_digest),
            "country": and_(mine, _CODES.country == code.country),
            "tenant": mine,
        }
        if code.address_digest is not None:
            scopes["address"] = and_(mine, _CODES.address_digest == code.address_digest)
        return scopes

    def _exists(self, transaction: Transaction, code_id: str) -> bool:
        query = select(_CODES.id).where(_CODES.id == code_id, _CODES.tenant == self._tenant)
        return transaction.execute(query).first() is not None


def forget(transaction: Transaction, *, before: datetime) -> None:
    """Drop every tenant's codes of before then."""
    transaction.execute(delete(PHONE_CODES).where(_CODES.created_at < before))


def _row(code: NewCode) -> dict[str, Any]:
    return {
        "id": code.id,
        "purpose": code.purpose,
        "case_id": code.case_id,
        "number_digest": code.number_digest,
        "prefix_digest": code.prefix_digest,
        "address_digest": code.address_digest,
        "country": code.country,
        "code_digest": code.code_digest,
        "created_at": code.created_at,
        "expires_at": code.expires_at,
    }


def _check_caps(transaction: Transaction, code: NewCode, counted: _Counted, rules: CodeRules) -> None:
    """Raises TooManyRequests with the longest wait and the name of its cap."""
    caps = [cap for cap in rules.caps if cap.scope in counted]
    if not caps:
        return
    # A cap opens again when the oldest of its last `most` sends leaves the span.
    oldest = [
        select(_CODES.created_at)
        .where(counted[cap.scope], _CODES.created_at > code.created_at - cap.span)
        .order_by(_CODES.created_at.desc())
        .offset(cap.most - 1)
        .limit(1)
        .scalar_subquery()
        for cap in caps
    ]
    found = zip(caps, transaction.execute(select(*oldest)).one(), strict=True)
    waits = [(_seconds(at + cap.span - code.created_at), cap.scope) for cap, at in found if at is not None]
    if waits:
        wait_s, scope = max(waits)
        raise TooManyRequests(retry_after_s=wait_s, fields=(("phone", f"{scope}_cap"),))


def _check_breaker(transaction: Transaction, code: NewCode, counted: ColumnElement[bool], breaker: Breaker) -> None:
    """Raises SmsSuspended while too few of the codes that reached a vendor were entered."""
    lifetime = code.expires_at - code.created_at
    settled = or_(_CODES.created_at <= code.created_at - lifetime, _CODES.confirmed_at.is_not(None))
    query = select(func.count(), func.count(_CODES.confirmed_at), func.min(_CODES.created_at)).where(
        counted,
        _CODES.created_at > code.created_at - breaker.span,
        _CODES.delivery == "accepted",
        settled,
    )
    sent, confirmed, oldest = transaction.execute(query).one()
    if sent >= breaker.least_sends and confirmed < breaker.least_rate * sent:
        wait_s = _seconds(oldest + breaker.span - code.created_at)
        raise SmsSuspended(retry_after_s=wait_s, fields=(("phone", f"{breaker.scope}_conversion"),))


def _seconds(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds()))


def _rows(result: CursorResult[tuple[object, ...]]) -> int:
    return result.rowcount
