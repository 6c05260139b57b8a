"""`multipart/form-data` (RFC 7578), read strictly from a body that is wholly in memory and already within its limits.

Strictly, because lenient readers disagree with one another: a part given twice, a missing end or a nested multipart is
refused, never guessed at. Searching for the delimiter is one `bytes.find`, so that no body is slow to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import Request
from python_multipart.multipart import parse_options_header

from service.errors import ContentTypeUnsupported, RequestMalformed, RequestTooLarge

MAX_PARTS = 8
"""A verification has at most front, back, selfie, four further frames of it, and options."""
_MAX_HEADER_BYTES = 8 * 1024
# RFC 2046 §5.1.1: 1 to 70 characters of these, not ending with a space.
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `is_file`: it came with a file name that is not empty (the name itself is of no use and dropped)."""

    name: str = field(repr=False)
    is_file: bool
    content_type: str
    content: bytes = field(repr=False)


def read(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of a body, in order; names may repeat.

    Raises ContentTypeUnsupported when it is no multipart/form-data, RequestMalformed when it is not well-formed,
    RequestTooLarge when there are more than MAX_PARTS parts.
    """
    return tuple(_part(raw) for raw in _split(body, _boundary(content_type)))


def of(request: Request, body: bytes) -> tuple[Part, ...]:
    """The parts of a request, read once for all who ask; see `read`."""
    exchange = request.scope["hecha"]
    if "parts" not in exchange:
        exchange["parts"] = read(request.headers.get("content-type", ""), body)
    parts: tuple[Part, ...] = exchange["parts"]
    return parts


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise ContentTypeUnsupported("send multipart/form-data")
    boundary = options.get(b"boundary", b"")
    if not _BOUNDARY.fullmatch(boundary):
        raise RequestMalformed("the boundary of the multipart body is missing or not allowed")
    return boundary


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    delimiter = b"\r\n--" + boundary
    if not body.startswith(delimiter[2:]):
        raise RequestMalformed("the body does not begin with its boundary")
    at = len(delimiter) - 2
    for _ in range(MAX_PARTS + 1):
        if body.startswith(b"--", at):
            return
        if not body.startswith(b"\r\n", at):
            break
        end = body.find(delimiter, at)
        if end < 0:
            break
        yield body[at + 2 : end + 2]
        at = end + len(delimiter)
    else:
        raise RequestTooLarge("the body has too many parts")
    raise RequestMalformed("the multipart body is not well-formed or was cut off")


def _part(raw: bytes) -> Part:
    # `raw` still ends with the line break before the delimiter, so that headers without content have theirs.
    end = raw.find(b"\r\n\r\n", 0, _MAX_HEADER_BYTES)
    if end < 0:
        raise RequestMalformed("the headers of a part are not well-formed or too long")
    headers = _headers(raw[:end])
    kind, options = parse_options_header(headers.get("content-disposition", ""))
    if kind != b"form-data" or not options.get(b"name"):
        raise RequestMalformed("a part has no name")
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type.startswith("multipart/"):
        raise ContentTypeUnsupported("a part may not be a multipart body itself")
    if headers.get("content-transfer-encoding", "binary").strip().lower() not in ("7bit", "8bit", "binary"):
        raise ContentTypeUnsupported("a part may not have a transfer encoding")
    name = options[b"name"].decode("utf-8", "replace")
    return Part(name, bool(options.get(b"filename")), content_type, raw[end + 4 : -2])


def _headers(block: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in block.split(b"\r\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or name.lower() in headers or re.search(r"[^!-~]", name):
            raise RequestMalformed("a header of a part is not well-formed or given twice")
        headers[name.lower()] = value.strip()
    return headers
