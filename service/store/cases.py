"""Verifications: what was decided, encrypted, and keyed digests of what it was decided on.

A case decided at once is written here whole and without its pictures; `service.store.sessions` has those that go step
by step, in the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, insert, or_, select

from service.errors import NotFound
from service.store.database import Transaction
from service.store.galleries import Galleries
from service.store.keys import DataKey, KeyRing, Place, WrappedKey
from service.store.outbox import Event, Outbox
from service.store.states import State
from service.store.tables import CAPTURES, DATA_KEYS, IDEMPOTENCY, VERIFICATIONS

SIDES = ("document_front", "document_back", "selfie")
FRAMES = ("selfie_2", "selfie_3", "selfie_4", "selfie_5")
"""Further frames of the selfie; they go with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A verification decided at once. `outcome`: the bytes of the answer; `pictures`: the SHA-256 of each, by side."""

    id: str
    created_at: datetime
    decision: str
    outcome: bytes = field(repr=False)
    pictures: Mapping[str, str] = field(repr=False)
    external_id: str | None = field(default=None, repr=False)
    consent: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A verification in a list."""

    id: str
    created_at: datetime
    state: State
    decision: str | None
    expires_at: datetime | None


class Cases:
    """The table `verifications`, each row under a data key of its own."""

    def __init__(self, keys: KeyRing, outbox: Outbox, galleries: Galleries) -> None:
        self._keys = keys
        self._outbox = outbox
        self._galleries = galleries

    def add(self, transaction: Transaction, tenant: str, case: Case) -> None:
        """Write a decided case, its data key, and what its tenant's webhooks will be told."""
        vault = self.new_vault(transaction, tenant, case.id, case.created_at)
        external = None if case.external_id is None else case.external_id.encode()
        transaction.execute(
            insert(VERIFICATIONS),
            {
                **blank(tenant, case.id, case.created_at, State.DECIDED),
                "decision": case.decision,
                "outcome": vault.seal(case.outcome, "outcome"),
                "external_id": vault.seal(external, "external_id"),
                "external_id_digest": self.digest_of(tenant, "external_id", external),
                "consent": vault.seal(case.consent, "consent"),
                "face": True,
                "biometric_consent": case.consent is not None,
            },
        )
        own = {"case_id": case.id, "tenant": tenant, "stored_at": case.created_at}
        digests = {side: self.picture_digest(tenant, sha256) for side, sha256 in case.pictures.items()}
        rows = [{**own, "side": side, "digest": digest} for side, digest in digests.items()]
        transaction.execute(insert(CAPTURES), rows)
        self._outbox.announce(transaction, Event(tenant, case.id, case.decision, case.created_at))

    def outcome(self, transaction: Transaction, tenant: str, case_id: str) -> bytes:
        """The bytes of the answer as they were given. Raises NotFound, also where there is none yet."""
        row = transaction.execute(
            select(VERIFICATIONS.c.outcome).where(VERIFICATIONS.c.id == case_id, VERIFICATIONS.c.tenant == tenant)
        ).one_or_none()
        if row is None or row.outcome is None:
            raise NotFound
        return self.vault(transaction, tenant, case_id).open(row.outcome, "outcome")

    def page(
        self, transaction: Transaction, tenant: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Line]:
        """The newest cases before a place (`created_at`, `id`), the newest first."""
        cases = VERIFICATIONS.c
        query = select(cases.id, cases.created_at, cases.state, cases.decision, cases.expires_at)
        query = query.where(cases.tenant == tenant).order_by(cases.created_at.desc(), cases.id.desc()).limit(limit)
        if before is not None:
            at, case_id = before
            older = or_(cases.created_at < at, and_(cases.created_at == at, cases.id < case_id))
            query = query.where(older)
        return [
            Line(row.id, row.created_at, State(row.state), row.decision, row.expires_at)
            for row in transaction.execute(query)
        ]

    def erase(self, transaction: Transaction, tenant: str, case_id: str) -> None:
        """Destroy the case's data key and its rows: what a backup still holds of it cannot be read any more. Raises
        NotFound."""
        self.vault(transaction, tenant, case_id)
        self._galleries.forget(transaction, tenant, case_id)
        transaction.execute(delete(CAPTURES).where(CAPTURES.c.case_id == case_id, CAPTURES.c.tenant == tenant))
        kept = IDEMPOTENCY.c
        transaction.execute(delete(IDEMPOTENCY).where(kept.case_id == case_id, kept.tenant == tenant))
        cases = VERIFICATIONS.c
        transaction.execute(delete(VERIFICATIONS).where(cases.id == case_id, cases.tenant == tenant))
        transaction.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == case_id, DATA_KEYS.c.tenant == tenant))

    def ended(self, transaction: Transaction, *, before: datetime, most: int) -> list[tuple[str, str]]:
        """Tenant and id of verifications that ended without a verdict and whose time was over before then."""
        cases = VERIFICATIONS.c
        over = cases.state.in_((State.EXPIRED, State.WITHDRAWN)) & (cases.expires_at < before)
        query = select(cases.tenant, cases.id).where(over).limit(most).with_for_update(skip_locked=True)
        return [(row.tenant, row.id) for row in transaction.execute(query)]

    def new_vault(self, transaction: Transaction, tenant: str, case_id: str, now: datetime) -> Vault:
        """Write a new data key for a case."""
        key, wrapped = self._keys.new_data_key(tenant=tenant, row=case_id)
        own = {"id": case_id, "tenant": tenant, "created_at": now}
        row = {**own, "wrapped": wrapped.wrapped, "key_version": wrapped.version}
        transaction.execute(insert(DATA_KEYS), row)
        return Vault(key, tenant, case_id)

    def vault(self, transaction: Transaction, tenant: str, case_id: str) -> Vault:
        """The data key of a case. Raises NotFound."""
        row = transaction.execute(_KEY, {"case_id": case_id, "tenant": tenant}).one_or_none()
        if row is None:
            raise NotFound
        return self.opened_vault(WrappedKey(row.wrapped, row.key_version), tenant, case_id)

    def opened_vault(self, stored: WrappedKey, tenant: str, case_id: str) -> Vault:
        """The data key of a case, from its row."""
        return Vault(self._keys.unwrap(stored, tenant=tenant, row=case_id), tenant, case_id)

    def picture_digest(self, tenant: str, sha256: str) -> bytes:
        """The keyed digest of a picture, from its SHA-256 in hex: what is large is hashed once."""
        return self._keys.digest(f"picture/{tenant}", bytes.fromhex(sha256))

    def digest_of(self, tenant: str, purpose: str, value: bytes | None) -> bytes | None:
        """The keyed digest by which a tenant's equal values are found again; no two tenants' can be compared."""
        return None if value is None else self._keys.digest(f"{purpose}/{tenant}", value)


_KEY = (
    select(DATA_KEYS.c.wrapped, DATA_KEYS.c.key_version)
    .join(VERIFICATIONS, VERIFICATIONS.c.data_key_id == DATA_KEYS.c.id)
    .where(VERIFICATIONS.c.id == bindparam("case_id"), VERIFICATIONS.c.tenant == bindparam("tenant"))
)


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens the values of one case, each for its own place."""

    key: DataKey
    tenant: str
    case_id: str

    def within(self, key: bytes) -> Vault:
        """Another one of the same case, under a key that this one keeps sealed."""
        return replace(self, key=DataKey(key, self.key.version))

    def seal(self, plain: bytes | None, name: str) -> bytes | None:
        """None stays None."""
        return None if plain is None else self.key.seal(plain, Place(self.tenant, "verifications", self.case_id, name))

    def open(self, sealed: bytes, name: str) -> bytes:
        """Raises InternalError when it does not open."""
        return self.key.open(sealed, Place(self.tenant, "verifications", self.case_id, name))


def blank(tenant: str, case_id: str, now: datetime, state: State) -> dict[str, object]:
    """What every row of `verifications` begins with."""
    counters = {"uploads": 0, "submits": 0, "fence": 0, "tries": 0}
    own = {"id": case_id, "tenant": tenant, "created_at": now, "state": state.value, "data_key_id": case_id}
    return {**own, **counters}
