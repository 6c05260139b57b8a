"""API keys: who may do what, and for which tenant. A key holds 256 random bits, so its SHA-256 is all that is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, bindparam, insert, or_, select, update

from service.errors import NotFound
from service.store.database import Transaction
from service.store.tables import API_KEYS

_USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a key may do. No scope holds another."""

    VERIFY = "verify"
    READ = "read"
    REVIEW = "review"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: every query of the store is bound to `tenant`, and to `case_id` where a capture token was shown."""

    tenant: str
    scopes: frozenset[Scope]
    case_id: str | None = None
    key_id: str = "settings"
    """The id of the API key that was shown; those of the settings have none of their own."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. From `ends_at` on it admits nobody; None = no end is set."""

    id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None = None
    ends_at: datetime | None = None


class ApiKeys:
    """The table `api_keys`."""

    def add(self, transaction: Transaction, key: ApiKey, secret: str) -> None:
        """Write a key. `secret` is what its holder will show; only its digest is written."""
        transaction.execute(
            insert(API_KEYS).values(
                id=key.id,
                tenant=key.tenant,
                name=key.name,
                digest=_digest(secret.encode()),
                scopes=",".join(sorted(key.scopes)),
                created_at=key.created_at,
                ends_at=key.ends_at,
            )
        )

    def find(self, transaction: Transaction, secret: bytes, *, now: datetime) -> ApiKey | None:
        """The key that was shown, if it still admits anybody."""
        row = transaction.execute(_ADMITTED, {"shown": _digest(secret), "now": now}).one_or_none()
        return None if row is None else _key(row)

    def get(self, transaction: Transaction, key_id: str) -> ApiKey:
        """A key by its id. Raises NotFound."""
        row = transaction.execute(select(API_KEYS).where(API_KEYS.c.id == key_id)).one_or_none()
        if row is None:
            raise NotFound("There is no key with this id.")
        return _key(row)

    def all(self, transaction: Transaction, tenants: Collection[str] = ()) -> list[ApiKey]:
        """Every key, those that have ended too, the oldest first. `tenants` empty = of all."""
        query = select(API_KEYS).order_by(API_KEYS.c.created_at, API_KEYS.c.id)
        if tenants:
            query = query.where(API_KEYS.c.tenant.in_(tenants))
        return [_key(row) for row in transaction.execute(query)]

    def end(self, transaction: Transaction, key_id: str, at: datetime) -> None:
        """Let a key admit nobody from `at` on; an end once set only moves nearer. Raises NotFound."""
        self.get(transaction, key_id)
        keys = API_KEYS.c
        sooner = or_(keys.ends_at.is_(None), keys.ends_at > at)
        transaction.execute(update(API_KEYS).where(keys.id == key_id, sooner).values(ends_at=at))

    def used(self, transaction: Transaction, key_id: str, *, now: datetime) -> None:
        """Remember when a key was last used."""
        transaction.execute(update(API_KEYS).where(API_KEYS.c.id == key_id).values(last_used_at=now))


_ADMITTED = select(API_KEYS).where(
    API_KEYS.c.digest == bindparam("shown"),
    or_(API_KEYS.c.ends_at.is_(None), API_KEYS.c.ends_at > bindparam("now")),
)


def worth_noting(key: ApiKey, now: datetime) -> bool:
    """Whether a use is worth a write: by the minute is enough."""
    return key.last_used_at is None or now - key.last_used_at >= _USED_EVERY


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        scopes=frozenset(Scope(each) for each in row.scopes.split(",") if each),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        ends_at=row.ends_at,
    )
