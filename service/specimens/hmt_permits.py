"""Draw specimen permits for residents of Hong Kong, Macau and Taiwan, marked SPECIMEN.

The residence permit (港澳台居民居住证, State Council, 2018) has the resident card's layout without the ethnicity; its
back adds the number of the travel permit and the count of issues. The travel permits' exact places are not public:
their words and number schemes are, the places are our guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import cv2
import numpy as np
from PIL import Image, ImageDraw

from service.evidence import Pixels
from service.specimens.card import INK, LABEL, MARK, draw_front
from service.specimens.fonts import Fonts
from service.specimens.people import Person
from service.specimens.stock import draw_emblem, ground
from service.specimens.travel_documents import DOT, PITCH, ZoneFont
from service.specimens.travellers import digit


@dataclass(frozen=True, slots=True)
class Permit:
    """What a permit prints besides its holder. `title`: as on the card (`港澳居民居住证` ...)."""

    title: str
    number: str = field(repr=False)
    """Of the travel permit."""
    issues: int


def draw_residence_front(person: Person, portrait: Pixels, fonts: Fonts) -> Pixels:
    """The side with the portrait, BGR. `person`: with a number of 810000, 820000 or 830000."""
    return draw_front(replace(person, ethnicity=""), portrait, fonts)


def draw_residence_back(person: Person, permit: Permit, fonts: Fonts) -> Pixels:
    """The side with the emblem, BGR."""
    pixels = ground(1)
    draw_emblem(pixels, (166, 166), 100)
    end = f"{person.valid_until:%Y.%m.%d}" if person.valid_until else "长期"
    rows = [
        ("签发机关", person.authority),
        ("有效期限", f"{person.valid_from:%Y.%m.%d}-{end}"),
        ("通行证号码", permit.number),
        ("签发次数", f"{permit.issues:02d}"),
    ]
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    pen = ImageDraw.Draw(image)
    pen.text((640, 148), "中华人民共和国", font=fonts.serif(62), fill=INK, anchor="ms")
    pen.text((640, 250), permit.title, font=fonts.serif(74), fill=INK, anchor="ms")
    pen.text((640, 320), "样本 SPECIMEN", font=fonts.sans(40), fill=MARK, anchor="ms")
    for place, (name, value) in enumerate(rows):
        pen.text((236, 400 + 56 * place), name, font=fonts.sans(30), fill=INK, anchor="ls")
        pen.text((420, 400 + 56 * place), value, font=fonts.sans(32), fill=INK, anchor="ls")
    return _finish(image)


def draw_travel_front(
    person: Person, permit: Permit, latin: str, portrait: Pixels, fonts: Fonts, zone: ZoneFont | None = None
) -> Pixels:
    """The side with the portrait (at the left), BGR. `latin`: the name in Latin letters. `zone`: the font of
    the line of a 往来港澳通行证, which stands on this side."""
    pixels = ground(0)
    pixels[150:470, 50:290] = cv2.resize(portrait, (240, 320), interpolation=cv2.INTER_AREA)
    end = f"{person.valid_until:%Y.%m.%d}" if person.valid_until else ""
    rows = [
        ("姓名", person.name, latin),
        ("出生日期", f"{person.birth_date:%Y.%m.%d}", "性别    " + person.sex),
        ("有效期限", f"{person.valid_from:%Y.%m.%d}-{end}", ""),
        ("签发机关", person.authority, ""),
    ]
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    pen = ImageDraw.Draw(image)
    pen.text((50, 80), permit.title, font=fonts.sans(44), fill=INK, anchor="ls")
    pen.text((960, 80), permit.number, font=fonts.sans(40), fill=INK, anchor="rs")
    pen.text((960, 130), "样本 SPECIMEN", font=fonts.sans(32), fill=MARK, anchor="rs")
    for place, (name, value, beside) in enumerate(rows):
        top = 180 + 90 * place
        pen.text((330, top), name, font=fonts.sans(24), fill=LABEL, anchor="ls")
        pen.text((330, top + 40), value, font=fonts.sans(32), fill=INK, anchor="ls")
        pen.text((640, top + 40), beside, font=fonts.sans(32), fill=INK, anchor="ls")
    if zone and person.valid_until:
        line = permit_zone("CS", permit.number, person.valid_until, person.birth_date)
        for place, character in enumerate(line):
            pen.text((56 + (place + 0.5) * PITCH * DOT, 600), character, font=zone.face(), fill=INK, anchor="ms")
    return _finish(image)


def draw_travel_back(person: Person, permit: Permit, latin: str, fonts: Fonts, zone: ZoneFont) -> Pixels:
    """The side with the zone of TD1, BGR. The document code is our guess; State and number are not."""
    pixels = ground(1)
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    pen = ImageDraw.Draw(image)
    pen.text((60, 120), "样本 SPECIMEN", font=fonts.sans(40), fill=MARK, anchor="ls")
    pen.text((60, 190), "此证供持证人来往内地使用", font=fonts.sans(28), fill=INK, anchor="ls")
    for row, line in enumerate(travel_zone(person, permit, latin)):
        for place, character in enumerate(line):
            spot = (56 + (place + 0.5) * PITCH * DOT, 440 + 75 * row)
            pen.text(spot, character, font=zone.face(), fill=INK, anchor="ms")
    return _finish(image)


def travel_zone(person: Person, permit: Permit, latin: str) -> tuple[str, str, str]:
    """Three lines of 30 places (Doc 9303-5). `latin`: surname, a comma, given names. ValueError without an end of
    validity."""
    if person.valid_until is None:
        raise ValueError("a travel permit ends")
    first = f"CRCHN{permit.number:<<9}{digit(f'{permit.number:<<9}')}".ljust(30, "<")
    sex = "M" if person.sex == "男" else "F"
    birth, expiry = (f"{day:%y%m%d}" for day in (person.birth_date, person.valid_until))
    second = f"{birth}{digit(birth)}{sex}{expiry}{digit(expiry)}CHN".ljust(29, "<")
    total = digit(first[5:] + second[:7] + second[8:15] + second[18:])
    names = latin.replace(", ", "<<").replace(" ", "<")
    return first, second + total, names.ljust(30, "<")


def permit_zone(code: str, number: str, expiry: date, birth: date) -> str:
    """The line of 30 places at the foot of a travel permit: code, number, both dates, a check digit after each."""
    parts = [f"{text}{digit(text)}" for text in (f"{number:<<9}", f"{expiry:%y%m%d}", f"{birth:%y%m%d}")]
    return f"{code}{'<'.join(parts)}<{digit(''.join(parts))}"


def _finish(image: Image.Image) -> Pixels:
    pixels = np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.6), dtype=np.uint8)
