"""The parts of a verification request: three pictures and the options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from service.errors import (
    ContentTypeUnsupported,
    PictureEmpty,
    PictureTooLarge,
    PictureTypeUnsupported,
    RequestInvalid,
    RequestTooLarge,
)
from service.evidence import Role
from service.web import multipart, problems
from service.web.multipart import Part
from service.web.ports import Limits
from service.web.schemas import Options

OPTIONS = "options"
_NAMES = (*(role.value for role in Role), OPTIONS)
_UNTOLD = ("", "application/octet-stream")
_PICTURE_TYPES = {
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/pjpeg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """The pictures as uploaded, and the options."""

    front: bytes = field(repr=False)
    back: bytes = field(repr=False)
    selfie: bytes = field(repr=False)
    options: Options = field(repr=False)


def read(content_type: str, body: bytes, limits: Limits) -> Upload:
    """Take a body apart. Every way in which it can be wrong has its error, naming the part; see `service.errors`."""
    parts = multipart.read(content_type, body)
    faults = _faults(parts)
    if faults:
        raise RequestInvalid(fields=faults)
    named = {part.name: part for part in parts}
    front, back, selfie = (_picture(role, named[role], limits) for role in Role)
    return Upload(front, back, selfie, _options(named.get(OPTIONS), limits))


def _faults(parts: Sequence[Part]) -> tuple[tuple[str, str], ...]:
    names = [part.name for part in parts]
    faults = [(role.value, "missing") for role in Role if role not in names]
    faults += [(name, "duplicate") for name in _NAMES if names.count(name) > 1]
    faults += [(part.name, "not_a_file") for part in parts if part.name in tuple(Role) and not part.is_file]
    if any(name not in _NAMES for name in names):
        faults.append(("body", "unknown_part"))  # its name is the caller's own word and is not repeated
    return tuple(dict.fromkeys(faults))


def _picture(role: Role, part: Part, limits: Limits) -> bytes:
    if not part.content:
        raise PictureEmpty(role=role)
    if len(part.content) > limits.picture_bytes:
        raise PictureTooLarge(role=role)
    kind = _sniff(part.content)
    if kind is None:
        raise PictureTypeUnsupported(role=role)
    # A caller who calls a JPEG a PNG has mixed something up, or tries two readers against each other.
    if part.content_type not in _UNTOLD and _PICTURE_TYPES.get(part.content_type) != kind:
        raise ContentTypeUnsupported(
            "the content type of a part is not that of its bytes", fields=((role.value, "content_type_mismatch"),)
        )
    return part.content


def _sniff(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return None


def _options(part: Part | None, limits: Limits) -> Options:
    if part is None:
        return Options()
    if part.content_type not in (*_UNTOLD, "text/plain", "application/json"):
        raise ContentTypeUnsupported("the options are JSON", fields=((OPTIONS, "content_type_mismatch"),))
    if len(part.content) > limits.options_bytes:
        raise RequestTooLarge("the options are too long", fields=((OPTIONS, "too_large"),))
    try:
        return Options.model_validate_json(part.content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise problems.of_validation(found, at=OPTIONS)
