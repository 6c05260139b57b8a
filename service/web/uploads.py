"""The parts of a request with pictures: the pictures and the options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from service.errors import (
    ContentTypeUnsupported,
    DuplicateSide,
    PictureEmpty,
    PictureTooLarge,
    PictureTypeUnsupported,
    RequestInvalid,
    RequestTooLarge,
)
from service.evidence import Role
from service.web import problems
from service.web.multipart import Part
from service.web.ports import Limits
from service.web.schemas import DocumentOptions, Options

OPTIONS = "options"
FRAMES = "selfie_frames"
"""Further frames of the selfie: the one part that may be given several times."""
_SIDES = (Role.FRONT, Role.BACK)
_UNTOLD = ("", "application/octet-stream")
_PICTURE_TYPES = {
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/pjpeg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heif",
    "image/heif": "heif",
}


_Model = TypeVar("_Model", bound=BaseModel)
_Asked = TypeVar("_Asked", Options, DocumentOptions)


@dataclass(frozen=True, slots=True)
class Upload:
    """The pictures as uploaded, and the options. `frames`: further ones of the selfie."""

    front: bytes = field(repr=False)
    back: bytes = field(repr=False)
    selfie: bytes = field(repr=False)
    frames: tuple[bytes, ...] = field(repr=False)
    options: Options = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentUpload:
    """One or two pictures as uploaded, and the options."""

    front: bytes | None = field(repr=False)
    back: bytes | None = field(repr=False)
    options: DocumentOptions


async def whole_body(request: Request) -> bytes:
    """The body of a multipart request, which `body.BodyDoor` keeps within its limits."""
    if media_type(request) != "multipart/form-data":
        raise ContentTypeUnsupported("send multipart/form-data")
    return await request.body()


async def form_or_json(request: Request) -> bytes:
    """The body of a multipart or a JSON request."""
    if media_type(request) not in ("multipart/form-data", "application/json"):
        raise ContentTypeUnsupported("send multipart/form-data with pictures, or application/json")
    return await request.body()


async def bare_picture(request: Request) -> bytes:
    """The body of a request that is a picture and nothing else."""
    if media_type(request) not in (*_UNTOLD, *_PICTURE_TYPES):
        raise ContentTypeUnsupported("send the picture as the body: image/jpeg, image/png or image/webp")
    return await request.body()


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def checked(role: Role, content_type: str, body: bytes, limits: Limits) -> bytes:
    """A picture that is a body of its own. Raises a PictureError or ContentTypeUnsupported, as for a part."""
    return _picture(role, Part(role, True, content_type.partition(";")[0].strip().lower(), body), limits)


def read(parts: Sequence[Part], limits: Limits) -> Upload:
    """Take a verification apart. Every way in which it can be wrong has its error, naming the part; see
    `service.errors`."""
    more = [part for part in parts if part.name == FRAMES]
    if len(more) > limits.frames:
        raise RequestTooLarge("the selfie has too many frames", fields=((FRAMES, "too_many"),))
    if not all(part.is_file for part in more):
        raise RequestInvalid(fields=((FRAMES, "not_a_file"),))
    named = _named([part for part in parts if part.name != FRAMES], tuple(Role), tuple(Role))
    front, back, selfie = (_picture(role, named[role], limits) for role in Role)
    frames = tuple(_picture(Role.SELFIE, part, limits) for part in more)
    _must_differ(front, back)
    return Upload(front, back, selfie, frames, _options(Options, named.get(OPTIONS), limits))


def read_document(parts: Sequence[Part], limits: Limits) -> DocumentUpload:
    """Take a document apart: `front`, `back` or both; errors as for `read`."""
    # Where both are missing, the front is what is asked for.
    named = _named(parts, _SIDES, () if any(part.name in _SIDES for part in parts) else (Role.FRONT,))
    front, back = (_picture(role, named[role], limits) if role in named else None for role in _SIDES)
    _must_differ(front, back)
    return DocumentUpload(front, back, _options(DocumentOptions, named.get(OPTIONS), limits))


def _named(parts: Sequence[Part], pictures: Sequence[Role], required: Sequence[Role]) -> dict[str, Part]:
    """The parts by name. Raises RequestInvalid."""
    names = [part.name for part in parts]
    known = (*(role.value for role in pictures), OPTIONS)
    faults = [(role.value, "missing") for role in required if role not in names]
    faults += [(name, "duplicate") for name in known if names.count(name) > 1]
    faults += [(part.name, "not_a_file") for part in parts if part.name in tuple(pictures) and not part.is_file]
    if any(name not in known for name in names):
        faults.append(("body", "unknown_part"))  # its name is the caller's own word and is not repeated
    if faults:
        raise RequestInvalid(fields=tuple(dict.fromkeys(faults)))
    return {part.name: part for part in parts}


def _must_differ(front: bytes | None, back: bytes | None) -> None:
    if front is not None and front == back:
        raise DuplicateSide(role=Role.BACK)


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
    if content.startswith(b"\xff\xd8\xff") or content == b"\xff\xd8":  # the start of a JPEG and nothing else: damaged
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return "heif" if content[4:8] == b"ftyp" else None


def parsed(kind: type[_Model], body: bytes) -> _Model:
    """A JSON body. Raises RequestMalformed or RequestInvalid."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise problems.of_validation(found)


def _options(kind: type[_Asked], part: Part | None, limits: Limits) -> _Asked:
    if part is None:
        return kind()
    if part.content_type not in (*_UNTOLD, "text/plain", "application/json"):
        raise ContentTypeUnsupported("the options are JSON", fields=((OPTIONS, "content_type_mismatch"),))
    if len(part.content) > limits.options_bytes:
        raise RequestTooLarge("the options are too long", fields=((OPTIONS, "too_large"),))
    try:
        return kind.model_validate_json(part.content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise problems.of_validation(found, at=OPTIONS)
