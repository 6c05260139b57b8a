"""What the service remembers, in SQLite or PostgreSQL. Called by `web` and `batch` alone.

Identifiers of rows come from the caller and must not be guessable: `secrets.token_urlsafe` with 18 bytes (144 bits).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from service.store.api_keys import ApiKey, ApiKeys, Caller, Scope
from service.store.attempts import Attempts
from service.store.captures import Capture, Captures, Shown
from service.store.cases import Case, Cases, Line
from service.store.database import Database, Transaction, connect
from service.store.galleries import Blocked, Galleries
from service.store.keys import KeyRing
from service.store.migrate import migrate
from service.store.moves import Moves, Work
from service.store.once import Begun, Kept, Once
from service.store.outbox import Delivery, Event, Outbox
from service.store.phones import PhoneLedger
from service.store.retention import Retention, Sweeper
from service.store.sessions import Opening, Session, Sessions
from service.store.states import State
from service.store.tables import DEFAULT_TENANT
from service.store.webhooks import Webhook, Webhooks

__all__ = [
    "DEFAULT_TENANT",
    "ApiKey",
    "ApiKeys",
    "Attempts",
    "Begun",
    "Blocked",
    "Caller",
    "Capture",
    "Captures",
    "Case",
    "Cases",
    "Database",
    "Delivery",
    "Event",
    "Galleries",
    "Kept",
    "KeyRing",
    "Line",
    "Moves",
    "Once",
    "Opening",
    "Outbox",
    "PhoneLedger",
    "Retention",
    "Scope",
    "Session",
    "Sessions",
    "Shown",
    "State",
    "Store",
    "Transaction",
    "Webhook",
    "Webhooks",
    "Work",
    "build",
]


class Store:
    """The one door: tables by name, and `transaction()`, the only commit."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self.keys = keys
        self.webhooks = Webhooks(keys, database)
        self.outbox = Outbox(database, self.webhooks)
        self.galleries = Galleries(database, keys)
        self.cases = Cases(keys, self.outbox, self.galleries)
        self.sessions = Sessions(self.cases)
        self.captures = Captures(self.cases)
        self.moves = Moves(self.cases, self.captures, self.sessions, self.outbox)
        self.attempts = Attempts(database, keys)
        self.once = Once(keys)
        self.api_keys = ApiKeys()
        self._sweeper = Sweeper(database, self.cases, self.once, self.attempts, self.outbox)

    def phones(self, tenant: str) -> PhoneLedger:
        """The phone codes of one tenant."""
        return PhoneLedger(self._database, tenant)

    @contextmanager
    def transaction(self, *, hasty: bool = False) -> Iterator[Transaction]:
        """All or nothing; `hasty` as in `Database`. Raises StoreUnavailable when the database cannot do it."""
        with self._database.transaction(hasty=hasty) as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A consistent view for reading; commits nothing. Raises StoreUnavailable."""
        with self._database.reading() as transaction:
            yield transaction

    def forget(self, retention: Retention, *, now: datetime) -> None:
        """Drop what has had its time. Raises StoreUnavailable."""
        self._sweeper.forget(retention, now=now)

    def tidy(self) -> None:
        """Do what the database would otherwise do in somebody's commit; now and then. Raises StoreUnavailable."""
        self._database.tidy()

    def ping(self) -> None:
        """Raises StoreUnavailable when the database does not answer."""
        self._database.ping()

    def close(self) -> None:
        """Give all connections back."""
        self._database.close()


def build(url: str, *, master_key: bytes) -> Store:
    """Open the store at an SQLAlchemy URL and bring its tables up to date.

    `master_key`: 32 bytes; without it nothing stored can be read again. Raises SettingsInvalid for a URL or key that
    cannot be used, StoreUnavailable when the database does not answer.
    """
    keys = KeyRing(master_key)
    database = connect(url)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database, keys)
