"""`hecha keys`: make, list and end the keys of the HTTP interface."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from service.report import Json
from service.secrets import open_store
from service.settings import Settings
from service.store import ApiKey, Scope, Store

__all__ = ["KeyDesk", "Scope", "key_desk"]


@dataclass(frozen=True, slots=True)
class KeyDesk:
    """Over the store of the settings."""

    store: Store
    clock: Callable[[], datetime]

    def create(self, tenant: str, name: str, scopes: frozenset[Scope]) -> Json:
        """Make a key; the answer holds it under `key`, for the only time."""
        secret = f"hecha_{secrets.token_urlsafe(32)}"
        key = ApiKey(f"key_{secrets.token_urlsafe(9)}", tenant, name, scopes, self.clock())
        with self.store.transaction() as transaction:
            self.store.api_keys.add(transaction, key, secret)
        return {**_row(key), "key": secret}

    def replace(self, key_id: str, overlap: timedelta) -> Json:
        """Make a key like another one, which ends after `overlap`. Raises NotFound."""
        with self.store.transaction() as transaction:
            old = self.store.api_keys.get(transaction, key_id)
            self.store.api_keys.end(transaction, key_id, self.clock() + overlap)
        return self.create(old.tenant, old.name, old.scopes)

    def all(self, tenants: tuple[str, ...]) -> list[Json]:
        """Every key, without what its holder shows."""
        with self.store.reading() as transaction:
            return [_row(key) for key in self.store.api_keys.all(transaction, tenants)]

    def revoke(self, key_id: str) -> Json:
        """End a key now. Raises NotFound."""
        with self.store.transaction() as transaction:
            self.store.api_keys.end(transaction, key_id, self.clock())
            return _row(self.store.api_keys.get(transaction, key_id))


@contextmanager
def key_desk(settings: Settings) -> Iterator[KeyDesk]:
    """The desk over the settings' database. Raises SettingsInvalid, StoreUnavailable."""
    with open_store(settings) as store:
        yield KeyDesk(store, partial(datetime.now, UTC))


def _row(key: ApiKey) -> Json:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": _time(key.created_at),
        "last_used_at": _time(key.last_used_at),
        "ends_at": _time(key.ends_at),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
