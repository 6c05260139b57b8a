"""Answers kept under the caller's `Idempotency-Key`, so that a call that is made again has one effect and one answer.

The key itself is not kept: a row is found by a keyed digest of it, and the answer is sealed under a key derived from
it. Whoever has the database and the master key, but not the caller's key, cannot open the answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, bindparam, delete, select, update

from service.errors import IdempotencyInFlight, IdempotencyMismatch
from service.store.database import Transaction, insert_new
from service.store.keys import DataKey, KeyRing, Place
from service.store.tables import IDEMPOTENCY

_ROWS = IDEMPOTENCY.c
_SHORTLY_S = 2


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that was begun under a key. `fence` is drawn by lot: only who holds the latest may keep its answer."""

    tenant: str
    digest: bytes = field(repr=False)
    seal: DataKey = field(repr=False)
    fence: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given before."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Once:
    """The table `idempotency`."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def begin(
        self, transaction: Transaction, tenant: str, key: str, request: bytes, *, lease: timedelta, now: datetime
    ) -> Begun | Kept:
        """Begin a call, or find its answer. `request` tells calls under the same key apart.

        Raises IdempotencyMismatch for another request under a key that was used, IdempotencyInFlight while the call is
        being answered. A call whose process was killed may be begun again when its lease is over.
        """
        digest = self._keys.digest(f"idempotency key/{tenant}", key.encode())
        asked = self._keys.digest(f"idempotent request/{tenant}", request)
        seal = DataKey(self._keys.derive(f"idempotency/{json.dumps([tenant, key])}"), 1)
        begun = Begun(tenant, digest, seal, secrets.randbelow(2**31))
        row = {"tenant": tenant, "digest": digest, "request_digest": asked, "fence": begun.fence}
        if insert_new(transaction, IDEMPOTENCY, {**row, "created_at": now, "leased_until": now + lease}):
            return begun
        found = transaction.execute(_FOUND, {"of_tenant": tenant, "of_digest": digest}).one_or_none()
        if found is not None and found.request_digest != asked:
            raise IdempotencyMismatch
        if found is None or found.leased_until > now:
            raise IdempotencyInFlight(retry_after_s=_SHORTLY_S)
        if found.answer is not None:
            return _opened(seal.open(found.answer, _place(tenant, digest)))
        anew = {"fence": begun.fence, "leased_until": now + lease}
        if _rows(transaction.execute(_KEPT, {**_mine(replace(begun, fence=found.fence)), **anew})) != 1:
            raise IdempotencyInFlight(retry_after_s=_SHORTLY_S)
        return begun

    def keep(
        self, transaction: Transaction, begun: Begun, answer: Kept, *, case_id: str | None, held: bool = False
    ) -> None:
        """Keep the answer, in the transaction of its effect. Raises IdempotencyInFlight, which takes the effect back,
        when another one has begun the call meanwhile.

        `held`: the call is not over, and may be kept anew; if that never happens this is its answer, given when the
        lease is over.
        """
        head = json.dumps({"status": answer.status, "headers": dict(answer.headers)}).encode()
        sealed = begun.seal.seal(head + b"\n" + answer.body, _place(begun.tenant, begun.digest))
        kept = {**_mine(begun), "answer": sealed, "case_id": case_id}
        if _rows(transaction.execute(_KEPT if held else _ENDED, kept)) != 1:
            raise IdempotencyInFlight(retry_after_s=_SHORTLY_S)

    def release(self, transaction: Transaction, begun: Begun) -> None:
        """The call had no effect: it may be made again at once."""
        transaction.execute(_RELEASED, _mine(begun))

    def forget(self, transaction: Transaction, *, before: datetime) -> None:
        """Drop what was begun before."""
        transaction.execute(delete(IDEMPOTENCY).where(_ROWS.created_at < before))


_SAME = (_ROWS.tenant == bindparam("of_tenant")) & (_ROWS.digest == bindparam("of_digest"))
_MINE = _SAME & (_ROWS.fence == bindparam("of_fence"))
_FOUND = select(IDEMPOTENCY).where(_SAME)
_KEPT = update(IDEMPOTENCY).where(_MINE)
_ENDED = _KEPT.values(leased_until=_ROWS.created_at)
_RELEASED = delete(IDEMPOTENCY).where(_MINE)


def _mine(begun: Begun) -> dict[str, object]:
    return {"of_tenant": begun.tenant, "of_digest": begun.digest, "of_fence": begun.fence}


def _place(tenant: str, digest: bytes) -> Place:
    return Place(tenant, "idempotency", digest.hex(), "answer")


def _opened(plain: bytes) -> Kept:
    head, _, body = plain.partition(b"\n")
    told = json.loads(head)
    return Kept(told["status"], told["headers"], body)


def _rows(result: CursorResult[tuple[object, ...]]) -> int:
    return result.rowcount
