"""HEIC: a real picture of 458 bytes (made with libheif and x265), whole, turned, cut and lied about."""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable
from dataclasses import replace

import pytest

from service import errors
from service.runtime.image import DEFAULT_LIMITS, decode, inspect

# 96 x 64: red top left, blue bottom right, the rest light grey.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAAFAAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xy"
    "bmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAFht"
    "ZGF0AAAATCgBr1iKfg6SX//ytd//Uf5D5QDDo3Fvw9zF258/zyBVobvG8cPelDCiGo4biEG3B//bdBx1B3f48iAjqv/+IGMHssu+"
    "QDBS/7ofHeA="
)
RED, BLUE = (30, 30, 200), (200, 30, 30)
"""BGR."""


def changed(data: bytes, after: bytes, skip: int, new: bytes) -> bytes:
    """`new` in place of as many bytes, `skip` after the name of a box."""
    at = data.index(after) + len(after) + skip
    return data[:at] + new + data[at + len(new) :]


def grown(data: bytes, box: bytes, by: int) -> bytes:
    at = data.index(box) - 4
    return data[:at] + (int.from_bytes(data[at : at + 4]) + by).to_bytes(4) + data[at + 4 :]


def turned(quarters: int) -> bytes:
    """The picture with a property that turns it, anticlockwise."""
    new = (9).to_bytes(4) + b"irot" + bytes([quarters])
    data = HEIC
    for box, by in ((b"meta", 10), (b"iprp", 10), (b"ipco", 9), (b"ipma", 1)):
        data = grown(data, box, by)
    at = data.index(b"ipma") - 4
    data = data[:at] + new + data[at:]
    data = changed(data, b"ipma", 4 + 4 + 2, b"\x05")
    at = data.index(b"ipma") + 4 + 4 + 4 + 2 + 1 + 4
    data = data[:at] + b"\x85" + data[at:]
    return changed(data, b"iloc", 4 + 2 + 2 + 2 + 2, (0x17A + 10).to_bytes(4))


def test_a_picture_is_decoded() -> None:
    seen = decode(HEIC, max_side=1600)
    assert (seen.format, seen.original_width, seen.original_height, seen.scale) == ("HEIF", 96, 64, 1.0)
    assert abs(seen.pixels[5, 5].astype(int) - RED).max() < 12
    assert abs(seen.pixels[-5, -5].astype(int) - BLUE).max() < 12


@pytest.mark.parametrize(
    ("quarters", "red", "size"), [(1, (-5, 5), (64, 96)), (2, (-5, -5), (96, 64)), (3, (5, -5), (64, 96))]
)
def test_a_picture_is_turned_as_it_says(quarters: int, red: tuple[int, int], size: tuple[int, int]) -> None:
    seen = decode(turned(quarters), max_side=1600)
    assert (seen.original_width, seen.original_height) == size
    assert seen.pixels.shape[1::-1] == size
    assert abs(seen.pixels[red].astype(int) - RED).max() < 12


def test_what_follows_the_picture_is_not_looked_at() -> None:
    assert inspect(HEIC + b"GIF89a", DEFAULT_LIMITS).end == len(HEIC)


REFUSED: dict[str, tuple[Callable[[], bytes], type[errors.PictureError]]] = {
    "cut in its pixels": (lambda: HEIC[:-20], errors.PictureTruncated),
    "cut in its boxes": (lambda: HEIC[:200], errors.PictureTruncated),
    "begins, no more": (lambda: HEIC[:28], errors.PictureTruncated),
    "a bomb": (lambda: changed(HEIC, b"ispe", 4, (11_000).to_bytes(4) * 2), errors.PictureTooManyPixels),
    "too long": (lambda: changed(HEIC, b"ispe", 4, (9_000).to_bytes(4)), errors.PictureAspect),
    "no size": (lambda: changed(HEIC, b"ispe", -4, b"free"), errors.PictureCorrupt),
    "a size that is not that of its pixels": (
        lambda: changed(HEIC, b"ispe", 4, (960).to_bytes(4) + (640).to_bytes(4)),
        errors.PictureCorrupt,
    ),
    "no picture among its items": (lambda: changed(HEIC, b"pitm", 4, b"\0\7"), errors.PictureCorrupt),
    "damaged pixels": (lambda: changed(HEIC, b"mdat", 0, bytes(76)), errors.PictureCorrupt),
    "a box within that is too long": (lambda: grown(HEIC, b"ipco", 5000), errors.PictureCorrupt),
    "a box that is shorter than its head": (lambda: grown(HEIC, b"hdlr", -30), errors.PictureCorrupt),
    "a film": (lambda: changed(HEIC, b"ftyp", 0, b"hevc"), errors.PictureAnimated),
    "AVIF": (lambda: HEIC.replace(b"heic", b"avif"), errors.PictureTypeUnsupported),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_one_is_refused_by_name(case: str) -> None:
    make, kind = REFUSED[case]
    with pytest.raises(kind):
        decode(make(), max_side=1600)


def test_every_cut_and_every_wrong_byte_ends_in_a_named_error() -> None:
    for place in range(12, len(HEIC)):
        for data in (HEIC[:place], HEIC[:place] + bytes([HEIC[place] ^ 0xFF]) + HEIC[place + 1 :]):
            try:
                decode(data, max_side=1600)
            except errors.PictureError:
                continue


def test_a_part_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(errors.PictureTooManyPixels):
        inspect(HEIC, replace(DEFAULT_LIMITS, max_pixels=96 * 64 - 1))


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pi_heif" else find(name))
    with pytest.raises(errors.PictureTypeUnsupported, match=r"install hecha\[heic\]"):
        decode(HEIC, max_side=1600)


TILED = base64.b64decode(
    "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAACCm1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBpdG0AAAAAAAUA"
    "AABWaWxvYwAAAABEAAAFAAEAAAABAAACKgAAABwAAgAAAAEAAAJGAAAAHAADAAAAAQAAAmIAAAAdAAQAAAABAAACfwAAAB0ABQAAAAEAAAKcAAAA"
    "CAAAAHdpaW5mAAAAAAAFAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAFWluZmUCAAAAAAIAAGh2YzEAAAAAFWluZmUCAAAAAAMAAGh2YzEAAAAAFWlu"
    "ZmUCAAAAAAQAAGh2YzEAAAAAFWluZmUCAAAAAAUAAGdyaWQAAAAA4mlwcnAAAACxaXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNg"
    "AAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHB"
    "crAiQAAAABRpc3BlAAAAAAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAeAAAAHAAAAAJaXJvdAAAAAApaXBtYQAAAAAAAAAFAAECgQIAAgKBAgADAoEC"
    "AAQCgQIABQIDhAAAACBpcmVmAAAAAAAAABRkaW1nAAUABAABAAIAAwAEAAAAgm1kYXQAAAAYKAGvE4DlM8Cf/+xKj/9ufPD7uwa1Q9T4AAAAGCgB"
    "rxOA5qhw07/wRR//bX6v/V0qtJ5v3wAAABkoAa8TgOaocNP//o0UV/512r/L7a0nm/fAAAAAGSgBrxOA5qhw07/+MhR//nXZ4cvtrSeb98AAAAEB"
    "AHgAcA=="
)
"""As telephones write them: a grid of 2 x 2 tiles of 64 x 64 pixels (red, green; blue, yellow), of which 120 x 112 are
shown, and a turn (`irot`) of the whole. The tiles are of libheif and x265, the boxes put together by hand."""
CLOCKWISE = [(40, 40, 200), (40, 200, 40), (40, 200, 200), (200, 40, 40)]
"""BGR: red, green, yellow, blue."""


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("side", [1600, 64])
def test_tiles_lie_in_their_order_and_the_whole_is_turned(turns: int, side: int) -> None:
    """`turns`: quarters anticlockwise (ISO/IEC 23008-12, 6.5.10)."""
    data = changed(TILED, b"irot", 0, bytes([turns]))
    size = (120, 112) if turns % 2 == 0 else (112, 120)
    told = inspect(data, DEFAULT_LIMITS)
    assert (told.width, told.height) == size
    seen = decode(data, max_side=side)
    assert (seen.original_width, seen.original_height) == size
    height, width = seen.pixels.shape[:2]
    assert (height >= width) is (turns % 2 == 1)
    spots = [(0.25, 0.25), (0.25, 0.75), (0.75, 0.75), (0.75, 0.25)]
    for (y, x), colour in zip(spots, CLOCKWISE[turns:] + CLOCKWISE[:turns], strict=True):
        assert abs(seen.pixels[int(y * height), int(x * width)].astype(int) - colour).max() < 12
