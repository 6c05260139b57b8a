"""Whatever bytes come: a list of parts or one of our errors."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.errors import HechaError
from service.web import multipart, uploads
from service.web.ports import Limits

from .test_uploads import BACK, FRONT, OK, SELFIE, part

KIND = "multipart/form-data; boundary=BOUND"
LATIN = st.binary(max_size=60).map(lambda header: header.decode("latin-1"))
"""Headers as the framework decodes them."""
BOUNDARY_LIKE = st.sampled_from(
    [b"\r\n", b"--", b"BOUND", b"--BOUND", b"\r\n--BOUND", b"--BOUND--", b":", b";", b'"', b"\0"]
)


@given(st.lists(st.binary(max_size=60) | BOUNDARY_LIKE, max_size=6).map(b"".join))
@settings(max_examples=150, deadline=None)
def test_content_comes_back_as_it_was(content: bytes) -> None:
    body = part("front", content) + b"--BOUND--"
    assume(b"\r\n--BOUND" not in b"\r\n" + content)
    (found,) = multipart.read(KIND, body)
    assert (found.name, found.is_file, found.content) == ("front", True, content)


@given(st.lists(st.binary(max_size=40) | BOUNDARY_LIKE | st.just(OK), max_size=8).map(b"".join))
@settings(max_examples=150, deadline=None)
def test_rubbish_is_named(body: bytes) -> None:
    _only_our_errors(KIND, body)


@given(st.integers(0, len(OK) - 1), st.binary(max_size=5), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_a_damaged_body_is_named(at: int, instead: bytes, length: int) -> None:
    _only_our_errors(KIND, OK[:at] + instead + OK[at + length :])


@given(LATIN, LATIN)
@settings(max_examples=100, deadline=None)
def test_content_types_are_named(kind: str, options: str) -> None:
    _only_our_errors(f"{kind};{options}", OK)
    _only_our_errors(f"multipart/form-data;{options}", OK)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_options_are_named(options: bytes) -> None:
    _only_our_errors(KIND, FRONT + BACK + SELFIE + part("options", options, head="", kind="") + b"--BOUND--")


def _only_our_errors(content_type: str, body: bytes) -> None:
    try:
        uploads.read(multipart.read(content_type, body), Limits())
    except HechaError as error:
        status = error.status
    else:
        return
    assert 400 <= status < 500
