from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from service.errors import InternalError, NotFound, RequestInvalid
from service.store import Store, Webhook
from service.store.tables import DATA_KEYS, WEBHOOKS
from service.store.webhooks import MAX_PER_TENANT, OVERLAP

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
URL = "https://example.com/canary-path?token=canary-token"


def _add(opened: Store, webhook_id: str = "whk_1", tenant: str = "acme") -> Webhook:
    with opened.transaction() as transaction:
        return opened.webhooks.add(transaction, tenant=tenant, webhook_id=webhook_id, url=URL, now=NOW)


def _secrets(opened: Store, now: datetime) -> tuple[str, ...]:
    with opened.reading() as transaction:
        return opened.webhooks.target(transaction, "whk_1", now)[1]


def _rotate(opened: Store, now: datetime, tenant: str = "acme") -> str:
    with opened.transaction() as transaction:
        return opened.webhooks.rotate(transaction, tenant=tenant, webhook_id="whk_1", now=now).secret


def test_a_secret_is_256_random_bits_in_the_form_of_the_standard(opened: Store) -> None:
    with opened.transaction() as transaction:
        made = opened.webhooks.add(
            transaction, tenant="acme", webhook_id="whk_1", url=URL, now=NOW, random=lambda number: b"\x01" * number
        )
    assert made.secret == "whsec_" + "AQEB" * 10 + "AQE="
    assert _add(opened, "whk_2").secret != _add(opened, "whk_3").secret


def test_address_and_secret_are_not_readable_in_the_database(opened: Store) -> None:
    made = _add(opened)
    with opened.reading() as transaction:
        kept = str(transaction.execute(select(WEBHOOKS)).all()) + str(transaction.execute(select(DATA_KEYS)).all())
    assert "canary" not in kept
    assert made.secret.removeprefix("whsec_") not in kept
    assert "canary" not in repr(made)
    assert made.secret not in repr(made)


def test_a_secret_copied_to_another_endpoint_does_not_open(opened: Store) -> None:
    _add(opened, "whk_1")
    _add(opened, "whk_2")
    with opened.transaction() as transaction:
        stolen = transaction.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == "whk_2")).one()
        changed = update(WEBHOOKS).where(WEBHOOKS.c.id == "whk_1")
        transaction.execute(changed.values(secrets=stolen.secrets, data_key_id=stolen.data_key_id))
    with pytest.raises(InternalError):
        _secrets(opened, NOW)


def test_an_old_secret_signs_until_its_day_is_over(opened: Store) -> None:
    first = _add(opened).secret
    second = _rotate(opened, NOW)
    assert _secrets(opened, NOW) == (second, first)
    assert _secrets(opened, NOW + OVERLAP) == (second,)
    third = _rotate(opened, NOW + timedelta(hours=1))
    assert _secrets(opened, NOW + timedelta(hours=1)) == (third, second), "the newest old one stays"


def test_tenants_do_not_meet(opened: Store) -> None:
    _add(opened)
    with opened.reading() as transaction:
        assert opened.webhooks.list(transaction, tenant="other") == []
    with pytest.raises(NotFound):
        _rotate(opened, NOW, tenant="other")
    for change in (opened.webhooks.enable, opened.webhooks.remove):
        with pytest.raises(NotFound), opened.transaction() as transaction:
            change(transaction, tenant="other", webhook_id="whk_1")
    with opened.reading() as transaction:
        assert [each.url for each in opened.webhooks.list(transaction, tenant="acme")] == [URL]


def test_a_tenant_has_a_handful(opened: Store) -> None:
    for number in range(MAX_PER_TENANT):
        _add(opened, f"whk_{number}")
    with pytest.raises(RequestInvalid):
        _add(opened, "whk_more")
    _add(opened, "whk_other", tenant="other")


def test_a_removed_endpoint_leaves_nothing(opened: Store) -> None:
    _add(opened)
    with opened.transaction() as transaction:
        opened.webhooks.remove(transaction, tenant="acme", webhook_id="whk_1")
    with opened.reading() as transaction:
        assert transaction.execute(select(WEBHOOKS)).all() == transaction.execute(select(DATA_KEYS)).all() == []
