"""Pictures under a key that ends with the verdict: whatever copies of their bytes there are, nothing opens them."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from service import store as stores
from service.errors import CaseConflict, InternalError
from service.store import Session, State, Store
from service.store.cases import Vault
from service.store.database import connect
from service.store.migrate import migrate
from service.store.tables import CAPTURES, VERIFICATIONS

from .test_moves import LATER, NOW, TENANT, decide, fill, open_case, outcome, pictures, standing, submit


def _kept(opened: Store) -> tuple[bytes | None, dict[str, bytes]]:
    """The sealed key and the sealed pictures, as whoever copied the database has them."""
    with opened.reading() as transaction:
        key = transaction.execute(select(VERIFICATIONS.c.capture_key)).scalar_one()
        rows = transaction.execute(select(CAPTURES.c.side, CAPTURES.c.picture)).all()
    return key, {side: picture for side, picture in rows if picture is not None}


def _opens(session: Session, sealed: bytes, side: str) -> bool:
    vaults: list[Vault] = [session.vault, *([session.album] if session.album else [])]
    for vault in vaults:
        try:
            vault.open(sealed, f"picture/{side}")
        except InternalError:
            continue
        return True
    return False


@pytest.mark.parametrize("end", ["approved", "withdrawal", "expiry"])
def test_the_end_destroys_the_key_of_the_pictures(opened: Store, end: str) -> None:
    open_case(opened)
    fill(opened)
    _, copied = _kept(opened)
    assert all(_opens(standing(opened), sealed, side) for side, sealed in copied.items())
    if end == "approved":
        decide(opened, submit(opened), end)
    else:
        with opened.transaction() as transaction:
            if end == "withdrawal":
                opened.moves.withdraw(transaction, TENANT, "ver_1", now=NOW)
            else:
                opened.moves.sweep(transaction, most=9, now=LATER + timedelta(hours=1))
    assert _kept(opened) == (None, {})
    assert len(copied) == 3
    assert not any(_opens(standing(opened), sealed, side) for side, sealed in copied.items())


def test_after_a_retake_the_pictures_are_still_there(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    work = submit(opened)
    decide(opened, work, "retake")
    assert pictures(opened, work)["selfie"] == b"selfie"


def test_the_file_keeps_no_byte_of_the_key(tmp_path: Path) -> None:
    opened = stores.build(f"sqlite:///{tmp_path}/hecha.db", master_key=bytes(32))
    open_case(opened)
    fill(opened)
    key, _ = _kept(opened)
    assert key is not None
    opened.tidy()
    assert key in (tmp_path / "hecha.db").read_bytes()
    decide(opened, submit(opened), "approved")
    opened.tidy()
    assert key not in (tmp_path / "hecha.db").read_bytes()
    with opened.transaction() as transaction:
        assert transaction.execute(text("PRAGMA secure_delete")).scalar_one() == 1
    opened.close()


def test_a_submission_that_was_lost_never_decides_for_the_one_after_it(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    with opened.transaction() as transaction:
        lost, _ = opened.moves.submit(transaction, TENANT, "ver_1", b"{}", most=9, now=NOW, leased_until=LATER)
        transaction.rollback()  # as the power takes a transaction that did not wait for the disk
    submit(opened)
    assert outcome(lambda: decide(opened, lost, "approved")) is CaseConflict
    assert standing(opened).state is State.SUBMITTED


def test_what_was_written_ahead_is_moved_without_a_commit(tmp_path: Path) -> None:
    opened = stores.build(f"sqlite:///{tmp_path}/hecha.db", master_key=bytes(32))
    open_case(opened)
    counts = []
    for name in ("before.db", "after.db"):
        shutil.copy(tmp_path / "hecha.db", tmp_path / name)  # without what is written ahead
        with sqlite3.connect(tmp_path / name) as copy:
            there = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'verifications'").fetchone()[0]
            counts.append(copy.execute("SELECT count(*) FROM verifications").fetchone()[0] if there else 0)
        opened.tidy()
    opened.close()
    assert counts == [0, 1]


def test_sealed_pictures_are_not_compressed_in_vain(opened: Store, database_url: str) -> None:
    if database_url.startswith("postgresql"):
        query = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'captures'::regclass AND attname = 'picture'"
        with opened.reading() as transaction:
            assert transaction.execute(text(query)).scalar_one() == "e"


def test_what_was_under_way_before_this_version_expires(database_url: str) -> None:
    database = connect(database_url)
    migrate(database, "0008")
    now = NOW.replace(tzinfo=None) if "sqlite" in database_url else NOW
    with database.transaction() as transaction:
        for state in ("open", "decided"):
            row = {"id": f"ver_{state}", "state": state, "now": now, "blob": b"x"}
            for statement in (
                "INSERT INTO data_keys VALUES (:id, 'shop', :blob, 1, :now)",
                "INSERT INTO verifications (id, tenant, created_at, state, data_key_id, face, biometric_consent,"
                " uploads, submits, tries, fence) VALUES (:id, 'shop', :now, :state, :id, true, true, 0, 0, 0, 0)",
                "INSERT INTO captures (case_id, side, tenant, digest, stored_at)"
                " VALUES (:id, 'selfie', 'shop', :blob, :now)",
            ):
                transaction.execute(text(statement), row)
    migrate(database)
    with database.reading() as transaction:
        states = transaction.execute(select(VERIFICATIONS.c.id, VERIFICATIONS.c.state)).all()
        kept = transaction.execute(select(CAPTURES.c.case_id)).scalars().all()
    database.close()
    assert dict(states) == {"ver_open": "expired", "ver_decided": "decided"}  # type: ignore[arg-type]
    assert kept == ["ver_decided"]
