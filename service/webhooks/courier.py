"""Brings events to their receivers: claims a delivery, signs it, posts it, writes down what came of it.

    outbox (written with the verdict) ── claim: lease + fence ──> sign ──> post ──> settle: delivered | again | dead

At least once: a process that dies between the receiver's answer and writing it down leaves a delivery whose lease runs
out and which is sent again, with the same `webhook-id`. Order is not promised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from standardwebhooks import Webhook

from service.errors import HechaError
from service.webhooks.post import Answer, Poster, Unreachable
from service.webhooks.schedule import next_try

LEASE = timedelta(seconds=90)
"""Longer than any send: the system's resolver gives up within 30 seconds, then `post.Limits.deadline_s` counts."""
GIVE_UP_AFTER = timedelta(days=5)
"""An endpoint that has failed for so long, without a success, is switched off."""
_HANDS = 4
_POLL_S = 1.0
_JOIN_S = 25.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery. `tries` counts this one; `fence` is what only this claim knows."""

    id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    body: bytes = field(repr=False)
    tries: int
    fence: int


class State(StrEnum):
    """Of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. `again_at` where the state is pending; `problem`: http_<status> or a code of `Unreachable`;
    `gone`: the receiver wants no more of anything."""

    state: State
    again_at: datetime | None = None
    problem: str | None = None
    gone: bool = False


class Outbox(Protocol):
    """Where deliveries wait."""

    def claim(self, *, now: datetime, lease: timedelta) -> Parcel | None:
        """One that is due, and until `now + lease` nobody else's. Counts the try."""
        ...

    def settle(self, parcel: Parcel, outcome: Outcome, *, now: datetime, give_up_after: timedelta) -> bool:
        """Write the outcome down; False, having written nothing, when the lease had passed to somebody else."""
        ...


@dataclass(frozen=True, slots=True)
class Courier:
    """`log(event=..., code=...)` gets a line for each try that failed."""

    outbox: Outbox
    poster: Poster
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    log: Callable[..., None]
    lease: timedelta = LEASE

    def deliver_one(self) -> bool:
        """Claim and try one delivery; False when none is due. Raises StoreUnavailable."""
        parcel = self.outbox.claim(now=self.clock(), lease=self.lease)
        if parcel is None:
            return False
        outcome = self._try(parcel)
        if outcome.problem is not None:
            self.log(event="webhook", code=outcome.problem)
        self.outbox.settle(parcel, outcome, now=self.clock(), give_up_after=GIVE_UP_AFTER)
        return True

    def _try(self, parcel: Parcel) -> Outcome:
        now = self.clock()
        try:
            answer = self.poster.post(parcel.url, headers(parcel, now), parcel.body)
        except Unreachable as error:
            return self._failed(parcel, error.code, None)
        if 200 <= answer.status < 300:
            return Outcome(State.DELIVERED)
        if answer.status == 410:  # Standard Webhooks: the receiver asks for no more
            return Outcome(State.DEAD, problem="http_410", gone=True)
        return self._failed(parcel, f"http_{answer.status}", answer)

    def _failed(self, parcel: Parcel, problem: str, answer: Answer | None) -> Outcome:
        wish = answer.retry_after if answer else None
        again_at = next_try(parcel.tries, self.clock(), retry_after=wish, chance=self.chance())
        return Outcome(State.DEAD if again_at is None else State.PENDING, again_at, problem)


def headers(parcel: Parcel, now: datetime) -> dict[str, str]:
    """What the receiver checks: id, time, and a signature under each secret that still counts."""
    text = parcel.body.decode()
    signatures = (Webhook(secret).sign(parcel.id, now, text) for secret in parcel.secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "hecha-webhooks/1",
        "webhook-id": parcel.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


class Round:
    """The threads that keep a courier going."""

    def __init__(self, courier: Courier, *, hands: int = _HANDS, poll_s: float = _POLL_S) -> None:
        self._courier = courier
        self._poll_s = poll_s
        self._stopping = threading.Event()
        # Daemons: what a stop does not wait for is taken up by the next process when its lease has run out.
        self._threads: Sequence[threading.Thread] = [
            threading.Thread(target=self._go, name=f"webhooks-{number}", daemon=True) for number in range(hands)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience_s: float = _JOIN_S) -> None:
        """Claim nothing more, and wait for what is being sent."""
        self._stopping.set()
        end = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _go(self) -> None:
        while not self._stopping.is_set():
            try:
                busy = self._courier.deliver_one()
            except HechaError as error:  # the database is away: it comes back, and the rows are in it
                self._courier.log(event="webhook", code=error.code)
                busy = False
            except Exception as error:  # noqa: BLE001 - a thread that dies would stop all webhooks in silence
                self._courier.log(event="webhook", error_type=type(error).__name__)
                busy = False
            if not busy:
                self._stopping.wait(self._poll_s)
