"""Draw the two sides of a specimen card in the layout of GA 448 (labels, places, sizes), marked SPECIMEN."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from service.evidence import Pixels
from service.specimens.fonts import Fonts
from service.specimens.people import Person
from service.specimens.press import Press
from service.specimens.stock import draw_emblem, ground

INK, LABEL, MARK = (28, 26, 30), (52, 116, 172), (196, 70, 64)
"""RGB, as Pillow takes it: the values, the labels, the specimen mark."""

NUMBER_BOX = (330, 524, 930, 580)
PORTRAIT_BOX = (636, 92, 936, 468)
FRONT_MARK_BOX = (640, 30, 936, 76)
BACK_MARK_BOX = (380, 336, 880, 416)
"""x0, y0, x1, y1 in pixels of the clean card."""

AUTHORITY_COLUMNS = 14
"""Full-width characters a line holds."""

NAME_COLUMNS, LONG_NAME_COLUMNS = 10, 14
"""The same for a name, and for one in two lines."""

_Spot = tuple[float, float]
_Ink = tuple[int, int, int]
_Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class _Pen:
    draw: ImageDraw.ImageDraw
    fonts: Fonts
    press: Press

    def label(self, size: int) -> _Font:
        return self.fonts.sans(round(size * self.press.scale))

    def value(self, size: int) -> _Font:
        face = self.fonts.serif if self.press.serif else self.fonts.sans
        return face(round(size * self.press.scale))

    def write(self, spot: _Spot, text: str, font: _Font, ink: _Ink, pitch: float) -> None:
        """From `spot` (left, baseline); `pitch` = pixels from one full-width character to the next."""
        x, baseline = self._placed(spot)
        for character in text:
            self.draw.text((x, baseline), character, font=font, fill=ink, anchor="ls")
            x += pitch * self.press.tracking * columns(character)

    def write_cells(self, spot: _Spot, text: str, font: _Font, pitch: float) -> None:
        """Every character centred in a cell of the same width, as the number is printed."""
        x, baseline = self._placed(spot)
        for place, character in enumerate(text):
            middle = x + (place + 0.5) * pitch * self.press.tracking
            self.draw.text((middle, baseline), character, font=font, fill=INK, anchor="ms")

    def write_right(self, spot: _Spot, text: str, font: _Font) -> None:
        """Up to `spot` (right, baseline)."""
        self.draw.text(self._placed(spot), text, font=font, fill=INK, anchor="rs")

    def _placed(self, spot: _Spot) -> _Spot:
        return spot[0] + self.press.shift[0], spot[1] + self.press.shift[1]


def draw_front(person: Person, portrait: Pixels, fonts: Fonts, press: Press | None = None) -> Pixels:
    """The side with the portrait, BGR (HEIGHT, WIDTH, 3). `portrait`: BGR, any size, head and shoulders."""
    pixels = ground(0)
    _place_portrait(pixels, portrait)
    image = Image.fromarray(pixels[:, :, ::-1])
    pen = _Pen(ImageDraw.Draw(image), fonts, press or Press())
    label, value = pen.label(28), pen.value(32)
    for x, baseline, text in (
        (72, 104, "姓名"), (72, 182, "性别"), (72, 258, "出生"), (72, 336, "住址"),
        (268, 258, "年"), (366, 258, "月"), (462, 258, "日"),
    ):  # fmt: skip
        pen.write((x, baseline), text, label, LABEL, 33)
    if person.ethnicity:
        pen.write((292, 182), "民族", label, LABEL, 33)
    pen.write((72, 566), "公民身份号码", label, LABEL, 35)
    _write_name(pen, person.name)
    pen.write((182, 183), person.sex, value, INK, 38)
    pen.write((386, 183), person.ethnicity, value, INK, 36)
    _write_birth_date(pen, person, value)
    for line, text in enumerate(wrap(person.address, pen.press.address_columns)):
        pen.write((182, 337 + 43 * line), text, value, INK, 37)
    pen.write_cells((334, 569), person.number, pen.label(41), 32.5)
    _write_mark(pen, FRONT_MARK_BOX, "样本 SPECIMEN", fonts.sans(36))
    return _finish(image)


def draw_back(person: Person, fonts: Fonts, press: Press | None = None) -> Pixels:
    """The side with the emblem, BGR (HEIGHT, WIDTH, 3)."""
    pixels = ground(1)
    draw_emblem(pixels, (166, 166), 100)
    image = Image.fromarray(pixels[:, :, ::-1])
    pen = _Pen(ImageDraw.Draw(image), fonts, press or Press())
    pen.write((352, 148), "中华人民共和国", fonts.serif(62), INK, 78)
    pen.write((352, 262), "居民身份证", fonts.serif(88), INK, 110)
    label, value = pen.label(30), pen.value(32)
    lines = wrap(person.authority, AUTHORITY_COLUMNS)
    top = 500 - 20 * (len(lines) - 1)
    pen.write((268, top), "签发机关", label, INK, 33)
    for line, text in enumerate(lines):
        pen.write((420, top + 40 * line), text, value, INK, 36)
    pen.write((268, 574), "有效期限", label, INK, 33)
    end = f"{person.valid_until:%Y.%m.%d}" if person.valid_until else "长期"
    pen.write((420, 574), f"{person.valid_from:%Y.%m.%d}-{end}", value, INK, 36)
    _write_mark(pen, BACK_MARK_BOX, "样本 SPECIMEN", fonts.sans(58))
    return _finish(image)


def columns(character: str) -> float:
    """The width of a character in full-width characters."""
    if ord(character) >= 0x2E80:
        return 1.0
    return {".": 0.34, "-": 0.44, " ": 0.4, "·": 0.6}.get(character, 0.56)


def wrap(text: str, width: float) -> list[str]:
    """Break wherever the line is full, as the card does."""
    lines, used = [""], 0.0
    for character in text:
        if used + columns(character) > width + 1e-6:
            lines.append("")
            used = 0.0
        lines[-1] += character
        used += columns(character)
    return lines


def _write_name(pen: _Pen, name: str) -> None:
    """In large letters; a name too long for them in two lines of smaller ones."""
    if sum(map(columns, name)) <= NAME_COLUMNS:
        pen.write((182, 105), name, pen.value(37), INK, 43)
        return
    for line, text in enumerate(wrap(name, LONG_NAME_COLUMNS)):
        pen.write((182, 88 + 36 * line), text, pen.value(27), INK, 31)


def _write_birth_date(pen: _Pen, person: Person, font: _Font) -> None:
    # Months and days stand without a leading zero, set to the right of their place.
    born = person.birth_date
    pen.write((184, 259), f"{born.year}", font, INK, 35)
    for right, number in ((352, born.month), (448, born.day)):
        pen.write_right((right, 259), str(number), font)


def _place_portrait(pixels: Pixels, portrait: Pixels) -> None:
    x0, y0, x1, y1 = PORTRAIT_BOX
    width, height = x1 - x0, y1 - y0
    scale = max(width / portrait.shape[1], height / portrait.shape[0])
    size = (max(width, round(portrait.shape[1] * scale)), max(height, round(portrait.shape[0] * scale)))
    fitted = cv2.resize(portrait, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left = (size[0] - width) // 2
    fitted = fitted[:height, left : left + width]
    # The print has no frame: its edge melts into the ground.
    alpha = np.zeros((height, width), np.float32)
    alpha[6:-6, 6:-6] = 1.0
    melted = cv2.GaussianBlur(alpha, (0, 0), 3.0)[:, :, None]
    under = pixels[y0:y1, x0:x1]
    pixels[y0:y1, x0:x1] = (melted * fitted + (1 - melted) * under).astype(np.uint8)


def _write_mark(pen: _Pen, box: tuple[int, int, int, int], text: str, font: _Font) -> None:
    x0, y0, x1, y1 = box
    pen.draw.rectangle(box, outline=MARK, width=2)
    pen.draw.text(((x0 + x1) / 2, (y0 + y1) / 2), text, font=font, fill=MARK, anchor="mm")


def _finish(image: Image.Image) -> Pixels:
    # Dye printing is not razor-sharp at 300 dpi.
    pixels = np.asarray(image, dtype=np.uint8)[:, :, ::-1]
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(pixels), (0, 0), 0.6), dtype=np.uint8)
