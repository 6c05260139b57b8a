from __future__ import annotations

from typing import Any

import pytest

from service.errors import RequestInvalid
from service.store import Event
from service.store.webhooks import MAX_PER_TENANT
from service.web.cursors import place_of
from service.webhooks import Outcome, State

from .conftest import House

URL = "https://example.com/hook"


def _add(house: House, url: str = URL) -> dict[str, Any]:
    answer = house.client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_secret_is_shown_when_it_is_made_and_never_again(house: House) -> None:
    made = _add(house)
    assert made["secret"].startswith("whsec_")
    listed = house.client.get("/v1/webhooks").json()
    assert listed == {"webhooks": [{name: value for name, value in made.items() if name != "secret"}]}
    turned = house.client.post(f"/v1/webhooks/{made['id']}/rotate").json()
    assert turned["secret"] not in ("", made["secret"])
    assert turned["id"] == made["id"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "not_https"),
        ("http://localhost/", "not_https"),
        ("https://user:pass@example.com/", "invalid"),
        ("https://169.254.169.254/", "address_refused"),
        ("https://[::ffff:10.0.0.1]/", "address_refused"),
        ("https://example.com:8080/", "port_refused"),
        ("", "invalid"),
        (7, "invalid"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_and_not_repeated(house: House, url: object, code: str) -> None:
    answer = house.client.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"] == [{"field": "url", "code": code}]
    if url:
        assert str(url) not in answer.json()["detail"]


def test_a_tenant_has_a_handful(house: House) -> None:
    for _ in range(MAX_PER_TENANT):
        _add(house)
    answer = house.client.post("/v1/webhooks", json={"url": URL})
    assert answer.json()["errors"] == [{"field": "url", "code": "too_many_webhooks"}]


def test_a_removed_one_is_gone(house: House) -> None:
    made = _add(house)
    removed = house.client.delete(f"/v1/webhooks/{made['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert house.client.get("/v1/webhooks").json() == {"webhooks": []}
    assert house.client.delete(f"/v1/webhooks/{made['id']}").status_code == 404


def _die(house: House) -> None:
    parcel = house.store.outbox.claim(now=house.clock(), lease=house.clock.now - house.clock.now)
    assert parcel
    house.store.outbox.settle(
        parcel,
        Outcome(State.DEAD, problem="http_500"),
        now=house.clock(),
        give_up_after=house.clock.now - house.clock.now,
    )


def test_a_verdict_waits_to_be_told_and_a_dead_letter_is_sent_again(house: House) -> None:
    made = _add(house)
    case_id = house.verify().json()["id"]
    (waiting,) = house.client.get("/v1/webhook-deliveries", params={"state": "pending"}).json()["deliveries"]
    assert (waiting["case_id"], waiting["webhook_id"], waiting["tries"]) == (case_id, made["id"], 0)
    assert house.client.get("/v1/webhook-deliveries").json() == {"deliveries": [], "next_cursor": None}
    _die(house)
    (dead,) = house.client.get("/v1/webhook-deliveries").json()["deliveries"]
    assert (dead["id"], dead["problem"]) == (waiting["id"], "http_500")
    (hook,) = house.client.get("/v1/webhooks").json()["webhooks"]
    assert hook["disabled_because"] == "failing"
    enabled = house.client.post(f"/v1/webhooks/{made['id']}/enable").json()
    assert (enabled["disabled_at"], enabled["failing_since"]) == (None, None)
    again = house.client.post(f"/v1/webhook-deliveries/{dead['id']}/redeliver")
    assert (again.status_code, again.json()) == (202, {"id": dead["id"]})
    assert house.client.get("/v1/webhook-deliveries").json()["deliveries"] == []


def test_pages_follow_each_other(house: House) -> None:
    _add(house)
    with house.store.transaction() as transaction:
        for number in range(205):
            house.store.outbox.announce(transaction, Event("default", f"ver_{number}", "review", house.clock()))
    seen: list[str] = []
    cursor: str | None = None
    for size in (100, 100, 5):
        params = {"state": "pending", **({"cursor": cursor} if cursor else {})}
        page = house.client.get("/v1/webhook-deliveries", params=params).json()
        assert len(page["deliveries"]) == size
        seen += [each["case_id"] for each in page["deliveries"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert len(set(seen)) == 205


@pytest.mark.parametrize("cursor", ["x", "!!!!", "MjAyNg", "MjAyNi0xMS0yNFQwOTozMDowMA", "é", "A" * 200])
def test_a_cursor_of_ones_own_making_is_refused(house: House, cursor: str) -> None:
    with pytest.raises(RequestInvalid):
        place_of(cursor)
    answer = house.client.get("/v1/webhook-deliveries", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "cursor", "code": "invalid"}])


def test_an_unknown_state_is_refused(house: House) -> None:
    answer = house.client.get("/v1/webhook-deliveries", params={"state": "lost"})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "state", "code": "invalid"}])


def test_a_body_that_is_not_json_is_refused(house: House) -> None:
    answer = house.client.post("/v1/webhooks", data={"url": URL})
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")
