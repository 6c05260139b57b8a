"""What a HEIC picture says about itself (ISO/IEC 23008-12 in the boxes of 14496-12), read without its decoder.

Only what is needed before decoding: that it is one still HEVC picture, whole, and how large it will be.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import PictureAnimated, PictureCorrupt, PictureTruncated, PictureTypeUnsupported

_STILL, _MOVING = {b"heic", b"heix"}, {b"hevc", b"hevx", b"msf1"}
_MOST_BOXES = 4096
"""Of one level; a picture of many tiles has some hundred properties."""


@dataclass(frozen=True, slots=True)
class HeifSize:
    """`width` and `height` of the picture as it is shown (the file's own turn applied), `largest`: the most pixels that
    any of its parts (tiles, thumbnail, depth) states, `end`: where the last box ends."""

    width: int
    height: int
    largest: int
    end: int


def is_heif(data: bytes) -> bool:
    """Whether the bytes begin like a file of this family, AVIF and films among them."""
    return data[4:8] == b"ftyp"


def heif_size(data: bytes) -> HeifSize:
    """Raises PictureTypeUnsupported (no HEVC picture, or its decoder is not installed), PictureAnimated,
    PictureTruncated or PictureCorrupt."""
    _check_brand(data)
    top: dict[bytes, tuple[int, int]] = {}
    end = 0
    for kind, start, stop in _boxes(data, 0, len(data), cut=PictureTruncated):
        top.setdefault(kind, (start, stop))
        end = stop
    if b"meta" not in top:
        raise PictureTruncated if b"mdat" not in top else PictureCorrupt
    # `meta`, `iprp` ... : version and flags come before what is in a "full box".
    meta = _children(data, top[b"meta"], 4)
    parts = _children(data, _one(meta, b"iprp"), 0)
    properties = list(_boxes(data, *_one(parts, b"ipco")))
    sizes = [_size(data, start, stop) for kind, start, stop in properties if kind == b"ispe"]
    if not sizes:
        raise PictureCorrupt
    shown = _shown(data, properties, _associated(data, _one(parts, b"ipma"), _primary(data, _one(meta, b"pitm"))))
    return HeifSize(*shown, max(width * height for width, height in sizes), end)


def _check_brand(data: bytes) -> None:
    stop = int.from_bytes(data[:4])
    brands = {data[at : at + 4] for at in (8, *range(16, min(stop, 256), 4))}
    if data[8:12] in _MOVING:
        raise PictureAnimated
    if not brands & _STILL:
        raise PictureTypeUnsupported(
            "AVIF pictures and films are not accepted; send a JPEG, PNG, WebP or HEIC picture."
        )
    if importlib.util.find_spec("pi_heif") is None:
        raise PictureTypeUnsupported("HEIC pictures need the extra: install hecha[heic], or send a JPEG picture.")


def _boxes(
    data: bytes, at: int, stop: int, cut: type[PictureTruncated] | type[PictureCorrupt] = PictureCorrupt
) -> Iterator[tuple[bytes, int, int]]:
    """Every (type, start, end) of a box's content; raises `cut` where one ends after `stop`."""
    for _ in range(_MOST_BOXES):
        if at + 8 > stop:
            return
        length, kind, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        end = stop if length == 0 else at + length
        if end > stop:
            raise cut
        if end < start:
            raise PictureCorrupt
        yield kind, start, end
        at = end


def _children(data: bytes, span: tuple[int, int], skip: int) -> dict[bytes, tuple[int, int]]:
    """The first box of each type within another."""
    found: dict[bytes, tuple[int, int]] = {}
    for kind, start, stop in _boxes(data, span[0] + skip, span[1]):
        found.setdefault(kind, (start, stop))
    return found


def _one(boxes: dict[bytes, tuple[int, int]], kind: bytes) -> tuple[int, int]:
    if kind not in boxes:
        raise PictureCorrupt
    return boxes[kind]


def _primary(data: bytes, span: tuple[int, int]) -> int:
    """The identity of the item that is the picture."""
    wide = 2 if data[span[0]] == 0 else 4
    return int.from_bytes(data[span[0] + 4 : span[0] + 4 + wide])


def _associated(data: bytes, span: tuple[int, int], item: int) -> list[int]:
    """Places (from 1) of the properties of an item, in the order in which they apply."""
    start, stop = span
    wide = 2 if data[start] == 0 else 4
    # Bit 0 of the flags: places of two bytes; the highest bit of each says that a reader must know the property.
    each = 2 if data[start + 3] & 1 else 1
    at = start + 8
    while at + wide < stop:
        count = data[at + wide]
        first, last = at + wide + 1, at + wide + 1 + count * each
        if last > stop:
            raise PictureCorrupt
        if int.from_bytes(data[at : at + wide]) == item:
            mask = (1 << (8 * each - 1)) - 1
            return [int.from_bytes(data[place : place + each]) & mask for place in range(first, last, each)]
        at = last
    raise PictureCorrupt


def _shown(data: bytes, properties: list[tuple[bytes, int, int]], places: list[int]) -> tuple[int, int]:
    """Width and height after the item's cutting and turning."""
    width, height = 0, 0
    for place in places:
        if not 1 <= place <= len(properties):
            continue
        kind, start, stop = properties[place - 1]
        if kind == b"ispe":
            width, height = _size(data, start, stop)
        elif kind == b"clap" and stop - start >= 16:
            parts = [int.from_bytes(data[at : at + 4]) for at in range(start, start + 16, 4)]
            width, height = parts[0] // max(1, parts[1]), parts[2] // max(1, parts[3])
        elif kind == b"irot" and data[start] & 1:
            width, height = height, width
    return width, height


def _size(data: bytes, start: int, stop: int) -> tuple[int, int]:
    if stop - start < 12:
        raise PictureCorrupt
    return int.from_bytes(data[start + 4 : start + 8]), int.from_bytes(data[start + 8 : start + 12])
