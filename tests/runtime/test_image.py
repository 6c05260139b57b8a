"""The table of bad and odd pictures, row by row: each is decoded rightly or refused by its own name."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from service import errors
from service.evidence import Pixels
from service.runtime.image import DEFAULT_LIMITS, ImageLimits, decode, inspect, read
from service.runtime.picture_header import _jpeg_segments

SIDE = 1600


def scene(width: int = 240, height: int = 160, seed: int = 0) -> Pixels:
    """A smooth colourful RGB picture without any symmetry."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    noise[0, 0] = (250, 20, 20)
    return np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))


def encoded(picture: Image.Image | Pixels | None = None, kind: str = "JPEG", **options: Any) -> bytes:
    picture = scene() if picture is None else picture
    out = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(out, kind, **({"quality": 92} | options if kind == "JPEG" else options))
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *extra: bytes, depth: int = 8, colour: int = 0, rows: bytes | None = None) -> bytes:
    body = zlib.compress(bytes((width + 1) * height) if rows is None else rows, 9)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), *extra, chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def lying_jpeg(width: int, height: int) -> bytes:
    data = bytearray(encoded())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def progressive_without_last_scans() -> bytes:
    """The first scan alone, with the end marker put back."""
    data = encoded(progressive=True)
    ends = [end for marker, _, end in _jpeg_segments(data) if marker == 0xDA]
    second = data.rindex(b"\xff\xda", 0, ends[1])
    huffman = data.find(b"\xff\xc4", ends[0])
    return data[: min(second, huffman if huffman > 0 else second)] + b"\xff\xd9"


def many_scans(count: int) -> bytes:
    data = encoded(progressive=True)
    *_, (_, body, end) = (found for found in _jpeg_segments(data) if found[0] == 0xDA)
    last = data[end - len(body) - 4 : data.rindex(b"\xff\xd9")]
    return data[:-2] + last * count + b"\xff\xd9"


def damaged_png(at: int) -> bytes:
    data = bytearray(encoded(kind="PNG"))
    data[at] ^= 0xFF
    return bytes(data)


def with_unknown_marker() -> bytes:
    """A marker no standard knows amid the data, as damage writes one; the decoder would only fill up with grey."""
    data = encoded()
    return data[: len(data) // 2] + b"\xff\x84\x00\x10" + data[len(data) // 2 :]


def animated(kind: str) -> bytes:
    frames = [Image.fromarray(scene(seed=seed)) for seed in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def two_frames() -> bytes:
    whole = encoded()
    at = whole.index(b"\xff\xc0")
    frame = whole[at : at + 19]
    return whole[:at] + frame + whole[at:]


def zipped(content: bytes = b"x" * 1000) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", content)
    return out.getvalue()


ZEROS = bytes(60_000_000)
JPEG = encoded()
REFUSED: dict[str, tuple[Callable[[], bytes], type[errors.PictureError]]] = {
    "1 empty": (lambda: b"", errors.PictureEmpty),
    "2 text": (lambda: b"<html>not a picture</html>", errors.PictureTypeUnsupported),
    "2 random megabyte": (lambda: random.Random(1).randbytes(1_000_000), errors.PictureTypeUnsupported),
    "3 JPEG cut in half": (lambda: JPEG[: len(JPEG) // 2], errors.PictureTruncated),
    "4 JPEG start only": (lambda: b"\xff\xd8", errors.PictureCorrupt),
    "4 JPEG start and end": (lambda: b"\xff\xd8\xff\xd9", errors.PictureCorrupt),
    "5 JPEG without end": (lambda: JPEG[:-2], errors.PictureTruncated),
    "6 progressive JPEG, scans missing": (progressive_without_last_scans, errors.PictureTruncated),
    "6 JPEG with an unknown marker amid its data": (with_unknown_marker, errors.PictureCorrupt),
    "7 PNG cut": (lambda: encoded(kind="PNG")[:-300], errors.PictureTruncated),
    "7 PNG without end": (lambda: encoded(kind="PNG")[:-12], errors.PictureTruncated),
    "7 WebP cut": (lambda: encoded(kind="WEBP")[:-50], errors.PictureTruncated),
    "8 PNG bad data byte": (lambda: damaged_png(200), errors.PictureCorrupt),
    "8 PNG data ends too early": (lambda: png(200, 200, rows=bytes(3000)), errors.PictureCorrupt),
    "8 JPEG two frames": (two_frames, errors.PictureCorrupt),
    "8 WebP damaged": (
        lambda: encoded(kind="WEBP")[:23] + b"\0\0\0" + encoded(kind="WEBP")[26:],
        errors.PictureCorrupt,
    ),
    "9 PNG header 60,000 squared": (lambda: png(60_000, 60_000, rows=b"\0"), errors.PictureTooManyPixels),
    "10 PNG bomb 13,000 squared": (lambda: png(13_000, 13_000, rows=ZEROS), errors.PictureTooManyPixels),
    "11 JPEG header lying 9,000 squared": (lambda: lying_jpeg(9000, 9000), errors.PictureTooManyPixels),
    "12 PNG 0 x 100": (lambda: png(0, 100, rows=b"\0"), errors.PictureCorrupt),
    "13 one pixel": (lambda: png(1, 1), errors.PictureTooSmall),
    "14 1 x 60,000": (lambda: png(1, 60_000), errors.PictureAspect),
    "18 GIF": (lambda: encoded(kind="GIF"), errors.PictureTypeUnsupported),
    "19 animated WebP": (lambda: animated("WEBP"), errors.PictureAnimated),
    "19 APNG": (lambda: animated("PNG"), errors.PictureAnimated),
    "20 SVG": (
        lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        errors.PictureTypeUnsupported,
    ),
    "21 PDF": (lambda: encoded(kind="PDF"), errors.PictureTypeUnsupported),
    "22 EPS": (lambda: encoded(kind="EPS"), errors.PictureTypeUnsupported),
    "23 TIFF": (lambda: encoded(kind="TIFF"), errors.PictureTypeUnsupported),
    "23 BMP": (lambda: encoded(kind="BMP"), errors.PictureTypeUnsupported),
    "23 ICO": (lambda: encoded(kind="ICO"), errors.PictureTypeUnsupported),
    "24 HEIC without a picture": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), errors.PictureTruncated),
    "25 AVIF": (lambda: encoded(kind="AVIF"), errors.PictureTypeUnsupported),
    "27 JPEG after a NUL": (lambda: b"\0" + JPEG, errors.PictureTypeUnsupported),
    "28 zip": (zipped, errors.PictureTypeUnsupported),
    "28 gzip": (lambda: zlib.compress(JPEG, wbits=31), errors.PictureTypeUnsupported),
    "32 ICC bomb": (
        lambda: png(200, 200, chunk(b"iCCP", b"icc\0\0" + zlib.compress(ZEROS, 9))),
        errors.PictureTooComplex,
    ),
    "33 zTXt bomb": (
        lambda: png(200, 200, chunk(b"zTXt", b"c\0\0" + zlib.compress(ZEROS, 9))),
        errors.PictureTooComplex,
    ),
    "33 iTXt bomb": (
        lambda: png(200, 200, chunk(b"iTXt", b"c\0\1\0\0\0" + zlib.compress(ZEROS, 9))),
        errors.PictureTooComplex,
    ),
    "33 1,500 texts": (lambda: png(200, 200, *[chunk(b"tEXt", b"a\0b")] * 1500), errors.PictureTooComplex),
    "34 progressive JPEG, 5,000 scans": (lambda: many_scans(5000), errors.PictureTooComplex),
    "48 11 megabytes": (lambda: JPEG + bytes(11_000_000), errors.PictureTooLarge),
}


@pytest.mark.parametrize("row", REFUSED)
def test_bad_picture_is_refused_by_name_cheaply(row: str) -> None:
    build, expected = REFUSED[row]
    data = build()
    started = time.process_time()
    with pytest.raises(errors.PictureError) as refusal:
        decode(data, max_side=SIDE)
    assert type(refusal.value) is expected
    assert time.process_time() - started < 1.0
    assert refusal.value.detail.isascii()
    assert len(refusal.value.detail) < 200


@pytest.mark.parametrize("row", ["10 PNG bomb 13,000 squared", "11 JPEG header lying 9,000 squared", "32 ICC bomb"])
def test_bombs_are_refused_before_memory_is_taken(row: str) -> None:
    data = REFUSED[row][0]()
    tracemalloc.start()
    with pytest.raises(errors.PictureError):
        inspect(data, DEFAULT_LIMITS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_comes_out_as_it_went_in(kind: str) -> None:
    picture = decode(encoded(kind=kind), max_side=SIDE)
    assert picture.format == kind
    assert (picture.original_width, picture.original_height, picture.scale) == (240, 160, 1.0)
    assert picture.pixels.shape == (160, 240, 3)
    assert picture.pixels.dtype == np.uint8
    assert _difference(picture.pixels, scene()) < 8


def _difference(bgr: Pixels, rgb: Pixels) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(bgr[:, :, ::-1].astype(int) - rgb.astype(int)).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_all_eight_orientations_come_out_upright(kind: str, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = Image.fromarray(scene())
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(encoded(stored, kind, exif=exif), max_side=SIDE)
    assert (picture.original_width, picture.original_height) == (240, 160)
    assert _difference(picture.pixels, scene()) < 8


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0" + b"garbage" * 9, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(30), b"Exif\0\0"]
)
def test_corrupt_exif_is_ignored(exif: bytes) -> None:
    assert decode(encoded(exif=exif), max_side=SIDE).pixels.shape == (160, 240, 3)


def test_orientation_99_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 99
    assert decode(encoded(exif=exif), max_side=SIDE).pixels.shape == (160, 240, 3)


def test_adobe_cmyk_is_not_inverted() -> None:
    cmyk = Image.fromarray(scene()).convert("CMYK")
    picture = decode(encoded(cmyk), max_side=SIDE)
    assert _difference(picture.pixels, np.asarray(cmyk.convert("RGB"))) < 8


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp: NDArray[np.uint16] = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (100, 1))
    picture = decode(encoded(Image.fromarray(ramp), "PNG"), max_side=SIDE)
    assert abs(float(picture.pixels.mean()) - 127.5) < 1.0
    assert int(picture.pixels[50, 0, 0]) == 0
    assert int(picture.pixels[50, 255, 0]) == 255


def test_sixteen_bit_colour_is_scaled_not_clipped() -> None:
    ramp = np.repeat(np.linspace(0, 65535, 256).astype(">u2")[:, None], 3, axis=1)
    rows = (b"\0" + ramp.tobytes()) * 100
    picture = decode(png(256, 100, depth=16, colour=2, rows=rows), max_side=SIDE)
    assert abs(float(picture.pixels.mean()) - 127.5) < 1.0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pixels_are_white(mode: str) -> None:
    black = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    black.paste((0, 0, 0, 255), (0, 0, 60, 120))
    if mode == "P":
        options: dict[str, Any] = {"transparency": 1}
        image = Image.new("P", (120, 120), 1)
        image.putpalette([0, 0, 0, 10, 20, 30])
        image.paste(0, (0, 0, 60, 120))
    else:
        options, image = {}, black.convert(mode)
    pixels = decode(encoded(image, "PNG", **options), max_side=SIDE).pixels
    assert (pixels[:, :60] == 0).all()
    assert (pixels[:, 60:] == 255).all()


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_becomes_three_equal_channels(mode: str) -> None:
    pixels = decode(encoded(Image.fromarray(scene()).convert(mode), "PNG"), max_side=SIDE).pixels
    assert pixels.shape == (160, 240, 3)
    assert (pixels[:, :, 0] == pixels[:, :, 2]).all()
    assert pixels.std() > 5


@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 2}, {"keep_rgb": True}])
def test_a_jpeg_has_the_pixels_pillow_gives(options: dict[str, Any], reduction: int) -> None:
    data = encoded(scene(800, 528), **options)
    with Image.open(io.BytesIO(data)) as image:
        image.draft(None, (800 // reduction, 528 // reduction))
        expected = np.asarray(image)[:, :, ::-1]
    assert expected.shape == (528 // reduction, 800 // reduction, 3)
    assert np.array_equal(decode(data, max_side=800 // reduction).pixels, expected)


@pytest.mark.parametrize("tail", [b"%PDF-1.7\n1 0 obj", zipped(), b"GIF89a" + bytes(100), JPEG])
def test_what_follows_the_picture_is_dropped(tail: bytes) -> None:
    assert _difference(decode(JPEG + tail, max_side=SIDE).pixels, scene()) < 8
    assert inspect(JPEG + tail, DEFAULT_LIMITS).end == len(JPEG)


def test_the_first_picture_of_a_telephones_mpo_is_taken() -> None:
    frames = [Image.fromarray(scene(seed=seed)) for seed in (0, 1)]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:], quality=92)
    picture = decode(data, max_side=SIDE)
    assert picture.format == "JPEG"
    assert _difference(picture.pixels, scene()) < 8


def test_six_megabytes_of_metadata_cost_nothing() -> None:
    segment = b"\xff\xe1\xff\xff" + b"http://x" + bytes(65_525)
    started = time.process_time()
    picture = decode(JPEG[:2] + segment * 100 + JPEG[2:], max_side=SIDE)
    assert time.process_time() - started < 0.5
    assert picture.pixels.shape == (160, 240, 3)


def test_an_ordinary_colour_profile_is_no_bomb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "a camera", zip=True)
    assert decode(encoded(kind="PNG", icc_profile=profile, pnginfo=text), max_side=SIDE).format == "PNG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_picture_is_reduced_and_boxes_map_back(kind: str) -> None:
    picture = decode(encoded(scene(3000, 2000), kind), max_side=1000)
    assert picture.pixels.shape == (667, 1000, 3)
    assert (picture.original_width, picture.original_height) == (3000, 2000)
    assert picture.scale == pytest.approx(1 / 3)
    corner = picture.to_original(np.array([[0, 0], [1000, 0], [1000, 667], [0, 667]], np.float32))[2]
    assert corner == pytest.approx((3000, 2000), abs=2)
    assert _difference(picture.pixels, np.asarray(Image.fromarray(scene(3000, 2000)).resize((1000, 667)))) < 4


@pytest.mark.parametrize(("side", "kept"), [(1000, 1000), (1100, 1100), (1200, 1000)])
def test_a_picture_hardly_larger_than_asked_for_is_not_shrunk(side: int, kept: int) -> None:
    picture = decode(encoded(scene(side, 800)), max_side=1000)
    assert picture.pixels.shape[1] == kept
    assert picture.scale == pytest.approx(kept / side)


@pytest.mark.parametrize("orientation", [1, 5, 6, 8])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_luminance_of_a_large_picture_keeps_its_size(kind: str, orientation: int) -> None:
    large = scene(2400, 1600)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(encoded(large, kind, exif=exif.tobytes()), max_side=1000, fine=True)
    assert picture.fine is not None
    height, width = picture.pixels.shape[:2]
    assert picture.fine.shape == (picture.original_height, picture.original_width)
    # The same way up, and of the same grey.
    small = Image.fromarray(picture.fine).resize((width, height)).convert("RGB")
    grey = Image.fromarray(np.ascontiguousarray(picture.pixels[:, :, ::-1])).convert("L").convert("RGB")
    assert _difference(np.asarray(small), np.asarray(grey)) < 4


def test_the_luminance_is_kept_only_where_it_is_asked_for_and_shows_more() -> None:
    large = encoded(scene(2400, 1600))
    assert decode(large, max_side=1000).fine is None
    assert decode(large, max_side=2400, fine=True).fine is None


@pytest.mark.parametrize("fine", [False, True])
def test_a_48_megapixel_telephone_photo_takes_little_memory(tmp_path: Path, *, fine: bool) -> None:
    photo = Image.fromarray(scene(8000, 6000))
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(photo, quality=40, subsampling=2))
    # Whole, it would take 192 MB in Pillow and 144 MB more as an array.
    code = (
        "import resource, sys; from pathlib import Path; from service.runtime.image import decode, read\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"before = peak(); picture = decode(read(Path(sys.argv[1])), max_side=1600, fine={fine})\n"
        "print(*picture.pixels.shape, peak() - before)"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    height, width, _, kilobytes = map(int, answer.stdout.split())
    assert (height, width) == (1200, 1600)
    assert kilobytes < 80_000
    with pytest.raises(errors.PictureTooManyPixels):
        decode(encoded(photo, quality=40, progressive=True), max_side=SIDE)


def test_limits_are_arguments() -> None:
    with pytest.raises(errors.PictureTooLarge):
        decode(JPEG, limits=ImageLimits(max_bytes=100), max_side=SIDE)
    with pytest.raises(errors.PictureTooSmall):
        decode(JPEG, limits=ImageLimits(min_side=161), max_side=SIDE)
    with pytest.raises(errors.PictureAspect):
        decode(JPEG, limits=ImageLimits(max_aspect=1.2), max_side=SIDE)


def test_read_names_no_path(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret-pipe")
    for path in (tmp_path / "secret-name.jpg", tmp_path, tmp_path / "secret-pipe", Path("secret\0")):
        with pytest.raises(errors.PictureMissing) as missing:
            read(path)
        assert "secret" not in missing.value.detail
    (tmp_path / "a.jpg").write_bytes(JPEG)
    assert read(tmp_path / "a.jpg") == JPEG
    assert len(read(tmp_path / "a.jpg", limits=ImageLimits(max_bytes=10))) == 11


NAMES = {"picture"} | {leaf.code for leaf in errors.leaves(errors.PictureError)}


def answer(data: bytes) -> str:
    try:
        return "picture" if decode(data, max_side=SIDE).pixels.size else "nothing"
    except errors.PictureError as error:
        return error.code


def test_every_damaged_byte_gives_a_picture_or_a_named_error() -> None:
    rng = random.Random(7)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = encoded(kind=kind)
        for _ in range(150):
            data = bytearray(whole)
            for _ in range(rng.choice((1, 4, 30))):
                data[rng.randrange(len(data))] = rng.randrange(256)
            assert answer(bytes(data[: rng.choice((len(data), rng.randrange(len(data))))])) in NAMES


def _shared(name: str) -> Path:
    root = Path(os.environ.get("HECHA_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    assert (root / name).is_dir(), f"the shared data set {name} is missing; set HECHA_SHARED_DATA"
    return root / name


def test_every_hostile_picture_of_the_shared_set_is_answered_by_name() -> None:
    files = sorted(path for path in _shared("bad_images_dev").rglob("*") if path.is_file() and path.suffix != ".csv")
    assert len(files) > 100
    answers: list[str] = []
    for path in files:
        started = time.process_time()
        answers.append(answer(read(path)))
        assert answers[-1] in NAMES, path.name
        assert time.process_time() - started < 2.0, path.name
    assert answers.count("picture") > 10
