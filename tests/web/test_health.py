from __future__ import annotations

import pytest

from service.errors import StoreUnavailable

from .conftest import House


def test_ready(house: House) -> None:
    answer = house.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {"engines": True, "store": True, "weights": True}}


def test_not_ready_names_the_part(house: House) -> None:
    house.state.update(ready=False, parts={"engines": False, "weights": True})
    answer = house.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.json()["errors"] == [{"field": "engines", "code": "not_ready"}]
    assert "retry-after" in answer.headers


def test_not_ready_without_parts(house: House) -> None:
    house.state.update(ready=False, parts={})
    assert house.client.get("/readyz").status_code == 503


def test_a_lost_database_is_not_ready_but_alive(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise StoreUnavailable

    monkeypatch.setattr(house.store, "ping", gone)
    answer = house.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["errors"] == [{"field": "store", "code": "not_ready"}]
    assert house.client.get("/healthz").status_code == 200
