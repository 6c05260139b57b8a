"""The courier over real rows (`service.store`) and a real receiver; the store's own tests use both databases."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from http_receiver import Receiver
from standardwebhooks import Webhook, WebhookVerificationError

from service import store as stores
from service.store import Delivery, Event, Store
from service.webhooks import Courier, Poster, Round, State
from service.webhooks.schedule import MAX_TRIES

TENANT = "acme"


@dataclass
class Scene:
    store: Store
    courier: Courier
    receiver: Receiver
    now: datetime
    log: list[dict[str, object]] = field(default_factory=list)

    def hook(self, webhook_id: str = "whk_1") -> str:
        with self.store.transaction() as transaction:
            return self.store.webhooks.add(
                transaction, tenant=TENANT, webhook_id=webhook_id, url=self.receiver.url, now=self.now
            ).secret

    def tell(self, case_id: str = "ver_1") -> None:
        with self.store.transaction() as transaction:
            self.store.outbox.announce(transaction, Event(TENANT, case_id, "approved", self.now))

    def deliveries(self, state: State) -> list[Delivery]:
        with self.store.reading() as transaction:
            return self.store.outbox.list(transaction, tenant=TENANT, state=state)


@pytest.fixture
def scene(tmp_path: Path, receiver: Receiver, poster: Poster) -> Iterator[Scene]:
    store = stores.build(f"sqlite:///{tmp_path}/hecha.db", master_key=bytes(32))
    # The reference library compares with the real clock, by which the signatures are therefore made.
    made = Scene(store, None, receiver, datetime.now(UTC))  # type: ignore[arg-type]
    made.courier = Courier(store.outbox, poster, lambda: made.now, lambda: 0.5, lambda **line: made.log.append(line))
    yield made
    store.close()


def _headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


def test_the_reference_library_accepts_what_is_sent(scene: Scene) -> None:
    secret = scene.hook()
    scene.tell()
    assert scene.courier.deliver_one()
    (request,) = scene.receiver.requests
    body = request.partition(b"\r\n\r\n")[2]
    told = Webhook(secret).verify(body, _headers(request))
    assert told["type"] == "verification.decided"
    assert told["data"] == {"verification_id": "ver_1", "decision": "approved"}
    assert told["id"] == _headers(request)["webhook-id"]
    assert not scene.courier.deliver_one(), "delivered once"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"approved", b"declined"), _headers(request))


def test_after_a_rotation_both_secrets_sign_for_a_day(scene: Scene) -> None:
    old = scene.hook()
    with scene.store.transaction() as transaction:
        new = scene.store.webhooks.rotate(transaction, tenant=TENANT, webhook_id="whk_1", now=scene.now).secret
    assert new != old
    scene.tell()
    scene.courier.deliver_one()
    request = scene.receiver.requests[-1]
    for secret in (old, new):
        Webhook(secret).verify(request.partition(b"\r\n\r\n")[2], _headers(request))
    scene.now += timedelta(hours=25)
    scene.tell("ver_2")
    scene.courier.deliver_one()
    assert len(_headers(scene.receiver.requests[-1])["webhook-signature"].split()) == 1


def test_a_failure_is_tried_again_with_the_same_id_until_it_works(scene: Scene) -> None:
    scene.hook()
    scene.tell()
    scene.receiver.answers("500 Oh")
    assert scene.courier.deliver_one()
    assert not scene.courier.deliver_one(), "not before its time"
    scene.now += timedelta(seconds=5)
    scene.receiver.answers("204 Good")
    assert scene.courier.deliver_one()
    ids = {_headers(request)["webhook-id"] for request in scene.receiver.requests}
    assert (len(scene.receiver.requests), len(ids)) == (2, 1)
    assert scene.log == [{"event": "webhook", "code": "http_500"}]
    assert [each.tries for each in scene.deliveries(State.DELIVERED)] == [2]


def test_the_receivers_wish_is_obeyed(scene: Scene) -> None:
    scene.hook()
    scene.tell()
    scene.receiver.answers("429 Slow\r\nRetry-After: 600")
    scene.courier.deliver_one()
    scene.now += timedelta(seconds=599)
    assert not scene.courier.deliver_one()
    scene.now += timedelta(seconds=1)
    assert scene.courier.deliver_one()


def test_what_never_works_dies_and_can_be_called_back(scene: Scene) -> None:
    scene.hook()
    scene.tell()
    scene.receiver.answers("302 Found\r\nLocation: http://127.0.0.1/")
    for _ in range(MAX_TRIES):
        assert scene.courier.deliver_one()
        with scene.store.transaction() as transaction:  # or it would be switched off first
            scene.store.webhooks.enable(transaction, tenant=TENANT, webhook_id="whk_1")
        scene.now += timedelta(hours=30)
    assert not scene.courier.deliver_one()
    (dead,) = scene.deliveries(State.DEAD)
    assert (dead.problem, dead.tries, dead.case_id) == ("http_302", MAX_TRIES, "ver_1")
    scene.receiver.answers("200 OK")
    with scene.store.transaction() as transaction:
        scene.store.outbox.redeliver(transaction, dead.id, tenant=TENANT, now=scene.now)
    assert scene.courier.deliver_one()
    assert scene.deliveries(State.DEAD) == []


def test_gone_switches_the_endpoint_off_at_once(scene: Scene) -> None:
    scene.hook()
    scene.tell("ver_1")
    scene.tell("ver_2")
    scene.receiver.answers("410 Gone")
    scene.courier.deliver_one()
    assert not scene.courier.deliver_one()
    assert len(scene.receiver.requests) == 1
    assert sorted(each.problem or "" for each in scene.deliveries(State.DEAD)) == ["http_410", "webhook_disabled"]
    scene.tell("ver_3")
    assert not scene.courier.deliver_one(), "nothing new is written for it"
    with scene.store.reading() as transaction:
        (hook,) = scene.store.webhooks.list(transaction, tenant=TENANT)
    assert (hook.disabled_because, hook.disabled_at) == ("gone", scene.now)


def test_five_days_without_a_success_switch_it_off(scene: Scene) -> None:
    scene.hook()
    scene.receiver.answers("500 Oh")
    scene.tell("ver_1")
    scene.courier.deliver_one()
    scene.now += timedelta(days=4, hours=23)
    scene.tell("ver_2")
    while scene.courier.deliver_one():
        pass
    assert scene.deliveries(State.DEAD) == []
    scene.now += timedelta(hours=2)
    assert scene.courier.deliver_one()
    with scene.store.reading() as transaction:
        (hook,) = scene.store.webhooks.list(transaction, tenant=TENANT)
    assert hook.disabled_because == "failing"
    assert {each.case_id for each in scene.deliveries(State.DEAD)} == {"ver_1", "ver_2"}
    with scene.store.transaction() as transaction:
        again = scene.store.webhooks.enable(transaction, tenant=TENANT, webhook_id="whk_1")
    assert (again.disabled_at, again.failing_since) == (None, None)


def test_one_success_forgives(scene: Scene) -> None:
    scene.hook()
    scene.receiver.answers("500 Oh")
    scene.tell("ver_1")
    scene.courier.deliver_one()
    scene.now += timedelta(days=4)
    scene.receiver.answers("200 OK")
    scene.courier.deliver_one()
    scene.receiver.answers("500 Oh")
    scene.now += timedelta(days=4)
    scene.tell("ver_2")
    scene.courier.deliver_one()
    assert scene.deliveries(State.DEAD) == []


def test_the_round_goes_on_by_itself_and_stops_cleanly(scene: Scene) -> None:
    scene.hook()
    rounds = Round(scene.courier, hands=2, poll_s=0.02)
    rounds.start()
    for number in range(5):
        scene.tell(f"ver_{number}")
    until = time.monotonic() + 20
    while len(scene.deliveries(State.DELIVERED)) < 5:
        assert time.monotonic() < until
        time.sleep(0.02)
    rounds.stop()
    assert not [each for each in threading.enumerate() if each.name.startswith("webhooks-")]
    told = [
        json.loads(request.partition(b"\r\n\r\n")[2])["data"]["verification_id"] for request in scene.receiver.requests
    ]
    assert sorted(told) == [f"ver_{number}" for number in range(5)]


def test_a_failing_database_does_not_end_the_round(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.hook()
    scene.tell()
    claim, failures = scene.store.outbox.claim, [RuntimeError("a text with a canary"), None]

    def flaky(**arguments: object) -> object:
        failure = failures.pop(0) if failures else None
        if failure:
            raise failure
        return claim(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(scene.store.outbox), "claim", lambda _self, **arguments: flaky(**arguments))
    rounds = Round(scene.courier, hands=1, poll_s=0.02)
    rounds.start()
    until = time.monotonic() + 20
    while not scene.receiver.requests:
        assert time.monotonic() < until
        time.sleep(0.02)
    rounds.stop()
    assert scene.log == [{"event": "webhook", "error_type": "RuntimeError"}]
