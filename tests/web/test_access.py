from __future__ import annotations

import socket

import pytest

from .conftest import KEY, House

GUARDED = [
    ("POST", "/v1/verifications"),
    ("GET", "/v1/verifications/ver_1"),
    ("POST", "/v1/documents"),
    ("POST", "/v1/phone/codes"),
    ("POST", "/v1/phone/codes/x/check"),
    ("GET", "/v1"),
    ("GET", "/v1/nope"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "wrong"},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": KEY[:-1]},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  ,"},
        {"Authorization": KEY},
        {"X-API-Key": "wrong", "Authorization": f"Bearer {KEY}"},
    ],
    ids=str,
)
def test_without_a_valid_key_nothing_is_told(house: House, method: str, path: str, headers: dict[str, str]) -> None:
    del house.client.headers["X-API-Key"]
    answer = house.client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": KEY},
        {"x-api-key": "another key"},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer {KEY}"},
    ],
    ids=str,
)
def test_every_key_opens_either_way(house: House, headers: dict[str, str]) -> None:
    del house.client.headers["X-API-Key"]
    assert house.client.get("/v1/verifications/ver_1", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/problems", "/problems/not_found"])
def test_what_needs_no_key(house: House, path: str) -> None:
    del house.client.headers["X-API-Key"]
    assert house.client.get(path).status_code == 200


def test_a_key_of_any_bytes_is_only_wrong(house: House) -> None:
    del house.client.headers["X-API-Key"]
    answer = house.client.get("/v1/verifications/ver_1", headers={b"X-API-Key": "ключ".encode() + b"\xff"})
    assert answer.status_code == 401


def test_a_stranger_is_refused_before_a_byte_of_the_body_is_read(house: House) -> None:
    head = "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=5) as line:
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_path_in_disguise_does_not_get_around_the_key(house: House) -> None:
    del house.client.headers["X-API-Key"]
    for path in ("//v1/verifications", "/%76%31/verifications", "/v1%2fverifications", "/docs/../v1/verifications"):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", house.port), timeout=5) as line:
            line.sendall(head.encode())
            status = int(line.recv(100).split()[1])
        assert status in (401, 404)
