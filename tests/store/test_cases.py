from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from service import store
from service.errors import InternalError, NotFound
from service.store import Case, Store
from service.store.tables import DATA_KEYS, VERIFICATIONS

MASTER_KEY = bytes(range(32))
TENANT = store.DEFAULT_TENANT
CANARIES = (b"canary-name", b"canary-external", hashlib.sha256(b"document_front").digest())


def _case(case_id: str = "ver_1") -> Case:
    return Case(
        id=case_id,
        created_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        decision="approved",
        outcome=b'{"name": "canary-name"}',
        pictures={side: hashlib.sha256(side.encode()).hexdigest() for side in ("document_front", "document_back")},
        external_id="canary-external",
    )


def _add(opened: Store, *case_ids: str) -> None:
    with opened.transaction() as transaction:
        for case_id in case_ids:
            opened.cases.add(transaction, TENANT, _case(case_id))


def test_an_outcome_comes_back_byte_for_byte(opened: Store) -> None:
    _add(opened, "ver_1")
    with opened.reading() as transaction:
        assert opened.cases.outcome(transaction, TENANT, "ver_1") == _case().outcome


def test_an_unknown_case_is_not_found(opened: Store) -> None:
    with pytest.raises(NotFound), opened.reading() as transaction:
        opened.cases.outcome(transaction, TENANT, "ver_1")


def test_an_id_is_taken_once(opened: Store) -> None:
    _add(opened, "ver_1")
    with pytest.raises(InternalError):
        _add(opened, "ver_1")


def test_times_come_back_aware_and_in_utc(opened: Store) -> None:
    _add(opened, "ver_1")
    with opened.reading() as transaction:
        assert transaction.execute(select(VERIFICATIONS.c.created_at)).scalar_one() == _case().created_at


def test_a_ciphertext_copied_to_another_case_does_not_open(opened: Store) -> None:
    _add(opened, "ver_1", "ver_2")
    with opened.transaction() as transaction:
        stolen = transaction.execute(select(VERIFICATIONS).where(VERIFICATIONS.c.id == "ver_1")).one()
        # Even with its data key.
        transaction.execute(
            update(VERIFICATIONS)
            .where(VERIFICATIONS.c.id == "ver_2")
            .values(outcome=stolen.outcome, data_key_id=stolen.data_key_id)
        )
    with pytest.raises(InternalError), opened.reading() as transaction:
        opened.cases.outcome(transaction, TENANT, "ver_2")


def test_without_its_data_key_a_case_is_unreadable(opened: Store) -> None:
    _add(opened, "ver_1", "ver_2")
    with opened.transaction() as transaction:
        other = transaction.execute(select(DATA_KEYS.c.wrapped).where(DATA_KEYS.c.id == "ver_2")).scalar_one()
        transaction.execute(update(DATA_KEYS).where(DATA_KEYS.c.id == "ver_1").values(wrapped=other))
    with pytest.raises(InternalError), opened.reading() as transaction:
        opened.cases.outcome(transaction, TENANT, "ver_1")


def test_a_case_holds_on_to_its_key(opened: Store) -> None:
    _add(opened, "ver_1")
    with pytest.raises(InternalError), opened.transaction() as transaction:
        transaction.execute(delete(DATA_KEYS))


def test_another_master_key_reads_nothing(opened: Store, database_url: str) -> None:
    _add(opened, "ver_1")
    stranger = store.build(database_url, master_key=bytes(32))
    with pytest.raises(InternalError), stranger.reading() as transaction:
        stranger.cases.outcome(transaction, TENANT, "ver_1")
    stranger.close()


def test_nothing_personal_is_in_a_row(opened: Store) -> None:
    _add(opened, "ver_1")
    with opened.reading() as transaction:
        row = transaction.execute(select(VERIFICATIONS)).one()
    kept = b"".join(value for value in row if isinstance(value, bytes))
    assert not [canary for canary in CANARIES if canary in kept or canary in str(row).encode()]


def test_nothing_personal_is_in_the_files_of_sqlite(tmp_path: Path) -> None:
    made = store.build(f"sqlite:///{tmp_path}/hecha.db", master_key=MASTER_KEY)
    _add(made, "ver_1")
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    made.close()
    assert b"ver_1" in files, "the files looked into are not the database's"
    assert not [canary for canary in CANARIES if canary in files]


def test_a_case_shows_nothing_personal_in_its_repr() -> None:
    assert "canary" not in repr(_case())
