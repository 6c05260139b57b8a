"""Verifications that go step by step: opened, given pictures one by one, submitted. `service.store.moves` moves them.

Pictures are kept from their upload until the verdict and no longer, under a key of their own that is sealed with the
case's data key: where it is gone nothing opens them, whatever copies of their bytes there are.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, bindparam, insert, select

from service.errors import NotFound
from service.store.api_keys import Caller
from service.store.cases import Cases, Vault, blank
from service.store.database import Transaction
from service.store.keys import KEY_BYTES, WrappedKey
from service.store.states import LIVING, State
from service.store.tables import CAPTURES, DATA_KEYS, VERIFICATIONS


@dataclass(frozen=True, slots=True)
class Opening:
    """A verification to open. `request` and `consent` are JSON of the caller's, kept encrypted."""

    id: str
    created_at: datetime
    expires_at: datetime
    token: str = field(repr=False)
    token_ends_at: datetime
    request: bytes = field(repr=False)
    external_id: str | None = field(repr=False)
    consent: bytes | None = field(repr=False)
    biometric_consent: bool
    face: bool
    """False = without biometrics."""


@dataclass(frozen=True, slots=True)
class Session:
    """A verification as it stands. `judged`: by side, JSON of what was said about its picture."""

    id: str
    state: State
    created_at: datetime
    expires_at: datetime | None
    face: bool
    biometric_consent: bool
    decision: str | None
    problem: str | None
    request: bytes | None = field(repr=False)
    consent: bytes | None = field(repr=False)
    submission: bytes | None = field(repr=False)
    outcome: bytes | None = field(repr=False)
    judged: Mapping[str, bytes] = field(repr=False)
    digests: Mapping[str, bytes] = field(repr=False)
    """The keyed digest of each of those pictures."""
    vault: Vault = field(repr=False)
    album: Vault | None = field(repr=False)
    """Of the pictures and what was said about them, under a key that is destroyed with the verdict, or at the end."""


class Sessions:
    """Opens verifications and tells how they stand."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def open(self, transaction: Transaction, tenant: str, opening: Opening) -> None:
        """Write a new verification."""
        vault = self._cases.new_vault(transaction, tenant, opening.id, opening.created_at)
        external = None if opening.external_id is None else opening.external_id.encode()
        transaction.execute(
            insert(VERIFICATIONS),
            {
                **blank(tenant, opening.id, opening.created_at, State.OPEN),
                "expires_at": opening.expires_at,
                "token_digest": digest(opening.token.encode()),
                "token_ends_at": opening.token_ends_at,
                "request": vault.seal(opening.request, "request"),
                "capture_key": vault.seal(secrets.token_bytes(KEY_BYTES), _CAPTURE_KEY),
                "external_id": vault.seal(external, "external_id"),
                "external_id_digest": self._cases.digest_of(tenant, "external_id", external),
                "consent": vault.seal(opening.consent, "consent"),
                "biometric_consent": opening.biometric_consent,
                "face": opening.face,
            },
        )

    def get(self, transaction: Transaction, tenant: str, case_id: str, *, now: datetime) -> Session:
        """How a verification stands. Raises NotFound."""
        rows = transaction.execute(_FOUND, {"case_id": case_id, "tenant": tenant}).all()
        if not rows:
            raise NotFound
        row = rows[0]
        vault = self._cases.opened_vault(WrappedKey(row.wrapped, row.key_version), tenant, case_id)
        album = None if row.capture_key is None else vault.within(vault.open(row.capture_key, _CAPTURE_KEY))
        pictures = [] if album is None else [each for each in rows if each.side is not None]
        judged = {each.side: album.open(each.judged, f"judged/{each.side}") for each in pictures} if album else {}
        return _session(row, vault, album, judged, {each.side: each.digest for each in pictures}, now)

    def holder(self, transaction: Transaction, token: bytes, *, now: datetime) -> Caller | None:
        """Who shows a capture token, while its verification lives; None = nobody."""
        row = transaction.execute(_HELD, {"shown": digest(token), "now": now}).one_or_none()
        return None if row is None else Caller(row.tenant, frozenset(), row.id)


_CAPTURE_KEY = "capture_key"


def digest(token: bytes) -> bytes:
    """What is kept of a token: it holds 256 random bits, so its SHA-256 is enough."""
    return hashlib.sha256(token).digest()


def expired(state: State, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a verification is over though nobody has swept it yet."""
    return state in (State.OPEN, State.RETAKE) and expires_at is not None and expires_at <= now


_FOUND = (
    select(VERIFICATIONS, DATA_KEYS.c.wrapped, DATA_KEYS.c.key_version, *(CAPTURES.c["side", "judged", "digest"]))
    .join(DATA_KEYS, VERIFICATIONS.c.data_key_id == DATA_KEYS.c.id)
    .outerjoin(CAPTURES, (CAPTURES.c.case_id == VERIFICATIONS.c.id) & CAPTURES.c.judged.is_not(None))
    .where(VERIFICATIONS.c.id == bindparam("case_id"), VERIFICATIONS.c.tenant == bindparam("tenant"))
)
"""A row for each picture, or one."""
_HELD = select(VERIFICATIONS.c.id, VERIFICATIONS.c.tenant).where(
    VERIFICATIONS.c.token_digest == bindparam("shown"),
    VERIFICATIONS.c.token_ends_at > bindparam("now"),
    VERIFICATIONS.c.state.in_(LIVING),
)


def _session(
    row: Row[tuple[object, ...]],
    vault: Vault,
    album: Vault | None,
    judged: Mapping[str, bytes],
    digests: Mapping[str, bytes],
    now: datetime,
) -> Session:
    def opened(name: str) -> bytes | None:
        sealed = getattr(row, name)
        return None if sealed is None else vault.open(sealed, name)

    state = State(row.state)
    return Session(
        id=row.id,
        state=State.EXPIRED if expired(state, row.expires_at, now) else state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        face=row.face,
        biometric_consent=row.biometric_consent,
        decision=row.decision,
        problem=row.problem,
        request=opened("request"),
        consent=opened("consent"),
        submission=opened("submission"),
        outcome=opened("outcome"),
        judged=judged,
        digests=digests,
        vault=vault,
        album=album,
    )
