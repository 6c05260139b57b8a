"""Webhooks as settings say: how far they go, the couriers of `hecha serve`, the deliveries of `hecha webhooks`."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network

from service.errors import SettingsInvalid
from service.report import Json
from service.secrets import open_store
from service.settings import Settings
from service.store import Delivery, Store
from service.webhooks import Courier, Poster, Reach, Round, State, resolve

__all__ = ["State", "WebhookDesk", "build_round", "reach", "webhook_desk"]


def reach(settings: Settings) -> Reach:
    """Raises SettingsInvalid."""
    try:
        networks = tuple(ip_network(text) for text in _listed(settings.webhook_networks))
    except ValueError:
        raise SettingsInvalid("HECHA_WEBHOOK_NETWORKS: networks in CIDR form are required") from None
    ports = _listed(settings.webhook_ports)
    if not all(port.isascii() and port.isdigit() and 0 < int(port) < 65536 for port in ports):
        raise SettingsInvalid("HECHA_WEBHOOK_PORTS: port numbers are required")
    return Reach(networks, frozenset(map(int, ports)), plain_http=settings.mode == "development")


def build_round(settings: Settings, store: Store, log: Callable[..., None]) -> Round:
    """The couriers of one server."""
    poster = Poster(reach(settings), resolve, ssl.create_default_context())
    chance = random.SystemRandom().random
    return Round(Courier(store.outbox, poster, partial(datetime.now, UTC), chance, log))


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """Deliveries of every tenant, for the operator."""

    store: Store
    clock: Callable[[], datetime]

    def deliveries(self, tenant: str | None, state: State) -> Iterator[Json]:
        """Each as the API gives it, and its tenant; the oldest first."""
        after = None
        while True:
            with self.store.reading() as transaction:
                page = self.store.outbox.list(transaction, tenant=tenant, state=state, after=after)
            yield from map(_row, page)
            if not page:
                return
            after = (page[-1].created_at, page[-1].id)

    def redeliver(self, delivery_id: str) -> None:
        """Raises NotFound."""
        with self.store.transaction() as transaction:
            self.store.outbox.redeliver(transaction, delivery_id, tenant=None, now=self.clock())


@contextmanager
def webhook_desk(settings: Settings) -> Iterator[WebhookDesk]:
    """The desk over the settings' database. Raises SettingsInvalid, StoreUnavailable."""
    with open_store(settings) as store:
        yield WebhookDesk(store, partial(datetime.now, UTC))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _row(found: Delivery) -> Json:
    return {
        "id": found.id,
        "tenant": found.tenant,
        "webhook_id": found.webhook_id,
        "case_id": found.case_id,
        "created_at": _time(found.created_at),
        "state": found.state,
        "tries": found.tries,
        "problem": found.problem,
        "due_at": _time(found.due_at),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
