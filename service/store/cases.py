"""Verifications: what was decided, encrypted, and keyed digests of what it was decided on. No pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select

from service.errors import NotFound
from service.store.database import Transaction
from service.store.keys import DataKey, KeyRing, Place, WrappedKey
from service.store.outbox import Event, Outbox
from service.store.tables import DATA_KEYS, VERIFICATIONS


@dataclass(frozen=True, slots=True)
class Case:
    """One verification to keep. `outcome` are the bytes of the answer; the pictures are only digested."""

    id: str
    created_at: datetime
    decision: str
    outcome: bytes = field(repr=False)
    front: bytes = field(repr=False)
    back: bytes = field(repr=False)
    selfie: bytes = field(repr=False)
    external_id: str | None = field(default=None, repr=False)


class Cases:
    """The table `verifications`, each row under a data key of its own."""

    def __init__(self, keys: KeyRing, outbox: Outbox) -> None:
        self._keys = keys
        self._outbox = outbox

    def add(self, transaction: Transaction, tenant: str, case: Case) -> None:
        """Write a case, its data key, and what its tenant's webhooks will be told."""
        key, wrapped = self._keys.new_data_key(tenant=tenant, row=case.id)
        transaction.execute(
            insert(DATA_KEYS).values(
                id=case.id,
                tenant=tenant,
                wrapped=wrapped.wrapped,
                key_version=wrapped.version,
                created_at=case.created_at,
            )
        )
        transaction.execute(insert(VERIFICATIONS).values(**self._row(tenant, case, key)))
        self._outbox.announce(transaction, Event(tenant, case.id, case.decision, case.created_at))

    def outcome(self, transaction: Transaction, tenant: str, case_id: str) -> bytes:
        """The bytes of the answer as they were given. Raises NotFound."""
        query = (
            select(VERIFICATIONS.c.outcome, DATA_KEYS.c.wrapped, DATA_KEYS.c.key_version)
            .join(DATA_KEYS, VERIFICATIONS.c.data_key_id == DATA_KEYS.c.id)
            .where(VERIFICATIONS.c.id == case_id, VERIFICATIONS.c.tenant == tenant)
        )
        row = transaction.execute(query).one_or_none()
        if row is None:
            raise NotFound
        key = self._keys.unwrap(WrappedKey(row.wrapped, row.key_version), tenant=tenant, row=case_id)
        return key.open(row.outcome, _place(tenant, case_id, "outcome"))

    def _row(self, tenant: str, case: Case, key: DataKey) -> dict[str, object]:
        external = None if case.external_id is None else case.external_id.encode()
        return {
            "id": case.id,
            "tenant": tenant,
            "created_at": case.created_at,
            "decision": case.decision,
            "data_key_id": case.id,
            "outcome": key.seal(case.outcome, _place(tenant, case.id, "outcome")),
            "external_id": None if external is None else key.seal(external, _place(tenant, case.id, "external_id")),
            "external_id_digest": None if external is None else self._keys.digest("external_id", external),
            "front_digest": self._keys.digest("picture", case.front),
            "back_digest": self._keys.digest("picture", case.back),
            "selfie_digest": self._keys.digest("picture", case.selfie),
        }


def _place(tenant: str, case_id: str, name: str) -> Place:
    return Place(tenant, "verifications", case_id, name)
