"""The outbox: a row for each event and endpoint, written in the transaction of the event itself.

`Outbox` keeps the promise of `service.webhooks.courier.Outbox`. A claim is a lease with a fencing number: several
servers share the rows, none is sent by two at once, and whoever lost its lease can no longer write. Leases are compared
by the servers' clocks, which must agree to within a few seconds. One endpoint gets one delivery at a time (two, if two
claims race), so that a slow receiver holds up nobody else's.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, bindparam, delete, exists, insert, or_, select, update

from service.errors import InternalError, NotFound
from service.sandbox import is_sandbox
from service.store.database import Database, Transaction
from service.store.tables import WEBHOOK_DELIVERIES, WEBHOOKS
from service.store.webhooks import Webhooks
from service.webhooks.courier import Outcome, Parcel, State

DECIDED = "verification.decided"
DISABLED = "webhook_disabled"


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell. Nothing personal: whoever receives it fetches the rest with a key of its own."""

    tenant: str
    case_id: str
    decision: str
    at: datetime
    type: str = DECIDED


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a delivery stands. `problem`: why the last try failed."""

    id: str
    tenant: str
    webhook_id: str
    case_id: str
    created_at: datetime
    state: str
    tries: int
    problem: str | None
    due_at: datetime


class Outbox:
    """The table `webhook_deliveries`."""

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks,
        *,
        new_id: Callable[[], str] = lambda: f"msg_{secrets.token_urlsafe(18)}",
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._new_id = new_id

    def announce(self, transaction: Transaction, event: Event) -> None:
        """A delivery for each endpoint of the tenant that is not switched off."""
        for webhook_id in transaction.execute(_LISTENING, {"tenant": event.tenant}).scalars().all():
            delivery_id = self._new_id()
            transaction.execute(
                insert(WEBHOOK_DELIVERIES).values(
                    id=delivery_id,
                    tenant=event.tenant,
                    webhook_id=webhook_id,
                    case_id=event.case_id,
                    body=_body(delivery_id, event),
                    created_at=event.at,
                    state=State.PENDING,
                    tries=0,
                    due_at=event.at,
                    fence=0,
                )
            )

    def claim(self, *, now: datetime, lease: timedelta) -> Parcel | None:
        """See `service.webhooks.courier.Outbox`."""
        with self._database.reading() as transaction:  # most looks find nothing, and must not take the writers' lock
            if transaction.execute(_due(now)).first() is None:
                return None
        rows = WEBHOOK_DELIVERIES.c
        taking = (
            update(WEBHOOK_DELIVERIES)
            .where(rows.id == _due(now).with_for_update(skip_locked=True).scalar_subquery())
            .values(fence=rows.fence + 1, tries=rows.tries + 1, leased_until=now + lease)
            .returning(rows.id, rows.webhook_id, rows.body, rows.tries, rows.fence)
        )
        with self._database.transaction() as transaction:
            row = transaction.execute(taking).one_or_none()
            if row is None:
                return None
            try:
                url, signing = self._webhooks.target(transaction, row.webhook_id, now)
            except InternalError as error:  # its address does not open: it must not stand in everybody's way
                lost = {"state": State.DEAD, "problem": error.code, "settled_at": now, "leased_until": None}
                transaction.execute(update(WEBHOOK_DELIVERIES).where(rows.id == row.id).values(lost))
                return None
        return Parcel(row.id, url, signing, row.body, row.tries, row.fence)

    def settle(self, parcel: Parcel, outcome: Outcome, *, now: datetime, give_up_after: timedelta) -> bool:
        """See `service.webhooks.courier.Outbox`."""
        rows, hooks = WEBHOOK_DELIVERIES.c, WEBHOOKS.c
        final = outcome.state is not State.PENDING
        # The endpoint first, as everybody does who changes both: no two transactions wait for each other.
        endpoint = select(hooks.id).join(WEBHOOK_DELIVERIES).where(rows.id == parcel.id)
        endpoint = endpoint.with_for_update(of=WEBHOOKS, key_share=True)  # a verdict being written need not wait
        writing = (
            update(WEBHOOK_DELIVERIES)
            .where(rows.id == parcel.id, rows.fence == parcel.fence, rows.state == State.PENDING)
            .values(
                state=outcome.state,
                problem=outcome.problem,
                leased_until=None,
                due_at=outcome.again_at or rows.due_at,
                settled_at=now if final else None,
            )
        )
        with self._database.transaction() as transaction:
            webhook_id = transaction.execute(endpoint).scalar_one_or_none()
            done: CursorResult[Any] = transaction.execute(writing)
            if webhook_id is None or not done.rowcount:
                return False
            if outcome.problem is None:
                _healthy(transaction, webhook_id)
            else:
                _unhealthy(transaction, webhook_id, outcome, now, give_up_after)
        return True

    def forget(self, transaction: Transaction, *, before: datetime) -> None:
        """Drop what was delivered or died before."""
        rows = WEBHOOK_DELIVERIES.c
        transaction.execute(delete(WEBHOOK_DELIVERIES).where(rows.state != State.PENDING, rows.settled_at < before))

    def list(
        self,
        transaction: Transaction,
        *,
        tenant: str | None,
        state: State,
        after: tuple[datetime, str] | None = None,
        most: int = 100,
    ) -> list[Delivery]:
        """The oldest first, those behind time and id of `after`; `tenant` None = of everybody, for the operator."""
        rows = WEBHOOK_DELIVERIES.c
        query = select(*(rows[name] for name in Delivery.__slots__)).where(rows.state == state)
        if tenant is not None:
            query = query.where(rows.tenant == tenant)
        if after is not None:
            at, delivery_id = after
            query = query.where(or_(rows.created_at > at, and_(rows.created_at == at, rows.id > delivery_id)))
        return [Delivery(*row) for row in transaction.execute(query.order_by(rows.created_at, rows.id).limit(most))]

    def redeliver(self, transaction: Transaction, delivery_id: str, *, tenant: str | None, now: datetime) -> None:
        """Begin anew with a delivered or dead one. Raises NotFound; a waiting one is tried at once.

        One that is being sent right now is not touched: its lease ends by itself.
        """
        rows = WEBHOOK_DELIVERIES.c
        chosen = [rows.id == delivery_id, *([rows.tenant == tenant] if tenant is not None else [])]
        if transaction.execute(select(rows.id).where(*chosen)).first() is None:
            raise NotFound
        transaction.execute(
            update(WEBHOOK_DELIVERIES)
            .where(*chosen, rows.leased_until.is_(None))
            .values(state=State.PENDING, tries=0, due_at=now, problem=None, settled_at=None)
        )


_LISTENING = (
    select(WEBHOOKS.c.id)
    .where(WEBHOOKS.c.tenant == bindparam("tenant"), WEBHOOKS.c.disabled_at.is_(None))
    # Held until the verdict is written: an endpoint removed in between must not cost the verdict.
    .with_for_update(read=True, key_share=True)
)


def _due(now: datetime) -> Any:
    rows, busy = WEBHOOK_DELIVERIES.c, WEBHOOK_DELIVERIES.alias()
    return (
        select(rows.id)
        .where(rows.state == State.PENDING, rows.due_at <= now)
        # PostgreSQL checks the row itself again after another claim's commit, but not what `exists` saw.
        .where(or_(rows.leased_until.is_(None), rows.leased_until <= now))
        .where(~exists().where(busy.c.webhook_id == rows.webhook_id, busy.c.leased_until > now))
        .order_by(rows.due_at)
        .limit(1)
    )


def _healthy(transaction: Transaction, webhook_id: str) -> None:
    hooks = WEBHOOKS.c
    transaction.execute(
        update(WEBHOOKS).where(hooks.id == webhook_id, hooks.failing_since.is_not(None)).values(failing_since=None)
    )


def _unhealthy(
    transaction: Transaction, webhook_id: str, outcome: Outcome, now: datetime, give_up_after: timedelta
) -> None:
    hooks, rows = WEBHOOKS.c, WEBHOOK_DELIVERIES.c
    transaction.execute(
        update(WEBHOOKS).where(hooks.id == webhook_id, hooks.failing_since.is_(None)).values(failing_since=now)
    )
    worn = () if outcome.gone else (hooks.failing_since <= now - give_up_after,)
    switching_off = (
        update(WEBHOOKS)
        .where(hooks.id == webhook_id, hooks.disabled_at.is_(None), *worn)
        .values(disabled_at=now, disabled_because="gone" if outcome.gone else "failing")
    )
    done: CursorResult[Any] = transaction.execute(switching_off)
    if done.rowcount:
        transaction.execute(
            update(WEBHOOK_DELIVERIES)
            .where(rows.webhook_id == webhook_id, rows.state == State.PENDING)
            .values(state=State.DEAD, problem=DISABLED, settled_at=now, leased_until=None)
        )


def _body(delivery_id: str, event: Event) -> bytes:
    at = event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data: dict[str, object] = {"verification_id": event.case_id, "decision": event.decision}
    if is_sandbox(event.tenant):
        data["sandbox"] = True
    return json.dumps({"id": delivery_id, "type": event.type, "timestamp": at, "data": data}).encode()
