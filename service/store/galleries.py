"""Face templates of tenants that opened a gallery, and the faces they block. Who opened none has no row here.

A template is sealed under the data key of its case and bound to all its row says, so that it opens in no other row, for
no other case and under no other number; it goes with the case. A blocklist entry has a copy under a key of its own and
stays, also after its case was erased, until it is removed: what it rests on is not the applicant's consent.

Each change takes the next number of its gallery while it holds the gallery's row: a process that has seen the changes
up to a number asks for those after it. What was removed leaves a row that names nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update

from service.errors import CaseConflict, GalleryUnreadable, InternalError, NotFound
from service.store.database import Database, Transaction
from service.store.keys import DataKey, KeyRing, Place, WrappedKey
from service.store.tables import DATA_KEYS, FACE_TEMPLATES, GALLERIES

_T, _G = FACE_TEMPLATES.c, GALLERIES.c
_FOUND = select(GALLERIES).where(_G.tenant == bindparam("tenant"))
_LOCKED = _FOUND.with_for_update()
_AT_ONCE = 2000
_GONE: Mapping[str, object] = {"template": None, "data_key_id": None}


class Kind(StrEnum):
    """Whose template it is."""

    CASE = "case"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Opened:
    """A tenant's gallery. `id` is another one each time it is opened; `sequence`: of its last change."""

    id: str
    sequence: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A template that is kept. `vector`: little-endian float16. `reason`: of a blocklist entry, a code."""

    id: str
    kind: Kind
    case_id: str
    model_sha256: str
    vector: bytes = field(repr=False)
    number_digest: bytes | None = field(default=None, repr=False)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A template that came (`kept`) or went (None)."""

    id: str
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocklist entry, also one that was removed; by whom: the ids of API keys."""

    id: str
    case_id: str
    reason: str
    created_at: datetime
    added_by: str
    removed_at: datetime | None
    removed_by: str | None


class Galleries:
    """The tables `galleries` and `face_templates`."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    def open(self, transaction: Transaction, tenant: str, *, gallery_id: str, by: str, now: datetime) -> Opened:
        """Open the tenant's gallery; one that is open stays as it is."""
        self._database.serialise(transaction, f"gallery/{tenant}".encode())
        found = self.find(transaction, tenant)
        if found is not None:
            return found
        row = {"tenant": tenant, "id": gallery_id, "sequence": 0, "opened_at": now, "opened_by": by}
        transaction.execute(insert(GALLERIES).values(row))
        return Opened(gallery_id, 0, now)

    def close(self, transaction: Transaction, tenant: str) -> bool:
        """Destroy the tenant's gallery: every template and blocklist entry. Answers whether there was one."""
        if self.locked(transaction, tenant) is None:
            return False
        blocked = (_T.tenant == tenant) & (_T.kind == Kind.BLOCKED.value) & _T.template.is_not(None)
        keys = list(transaction.execute(select(_T.data_key_id).where(blocked)).scalars())
        transaction.execute(delete(FACE_TEMPLATES).where(_T.tenant == tenant))
        for key in keys:
            transaction.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == key, DATA_KEYS.c.tenant == tenant))
        transaction.execute(delete(GALLERIES).where(_G.tenant == tenant))
        return True

    def find(self, transaction: Transaction, tenant: str) -> Opened | None:
        """The tenant's gallery; None = it opened none."""
        return _opened(transaction.execute(_FOUND, {"tenant": tenant}).one_or_none())

    def locked(self, transaction: Transaction, tenant: str) -> Opened | None:
        """As `find`; until the transaction ends nobody else changes the gallery, or holds it so."""
        return _opened(transaction.execute(_LOCKED, {"tenant": tenant}).one_or_none())

    def keep(self, transaction: Transaction, tenant: str, key: DataKey, kept: Kept, *, now: datetime) -> None:
        """Keep the template of a case under the case's data key. Raises NotFound where the gallery is closed."""
        self._insert(transaction, tenant, key, kept, {"data_key_id": kept.case_id, "created_at": now})

    def forget(self, transaction: Transaction, tenant: str, case_id: str) -> bool:
        """Forget a case's template; its blocklist entry stays. Answers whether there was one."""
        if self.locked(transaction, tenant) is None:
            return False
        mine = (_T.tenant == tenant) & (_T.case_id == case_id) & (_T.kind == Kind.CASE.value)
        if transaction.execute(select(_T.id).where(mine)).first() is None:
            return False
        nobody = {**_GONE, "case_id": None, "number_digest": None, "sequence": self._next(transaction, tenant)}
        transaction.execute(update(FACE_TEMPLATES).where(mine).values(**nobody))
        return True

    def block(
        self, transaction: Transaction, tenant: str, case_id: str, *, entry_id: str, reason: str, by: str, now: datetime
    ) -> Blocked:
        """Put the face of a case on the blocklist, once. Raises CaseConflict where its template is not kept."""
        self.locked(transaction, tenant)
        there = self._blocked(transaction, tenant, (_T.case_id == case_id) & _T.template.is_not(None))
        if there:
            return there[0]
        rows = self._rows(transaction, tenant, (_T.case_id == case_id) & (_T.kind == Kind.CASE.value))
        found = next((self._read(row) for row in rows), None)
        if found is None:
            raise CaseConflict(fields=(("template", "missing"),))
        key, wrapped = self._keys.new_data_key(tenant=tenant, row=entry_id)
        stored = {"tenant": tenant, "wrapped": wrapped.wrapped, "key_version": wrapped.version, "created_at": now}
        transaction.execute(insert(DATA_KEYS).values(id=entry_id, **stored))
        kept = Kept(entry_id, Kind.BLOCKED, case_id, found.model_sha256, found.vector, reason=reason)
        self._insert(transaction, tenant, key, kept, {"data_key_id": entry_id, "created_at": now, "added_by": by})
        return Blocked(entry_id, case_id, reason, now, by, None, None)

    def unblock(self, transaction: Transaction, tenant: str, entry_id: str, *, by: str, now: datetime) -> None:
        """Destroy an entry's template and key; that it was there stays on record. Raises NotFound."""
        self.locked(transaction, tenant)
        mine = (_T.tenant == tenant) & (_T.id == entry_id) & (_T.kind == Kind.BLOCKED.value) & _T.template.is_not(None)
        if transaction.execute(select(_T.id).where(mine)).first() is None:
            raise NotFound
        gone = {**_GONE, "removed_at": now, "removed_by": by, "sequence": self._next(transaction, tenant)}
        transaction.execute(update(FACE_TEMPLATES).where(mine).values(**gone))
        transaction.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == entry_id, DATA_KEYS.c.tenant == tenant))

    def blocklist(
        self, transaction: Transaction, tenant: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Blocked]:
        """The newest entries before a place (`created_at`, `id`), also those that were removed, the newest first."""
        if before is None:
            return self._blocked(transaction, tenant, None, limit)
        at, entry_id = before
        older = or_(_T.created_at < at, and_(_T.created_at == at, _T.id < entry_id))
        return self._blocked(transaction, tenant, older, limit)

    def counts(self, transaction: Transaction, tenant: str) -> dict[tuple[Kind, str], int]:
        """How many templates there are, by kind and the weight that made them."""
        kept = (_T.tenant == tenant) & _T.template.is_not(None)
        query = select(_T.kind, _T.model_sha256, func.count()).where(kept).group_by(_T.kind, _T.model_sha256)
        return {(Kind(kind), weight): count for kind, weight, count in transaction.execute(query)}

    def changes(self, transaction: Transaction, tenant: str, after: int, until: int) -> Iterator[list[Change]]:
        """What came and went after one number and up to another, in order and in blocks. Raises GalleryUnreadable."""
        query = _JOINED.where(_T.tenant == tenant, _T.sequence <= until).order_by(_T.sequence).limit(_AT_ONCE)
        while rows := transaction.execute(query.where(_T.sequence > after)).all():
            yield [Change(row.id, None if row.template is None else self._read(row)) for row in rows]
            after = rows[-1].sequence

    def found(self, transaction: Transaction, tenant: str, ids: Iterable[str]) -> dict[str, Kept]:
        """Templates by id; those that are gone are left out. Raises GalleryUnreadable."""
        rows = self._rows(transaction, tenant, _T.id.in_(list(ids)))
        return {row.id: self._read(row) for row in rows}

    def number_digest(self, tenant: str, number: str | None) -> bytes | None:
        """By which the same number is known again, within one tenant."""
        if number is None:
            return None
        return self._keys.digest(f"gallery number/{tenant}", number.strip().upper().encode())

    def check(self, transaction: Transaction) -> None:
        """Open the latest template of every gallery. Raises GalleryUnreadable, as under another master key."""
        for tenant in list(transaction.execute(select(_G.tenant)).scalars()):
            latest = _JOINED.where(_T.tenant == tenant, _T.template.is_not(None)).order_by(_T.sequence.desc()).limit(1)
            for row in transaction.execute(latest):
                self._read(row)

    def _insert(
        self, transaction: Transaction, tenant: str, key: DataKey, kept: Kept, more: Mapping[str, object]
    ) -> None:
        sealed = key.seal(kept.vector, _place(tenant, kept))
        said = {"kind": kept.kind.value, "case_id": kept.case_id, "number_digest": kept.number_digest}
        said |= {"model_sha256": kept.model_sha256, "reason": kept.reason}
        row = {"id": kept.id, "tenant": tenant, "sequence": self._next(transaction, tenant), "template": sealed, **said}
        transaction.execute(insert(FACE_TEMPLATES).values(**row, **more))

    def _next(self, transaction: Transaction, tenant: str) -> int:
        step = update(GALLERIES).where(_G.tenant == tenant).values(sequence=_G.sequence + 1).returning(_G.sequence)
        found: int | None = transaction.execute(step).scalar_one_or_none()
        if found is None:
            raise NotFound
        return found

    def _rows(self, transaction: Transaction, tenant: str, which: ColumnElement[bool]) -> list[Any]:
        query = _JOINED.where(_T.tenant == tenant, _T.template.is_not(None), which)
        return list(transaction.execute(query))

    def _blocked(
        self, transaction: Transaction, tenant: str, which: ColumnElement[bool] | None, limit: int = 1
    ) -> list[Blocked]:
        query = select(FACE_TEMPLATES).where(_T.tenant == tenant, _T.kind == Kind.BLOCKED.value)
        query = query.order_by(_T.created_at.desc(), _T.id.desc()).limit(limit)
        return [
            Blocked(r.id, r.case_id, r.reason, r.created_at, r.added_by, r.removed_at, r.removed_by)
            for r in transaction.execute(query if which is None else query.where(which))
        ]

    def _read(self, row: Any) -> Kept:
        digest = None if row.number_digest is None else bytes(row.number_digest)
        kept = Kept(row.id, Kind(row.kind), row.case_id, row.model_sha256, b"", digest, row.reason)
        try:
            key = self._keys.unwrap(WrappedKey(row.wrapped, row.key_version), tenant=row.tenant, row=row.data_key_id)
            vector = key.open(row.template, _place(row.tenant, kept))
        except (InternalError, TypeError):
            raise GalleryUnreadable from None
        return Kept(row.id, kept.kind, row.case_id, row.model_sha256, vector, digest, row.reason)


_JOINED = select(FACE_TEMPLATES, DATA_KEYS.c.wrapped, DATA_KEYS.c.key_version).join(
    DATA_KEYS, _T.data_key_id == DATA_KEYS.c.id, isouter=True
)


def _place(tenant: str, kept: Kept) -> Place:
    """All a row says of its template."""
    number = None if kept.number_digest is None else kept.number_digest.hex()
    bound = json.dumps([kept.kind.value, kept.case_id, number, kept.model_sha256, kept.reason])
    return Place(tenant, "face_templates", kept.id, bound)


def _opened(row: Any) -> Opened | None:
    return None if row is None else Opened(row.id, row.sequence, row.opened_at)
