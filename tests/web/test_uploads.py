"""Bad multipart bodies, byte for byte. `ok` is a body that is accepted, so each test changes one thing."""

from __future__ import annotations

import hashlib
import json

import pytest

from .conftest import CONSENT, PICTURE, House

CRLF = "\r\n"


def part(name: str, content: bytes = PICTURE, *, head: str = '; filename="x.jpg"', kind: str = "image/jpeg") -> bytes:
    """One part with its leading boundary."""
    headers = f'Content-Disposition: form-data; name="{name}"{head}\r\n'
    headers += f"Content-Type: {kind}\r\n" if kind else ""
    return f"--BOUND\r\n{headers}\r\n".encode() + content + b"\r\n"


CLOSE = b"--BOUND--\r\n"
FRONT, BACK, SELFIE = (part(side, PICTURE + side.encode()) for side in ("front", "back", "selfie"))
END = part("options", json.dumps({"consent": CONSENT}).encode(), head="", kind="") + CLOSE
SELFIE_UNSUPPORTED = ("selfie", "picture_type_unsupported")
OK = FRONT + BACK + SELFIE + END


def refused(house: House, body: bytes, status: int, code: str, *faults: tuple[str, str], calls: int = 0) -> None:
    answer = house.post_raw(body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(each["field"], each["code"]) for each in problem.get("errors", [])] == list(faults)
    assert len(house.verifier.calls) == calls


def test_a_plain_body_is_accepted(house: House) -> None:
    assert house.post_raw(OK).status_code == 201


def test_the_last_line_break_may_be_missing(house: House) -> None:
    assert house.post_raw(OK[:-2]).status_code == 201


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "image/jpeg", "image/jpg", "IMAGE/JPEG; q=1"])
def test_types_that_do_not_contradict_the_bytes(house: House, kind: str) -> None:
    assert house.post_raw(part("front", kind=kind) + BACK + SELFIE + END).status_code == 201


@pytest.mark.parametrize("kind", ["image/png", "image/heic", "text/html", "application/pdf"])
def test_a_type_that_contradicts_the_bytes(house: House, kind: str) -> None:
    body = part("front", kind=kind) + BACK + SELFIE + END
    refused(house, body, 415, "content_type_unsupported", ("front", "content_type_mismatch"))


@pytest.mark.parametrize(
    "content", [b"<html>", b"%PDF-1.7", b"GIF89a", b"\x00\xff\xd8\xff", b"PK\x03\x04", b"II*\x00", b"RIFF1234WAVE"]
)
def test_bytes_that_are_no_accepted_picture(house: House, content: bytes) -> None:
    body = FRONT + part("back", content) + SELFIE + END
    refused(house, body, 415, "picture_type_unsupported", ("back", "picture_type_unsupported"))


@pytest.mark.parametrize(
    ("content", "kind"), [(b"\x89PNG\r\n\x1a\n rest", "image/png"), (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp")]
)
def test_other_accepted_pictures(house: House, content: bytes, kind: str) -> None:
    assert house.post_raw(FRONT + part("back", content, kind=kind) + SELFIE + END).status_code == 201


def test_an_empty_picture(house: House) -> None:
    refused(house, FRONT + BACK + part("selfie", b"") + END, 422, "picture_empty", ("selfie", "picture_empty"))


def test_missing_parts_are_listed(house: House) -> None:
    refused(house, FRONT + END, 422, "request_invalid", ("back", "missing"), ("selfie", "missing"))


def test_a_part_given_twice(house: House) -> None:
    refused(house, FRONT + FRONT + BACK + SELFIE + END, 422, "request_invalid", ("front", "duplicate"))


def test_options_given_twice(house: House) -> None:
    options = part("options", b"{}", head="", kind="")
    refused(house, FRONT + BACK + SELFIE + options * 2 + CLOSE, 422, "request_invalid", ("options", "duplicate"))


def test_row_51_front_and_back_are_the_same_bytes(house: House) -> None:
    twin = part("back", PICTURE + b"front")
    refused(house, FRONT + twin + SELFIE + END, 422, "duplicate_side", ("back", "duplicate_side"))
    answer = house.post_raw(FRONT + twin + CLOSE, path="/v1/documents")
    assert (answer.status_code, answer.json()["code"]) == (422, "duplicate_side")
    assert house.reader.calls == []


def test_further_frames_of_the_selfie_reach_the_verifier_in_their_order(house: House) -> None:
    frames = [PICTURE + bytes([number]) for number in (4, 3, 2, 1)]
    more = b"".join(part("selfie_frames", frame) for frame in frames)
    answer = house.post_raw(FRONT + BACK + SELFIE + more + END)
    assert answer.status_code == 201
    assert house.verifier.calls[-1]["frames"] == tuple(frames)
    pinned = answer.json()["captures"]
    assert list(pinned) == ["document_front", "document_back", "selfie", "selfie_2", "selfie_3", "selfie_4", "selfie_5"]
    assert pinned["selfie_5"] == hashlib.sha256(frames[3]).hexdigest()


def test_frames_in_another_order_are_another_request(house: House) -> None:
    one, other = (part("selfie_frames", PICTURE + each) for each in (b"1", b"2"))
    house.client.headers["Idempotency-Key"] = "order-1"
    assert house.post_raw(FRONT + BACK + SELFIE + one + other + END).status_code == 201
    assert house.post_raw(one + SELFIE + other + BACK + FRONT + END).headers["idempotent-replayed"] == "true"
    refused(house, FRONT + BACK + SELFIE + other + one + END, 422, "idempotency_mismatch", calls=1)


def test_frames_are_bounded_in_number_and_bytes_and_checked_like_pictures(house: House) -> None:
    frame = part("selfie_frames")
    refused(house, FRONT + BACK + SELFIE + frame * 5 + END, 413, "request_too_large")
    refused(house, BACK + SELFIE + frame * 5 + CLOSE, 413, "request_too_large", ("selfie_frames", "too_many"))
    bad = part("selfie_frames", b"GIF89a")
    refused(house, FRONT + BACK + SELFIE + frame + bad + END, 415, "picture_type_unsupported", SELFIE_UNSUPPORTED)
    text = part("selfie_frames", head="")
    refused(house, FRONT + BACK + SELFIE + text + END, 422, "request_invalid", ("selfie_frames", "not_a_file"))
    large = part("selfie_frames", PICTURE + bytes(10 * 1024 * 1024))
    refused(house, FRONT + BACK + SELFIE + large + END, 413, "picture_too_large", ("selfie", "picture_too_large"))
    assert house.post_raw(FRONT + frame + CLOSE, path="/v1/documents").json()["code"] == "request_invalid"


def test_an_unknown_part_is_refused_without_echo(house: House) -> None:
    body = FRONT + BACK + SELFIE + part("zhangsan") + END
    refused(house, body, 422, "request_invalid", ("body", "unknown_part"))
    assert "zhangsan" not in house.post_raw(body).text


@pytest.mark.parametrize("head", ["", '; filename=""', "; filename*=UTF-8''x.jpg"])
def test_text_in_place_of_a_file(house: House, head: str) -> None:
    body = part("front", head=head) + BACK + SELFIE + END
    refused(house, body, 422, "request_invalid", ("front", "not_a_file"))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\0.jpg", "x" * 3000, "a\\", "C:\\x.jpg", "名字.jpg", "%0d%0a", "a;b=c"]
)
def test_file_names_do_not_matter(house: House, name: str) -> None:
    body = part("front", head=f'; filename="{name}"') + BACK + SELFIE + END
    assert house.post_raw(body).status_code == 201
    assert name not in house.log.getvalue()


def test_options_may_come_as_a_file(house: House) -> None:
    said = json.dumps({"consent": CONSENT}).encode()
    options = part("options", said, head='; filename="blob"', kind="application/json")
    assert house.post_raw(FRONT + BACK + SELFIE + options + CLOSE).status_code == 201


def test_options_of_another_type(house: House) -> None:
    body = FRONT + BACK + SELFIE + part("options", b"{}", kind="image/jpeg") + CLOSE
    refused(house, body, 415, "content_type_unsupported", ("options", "content_type_mismatch"))


def test_a_picture_over_its_limit(house: House) -> None:
    body = FRONT + part("back", PICTURE + bytes(10 * 1024 * 1024)) + SELFIE + END
    refused(house, body, 413, "picture_too_large", ("back", "picture_too_large"))


def test_nine_parts_are_too_many(house: House) -> None:
    refused(house, FRONT * 9 + END, 413, "request_too_large")
    refused(house, FRONT * 1001 + END, 413, "request_too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 71,
        'multipart/form-data; boundary="BOU\tND"',
        "multipart/form-data; boundary=OTHER",
    ],
)
def test_boundaries_that_are_none(house: House, content_type: str) -> None:
    answer = house.post_raw(OK, content_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/mixed; boundary=BOUND", ""]
)
def test_bodies_that_are_no_form_data(house: House, content_type: str) -> None:
    for path in ("/v1/verifications", "/v1/documents"):
        answer = house.post_raw(OK, content_type, path)
        assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


def test_json_is_no_document(house: House) -> None:
    answer = house.post_raw(b"{}", "application/json", "/v1/documents")
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


def test_a_nested_multipart(house: House) -> None:
    body = part("front", kind="multipart/mixed; boundary=INNER") + BACK + SELFIE + END
    refused(house, body, 415, "content_type_unsupported")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--BOUND",
        b"--BOUND\r\n",
        b"rubbish" + OK,
        b"\r\n" + OK,
        FRONT + BACK + SELFIE,
        FRONT + BACK + SELFIE + b"--BOUND",
        FRONT + BACK + SELFIE[:-20],
        OK.replace(b"--BOUND\r\n", b"--BOUND \n"),
        OK.replace(b"\r\n", b"\n"),
        OK.replace(b'name="front"; ', b""),
        OK.replace(b"form-data; ", b"attachment; "),
        OK.replace(b"Content-Disposition", b"X-Other", 1),
        OK.replace(b"Content-Type: image/jpeg", b"no colon", 1),
        OK.replace(b"Content-Type: image/jpeg", b"Content-Disposition: form-data; name=back", 1),
        OK.replace(b"Content-Type: image/jpeg", b"Content Type: image/jpeg", 1),
        OK.replace(b"Content-Type: image/jpeg", b"X-Long: " + b"x" * 200_000, 1),
        b"--BOUND\r\n\r\n" + PICTURE + b"\r\n" + OK,
        b"--BOUND\r\n--BOUND\r\n" + OK,
    ],
)
def test_bodies_that_are_not_well_formed(house: House, body: bytes) -> None:
    refused(house, body, 400, "request_malformed")


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_transfer_encoding_within_a_part(house: House, encoding: str) -> None:
    body = OK.replace(b"Content-Type", f"Content-Transfer-Encoding: {encoding}\r\nContent-Type".encode(), 1)
    refused(house, body, 415, "content_type_unsupported")


def test_a_picture_may_hold_what_looks_like_a_boundary(house: House) -> None:
    tricky = PICTURE + b"\r\n--BOUN\r\n--BOUN--\r\n\r\n--\r\n--BOUN"
    assert house.post_raw(part("front", tricky) + BACK + SELFIE + END).status_code == 201
    assert house.verifier.calls[0]["front"] == tricky


def test_a_body_made_to_be_slow_is_not(house: House) -> None:
    slow = part("front", PICTURE + b"\r\n--BOUN" * 1_100_000)
    refused(house, slow + BACK + SELFIE[:-9], 400, "request_malformed")
    assert house.logged()[-1]["duration_ms"] < 5000
