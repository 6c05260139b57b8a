"""Webhook endpoints of a tenant. Address and secrets are encrypted under a key of the endpoint's own."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from service.errors import NotFound, RequestInvalid
from service.store.database import Database, Transaction
from service.store.keys import DataKey, KeyRing, Place, WrappedKey
from service.store.tables import DATA_KEYS, WEBHOOK_DELIVERIES, WEBHOOKS

MAX_PER_TENANT = 8
OVERLAP = timedelta(hours=24)
"""So long an old secret signs beside the new one."""
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint. `secret` is the newest one; `disabled_because` = gone | failing."""

    id: str
    created_at: datetime
    url: str = field(repr=False)
    secret: str = field(repr=False)
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None


class Webhooks:
    """The table `webhooks`."""

    def __init__(self, keys: KeyRing, database: Database) -> None:
        self._keys = keys
        self._database = database

    def add(
        self,
        transaction: Transaction,
        *,
        tenant: str,
        webhook_id: str,
        url: str,
        now: datetime,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Webhook:
        """A new endpoint with a new secret. Raises RequestInvalid when the tenant has enough of them."""
        self._database.serialise(transaction, f"webhooks {tenant}".encode())
        number = select(func.count()).select_from(WEBHOOKS).where(WEBHOOKS.c.tenant == tenant)
        if transaction.execute(number).scalar_one() >= MAX_PER_TENANT:
            raise RequestInvalid(
                f"a tenant has at most {MAX_PER_TENANT} webhooks", fields=(("url", "too_many_webhooks"),)
            )
        key, wrapped = self._keys.new_data_key(tenant=tenant, row=webhook_id)
        transaction.execute(
            insert(DATA_KEYS).values(
                id=webhook_id,
                tenant=tenant,
                wrapped=wrapped.wrapped,
                key_version=wrapped.version,
                created_at=now,
            )
        )
        secret = _new_secret(random)
        transaction.execute(
            insert(WEBHOOKS).values(
                id=webhook_id,
                tenant=tenant,
                created_at=now,
                data_key_id=webhook_id,
                url=key.seal(url.encode(), _place(tenant, webhook_id, "url")),
                secrets=_seal(key, [(secret, None)], tenant, webhook_id),
            )
        )
        return Webhook(webhook_id, now, url, secret, None, None, None)

    def list(self, transaction: Transaction, *, tenant: str) -> list[Webhook]:
        """Every endpoint, the oldest first."""
        rows = transaction.execute(_QUERY.where(WEBHOOKS.c.tenant == tenant).order_by(WEBHOOKS.c.created_at))
        return [self._read(row) for row in rows]

    def rotate(
        self,
        transaction: Transaction,
        *,
        tenant: str,
        webhook_id: str,
        now: datetime,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Webhook:
        """A new secret; the old ones sign beside it for `OVERLAP` longer. Raises NotFound."""
        row = self._row(transaction, tenant, webhook_id)
        key = self._key(row)
        still = [(secret, until or now + OVERLAP) for secret, until in _open(key, row) if until is None or until > now]
        # Whoever rotates again and again does not make the header longer: the newest of the old ones stays.
        kept = [(_new_secret(random), None), *still[:1]]
        self._change(transaction, row, secrets=_seal(key, kept, tenant, webhook_id))
        return self._read(self._row(transaction, tenant, webhook_id))

    def enable(self, transaction: Transaction, *, tenant: str, webhook_id: str) -> Webhook:
        """Deliver to it again what happens from now on. Raises NotFound."""
        row = self._row(transaction, tenant, webhook_id)
        self._change(transaction, row, failing_since=None, disabled_at=None, disabled_because=None)
        return self._read(self._row(transaction, tenant, webhook_id))

    def remove(self, transaction: Transaction, *, tenant: str, webhook_id: str) -> None:
        """Endpoint, key and deliveries, the waiting ones too. Raises NotFound."""
        self._row(transaction, tenant, webhook_id)
        transaction.execute(delete(WEBHOOK_DELIVERIES).where(WEBHOOK_DELIVERIES.c.webhook_id == webhook_id))
        transaction.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id))
        transaction.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == webhook_id))

    def target(self, transaction: Transaction, webhook_id: str, now: datetime) -> tuple[str, tuple[str, ...]]:
        """Address and every secret that counts now, the newest first."""
        row = transaction.execute(_QUERY.where(WEBHOOKS.c.id == webhook_id)).one()
        key = self._key(row)
        signing = tuple(secret for secret, until in _open(key, row) if until is None or until > now)
        return key.open(row.url, _place(row.tenant, row.id, "url")).decode(), signing

    def _row(self, transaction: Transaction, tenant: str, webhook_id: str) -> Any:
        query = _QUERY.where(WEBHOOKS.c.tenant == tenant, WEBHOOKS.c.id == webhook_id).with_for_update(of=WEBHOOKS)
        row = transaction.execute(query).one_or_none()
        if row is None:
            raise NotFound
        return row

    def _change(self, transaction: Transaction, row: Any, **values: object) -> None:
        transaction.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == row.id).values(**values))

    def _key(self, row: Any) -> DataKey:
        return self._keys.unwrap(WrappedKey(row.wrapped, row.key_version), tenant=row.tenant, row=row.id)

    def _read(self, row: Any) -> Webhook:
        key = self._key(row)
        url = key.open(row.url, _place(row.tenant, row.id, "url")).decode()
        newest, _ = _open(key, row)[0]
        return Webhook(row.id, row.created_at, url, newest, row.failing_since, row.disabled_at, row.disabled_because)


_QUERY = select(WEBHOOKS, DATA_KEYS.c.wrapped, DATA_KEYS.c.key_version).join(
    DATA_KEYS, WEBHOOKS.c.data_key_id == DATA_KEYS.c.id
)


def _new_secret(random: Callable[[int], bytes]) -> str:
    return f"whsec_{base64.b64encode(random(_SECRET_BYTES)).decode()}"


def _seal(key: DataKey, kept: list[tuple[str, datetime | None]], tenant: str, webhook_id: str) -> bytes:
    plain = json.dumps([[secret, until.isoformat() if until else None] for secret, until in kept]).encode()
    return key.seal(plain, _place(tenant, webhook_id, "secrets"))


def _open(key: DataKey, row: Any) -> list[tuple[str, datetime | None]]:
    kept = json.loads(key.open(row.secrets, _place(row.tenant, row.id, "secrets")))
    return [(secret, datetime.fromisoformat(until) if until else None) for secret, until in kept]


def _place(tenant: str, webhook_id: str, name: str) -> Place:
    return Place(tenant, "webhooks", webhook_id, name)
