"""Bytes -> pixels, within limits. The only place where a picture sent by a stranger is decoded."""

from __future__ import annotations

import hashlib
import importlib
import io
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.errors import PictureCorrupt, PictureMissing, PictureTooComplex, PictureTooManyPixels
from service.evidence import Picture, Pixels
from service.runtime.picture_header import DEFAULT_LIMITS, ImageLimits, PictureHeader, inspect

__all__ = ["DEFAULT_LIMITS", "ImageLimits", "PictureHeader", "decode", "inspect", "read"]

_EXIF_ORIENTATION = 0x0112
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_NEARLY = 1.125
"""A picture larger than asked for by less than this stays as it is: to shrink it would cost more than its size does."""


def read(path: Path, *, limits: ImageLimits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a picture file, no more than one past the limit (`inspect` then refuses them).

    Raises PictureMissing, which names no path.
    """
    try:
        if not path.is_file():  # a pipe or a device would be read for ever
            raise PictureMissing
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise PictureMissing from error


def decode(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_side: int, fine: bool = False) -> Picture:
    """The picture upright (EXIF orientation applied), BGR uint8 (H, W, 3), its longer side about `max_side` pixels: an
    eighth more at most.

    Transparent pixels are laid on white, 16 bits per channel become the upper 8, grey and CMYK become BGR. A file with
    several pictures (a telephone's MPO) gives the first. `fine`: with the luminance in the picture's own size where it
    was shrunk. Raises a PictureError, and no other error, for bad bytes.
    """
    header = inspect(data, limits)
    try:
        with warnings.catch_warnings():
            # Pillow warns about odd metadata, which is ignored here on purpose, and about bombs, which are refused.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            first = data[: header.end]
            decoded, orientation = _decode(first, header, max_side)
            own = _own_size(first, header, decoded) if fine and _shrinks(header, max_side) else None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureTooManyPixels from error
    except MemoryError as error:
        raise PictureTooComplex from error
    except Exception as error:
        # Pillow raises anything at all: OSError, ValueError, SyntaxError, struct.error ...
        raise PictureCorrupt from error
    pixels, scale = _reduced(decoded, header, max_side)
    upright = np.ascontiguousarray(_turned(pixels, orientation))
    sideways = orientation >= 5
    return Picture(
        pixels=upright,
        scale=scale,
        original_width=header.height if sideways else header.width,
        original_height=header.width if sideways else header.height,
        format=header.format,
        sha256=hashlib.sha256(data).hexdigest(),
        fine=None if own is None else _turned(own, orientation),
    )


def _decode(data: bytes, header: PictureHeader, max_side: int) -> tuple[Pixels, int]:
    """BGR uint8 (H, W, 3) as stored, and the orientation of its EXIF."""
    if header.format == "HEIF":
        # Of the extra `heic`; it turns the picture itself, and its EXIF then says so.
        importlib.import_module("pi_heif").register_heif_opener()
    with Image.open(io.BytesIO(data), formats=(header.format,)) as image:
        if image.size != (header.width, header.height):
            raise PictureCorrupt
        if header.format == "JPEG":
            shrink = max(1.0, max(image.size) / max_side)
            image.draft(None, (int(image.width / shrink), int(image.height / shrink)))
            if image.mode == "RGB":
                return _jpeg(data, header.width / image.width), _orientation(image)
        image.load()
        return np.asarray(cv2.cvtColor(_rgb(image), cv2.COLOR_RGB2BGR), np.uint8), _orientation(image)


def _jpeg(data: bytes, reduction: float) -> Pixels:
    """The very pixels Pillow would give (both are libjpeg-turbo), without its detour over four bytes a pixel: a quarter
    less time. `reduction`: what Pillow would reduce the sides by, about 1, 2, 4 or 8."""
    return _opened(data, _REDUCED[min(_REDUCED, key=lambda whole: abs(whole - reduction))])


def _own_size(data: bytes, header: PictureHeader, decoded: Pixels) -> NDArray[np.uint8]:
    """Luminance as stored: of the decoded pixels where these are all, else of a JPEG decoded once more, without its
    colours. A telephone's 48 megapixels and more, which its sensor does not resolve, come at half their size."""
    if decoded.shape[:2] == (header.height, header.width):
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2GRAY), np.uint8)
    whole = header.width * header.height <= DEFAULT_LIMITS.max_pixels
    flag = cv2.IMREAD_GRAYSCALE if whole else cv2.IMREAD_REDUCED_GRAYSCALE_2
    return _opened(data, flag)


def _opened(data: bytes, flag: int) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise PictureCorrupt
    return np.asarray(pixels, np.uint8)


def _rgb(image: Image.Image) -> Pixels:
    """RGB uint8 (H, W, 3)."""
    if image.mode.startswith("I;16") or image.mode == "I":
        # Pillow's own conversion clips 16 bit greys at 255: nearly everything would turn white.
        grey: NDArray[Any] = np.asarray(image)
        shade = (grey >> 8).astype(np.uint8)
        if isinstance(see_through := image.info.get("transparency"), int):
            shade[grey == see_through] = 255
        return np.repeat(shade[:, :, None], 3, axis=2)
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return np.asarray(white)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _orientation(image: Image.Image) -> int:
    """1 to 8 as EXIF defines them; 1 if there is none or it makes no sense."""
    try:
        exif = Image.Exif()
        exif.load(image.info.get("exif", b""))
        value = exif.get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  broken EXIF never costs the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _shrinks(header: PictureHeader, max_side: int) -> bool:
    return max(header.width, header.height) > _NEARLY * max_side


def _reduced(pixels: Pixels, header: PictureHeader, max_side: int) -> tuple[Pixels, float]:
    """The pixels with the longer side at most `max_side`, and their scale against the original."""
    height, width = pixels.shape[:2]
    original = max(header.width, header.height)
    if max(height, width) <= _NEARLY * max_side:
        return pixels, max(height, width) / original
    ratio = max_side / max(height, width)
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return shrink(pixels, size), max(size) / original


def shrink(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) at the smaller `size` (width, height): halved while it can be, then sampled in between.

    Close to cv2.INTER_AREA, which takes four times as long for any factor but a whole one.
    """
    while min(pixels.shape[1] / size[0], pixels.shape[0] / size[1]) >= 2:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        even = pixels[: 2 * half[1], : 2 * half[0]]
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Upright, of the same memory."""
    if orientation in (2, 5, 7, 4):
        pixels = pixels[:, ::-1]
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}[orientation]
    return np.asarray(np.rot90(pixels, turns), np.uint8)
