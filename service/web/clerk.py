"""Decides what was submitted without waiting, and what a killed process left undecided; expires what nobody submits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from service.errors import HechaError, StoreUnavailable
from service.store import Retention, Store, Work
from service.web.logs import Log
from service.web.session_desk import SessionDesk

_TRIES = 3
_PAUSE = timedelta(seconds=10)
_SWEPT_AT_ONCE = 50
_FORGETS_EVERY = timedelta(hours=1)


class Clerk:
    """One thread over the desk. Several servers may each have one: a claim is a lease with a fence."""

    def __init__(
        self, desk: SessionDesk, store: Store, retention: Retention, clock: Callable[[], datetime], log: Log
    ) -> None:
        self._desk = desk
        self._retention = retention
        self._forgotten_at: datetime | None = None
        self._store = store
        self._clock = clock
        self._log = log
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is work."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is at hand, and no more."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def round(self) -> bool:
        """Decide one case. False when there was none; never raises for what went wrong with it."""
        try:
            work = self._claimed()
            if work is None:
                return False
            self._decide(work)
        except StoreUnavailable:
            return False
        return True

    def sweep(self) -> int:
        """Expire verifications whose time is over, forget the faces that others forgot, and by the hour what is old.
        Answers how many expired."""
        now = self._clock()
        with self._store.transaction() as transaction:
            expired = self._store.moves.sweep(transaction, most=_SWEPT_AT_ONCE, now=now)
        if self._forgotten_at is None or now - self._forgotten_at >= _FORGETS_EVERY:
            self._store.forget(self._retention, now=now)
            self._forgotten_at = now
        self._store.tidy()
        self._desk.faces.index.refresh_all()
        return expired

    def _claimed(self) -> Work | None:
        now = self._clock()
        with self._store.reading() as transaction:  # most looks find nothing, and must not take the writers' lock
            if not self._store.moves.waiting(transaction, now=now):
                return None
        with self._store.transaction() as transaction:
            return self._store.moves.claim(transaction, leased_until=now + self._desk.rules.lease, now=now)

    def _decide(self, work: Work) -> None:
        try:
            self._desk.work_off(work, patient=work.tries < _TRIES)
        except HechaError as error:
            self._log(event="verdict", code=error.code)
        except Exception as error:  # noqa: BLE001 - one case must not end the thread
            self._log(event="verdict", code="internal_error", error_type=type(error).__name__)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                while not self._stop.is_set() and self.round():
                    pass
                self.sweep()
            except Exception as error:  # noqa: BLE001 - whatever happened, there is a next time
                self._log(event="sweep", error_type=type(error).__name__)
            self._wake.wait(_PAUSE.total_seconds())
