from __future__ import annotations

import os
import secrets
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text

from service import store
from service.errors import InternalError, NotFound, SettingsInvalid, StoreUnavailable
from service.store import Store
from service.store.database import connect
from service.store.tables import PHONE_CODES

MASTER_KEY = bytes(range(32))


def test_an_error_in_the_block_takes_everything_back(opened: Store) -> None:
    with pytest.raises(NotFound):
        _send_and_fail(opened)
    assert _count(opened) == 0


def test_the_end_of_the_block_commits(opened: Store) -> None:
    with opened.transaction() as transaction:
        _send(transaction)
    assert _count(opened) == 1


def test_reading_commits_nothing(opened: Store) -> None:
    with pytest.raises(StoreUnavailable), opened.reading() as transaction:
        _send(transaction)
    assert _count(opened) == 0


def test_a_broken_constraint_is_named_without_its_values(opened: Store) -> None:
    with pytest.raises(InternalError) as caught, opened.transaction() as transaction:
        transaction.execute(text("INSERT INTO data_keys (id, tenant) VALUES ('canary', 'default')"))
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_bad_statement_says_nothing_of_itself(opened: Store) -> None:
    with pytest.raises(StoreUnavailable) as caught, opened.transaction() as transaction:
        transaction.execute(text("SELECT canary FROM nowhere"))
    assert "canary" not in str(caught.value)


def test_ping_answers(opened: Store) -> None:
    opened.ping()


def test_writers_that_read_first_wait_for_one_another(opened: Store) -> None:
    def read_then_write(_: int) -> None:
        with opened.transaction() as transaction:
            transaction.execute(select(PHONE_CODES.c.id)).all()
            time.sleep(0.02)
            _send(transaction)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_then_write, range(16)))
    assert _count(opened) == 16


def test_a_server_that_dropped_every_connection_costs_no_request(opened: Store, database_url: str) -> None:
    opened.ping()
    with opened.transaction() as transaction:
        _send(transaction)
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as stranger:
            stranger.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    opened.ping()
    with opened.transaction() as transaction:
        _send(transaction)
    assert _count(opened) == 2


def test_a_dead_server_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        store.build("postgresql+psycopg://postgres@127.0.0.1:1/none", master_key=MASTER_KEY)
    assert caught.value.status == 503
    assert caught.value.retry_after_s is not None


def test_a_lost_file_is_unavailable(tmp_path: Path) -> None:
    made = store.build(f"sqlite:///{tmp_path}/hecha.db", master_key=MASTER_KEY)
    made.close()
    (tmp_path / "hecha.db").unlink()
    (tmp_path / "hecha.db").mkdir()
    with pytest.raises(StoreUnavailable):
        made.ping()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        connect(f"sqlite:///{tmp_path}/file/hecha.db")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@host/db", "postgresql://host/db"]
)
def test_a_url_that_cannot_be_used_is_refused_without_echo(url: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        connect(url)
    assert "secret" not in str(caught.value)


def test_sqlite_is_durable_and_private(tmp_path: Path) -> None:
    made = store.build(f"sqlite:///{tmp_path}/new/hecha.db", master_key=MASTER_KEY)
    with made.transaction() as transaction:
        pragmas = {name: transaction.execute(text(f"PRAGMA {name}")).scalar_one() for name in _PRAGMAS}
        files = list((tmp_path / "new").iterdir())
        modes = {stat.S_IMODE(os.stat(file).st_mode) for file in files}
    made.close()
    assert pragmas == _PRAGMAS
    assert modes == {0o600}


def test_only_a_hasty_transaction_does_not_wait_for_the_disk(opened: Store, database_url: str) -> None:
    sqlite = database_url.startswith("sqlite")
    asked = text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
    seen = []
    for hasty in (False, True, False):
        with opened.transaction(hasty=hasty) as transaction:
            seen.append(transaction.execute(asked).scalar_one())
            _send(transaction)
    assert seen == ([2, 1, 2] if sqlite else ["on", "off", "on"])
    assert _count(opened) == 3


_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000, "secure_delete": 1}


def _send_and_fail(opened: Store) -> None:
    with opened.transaction() as transaction:
        _send(transaction)
        raise NotFound


def _send(transaction: store.Transaction) -> None:
    when = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    row = {"id": secrets.token_hex(8), "tenant": "default", "purpose": "p", "tries": 0}
    digests = {"number_digest": bytes(32), "code_digest": bytes(32)}
    transaction.execute(insert(PHONE_CODES).values(**row, **digests, created_at=when, expires_at=when))


def _count(opened: Store) -> int:
    with opened.reading() as transaction:
        return len(transaction.execute(select(PHONE_CODES.c.id)).all())
