"""A reading drawn on its picture, so that a person can look instead of reading JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from service.evidence import Picture, Pixels
from service.reasons import REASONS, Effect
from service.report import Json

LONGEST = 1400
"""Of the picture as drawn, in pixels."""
PANEL_WIDTH = 560
_LINE = 25

_Ink = tuple[int, int, int]
_Spot = tuple[float, float]
PAPER, TEXT, QUIET, GREEN, AMBER, RED, CARD = (
    (250, 250, 248), (32, 36, 44), (112, 118, 130), (24, 138, 84), (198, 124, 8), (200, 44, 44), (0, 190, 220),
)  # fmt: skip
"""RGB, as Pillow takes it."""
FIELD_INKS: tuple[_Ink, ...] = (
    (33, 102, 214), (206, 70, 136), (112, 76, 200), (0, 140, 150), (214, 108, 22), (196, 40, 40), (70, 120, 30),
)  # fmt: skip
MARKS = {"pass": ("✓", GREEN), "fail": ("×", RED), "unknown": ("?", QUIET)}


@dataclass(frozen=True, slots=True)
class Annotator:
    """Draws with one font, which must hold Chinese characters."""

    font: Path

    def draw(self, picture: Picture, answer: Json) -> Pixels:
        """The picture (BGR) with the outline of the card, a box for each field and each alert that has one, and a
        panel beside it that says what was read, what is wrong and what was checked. `answer`: of `hecha read --json`.
        """
        shrink = min(1.0, LONGEST / max(picture.original_width, picture.original_height))
        size = (round(picture.original_width * shrink), round(picture.original_height * shrink))
        shown = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
        panel = _Panel(self.font)
        panel.write(answer)
        height = max(size[1], panel.height)
        sheet = Image.new("RGB", (size[0] + PANEL_WIDTH, height), (44, 48, 56))
        sheet.paste(Image.fromarray(np.ascontiguousarray(shown[:, :, ::-1])), (0, 0))
        _draw_boxes(sheet, answer, shrink, self.font)
        panel.draw_on(sheet, size[0])
        return np.ascontiguousarray(np.asarray(sheet, dtype=np.uint8)[:, :, ::-1])


def field_ink(place: int) -> _Ink:
    """The colour of the field at a place of the answer, in its box and in the panel."""
    return FIELD_INKS[place % len(FIELD_INKS)]


def alert_ink(code: str) -> _Ink:
    """Amber for a hint, red for what stands in the way."""
    return AMBER if REASONS[code].effect is Effect.HINT else RED


def _draw_boxes(sheet: Image.Image, answer: Json, shrink: float, font: Path) -> None:
    draw = ImageDraw.Draw(sheet, "RGBA")
    small = ImageFont.truetype(font, 16)
    for name, ink in (("card_box", CARD), ("portrait_box", CARD)):
        if answer[name]:
            _outline(draw, answer[name], shrink, ink, fill=False)
    for place, (name, row) in enumerate(answer["fields"].items()):
        if row["box"]:
            _outline(draw, row["box"], shrink, field_ink(place), fill=True)
            _tag(draw, row["box"], shrink, name, field_ink(place), small)
    for row in answer["alerts"]:
        if row.get("box"):
            _outline(draw, row["box"], shrink, alert_ink(row["code"]), fill=False)
            _tag(draw, row["box"], shrink, row["code"], alert_ink(row["code"]), small)


def _outline(draw: ImageDraw.ImageDraw, box: Any, shrink: float, ink: _Ink, *, fill: bool) -> None:
    points = [(x * shrink, y * shrink) for x, y in box]
    if fill:
        draw.polygon(points, fill=(*ink, 38))
    draw.line([*points, points[0]], fill=(*ink, 255), width=3, joint="curve")


def _tag(
    draw: ImageDraw.ImageDraw, box: Any, shrink: float, text: str, ink: _Ink, font: ImageFont.FreeTypeFont
) -> None:
    """A label that stands on the upper edge of a box, or below that edge at the picture's top."""
    left = min(x for x, _ in box) * shrink
    top = min(y for _, y in box) * shrink
    width = draw.textlength(text, font=font) + 10
    y = top - 21 if top >= 21 else top
    draw.rectangle((left - 1, y, left - 1 + width, y + 20), fill=(*ink, 235))
    draw.text((left + 4, y + 10), text, font=font, fill=(255, 255, 255, 255), anchor="lm")


@dataclass(slots=True)
class _Panel:
    """Rows of text, then drawn: the sheet must be high enough for them."""

    font: Path
    rows: list[tuple[str, int, _Ink, int, _Ink | None]] = field(default_factory=list)
    """Text, size, colour, indent, colour of the mark before it."""

    @property
    def height(self) -> int:
        return 2 * 18 + sum(self._step(row[1]) for row in self.rows)

    def write(self, answer: Json) -> None:
        title = " · ".join(str(part) for part in (answer["kind"], answer["side"]) if part) or "no known document"
        self._add(title, 24, TEXT)
        self._add(f"{answer['elapsed_ms']:.0f} ms, route {answer['route']}", 15, QUIET)
        for place, (name, row) in enumerate(answer["fields"].items()):
            self._add(f"{name}   {row['text_score']:.3f}", 15, QUIET, mark=field_ink(place))
            self._add(row["value"], 21, TEXT, indent=22)
            for other in row.get("variants", ()):
                self._add(f"or {other}", 17, AMBER, indent=22)
        self._write_alerts(answer["alerts"])
        if answer["checks"]:
            self._title("checks")
        for row in answer["checks"]:
            sign, ink = MARKS[row["outcome"]]
            reasons = f": {', '.join(row['reasons'])}" if row["reasons"] else ""
            self._add(f"{sign} {row['name']}{reasons}", 17, ink)

    def draw_on(self, sheet: Image.Image, left: int) -> None:
        draw = ImageDraw.Draw(sheet)
        draw.rectangle((left, 0, left + PANEL_WIDTH, sheet.height), fill=PAPER)
        y = 18.0
        for text, size, ink, indent, mark in self.rows:
            step = self._step(size)
            if mark is not None:
                draw.rectangle((left + 20, y + step / 2 - 7, left + 34, y + step / 2 + 7), fill=mark)
            draw.text((left + 20 + indent, y + step / 2), text, font=self._face(size), fill=ink, anchor="lm")
            y += step

    def _write_alerts(self, alerts: list[Json]) -> None:
        if alerts:
            self._title("alerts")
        for row in alerts:
            where = f" ({row['field']})" if row.get("field") else ""
            self._add(f"! {row['code']}{where}", 18, alert_ink(row["code"]))
            self._add(row["advice"]["zh"], 16, TEXT, indent=14)
            self._add(row["advice"]["en"], 14, QUIET, indent=14)

    def _title(self, text: str) -> None:
        self._add("", 10, QUIET)
        self._add(text, 15, QUIET)

    def _add(self, text: str, size: int, ink: _Ink, *, indent: int = 0, mark: _Ink | None = None) -> None:
        indent = 22 if mark is not None else indent
        for part in _wrapped(text, self._face(size), PANEL_WIDTH - 40 - indent):
            self.rows.append((part, size, ink, indent, mark))
            mark = None

    def _face(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self.font, size)

    @staticmethod
    def _step(size: int) -> int:
        return round(size * 1.5)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """The text in lines no wider than `width`, broken at a space where there is one, else anywhere."""
    while text and font.getlength(text) > width:
        fitting = (length for length in range(len(text), 1, -1) if font.getlength(text[:length]) <= width)
        end = next(fitting, 1)
        space = text.rfind(" ", 1, end)
        end = space if space > end // 2 else end
        yield text[:end].strip()
        text = text[end:].strip()
    yield text
