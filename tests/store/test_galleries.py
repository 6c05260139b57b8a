"""Templates are kept where a tenant asked for it, open in their own row alone, and go with their case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from service import store
from service.errors import CaseConflict, GalleryUnreadable, InternalError, NotFound
from service.store import Case, Store
from service.store.galleries import Change, Kept, Kind
from service.store.tables import DATA_KEYS, FACE_TEMPLATES, GALLERIES

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TENANT = "bank"
VECTOR = b"canary-template " * 64
NUMBER = "11010519491231002x"


def opened_gallery(opened: Store, tenant: str = TENANT) -> None:
    with opened.transaction() as transaction:
        opened.galleries.open(transaction, tenant, gallery_id=f"gal_{tenant}", by="key_1", now=NOW)


def add(opened: Store, case_id: str, tenant: str = TENANT, vector: bytes = VECTOR, *, keep: bool = True) -> None:
    with opened.transaction() as transaction:
        opened.cases.add(transaction, tenant, Case(case_id, NOW, "approved", b"{}", {"selfie": "00" * 32}))
        if keep:
            digest = opened.galleries.number_digest(tenant, NUMBER)
            kept = Kept(f"fac_{case_id}", Kind.CASE, case_id, "weight", vector, digest)
            key = opened.cases.vault(transaction, tenant, case_id).key
            opened.galleries.keep(transaction, tenant, key, kept, now=NOW)


def block(opened: Store, case_id: str, entry_id: str = "fac_blocked") -> store.Blocked:
    with opened.transaction() as transaction:
        return opened.galleries.block(
            transaction, TENANT, case_id, entry_id=entry_id, reason="forged_document", by="key_1", now=NOW
        )


def changes(opened: Store, after: int = 0, tenant: str = TENANT) -> list[Change]:
    with opened.reading() as transaction:
        found = opened.galleries.find(transaction, tenant)
        assert found is not None
        blocks = opened.galleries.changes(transaction, tenant, after, found.sequence)
        return [change for block in blocks for change in block]


def rows(opened: Store) -> list[Mapping[str, Any]]:
    with opened.reading() as transaction:
        return [dict(row._mapping) for row in transaction.execute(select(FACE_TEMPLATES))]


def test_nothing_is_kept_where_no_gallery_was_opened(opened: Store) -> None:
    with pytest.raises(NotFound):
        add(opened, "ver_1")
    assert rows(opened) == []
    opened_gallery(opened, "another bank")
    with pytest.raises(NotFound):
        add(opened, "ver_1")
    assert rows(opened) == []


def test_a_template_comes_back_and_nothing_of_it_lies_open(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    (change,) = changes(opened)
    assert change.kept is not None
    assert (change.kept.vector, change.kept.case_id, change.kept.kind) == (VECTOR, "ver_1", Kind.CASE)
    assert change.kept.number_digest == opened.galleries.number_digest(TENANT, f" {NUMBER.upper()}")
    assert change.kept.number_digest != opened.galleries.number_digest("another bank", NUMBER)
    (row,) = rows(opened)
    assert b"canary" not in row["template"]
    assert NUMBER.upper().encode() not in row["number_digest"]


def test_another_master_key_is_named_and_no_empty_gallery(opened: Store, database_url: str) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    stranger = store.build(database_url, master_key=bytes(32))
    with pytest.raises(GalleryUnreadable), stranger.reading() as transaction:
        stranger.galleries.check(transaction)
    with pytest.raises(GalleryUnreadable):
        changes(stranger)
    stranger.close()
    with opened.reading() as transaction:
        opened.galleries.check(transaction)


@pytest.mark.parametrize(
    "altered",
    [
        {"case_id": "ver_2"},
        {"case_id": "ver_2", "data_key_id": "ver_2"},
        {"number_digest": bytes(32)},
        {"number_digest": None},
        {"kind": "blocked"},
        {"model_sha256": "another"},
        {"tenant": "another bank"},
        {"data_key_id": None},
    ],
)
def test_a_row_that_was_moved_or_altered_does_not_open(opened: Store, altered: dict[str, Any]) -> None:
    for tenant in (TENANT, "another bank"):
        opened_gallery(opened, tenant)
    add(opened, "ver_1")
    add(opened, "ver_2", keep=False)
    with opened.transaction() as transaction:
        transaction.execute(update(FACE_TEMPLATES).values(**altered))
        transaction.execute(update(GALLERIES).values(sequence=1))
    with pytest.raises(GalleryUnreadable):
        changes(opened, tenant=altered.get("tenant", TENANT))


def test_a_template_of_another_row_does_not_open(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    add(opened, "ver_2", vector=VECTOR[::-1])
    first, second = rows(opened)
    with opened.transaction() as transaction:
        moved = update(FACE_TEMPLATES).where(FACE_TEMPLATES.c.id == second["id"])
        transaction.execute(moved.values(template=first["template"]))
    with pytest.raises(GalleryUnreadable):
        changes(opened)


def test_erasing_a_case_destroys_its_template_and_tells_those_who_hold_it(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    add(opened, "ver_2")
    with opened.transaction() as transaction:
        opened.cases.erase(transaction, TENANT, "ver_1")
    assert changes(opened, after=2) == [Change("fac_ver_1", None)]
    left = {row["id"]: row for row in rows(opened)}
    assert left["fac_ver_2"]["template"] is not None
    gone = {name: left["fac_ver_1"][name] for name in ("case_id", "data_key_id", "number_digest", "template")}
    assert set(gone.values()) == {None}
    with opened.reading() as transaction:
        assert list(transaction.execute(select(DATA_KEYS.c.id)).scalars()) == ["ver_2"]


def test_a_template_alone_is_forgotten_and_only_once(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    for expected in (True, False):
        with opened.transaction() as transaction:
            assert opened.galleries.forget(transaction, TENANT, "ver_1") is expected
            assert not opened.galleries.forget(transaction, "another bank", "ver_1")
    with opened.reading() as transaction:
        assert opened.cases.outcome(transaction, TENANT, "ver_1") == b"{}"
        assert opened.galleries.counts(transaction, TENANT) == {}


def test_a_blocklist_entry_outlives_its_case_and_goes_when_removed(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    entry = block(opened, "ver_1")
    assert block(opened, "ver_1", "fac_again") == entry
    with opened.transaction() as transaction:
        opened.cases.erase(transaction, TENANT, "ver_1")
    kept = {change.id: change.kept for change in changes(opened)}
    assert kept["fac_ver_1"] is None
    blocked = kept["fac_blocked"]
    assert blocked is not None
    assert (blocked.vector, blocked.case_id, blocked.number_digest) == (VECTOR, "ver_1", None)
    with pytest.raises(NotFound), opened.transaction() as transaction:
        opened.galleries.unblock(transaction, "another bank", "fac_blocked", by="key_2", now=NOW)
    with opened.transaction() as transaction:
        opened.galleries.unblock(transaction, TENANT, "fac_blocked", by="key_2", now=NOW + timedelta(days=1))
    with opened.reading() as transaction:
        (line,) = opened.galleries.blocklist(transaction, TENANT, before=None, limit=10)
        assert transaction.execute(select(DATA_KEYS.c.id)).all() == []
    assert (line.reason, line.added_by, line.removed_by) == ("forged_document", "key_1", "key_2")
    assert line.removed_at == NOW + timedelta(days=1)
    assert all(change.kept is None for change in changes(opened))
    with pytest.raises(NotFound), opened.transaction() as transaction:
        opened.galleries.unblock(transaction, TENANT, "fac_blocked", by="key_2", now=NOW)


def test_a_case_without_template_cannot_be_blocked(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1", keep=False)
    with pytest.raises(CaseConflict):
        block(opened, "ver_1")


def test_the_blocklist_is_paged(opened: Store) -> None:
    opened_gallery(opened)
    for n in range(3):
        add(opened, f"ver_{n}")
        block(opened, f"ver_{n}", f"fac_b{n}")
    with opened.reading() as transaction:
        first = opened.galleries.blocklist(transaction, TENANT, before=None, limit=2)
        rest = opened.galleries.blocklist(transaction, TENANT, before=(first[-1].created_at, first[-1].id), limit=2)
        assert opened.galleries.blocklist(transaction, "another bank", before=None, limit=2) == []
    assert [entry.id for entry in (*first, *rest)] == ["fac_b2", "fac_b1", "fac_b0"]


def test_closing_destroys_all_of_this_tenant_and_a_new_gallery_is_another(opened: Store) -> None:
    for tenant in (TENANT, "another bank"):
        opened_gallery(opened, tenant)
    add(opened, "ver_1")
    add(opened, "ver_2", "another bank")
    block(opened, "ver_1")
    with opened.transaction() as transaction:
        assert opened.galleries.close(transaction, TENANT)
        assert not opened.galleries.close(transaction, TENANT)
    assert [row["tenant"] for row in rows(opened)] == ["another bank"]
    with opened.transaction() as transaction:
        assert set(transaction.execute(select(DATA_KEYS.c.id)).scalars()) == {"ver_1", "ver_2"}
        again = opened.galleries.open(transaction, TENANT, gallery_id="gal_new", by="key_1", now=NOW)
        same = opened.galleries.open(transaction, TENANT, gallery_id="gal_newer", by="key_1", now=NOW)
    assert (again.id, again.sequence, same) == ("gal_new", 0, again)


def test_no_data_key_goes_while_a_template_needs_it(opened: Store) -> None:
    opened_gallery(opened)
    add(opened, "ver_1")
    with opened.transaction() as transaction:
        transaction.execute(text("DELETE FROM captures"))
        transaction.execute(text("DELETE FROM verifications"))
    with pytest.raises(InternalError), opened.transaction() as transaction:
        transaction.execute(text("DELETE FROM data_keys"))


def test_nothing_personal_is_in_a_repr() -> None:
    kept = Kept("fac_1", Kind.CASE, "ver_1", "weight", VECTOR, b"number")
    assert "canary" not in repr(kept)
    assert "b'number'" not in repr(kept)
