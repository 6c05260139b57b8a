"""How often the same number, phone or device was tried within a day. Digests only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, insert, select

from service.errors import TooManyRequests
from service.store.database import Database, Transaction
from service.store.keys import KeyRing
from service.store.tables import ATTEMPTS

_SPAN = timedelta(days=1)


class Attempts:
    """The table `attempts`."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    def take(
        self,
        transaction: Transaction,
        tenant: str,
        values: Mapping[str, str | None],
        *,
        most: int | None,
        now: datetime,
    ) -> None:
        """Count an attempt with each value, by kind. Raises TooManyRequests, which takes the whole transaction back,
        beyond `most` a day; None = no cap."""
        if most is None:
            return
        for kind, value in values.items():
            if value is not None:
                self._take(transaction, tenant, kind, value.strip().upper(), most, now)

    def forget(self, transaction: Transaction, *, now: datetime) -> None:
        """Drop what no cap counts any more."""
        transaction.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at <= now - _SPAN))

    def _take(self, transaction: Transaction, tenant: str, kind: str, value: str, most: int, now: datetime) -> None:
        digest = self._keys.digest(f"attempt/{kind}/{tenant}", value.encode())
        self._database.serialise(transaction, digest)
        same = {"tenant": tenant, "kind": kind, "digest": digest}
        made = list(transaction.execute(_LATELY, {**same, "since": now - _SPAN, "most": most}).scalars())
        if len(made) >= most:
            wait = made[-1] + _SPAN - now
            raise TooManyRequests(fields=((kind, "attempts_exhausted"),), retry_after_s=math.ceil(wait.total_seconds()))
        transaction.execute(insert(ATTEMPTS), {**same, "at": now})


_LATELY = (
    select(ATTEMPTS.c.at)
    .where(*(ATTEMPTS.c[name] == bindparam(name) for name in ("tenant", "kind", "digest")))
    .where(ATTEMPTS.c.at > bindparam("since"))
    .order_by(ATTEMPTS.c.at.desc())
    .limit(bindparam("most", type_=Integer))
)
