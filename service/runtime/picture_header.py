"""What a picture says about itself before a single pixel is decoded: format, size, whole or cut, still or animated.

The container is walked here, chunk by chunk, so that limits hold before Pillow allocates anything: Pillow warns only
above 89 million pixels, decodes JPEGs with missing scans without a word and unpacks ICC profiles while opening.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.errors import (
    PictureAnimated,
    PictureAspect,
    PictureCorrupt,
    PictureEmpty,
    PictureTooComplex,
    PictureTooLarge,
    PictureTooManyPixels,
    PictureTooSmall,
    PictureTruncated,
    PictureTypeUnsupported,
)
from service.runtime.heif_header import heif_size, is_heif


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may cost. Pixels are counted as the header states them.

    A baseline JPEG is decoded at a reduced scale while it is read, so the 48 and 50 megapixel photos of telephones cost
    little memory; every other kind is held whole (up to 4 bytes a pixel, twice while alpha is laid on white). The
    luminance of a document in its own size comes on top: a byte a pixel, a quarter of that over `max_pixels`.
    """

    max_bytes: int = 10_000_000
    max_pixels: int = 25_000_000
    max_baseline_jpeg_pixels: int = 52_000_000
    max_side: int = 12_000
    min_side: int = 64
    max_aspect: float = 8.0
    max_scans: int = 100
    """Of a progressive JPEG; encoders write about ten, and each costs a pass over the whole picture."""
    max_text_chunks: int = 500
    max_metadata_bytes: int = 4_000_000
    """Compressed metadata (ICC profile, text) after unpacking, in total."""


DEFAULT_LIMITS: Final = ImageLimits()


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """`width` and `height` as stored, before EXIF orientation (of HEIC, which turns its own, after it). `end` =
    where the first picture ends in the bytes; what follows (further pictures of a phone's MPO file, or something
    smuggled in) is never decoded."""

    format: str
    width: int
    height: int
    end: int


def inspect(data: bytes, limits: ImageLimits) -> PictureHeader:
    """Format and size of an encoded picture, refused with the fitting `PictureError` if it breaks a limit, is cut off
    or is animated. Costs a few milliseconds for ten megabytes and allocates next to nothing."""
    if not data:
        raise PictureEmpty
    if len(data) > limits.max_bytes:
        raise PictureTooLarge
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, limits)
    if data.startswith(_PNG_SIGNATURE):
        return _png(data, limits)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data, limits)
    if is_heif(data):
        return _heif(data, limits)
    raise PictureTypeUnsupported


def _check_size(width: int, height: int, max_pixels: int, limits: ImageLimits) -> None:
    if width < 1 or height < 1:
        raise PictureCorrupt
    if width * height > max_pixels:
        raise PictureTooManyPixels
    short, long = sorted((width, height))
    if long > short * limits.max_aspect:
        raise PictureAspect
    if short < limits.min_side:
        raise PictureTooSmall
    if long > limits.max_side:
        raise PictureTooManyPixels


# ---- JPEG (ITU-T T.81, annex B)

# A marker inside entropy-coded data: 0xFF followed by neither a stuffed zero, a restart marker nor a fill byte.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BASELINE_SOF = {0xC0, 0xC1}
_PROGRESSIVE_SOF = 0xC2
_SOF = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_SOS, _EOI = 0xDA, 0xD9
# The markers a picture may hold (T.81 table B.1); others stand where damaged data looks like one.
_KNOWN = {0x01, *_SOF, 0xC4, 0xCC, _EOI, *range(_SOS, 0xDE), *range(0xE0, 0xF0), 0xFE}


def _jpeg(data: bytes, limits: ImageLimits) -> PictureHeader:
    frames: list[tuple[int, int, int]] = []
    scans: list[bytes] = []
    for marker, body, end in _jpeg_segments(data):
        if marker in _SOF:
            frames.append(_jpeg_frame(marker, body, limits))
        elif marker == _SOS:
            scans.append(body)
        elif marker == _EOI:
            if len(frames) != 1 or not scans:
                raise PictureCorrupt
            sof, width, height = frames[0]
            if sof == _PROGRESSIVE_SOF:
                _check_scans(scans, limits)
            return PictureHeader("JPEG", width, height, end)
        elif marker not in _KNOWN:
            raise PictureCorrupt
    raise PictureTruncated if frames or len(data) > 16 else PictureCorrupt


def _jpeg_frame(marker: int, body: bytes, limits: ImageLimits) -> tuple[int, int, int]:
    """Marker, width and height of a frame header (T.81 B.2.2)."""
    if len(body) < 6:
        raise PictureCorrupt
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    # Only a baseline picture can be decoded row by row; the others are held whole as coefficients.
    most = limits.max_baseline_jpeg_pixels if marker in _BASELINE_SOF else limits.max_pixels
    _check_size(width, height, most, limits)
    return marker, width, height


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Every (marker, body, end offset) after the start marker up to the end marker, or to where the bytes end."""
    at = 2
    while found := _NEXT_MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker in (_EOI, 0x01):
            yield marker, b"", at
            if marker == _EOI:
                return
            continue
        if marker == 0xD8:
            raise PictureCorrupt
        length = int.from_bytes(data[at : at + 2])
        if at + 2 > len(data) or at + length > len(data):
            return
        if length < 2:
            raise PictureCorrupt
        # Only frame and scan headers are looked at; copying megabytes of APPn would be for nothing.
        body = data[at + 2 : at + length] if marker in _SOF or marker == _SOS else b""
        at += length
        yield marker, body, at


def _check_scans(scans: list[bytes], limits: ImageLimits) -> None:
    """A progressive picture must hold every coefficient down to its last bit (T.81 G.1.1.1): a decoder shows one with
    missing scans as a blurred picture, without any complaint."""
    if len(scans) > limits.max_scans:
        raise PictureTooComplex("The progressive picture has far more scans than any camera writes.")
    components: set[int] = set()
    exact: set[tuple[int, int]] = set()
    for scan in scans:
        count = scan[0] if scan else 0
        if len(scan) < 1 + 2 * count + 3:
            raise PictureCorrupt
        ids = scan[1 : 1 + 2 * count : 2]
        components.update(ids)
        first, last, approximation = scan[1 + 2 * count : 4 + 2 * count]
        if not approximation & 0x0F:
            exact.update((component, k) for component in ids for k in range(first, min(last, 63) + 1))
    if len(exact) < 64 * len(components):
        raise PictureTruncated


# ---- PNG (W3C PNG, third edition)

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_METADATA = {b"tEXt", b"zTXt", b"iTXt", b"iCCP"}
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def _png_size(data: bytes, limits: ImageLimits) -> tuple[int, int]:
    if len(data) < 33:
        raise PictureTruncated
    if data[12:16] != b"IHDR":
        raise PictureCorrupt
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    _check_size(width, height, limits.max_pixels, limits)
    return width, height


def _png(data: bytes, limits: ImageLimits) -> PictureHeader:
    width, height = _png_size(data, limits)
    metadata: list[int] = []
    pixels = False
    for kind, start, end in _png_chunks(data):
        if kind == b"acTL":
            raise PictureAnimated
        if kind in _METADATA:
            metadata.append(_unpacked_bytes(kind, data[start:end], limits.max_metadata_bytes))
            _check_metadata(metadata, limits)
        elif kind == b"IDAT":
            pixels = True
        elif kind == b"IEND" and pixels:
            return PictureHeader("PNG", width, height, end + 4)
        elif kind == b"IEND":
            raise PictureCorrupt
    raise PictureTruncated


def _check_metadata(unpacked: list[int], limits: ImageLimits) -> None:
    if len(unpacked) > limits.max_text_chunks or sum(unpacked) > limits.max_metadata_bytes:
        raise PictureTooComplex("The picture carries far more metadata than any camera writes.")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Every (type, start, end) of a chunk's content, up to where the bytes end. Checks the CRC of what matters."""
    view, at = memoryview(data), len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if length > 0x7FFFFFFF or not kind.isalpha():
            raise PictureCorrupt
        start, end = at + 8, at + 8 + length
        if end + 4 > len(data):
            return
        if kind in _CRITICAL and zlib.crc32(view[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
            raise PictureCorrupt
        yield kind, start, end
        at = end + 4


def _unpacked_bytes(kind: bytes, content: bytes, most: int) -> int:
    """How many bytes a metadata chunk unpacks to, counted no further than `most` + 1."""
    if kind == b"tEXt":
        return len(content)
    name_end = content.find(b"\0")
    if kind == b"iTXt":
        # keyword 0 flag method language 0 translated-keyword 0 text
        parts = content[name_end + 3 :].split(b"\0", 2)
        if content[name_end + 1 : name_end + 2] != b"\x01" or len(parts) < 3:
            return len(content)
        packed = parts[2]
    else:
        packed = content[name_end + 2 :]
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1))
    except zlib.error:
        return len(content)


# ---- WebP (RFC 9649)


def _webp(data: bytes, limits: ImageLimits) -> PictureHeader:
    end = 8 + int.from_bytes(data[4:8], "little")
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise PictureTruncated
    if kind == b"VP8X":
        if body[0] & 0x02:
            raise PictureAnimated
        width, height = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    elif kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[i : i + 2], "little") & 0x3FFF for i in (6, 8))
    else:
        raise PictureCorrupt
    _check_size(width, height, limits.max_pixels, limits)
    if end > len(data):
        raise PictureTruncated
    return PictureHeader("WEBP", width, height, end)


# ---- HEIC


def _heif(data: bytes, limits: ImageLimits) -> PictureHeader:
    size = heif_size(data)
    _check_size(size.width, size.height, limits.max_pixels, limits)
    if size.largest > limits.max_pixels:
        raise PictureTooManyPixels
    return PictureHeader("HEIF", size.width, size.height, size.end)
