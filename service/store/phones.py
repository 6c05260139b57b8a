"""Phone codes and the sends that count against a number's caps. Numbers and codes are here only as keyed digests.

`PhoneLedger` keeps the promise of `service.phone.otp.CodeLedger`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, insert, select, update

from service.errors import NotFound, PhoneCodeUnusable, TooManyRequests
from service.store.database import Database, Transaction
from service.store.tables import PHONE_CODES, PHONE_SENDS


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code one of whose tries has just been taken. `tries` counts that one."""

    number_digest: bytes = field(repr=False)
    purpose: str
    code_digest: bytes = field(repr=False)
    tries: int


class PhoneLedger:
    """The rows of one tenant in the tables `phone_codes` and `phone_sends`."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

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
        """Count a send and keep its code. Raises TooManyRequests, having written nothing, when a cap is reached."""
        with self._database.transaction() as transaction:
            self._database.serialise(transaction, number_digest)
            self._forget_old_sends(transaction, number_digest, now - max(span for span, _ in caps))
            self._check_caps(transaction, number_digest, now, caps)
            transaction.execute(
                insert(PHONE_SENDS).values(tenant=self._tenant, number_digest=number_digest, sent_at=now)
            )
            transaction.execute(
                insert(PHONE_CODES).values(
                    id=code_id,
                    tenant=self._tenant,
                    number_digest=number_digest,
                    purpose=purpose,
                    code_digest=code_digest,
                    tries=0,
                    created_at=now,
                    expires_at=expires_at,
                )
            )

    def take_try(self, *, code_id: str, now: datetime, max_tries: int) -> OpenCode:
        """Use up one try, committed before anybody compares. Raises NotFound or PhoneCodeUnusable."""
        codes = PHONE_CODES.c
        # One statement decides and counts, so that parallel tries cannot share one (PostgreSQL re-checks the
        # condition after waiting for the row; SQLite has one writer).
        taking = (
            update(PHONE_CODES)
            .where(codes.id == code_id, codes.tenant == self._tenant, codes.tries < max_tries)
            .where(codes.expires_at > now, codes.confirmed_at.is_(None))
            .values(tries=codes.tries + 1)
            .returning(codes.number_digest, codes.purpose, codes.code_digest, codes.tries)
        )
        with self._database.transaction() as transaction:
            row = transaction.execute(taking).one_or_none()
            known = row is not None or self._exists(transaction, code_id)
        if row is not None:
            return OpenCode(row.number_digest, row.purpose, row.code_digest, row.tries)
        raise PhoneCodeUnusable if known else NotFound

    def confirm(self, *, code_id: str, now: datetime) -> bool:
        """Mark a code as confirmed. True for exactly one caller."""
        codes = PHONE_CODES.c
        statement = (
            update(PHONE_CODES)
            .where(codes.id == code_id, codes.tenant == self._tenant, codes.confirmed_at.is_(None))
            .values(confirmed_at=now)
        )
        with self._database.transaction() as transaction:
            return _rows(transaction.execute(statement)) == 1

    def usable(
        self, transaction: Transaction, code_id: str, *, purpose: str, number_digest: bytes | None, since: datetime
    ) -> bool:
        """Whether a verification may lean on this code: confirmed not before `since`, not used yet, and of this
        number, where one is named."""
        codes = PHONE_CODES.c
        query = select(codes.number_digest).where(
            codes.id == code_id,
            codes.tenant == self._tenant,
            codes.purpose == purpose,
            codes.confirmed_at >= since,
            codes.used_at.is_(None),
        )
        found = transaction.execute(query).scalar_one_or_none()
        return found is not None and number_digest in (None, found)

    def use(self, transaction: Transaction, code_id: str, *, case_id: str, now: datetime) -> None:
        """Spend a confirmed code on a case. Raises PhoneCodeUnusable when another case was faster."""
        codes = PHONE_CODES.c
        statement = (
            update(PHONE_CODES)
            .where(codes.id == code_id, codes.tenant == self._tenant)
            .where(codes.confirmed_at.is_not(None), codes.used_at.is_(None))
            .values(used_at=now, used_by=case_id)
        )
        if _rows(transaction.execute(statement)) != 1:
            raise PhoneCodeUnusable

    def _exists(self, transaction: Transaction, code_id: str) -> bool:
        query = select(PHONE_CODES.c.id).where(PHONE_CODES.c.id == code_id, PHONE_CODES.c.tenant == self._tenant)
        return transaction.execute(query).first() is not None

    def _forget_old_sends(self, transaction: Transaction, number_digest: bytes, before: datetime) -> None:
        sends = PHONE_SENDS.c
        transaction.execute(
            delete(PHONE_SENDS).where(
                sends.tenant == self._tenant, sends.number_digest == number_digest, sends.sent_at <= before
            )
        )

    def _check_caps(
        self, transaction: Transaction, number_digest: bytes, now: datetime, caps: Sequence[tuple[timedelta, int]]
    ) -> None:
        sends = PHONE_SENDS.c
        query = (
            select(sends.sent_at)
            .where(sends.tenant == self._tenant, sends.number_digest == number_digest)
            .order_by(sends.sent_at.desc())
            .limit(max(most for _, most in caps))
        )
        sent = list(transaction.execute(query).scalars())
        # The cap opens again when the oldest of its last `most` sends leaves the span.
        waits = [sent[most - 1] + span - now for span, most in caps if len(sent) >= most]
        wait_s = max((math.ceil(wait.total_seconds()) for wait in waits), default=0)
        if wait_s > 0:
            raise TooManyRequests(retry_after_s=wait_s)


def _rows(result: CursorResult[tuple[object, ...]]) -> int:
    return result.rowcount
