from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.errors import InternalError, NotFound
from service.store import ApiKey, Scope, Store
from service.store.api_keys import worth_noting
from service.store.tables import API_KEYS

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "hecha_canary-secret"


def _key(key_id: str = "key_1", tenant: str = "shop") -> ApiKey:
    return ApiKey(key_id, tenant, "till", frozenset({Scope.VERIFY, Scope.READ}), NOW)


def _add(opened: Store, key: ApiKey, secret: str = SECRET) -> None:
    with opened.transaction() as transaction:
        opened.api_keys.add(transaction, key, secret)


def _found(opened: Store, secret: str = SECRET, now: datetime = NOW) -> ApiKey | None:
    with opened.reading() as transaction:
        return opened.api_keys.find(transaction, secret.encode(), now=now)


def test_a_key_is_found_by_what_its_holder_shows(opened: Store) -> None:
    _add(opened, _key())
    assert _found(opened) == _key()
    assert _found(opened, SECRET + "x") is None


def test_only_the_digest_is_kept(opened: Store) -> None:
    _add(opened, _key())
    with opened.reading() as transaction:
        row = transaction.execute(select(API_KEYS)).one()
    assert row.digest == hashlib.sha256(SECRET.encode()).digest()
    assert "canary" not in str(row)


def test_the_same_secret_is_taken_once(opened: Store) -> None:
    _add(opened, _key())
    with pytest.raises(InternalError):
        _add(opened, _key("key_2"))


def test_an_end_holds_and_only_moves_nearer(opened: Store) -> None:
    _add(opened, _key())
    later = NOW + timedelta(hours=1)
    for at in (later, later + timedelta(hours=1)):
        with opened.transaction() as transaction:
            opened.api_keys.end(transaction, "key_1", at)
    assert _found(opened, now=later - timedelta(seconds=1)) is not None
    assert _found(opened, now=later) is None
    with opened.transaction() as transaction:
        opened.api_keys.end(transaction, "key_1", NOW)
    assert _found(opened) is None


def test_an_unknown_key_cannot_end(opened: Store) -> None:
    with pytest.raises(NotFound), opened.transaction() as transaction:
        opened.api_keys.end(transaction, "key_1", NOW)


def test_the_last_use_is_noted_by_the_minute(opened: Store) -> None:
    _add(opened, _key())
    assert worth_noting(_key(), NOW)
    with opened.transaction() as transaction:
        opened.api_keys.used(transaction, "key_1", now=NOW)
    found = _found(opened)
    assert found is not None
    assert found.last_used_at == NOW
    assert not worth_noting(found, NOW + timedelta(seconds=59))
    assert worth_noting(found, NOW + timedelta(seconds=60))


def test_keys_are_listed_by_tenant(opened: Store) -> None:
    _add(opened, _key("key_1", "shop"))
    _add(opened, _key("key_2", "bank"), "other")
    with opened.reading() as transaction:
        assert [key.id for key in opened.api_keys.all(transaction)] == ["key_1", "key_2"]
        assert [key.id for key in opened.api_keys.all(transaction, ("bank",))] == ["key_2"]
