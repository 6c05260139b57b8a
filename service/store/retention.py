"""What is forgotten, and when. Nothing is kept longer than something asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.store import phones
from service.store.attempts import Attempts
from service.store.cases import Cases
from service.store.database import Database
from service.store.once import Once
from service.store.outbox import Outbox
from service.store.phones import PhoneLedger

_AT_ONCE = 200
"""Cases erased in one transaction: nobody else may write to SQLite meanwhile."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept. Attempts are kept for the day that their cap counts."""

    answers: timedelta = timedelta(days=1)
    """Under an `Idempotency-Key`."""
    deliveries: timedelta = timedelta(days=30)
    """Of webhooks, after they arrived or were given up."""
    ended: timedelta = timedelta(days=30)
    """Verifications without a verdict, after their time was over: expired and withdrawn ones."""
    phone_codes: timedelta = timedelta(days=1)

    def counting(self, span: timedelta) -> Retention:
        """With phone codes kept at least as long as a cap counts them; see `CodeRules.kept_for`."""
        return replace(self, phone_codes=max(self.phone_codes, span))


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Over all tables."""

    database: Database
    cases: Cases
    once: Once
    attempts: Attempts
    outbox: Outbox

    def forget(self, retention: Retention, *, now: datetime) -> None:
        """Drop what has had its time. Raises StoreUnavailable."""
        with self.database.transaction() as transaction:
            self.once.forget(transaction, before=now - retention.answers)
            self.attempts.forget(transaction, now=now)
            phones.forget(transaction, before=now - retention.phone_codes)
            self.outbox.forget(transaction, before=now - retention.deliveries)
        while self._erase(now - retention.ended, now):
            pass

    def _erase(self, before: datetime, now: datetime) -> bool:
        with self.database.transaction() as transaction:
            ended = self.cases.ended(transaction, before=before, most=_AT_ONCE)
            for tenant, case_id in ended:
                self.cases.erase(transaction, tenant, case_id)
                PhoneLedger(self.database, tenant).unlink(transaction, case_id, now=now)
        return len(ended) == _AT_ONCE
