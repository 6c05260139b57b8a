"""The temporary resident identity card (临时居民身份证): all data on one side, its name on the other.

Measures for Temporary Resident Identity Cards (Ministry of Public Security, 2005): the data side also carries validity
and authority. The exact layout is not public: places are our guess, the words are the regulation's.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from service.evidence import Pixels
from service.specimens.card import INK, draw_front, wrap
from service.specimens.fonts import Fonts
from service.specimens.people import Person
from service.specimens.stock import ground


def draw_temporary_front(person: Person, portrait: Pixels, fonts: Fonts) -> Pixels:
    """The side with the data, BGR as the second-generation card."""
    card = draw_front(person, portrait, fonts)
    image = Image.fromarray(card[:, :, ::-1])
    draw, font = ImageDraw.Draw(image), fonts.sans(24)
    end = person.valid_from.replace(month=(person.valid_from.month % 12) + 1, day=1)
    lines = [f"有效期限 {person.valid_from:%Y.%m.%d}-{end:%Y.%m.%d}", f"签发机关 {wrap(person.authority, 18)[0]}"]
    for row, text in enumerate(lines):
        draw.text((72, 470 + 34 * row), text, font=font, fill=INK, anchor="ls")
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def draw_temporary_back(fonts: Fonts) -> Pixels:
    """The side with the name of the card."""
    image = Image.fromarray(ground(1)[:, :, ::-1])
    draw = ImageDraw.Draw(image)
    draw.text((505, 240), "中华人民共和国", font=fonts.serif(70), fill=INK, anchor="ms")
    draw.text((505, 380), "临时居民身份证", font=fonts.serif(84), fill=INK, anchor="ms")
    draw.text((505, 560), "样本 SPECIMEN", font=fonts.sans(48), fill=(196, 70, 64), anchor="ms")
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])
