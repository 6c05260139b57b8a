from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from http_receiver import OK, Receiver, receiving
from sqlalchemy import update

from service.errors import NotFound
from service.store import Case, Event, Store
from service.store.tables import WEBHOOKS
from service.webhooks import Outcome, Parcel, State

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=90)
DAYS = timedelta(days=5)
SENT = Outcome(State.DELIVERED)


def _hook(opened: Store, webhook_id: str = "whk_1", tenant: str = "acme", url: str = "https://example.com/") -> None:
    with opened.transaction() as transaction:
        opened.webhooks.add(transaction, tenant=tenant, webhook_id=webhook_id, url=url, now=NOW)


def _tell(opened: Store, *case_ids: str, tenant: str = "acme", at: datetime = NOW) -> None:
    with opened.transaction() as transaction:
        for case_id in case_ids:
            opened.outbox.announce(transaction, Event(tenant, case_id, "approved", at))


def _claim(opened: Store, now: datetime = NOW) -> Parcel | None:
    return opened.outbox.claim(now=now, lease=LEASE)


def _settle(opened: Store, parcel: Parcel, outcome: Outcome = SENT, now: datetime = NOW) -> bool:
    return opened.outbox.settle(parcel, outcome, now=now, give_up_after=DAYS)


def _cases(opened: Store, state: State, tenant: str | None = "acme") -> list[str]:
    with opened.reading() as transaction:
        return [each.case_id for each in opened.outbox.list(transaction, tenant=tenant, state=state)]


def _case(case_id: str) -> Case:
    return Case(case_id, NOW, "declined", b"{}", {"document_front": "ab" * 32})


def test_a_verdict_and_what_is_told_of_it_are_one(opened: Store) -> None:
    _hook(opened)
    with suppress(RuntimeError), opened.transaction() as transaction:
        opened.cases.add(transaction, "acme", _case("ver_1"))
        raise RuntimeError
    assert _claim(opened) is None
    with opened.transaction() as transaction:
        opened.cases.add(transaction, "acme", _case("ver_2"))
    parcel = _claim(opened)
    assert parcel
    assert b'"decision": "declined"' in parcel.body
    assert b'"verification_id": "ver_2"' in parcel.body


def test_every_endpoint_of_the_tenant_is_told_and_nobody_elses(opened: Store) -> None:
    for webhook_id, tenant in (("whk_1", "acme"), ("whk_2", "acme"), ("whk_3", "other")):
        _hook(opened, webhook_id, tenant, f"https://{webhook_id}.example/")
    _tell(opened, "ver_1")
    parcels = [_claim(opened), _claim(opened), _claim(opened)]
    assert {parcel.url for parcel in parcels if parcel} == {"https://whk_1.example/", "https://whk_2.example/"}
    assert len({parcel.id for parcel in parcels if parcel}) == 2


def test_what_a_sandbox_tells_is_marked(opened: Store) -> None:
    for tenant in ("sandbox", "acme"):
        _hook(opened, f"whk_{tenant}", tenant)
        _tell(opened, f"ver_{tenant}", tenant=tenant)
    bodies = [parcel.body for parcel in (_claim(opened), _claim(opened)) if parcel]
    assert sorted(b'"sandbox": true' in body for body in bodies) == [False, True]
    assert all((b"ver_sandbox" in body) == (b'"sandbox": true' in body) for body in bodies)


def test_a_claim_is_nobody_elses_until_its_lease_ends(opened: Store) -> None:
    _hook(opened)
    _tell(opened, "ver_1")
    first = _claim(opened)
    assert first
    assert _claim(opened, NOW + LEASE - timedelta(seconds=1)) is None
    second = _claim(opened, NOW + LEASE)
    assert second
    assert (second.id, second.tries, second.fence) == (first.id, 2, first.fence + 1)
    assert not _settle(opened, first), "whoever lost the lease writes nothing"
    assert _settle(opened, second)
    assert _cases(opened, State.DELIVERED) == ["ver_1"]
    assert not _settle(opened, second), "settled once"


def test_an_endpoint_that_does_not_open_holds_up_nobody(opened: Store) -> None:
    _hook(opened, "whk_1")
    _tell(opened, "ver_1")
    with opened.transaction() as transaction:
        transaction.execute(update(WEBHOOKS).values(secrets=b"altered by somebody"))
    _hook(opened, "whk_2", tenant="other")
    _tell(opened, "ver_2", tenant="other", at=NOW + timedelta(seconds=1))
    later = NOW + timedelta(minutes=1)
    assert _claim(opened, later) is None
    assert _cases(opened, State.DEAD) == ["ver_1"]
    parcel = _claim(opened, later)
    assert parcel
    assert b"ver_2" in parcel.body


def test_an_endpoint_has_one_delivery_in_the_air(opened: Store) -> None:
    _hook(opened, "whk_1")
    _hook(opened, "whk_2")
    _tell(opened, "ver_1", "ver_2")
    first, second = _claim(opened), _claim(opened)
    assert first
    assert second
    assert _claim(opened) is None
    _settle(opened, first)
    assert _claim(opened)


def test_many_hands_never_take_the_same(opened: Store) -> None:
    for number in range(6):
        _hook(opened, f"whk_{number}")
    _tell(opened, *(f"ver_{number}" for number in range(5)))
    taken: list[str] = []

    def work() -> None:
        idle = 0
        while idle < 5:
            parcel = _claim(opened)
            if parcel is None:
                idle += 1
                time.sleep(0.01)
                continue
            taken.append(parcel.id)
            assert _settle(opened, parcel)

    with ThreadPoolExecutor(4) as hands:
        for done in [hands.submit(work) for _ in range(4)]:
            done.result()
    assert len(taken) == len(set(taken)) == 30


def test_another_try_waits_for_its_time(opened: Store) -> None:
    _hook(opened)
    _tell(opened, "ver_1")
    parcel = _claim(opened)
    assert parcel
    later = NOW + timedelta(minutes=5)
    assert _settle(opened, parcel, Outcome(State.PENDING, later, "http_500"))
    assert _claim(opened, later - timedelta(seconds=1)) is None
    assert _claim(opened, later)


def test_the_dead_are_listed_in_order_and_called_back_by_their_tenant_only(opened: Store) -> None:
    _hook(opened)
    for number in range(3):
        _tell(opened, f"ver_{number}", at=NOW + timedelta(seconds=number))
        parcel = _claim(opened, NOW + timedelta(minutes=1))
        assert parcel
        _settle(opened, parcel, Outcome(State.DEAD, None, "timeout"))
    with opened.reading() as transaction:
        page = opened.outbox.list(transaction, tenant="acme", state=State.DEAD, most=2)
        last = (page[-1].created_at, page[-1].id)
        rest = opened.outbox.list(transaction, tenant="acme", state=State.DEAD, after=last)
    assert [each.case_id for each in (*page, *rest)] == ["ver_0", "ver_1", "ver_2"]
    assert page[0].problem == "timeout"
    assert _cases(opened, State.DEAD, "other") == []
    assert len(_cases(opened, State.DEAD, None)) == 3
    with pytest.raises(NotFound), opened.transaction() as transaction:
        opened.outbox.redeliver(transaction, page[0].id, tenant="other", now=NOW)
    with opened.transaction() as transaction:
        opened.outbox.redeliver(transaction, page[0].id, tenant="acme", now=NOW)
    again = _claim(opened)
    assert again
    assert (again.id, again.tries) == (page[0].id, 1)


def test_what_is_being_sent_is_not_called_back(opened: Store) -> None:
    _hook(opened)
    _tell(opened, "ver_1")
    parcel = _claim(opened)
    assert parcel
    with opened.transaction() as transaction:
        opened.outbox.redeliver(transaction, parcel.id, tenant="acme", now=NOW)
    assert _claim(opened) is None
    assert _settle(opened, parcel)


def test_old_ones_are_forgotten_and_waiting_ones_are_not(opened: Store) -> None:
    _hook(opened)
    _tell(opened, "ver_1", "ver_2")
    parcel = _claim(opened)
    assert parcel
    _settle(opened, parcel)
    with opened.transaction() as transaction:
        opened.outbox.forget(transaction, before=NOW)
    assert len(_cases(opened, State.DELIVERED)) == 1
    with opened.transaction() as transaction:
        opened.outbox.forget(transaction, before=NOW + timedelta(seconds=1))
    assert (len(_cases(opened, State.DELIVERED)), len(_cases(opened, State.PENDING))) == (0, 1)


def test_removing_an_endpoint_in_mid_send_is_no_error(opened: Store) -> None:
    _hook(opened)
    _tell(opened, "ver_1", "ver_2")
    parcel = _claim(opened)
    assert parcel
    with opened.transaction() as transaction:
        opened.webhooks.remove(transaction, tenant="acme", webhook_id="whk_1")
    assert not _settle(opened, parcel)
    assert _claim(opened) is None


def test_removing_an_endpoint_costs_no_verdict(opened: Store) -> None:
    _hook(opened)
    failures: list[BaseException] = []

    def remove() -> None:
        try:
            with opened.transaction() as transaction:
                opened.webhooks.remove(transaction, tenant="acme", webhook_id="whk_1")
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    with opened.transaction() as transaction:
        opened.cases.add(transaction, "acme", _case("ver_1"))
        other = threading.Thread(target=remove)
        other.start()
        other.join(0.2)
        opened.cases.add(transaction, "acme", _case("ver_2"))
    other.join(20)
    assert failures == []
    assert _claim(opened) is None


@contextmanager
def _process(url: str, lease_s: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).with_name("courier_process.py")), url, str(lease_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def _answer_in_a_moment(connection: socket.socket) -> None:
    time.sleep(0.02)
    connection.sendall(OK)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        made.behaviour = _answer_in_a_moment
        yield made


def test_two_processes_double_nothing_and_a_killed_one_loses_nothing(
    opened: Store, database_url: str, receiver: Receiver
) -> None:
    for number in range(6):
        _hook(opened, f"whk_{number}", url=receiver.url)

    def told() -> Counter[bytes]:
        return Counter(request.split(b"webhook-id: ")[1].split(b"\r\n")[0] for request in list(receiver.requests))

    def wait_for(number: int) -> None:
        until = time.monotonic() + 60
        while len(told()) < number:
            assert time.monotonic() < until
            time.sleep(0.02)

    with _process(database_url, 2) as doomed, _process(database_url, 2):
        _tell(opened, *(f"ver_{number}" for number in range(5)))
        wait_for(30)
        assert set(told().values()) == {1}, "together they sent each once"
        _tell(opened, *(f"ver_{number}" for number in range(5, 15)))
        wait_for(40)
        doomed.send_signal(signal.SIGKILL)
        wait_for(90)
        until = time.monotonic() + 60
        while len(_cases(opened, State.DELIVERED)) < 90:
            assert time.monotonic() < until
            time.sleep(0.05)
    again = sum(told().values()) - 90
    assert again <= 3, "only what the killed process had in its three hands may come twice"
