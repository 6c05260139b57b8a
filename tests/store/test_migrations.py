from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.schema import DropTable

from service import store
from service.errors import SettingsInvalid, StoreUnavailable
from service.store import Store
from service.store.tables import METADATA

MASTER_KEY = bytes(range(32))


def test_the_migrations_build_exactly_the_tables(opened: Store) -> None:
    with opened.transaction() as transaction:
        found = MigrationContext.configure(transaction, opts={"compare_type": True})
        assert compare_metadata(found, METADATA) == []


def test_a_second_start_changes_nothing(opened: Store, database_url: str) -> None:
    again = store.build(database_url, master_key=MASTER_KEY)
    again.ping()
    again.close()


def test_several_processes_may_start_at_once(database_url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            store.build(database_url, master_key=MASTER_KEY).close()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_tables_of_a_newer_version_are_refused(opened: Store, database_url: str) -> None:
    with opened.transaction() as transaction:
        transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsInvalid, match="newer version"):
        store.build(database_url, master_key=MASTER_KEY)


def test_a_migration_that_fails_leaves_nothing(opened: Store, database_url: str) -> None:
    with opened.transaction() as transaction:
        # A table of the first migration stands in the way of running it again.
        for table in reversed(METADATA.sorted_tables):
            if table.name != "phone_codes":
                transaction.execute(DropTable(table))
        transaction.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreUnavailable):
        store.build(database_url, master_key=MASTER_KEY)
    with pytest.raises(StoreUnavailable), opened.reading() as transaction:
        transaction.execute(text("SELECT 1 FROM data_keys"))
