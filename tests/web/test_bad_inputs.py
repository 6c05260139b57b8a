"""The table of bad inputs (trust.md §4.3), row by row, on every way in for pictures, which are really decoded."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from runtime.test_image import JPEG, REFUSED  # the rows of the decoder's own tests

from service import web
from service.errors import PictureError, PictureTooLarge, PictureTypeUnsupported
from service.evidence import Role
from service.runtime.image import decode
from service.web import Limits, examples

from .conftest import KEY, VERDICT, House, InventedReader, InventedVerifier, Opener
from .test_uploads import CLOSE, END, part

WAYS = ("verification", "document", "capture")


def decoded(picture: bytes | None, role: Role) -> None:
    """As the engine does it."""
    try:
        if picture is not None:
            decode(picture, max_side=800)
    except PictureError as error:
        raise type(error)(error.detail, role=role.value) from error


@pytest.fixture(scope="session")
def bad() -> dict[str, bytes]:
    return {row: make() for row, (make, _) in REFUSED.items()}


class DecodingVerifier(InventedVerifier):
    def verify(self, *pictures: bytes | None, **asked: Any) -> dict[str, Any]:  # type: ignore[override]
        for picture, role in zip(pictures, Role, strict=True):
            decoded(picture, role)
        return VERDICT

    def judge(self, picture: bytes, role: Role) -> dict[str, Any]:
        decoded(picture, role)
        return super().judge(picture, role)


class DecodingReader(InventedReader):
    def read_document(self, front: bytes | None, back: bytes | None, wish: web.Wish) -> dict[str, Any]:
        decoded(front, Role.FRONT)
        decoded(back, Role.BACK)
        return examples.DOCUMENT


@dataclass
class Door:
    """One way in for a picture of a card's back."""

    house: House
    way: str
    path: str

    def send(self, picture: bytes, kind: str = "", **headers: str) -> httpx.Response:
        method, content, own = self.request(picture, kind)
        return self.house.client.request(method, self.path, content=content, headers={**own, **headers})

    def request(self, picture: bytes, kind: str = "") -> tuple[str, bytes, dict[str, str]]:
        if self.way == "capture":
            return "PUT", picture, {"Content-Type": kind} if kind else {}
        others = part("front", JPEG + b"front") + part("selfie", JPEG) if self.way == "verification" else b""
        content = others + part("back", picture, kind=kind) + (END if others else CLOSE)
        return "POST", content, {"Content-Type": "multipart/form-data; boundary=BOUND"}

    def head(self, *more: str) -> bytes:
        method, _, own = self.request(JPEG)
        lines = [f"{method} {self.path} HTTP/1.1", "Host: x", f"X-API-Key: {KEY}"]
        lines += [f"{name}: {value}" for name, value in own.items()]
        return "\r\n".join([*lines, *more, "", ""]).encode()


def door(house: House, way: str) -> Door:
    house.verifier.__class__ = DecodingVerifier
    house.reader.__class__ = DecodingReader
    path = {"verification": "/v1/verifications", "document": "/v1/documents"}.get(way)
    return Door(house, way, path or f"/v1/verifications/{house.opened()['id']}/captures/document_back")


def test_bad_pictures_are_refused_as_frames_too(house: House, bad: dict[str, bytes]) -> None:
    path = door(house, "capture").path.replace("document_back", "selfie")
    assert house.client.put(path, content=JPEG).status_code == 200
    wrong = {}
    for row in ("1 empty", "2 text", "3 JPEG cut in half", "18 GIF", "19 APNG", "48 11 megabytes"):
        error = REFUSED[row][1]
        expected = (413, "request_too_large") if error is PictureTooLarge else (error.status, error.code)
        answer = house.client.put(f"{path}_2", content=bad[row])
        if (answer.status_code, answer.json()["code"]) != expected:
            wrong[row] = answer.text
    assert wrong == {}
    assert set(house.standing(path.split("/")[3])["captures"]) == {"selfie"}
    assert house.client.put(f"{path}_2", content=JPEG).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_every_bad_picture_is_refused_by_its_name(house: House, way: str, bad: dict[str, bytes]) -> None:
    way_in = door(house, way)
    kept = house.cases()
    wrong = {}
    for row, (_, error) in REFUSED.items():
        answer = way_in.send(bad[row])
        problem = answer.json()
        told = answer.status_code, problem.get("code"), problem.get("errors")
        expected = (error.status, error.code, [{"field": "back", "code": error.code}])
        if way == "capture" and error is PictureTooLarge:
            expected = (413, "request_too_large", None)  # here the picture is the whole body
        if told != expected:
            wrong[row] = told
        assert answer.headers["content-type"] == "application/problem+json", row
        assert answer.headers["cache-control"] == "no-store", row
    assert wrong == {}
    assert house.cases() == kept
    if way == "capture":
        assert house.standing(way_in.path.split("/")[3])["captures"] == {}
    assert way_in.send(JPEG).status_code < 300, "a good picture goes through"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["image/png", "text/html", "application/pdf"])
def test_row_35_a_type_that_contradicts_the_bytes(house: House, way: str, kind: str) -> None:
    answer = door(house, way).send(JPEG, kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["", "image/jpeg", "application/octet-stream"])
def test_row_36_a_type_that_does_not(house: House, way: str, kind: str) -> None:
    assert door(house, way).send(JPEG, kind).status_code < 300


@pytest.mark.parametrize("way", WAYS)
def test_row_27_what_stands_before_or_around_a_picture(house: House, way: str) -> None:
    way_in = door(house, way)
    for content in (b"\0" + JPEG, b"\n" + JPEG, b"data:image/jpeg;base64,/9j/4AAQ"):
        answer = way_in.send(content)
        assert (answer.status_code, answer.json()["code"]) == (415, PictureTypeUnsupported.code)


@pytest.mark.parametrize("way", WAYS)
def test_row_48_a_picture_over_the_limit(house: House, way: str) -> None:
    answer = door(house, way).send(JPEG + bytes(10 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) in [(413, "picture_too_large"), (413, "request_too_large")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chunked", [False, True])
def test_row_48_a_body_over_the_limit_is_refused_while_it_streams(open_house: Opener, way: str, chunked: bool) -> None:
    house = open_house(Limits(upload_bytes=100_000, picture_bytes=100_000))
    way_in = door(house, way)
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        if chunked:
            line.sendall(way_in.head("Transfer-Encoding: chunked"))
            for _ in range(60):
                line.sendall(b"2710\r\n" + bytes(10_000) + b"\r\n")
            line.sendall(b"0\r\n\r\n")
        else:
            line.sendall(way_in.head("Content-Length: 100001"))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
    (entry,) = [each for each in house.logged(2 if way == "capture" else 1) if each["status"] == 413]
    assert entry.get("bytes_in", 0) <= 100_000 + 320 * 1024, "what the server itself buffers comes on top"


@pytest.mark.parametrize("way", WAYS)
def test_row_49_a_compressed_body(house: House, way: str) -> None:
    answer = door(house, way).send(JPEG, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


@pytest.mark.parametrize("way", WAYS)
def test_row_52_a_body_that_never_comes(open_house: Opener, way: str) -> None:
    house = open_house(Limits(body_deadline_s=60.0, body_grace_s=0.3, body_bytes_per_s=2000))
    way_in = door(house, way)
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        line.sendall(way_in.head("Content-Length: 1000") + b"\xff\xd8")
        assert line.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("way", WAYS)
def test_row_53_a_client_that_leaves_keeps_nothing(house: House, way: str) -> None:
    way_in = door(house, way)
    kept, before = house.cases(), len(house.logged(0))
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        line.sendall(way_in.head("Content-Length: 100000") + JPEG)
        time.sleep(0.1)
    assert house.logged(before + 1)[-1]["status"] == 499
    assert house.cases() == kept
    assert house.verifier.judged == []


@pytest.mark.parametrize("way", WAYS)
def test_row_54_nobody_is_told_to_continue_with_too_much(house: House, way: str) -> None:
    way_in = door(house, way)
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        line.sendall(way_in.head("Content-Length: 99999999", "Expect: 100-continue"))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_row_37_a_picture_in_json_is_no_capture(house: House) -> None:
    way_in = door(house, "capture")
    for kind in ("application/json", "multipart/form-data; boundary=BOUND", "text/plain", "image/svg+xml"):
        answer = way_in.send(b"{}", kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


def test_uploads_in_hand_are_bounded_for_captures_too(open_house: Opener) -> None:
    house = open_house(Limits(uploads=1))
    path = f"/v1/verifications/{house.opened()['id']}/captures/selfie"
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\nContent-Length: 1000\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", house.port), timeout=15) as line:
        line.sendall(head + b"\xff\xd8")
        threading.Event().wait(0.2)
        answer = house.client.put(path, content=JPEG)
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_busy")
    assert int(answer.headers["retry-after"]) > 0
