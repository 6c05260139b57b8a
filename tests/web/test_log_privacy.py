"""Nothing personal reaches the log, whatever happens."""

from __future__ import annotations

import base64
import io
import json
import logging
from datetime import UTC, datetime

import pytest

from service import web
from service.errors import EngineFailed
from service.web.logs import KEYS

from .conftest import CODE, KEY, NUMBER, PICTURE, House
from .test_uploads import END, FRONT, part

NAME, ID_NUMBER = "司马canary", "11010519491231002X"
CANARIES = (
    NAME, "canary", ID_NUMBER, NUMBER, NUMBER[3:], CODE, KEY, "order-4711", "zhangsan",
    base64.b64encode(PICTURE).decode()[:24], "司马".encode("unicode_escape").decode(),
)  # fmt: skip


def _journey(house: House) -> None:
    client = house.client
    house.verifier.verdict["document"] = {"name": NAME, "number": ID_NUMBER}
    code_id = house.confirmed_code()
    answer = house.verify({"phone": NUMBER, "phone_code_id": code_id, "external_id": f"order-4711 {NAME}"})
    assert answer.status_code == 201
    client.get(answer.headers["location"])
    client.get(f"/v1/verifications/{ID_NUMBER}", params={"name": NAME})
    client.get(f"/{NAME}/{NUMBER}")
    client.post("/v1/phone/codes", json={"phone": NUMBER, NAME: "zhangsan"})
    client.post(f"/v1/phone/codes/{NUMBER[3:]}/check", json={"code": CODE})
    client.post("/v1/phone/codes", json={"phone": NUMBER[1:]})
    client.post("/v1/phone/codes", content=NUMBER.encode(), headers={"Content-Type": "application/json"})
    house.verify({"today": NAME, "zhangsan": ID_NUMBER})
    house.post_raw(FRONT + part("zhangsan", PICTURE, head=f'; filename="{NAME}.jpg"') + END)
    house.post_raw(NAME.encode())
    client.request("ZHANGSAN", "/healthz", headers={"X-Request-ID": ID_NUMBER, "User-Agent": "canary"})
    for error in (ValueError(f"{NAME} {ID_NUMBER}"), EngineFailed(f"{NAME}"), KeyError(PICTURE)):
        house.verifier.error = error
        house.verify()


def test_no_canary_of_a_journey_is_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        _journey(house)
    house.logged(17)
    written = house.log.getvalue() + "".join(capfd.readouterr())
    written += "".join(record.getMessage() + str(record.exc_info) for record in caplog.records if _ours(record))
    assert not [canary for canary in CANARIES if canary in written]


def _ours(record: logging.LogRecord) -> bool:
    return not record.name.startswith(("httpx", "httpcore"))  # the test's own client


def test_the_log_has_no_other_keys(house: House) -> None:
    _journey(house)
    assert {key for line in house.log_lines() for key in line} <= KEYS | {"time"}


def test_a_key_that_is_not_on_the_list_is_dropped() -> None:
    stream = io.StringIO()
    web.build_log(stream, clock=lambda: datetime(2026, 11, 24, tzinfo=UTC))(event="x", name=NAME, code=None)
    assert json.loads(stream.getvalue()) == {"time": "2026-11-24T00:00:00.000+00:00", "event": "x"}


def test_a_log_that_cannot_be_written_costs_nothing(house: House) -> None:
    house.log.close()
    assert house.verify().status_code == 201


def test_a_request_is_found_again_by_its_id(house: House) -> None:
    answer = house.verify()
    (line,) = house.logged()
    assert line.pop("duration_ms") >= 0
    assert line.pop("bytes_in") > 3 * len(PICTURE)
    assert line == {
        "time": "2026-11-24T09:30:00.000+00:00",
        "event": "request",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "route": "/v1/verifications",
        "status": 201,
        "decision": "approved",
    }
