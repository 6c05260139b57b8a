"""Every route under /v1, walked: another tenant's id is not found, and a missing scope is named."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from service.store import ApiKey, Scope
from service.store.tables import API_KEYS, METADATA

from .conftest import CONSENT, PICTURE, House

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NUMBERS = itertools.count(8613900000000)


def new_number() -> str:
    """One that no cap knows yet."""
    return f"+{next(NUMBERS)}"


def new_webhook(house: House) -> dict[str, Any]:
    for each in house.client.get("/v1/webhooks").json()["webhooks"]:
        house.client.delete(f"/v1/webhooks/{each['id']}")  # a tenant has only a handful
    made: dict[str, Any] = house.client.post("/v1/webhooks", json={"url": "https://example.com/"}).json()
    return made


def new_delivery(house: House) -> str:
    new_webhook(house)
    house.verify()
    waiting = house.client.get("/v1/webhook-deliveries?state=pending").json()
    return str(waiting["deliveries"][-1]["id"])


def new_blocked(house: House) -> str:
    case = new_face(house)
    return str(house.client.post(f"/v1/verifications/{case}/blocklist", json={"reason": "forged"}).json()["id"])


def new_face(house: House) -> str:
    """A case whose template is kept."""
    house.client.put("/v1/gallery")
    return str(house.seen()["id"])


MAKERS: dict[str, Callable[[House], str]] = {
    "/v1/verifications/{id}": lambda house: str(house.verify().json()["id"]),
    "/v1/verifications/{id}/template": new_face,
    "/v1/verifications/{id}/blocklist": new_face,
    "/v1/blocklist/{id}": new_blocked,
    "/v1/verifications/{id}/captures/{side}": lambda house: str(house.opened()["id"]),
    "/v1/verifications/{id}/consent": lambda house: str(house.opened()["id"]),
    "/v1/verifications/{id}/capture-token": lambda house: str(house.opened()["id"]),
    "/v1/verifications/{id}/submit": lambda house: str(house.filled()["id"]),
    "/v1/phone/codes/{id}/check": lambda house: str(
        house.client.post("/v1/phone/codes", json={"phone": new_number()}).json()["id"]
    ),
    "/v1/webhooks/{id}": lambda house: str(new_webhook(house)["id"]),
    "/v1/webhooks/{id}/rotate": lambda house: str(new_webhook(house)["id"]),
    "/v1/webhooks/{id}/enable": lambda house: str(new_webhook(house)["id"]),
    "/v1/webhook-deliveries/{id}/redeliver": lambda house: new_delivery(house),
}
"""Makes, for the tenant of the house's client, something that the route's path can name."""
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/v1/verifications"): {
        "files": {name: (f"{name}.jpg", PICTURE + name.encode(), "image/jpeg") for name in ("front", "back", "selfie")},
        "data": {"options": json.dumps({"consent": CONSENT})},
    },
    ("put", "/v1/verifications/{id}/captures/{side}"): {
        "content": PICTURE,
        "headers": {"Content-Type": "image/jpeg"},
    },
    ("put", "/v1/verifications/{id}/consent"): {"json": CONSENT},
    ("post", "/v1/documents"): {"files": {"front": ("front.jpg", PICTURE, "image/jpeg")}},
    ("post", "/v1/phone/codes"): {"json": {"phone": "+8613800138000"}},
    ("post", "/v1/verifications/{id}/blocklist"): {"json": {"reason": "forged_document"}},
    ("post", "/v1/webhooks"): {"json": {"url": "https://example.com/"}},
    ("post", "/v1/phone/codes/{id}/check"): {"json": {"code": "000000"}},
}
"""What makes the request one that is not refused for its form."""


def key_for(house: House, *scopes: Scope, tenant: str = "default") -> dict[str, str]:
    """The header of a new key."""
    with house.store.transaction() as transaction:
        secret = f"secret {len(house.store.api_keys.all(transaction))}"
        key = ApiKey(f"key {secret}", tenant, "", frozenset(scopes), house.clock())
        house.store.api_keys.add(transaction, key, secret)
    return {"X-API-Key": secret}


def routes(house: House) -> list[tuple[str, str]]:
    paths = house.client.get("/openapi.json").json()["paths"]
    return [(verb, path) for path, verbs in paths.items() if path.startswith("/v1/") for verb in verbs]


def call(house: House, verb: str, path: str, key: dict[str, str]) -> httpx.Response:
    body = dict(BODIES.get((verb, _template(house, path)), {}))
    headers = {**body.pop("headers", {}), **key}
    return house.client.request(verb, path, headers=headers, **body)


def address(house: House, path: str) -> str:
    """The path with an id of the house's own tenant."""
    made = MAKERS[path](house) if path in MAKERS else ""
    return path.replace("{side}", "selfie").replace("{id}", made)


def _template(house: House, path: str) -> str:
    fits = [each for _, each in routes(house) if re.fullmatch(re.sub(r"\{\w+\}", "[^/{}]+", each), path)]
    return next(iter(fits), path)


def test_every_route_with_an_id_is_walked(house: House) -> None:
    assert {path for _, path in routes(house) if "{" in path} == MAKERS.keys()


def test_an_id_of_another_tenant_is_not_found_on_any_route(house: House) -> None:
    stranger = key_for(house, *Scope, tenant="stranger")
    for verb, path in routes(house):
        if path not in MAKERS:
            continue
        where = address(house, path)
        refused = call(house, verb, where, stranger)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), (verb, path)
        assert call(house, verb, where, {}).status_code < 400, (verb, path)


def test_a_missing_scope_is_named_on_every_route(house: House) -> None:
    nobody = key_for(house)
    for verb, path in routes(house):
        where = address(house, path) if path in MAKERS else path
        refused = call(house, verb, where, nobody)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), (verb, path)
        (named,) = refused.json()["errors"]
        scope = Scope(named["code"])
        assert named["field"] == "scope"
        others = key_for(house, *(set(Scope) - {scope}))
        assert call(house, verb, where, others).status_code == 403, (verb, path)
        assert call(house, verb, where, key_for(house, scope)).status_code < 400, (verb, path)


def test_a_capture_token_goes_nowhere_but_to_its_own_case(house: House) -> None:
    token = {"X-API-Key": house.opened()["capture_token"]}
    for verb, path in routes(house):
        refused = call(house, verb, address(house, path) if path in MAKERS else path, token)
        assert refused.json()["code"] in ("not_found", "scope_missing"), (verb, path)


def test_every_table_names_its_tenant() -> None:
    assert [table.name for table in METADATA.sorted_tables if "tenant" not in table.c] == []


def test_a_key_of_the_store_opens_until_it_ends(house: House) -> None:
    key = key_for(house, Scope.READ)
    assert house.client.get("/v1/verifications/ver_1", headers=key).status_code == 404
    with house.store.transaction() as transaction:
        house.store.api_keys.end(transaction, transaction.execute(select(API_KEYS.c.id)).scalar_one(), house.clock())
    assert house.client.get("/v1/verifications/ver_1", headers=key).status_code == 401


def test_a_use_is_noted(house: House) -> None:
    key = key_for(house, Scope.READ)
    house.client.get("/v1/verifications/ver_1", headers=key)
    house.clock.advance(seconds=59)
    house.client.get("/v1/verifications/ver_1", headers=key)
    with house.store.reading() as transaction:
        assert transaction.execute(select(API_KEYS.c.last_used_at)).scalar_one() == NOW
    house.clock.advance(seconds=1)
    house.client.get("/v1/verifications/ver_1", headers=key)
    with house.store.reading() as transaction:
        assert transaction.execute(select(API_KEYS.c.last_used_at)).scalar_one() == NOW + timedelta(minutes=1)


def test_a_case_of_one_tenant_does_not_confirm_with_a_code_of_another(house: House) -> None:
    code_id = house.confirmed_code()
    stranger = key_for(house, *Scope, tenant="stranger")
    assert house.verify({"phone_code_id": code_id}, **stranger).status_code == 201
    assert house.verifier.calls[-1]["phone_confirmed"] is False
    assert house.verify({"phone_code_id": code_id}).status_code == 201
    assert house.verifier.calls[-1]["phone_confirmed"] is True


@pytest.mark.parametrize("path", ["/healthz", "/docs"])
def test_a_wrong_key_is_no_matter_where_none_is_needed(house: House, path: str) -> None:
    assert house.client.get(path, headers={"X-API-Key": "wrong"}).status_code == 200
