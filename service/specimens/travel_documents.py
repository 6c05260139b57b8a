"""Draw specimen passports, visas and cards with a machine readable zone (ICAO Doc 9303 sizes), marked SPECIMEN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from service.evidence import Pixels
from service.specimens.fonts import Fonts
from service.specimens.stock import ground
from service.specimens.travellers import FORMATS, Traveller

OCR_B = "OCRB7.ttf"
DOT = 300 / 25.4
"""Pixels of a millimetre."""
SIZES = {"TD1": (85.6, 54.0), "TD2": (105.0, 74.0), "TD3": (125.0, 88.0), "MRVA": (120.0, 80.0), "MRVB": (105.0, 74.0)}
"""Width and height in millimetres (Doc 9303-3 to -7)."""
PITCH, LINE = 2.54, 6.35
"""Millimetres from character to character and from line to line of the zone."""
INK, LABEL, MARK = (34, 32, 38), (96, 84, 92), (196, 70, 64)

_TITLES = {"TD1": "IDENTITY CARD", "TD2": "TRAVEL DOCUMENT", "TD3": "PASSPORT", "MRVA": "VISA", "MRVB": "VISA"}


@dataclass(frozen=True, slots=True)
class ZoneFont:
    """The face of the zone: OCR-B, one character to 2.54 mm."""

    path: Path

    @classmethod
    def build(cls, assets: Path) -> ZoneFont:
        """From the folder `hecha models fetch` fills. FileNotFoundError names the missing file."""
        if not (assets / OCR_B).is_file():
            raise FileNotFoundError(f"{OCR_B} is missing from {assets.name}: run `hecha models fetch`")
        return cls(assets / OCR_B)

    def face(self) -> ImageFont.FreeTypeFont:
        """As large as the pitch demands."""
        return ImageFont.truetype(self.path, round(PITCH * DOT / 0.7225))


def draw_document(
    traveller: Traveller, portrait: Pixels, fonts: Fonts, zone: ZoneFont, rng: np.random.Generator
) -> Pixels:
    """The side with the zone, BGR at 300 dpi. `rng` varies the ground, the ink and the place of the zone a little."""
    width, height = (round(side * DOT) for side in SIZES[traveller.format])
    pixels = np.asarray(cv2.resize(ground(int(rng.integers(2))), (width, height)), dtype=np.uint8)
    top = _zone_top(traveller.format, height)
    # The zone is kept free of strong patterns, not of all of them.
    pixels[top:] = (0.6 * pixels[top:].astype(np.float32) + 0.4 * 250).astype(np.uint8)
    _place_portrait(pixels, portrait, top)
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    pen = ImageDraw.Draw(image)
    _write_zone(pen, traveller, zone, (width, height), rng)
    _write_visual(pen, traveller, fonts, (width, top))
    pixels = np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.5, 1.2))), dtype=np.uint8)


def _zone_top(format: str, height: int) -> int:
    return height - round((24.5 if format == "TD1" else 23.2) * DOT)


def _write_zone(
    pen: ImageDraw.ImageDraw, traveller: Traveller, zone: ZoneFont, size: tuple[int, int], rng: np.random.Generator
) -> None:
    lines, length = FORMATS[traveller.format]
    left = (size[0] - length * PITCH * DOT) / 2 + rng.uniform(-1.0, 1.0) * DOT
    bottom = size[1] - (5.5 if lines == 3 else 9.0) * DOT + rng.uniform(-0.8, 0.8) * DOT
    face, shade = zone.face(), int(rng.integers(10, 70))
    for place, line in enumerate(traveller.lines):
        baseline = bottom - (lines - 1 - place) * LINE * DOT
        for column, character in enumerate(line):
            middle = left + (column + 0.5) * PITCH * DOT
            pen.text((middle, baseline), character, font=face, fill=(shade, shade, shade), anchor="ms")


def _write_visual(pen: ImageDraw.ImageDraw, traveller: Traveller, fonts: Fonts, room: tuple[int, int]) -> None:
    width, bottom = room
    entries = list(_entries(traveller))
    small = traveller.format == "TD1"
    label, value, title = (
        fonts.sans(18 if small else 24),
        fonts.sans(24 if small else 34),
        fonts.sans(30 if small else 44),
    )
    pen.text((0.04 * width, 0.07 * bottom), _TITLES[traveller.format], font=title, fill=INK, anchor="lm")
    pen.text((0.96 * width, 0.07 * bottom), "SPECIMEN 样本", font=title, fill=MARK, anchor="rm")
    rows = (len(entries) + 1) // 2
    for place, (name, text) in enumerate(entries):
        x = (0.36, 0.68)[place % 2] * width
        y = (0.2 + 0.76 * (place // 2) / rows) * bottom
        pen.text((x, y), name, font=label, fill=LABEL, anchor="lm")
        pen.text((x, y + 0.36 * 0.76 * bottom / rows), text, font=value, fill=INK, anchor="lm")


def _entries(traveller: Traveller) -> Iterator[tuple[str, str]]:
    """Labels and values of the visual zone: Chinese and English on documents of China, English and French elsewhere."""
    chinese = traveller.issuing_state in ("CHN", "TWN", "HKG", "MAC")
    labels = _CHINESE if chinese else _FRENCH
    values = (
        traveller.issuing_state,
        traveller.number,
        traveller.surname,
        traveller.given_names,
        traveller.nationality,
        traveller.sex if traveller.sex != "<" else "X",
        printed_date(traveller.birth_date),
        printed_date(traveller.valid_from),
        printed_date(traveller.valid_until),
    )
    yield from zip(labels, values, strict=True)


_CHINESE = ("国家码/Country code", "护照号码/Passport No.", "姓/Surname", "名/Given names", "国籍/Nationality",
            "性别/Sex", "出生日期/Date of birth", "签发日期/Date of issue", "有效期至/Date of expiry")  # fmt: skip
_FRENCH = ("Code/Code", "Document No./No du document", "Surname/Nom", "Given names/Prénoms", "Nationality/Nationalité",
           "Sex/Sexe", "Date of birth/Date de naissance", "Date of issue/Date de délivrance",
           "Date of expiry/Date d'expiration")  # fmt: skip


def printed_date(day: date) -> str:
    """`03 MAY 1982`, whatever the locale."""
    month = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")[day.month - 1]
    return f"{day.day:02d} {month} {day.year}"


def _place_portrait(pixels: Pixels, portrait: Pixels, bottom: int) -> None:
    height = round(0.72 * bottom)
    width = round(height * portrait.shape[1] / portrait.shape[0])
    x, y = round(0.04 * pixels.shape[1]), round(0.18 * bottom)
    width = min(width, round(0.3 * pixels.shape[1]))
    pixels[y : y + height, x : x + width] = cv2.resize(portrait, (width, height), interpolation=cv2.INTER_AREA)
