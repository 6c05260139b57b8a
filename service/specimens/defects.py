"""Specimens with one defect each, graded, and what is known of it: for measuring the alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels, Side
from service.specimens.card import draw_back, draw_front
from service.specimens.copies import colour_copy, grey_copy, phone_screenshot, screen
from service.specimens.field_places import Rectangle, field_places, line_ends
from service.specimens.fonts import Fonts
from service.specimens.forgeries import paste_portrait, repaint_text
from service.specimens.people import Person
from service.specimens.photograph import Photograph, card_to_picture, encode_jpeg, photograph
from service.specimens.scenes import scene
from service.specimens.spoilt import PAPERS, burn, cover, crop, darken, defocus, glare, lay_paper, reduce, shake
from service.specimens.stock import HEIGHT, WIDTH
from service.specimens.strangers import NO_DOCUMENTS, no_document
from service.specimens.telephones import PANELS, Camera, recapture
from service.specimens.temporary import draw_temporary_back, draw_temporary_front

Floats = NDArray[np.float32]
LEVELS = (1, 2, 3)
"""1 = slight, may pass; 2 = disturbing, must be caught; 3 = severe."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose card, and which side of it."""

    person: Person
    portrait: Pixels = field(repr=False)
    other_portrait: Pixels = field(repr=False)
    side: Side

    def card(self, fonts: Fonts) -> Pixels:
        """The side as drawn."""
        return (
            draw_front(self.person, self.portrait, fonts) if self.side is Side.FRONT else draw_back(self.person, fonts)
        )


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A picture with a defect. `region`: float32 (4, 2) in its pixels, what is spoilt; None = the whole picture."""

    pixels: Pixels = field(repr=False)
    defect: str
    level: int
    quality: int
    """Of the JPEG it would be saved as."""
    card: Floats | None = field(default=None, repr=False)
    """The card's corners in `pixels`, (4, 2); None where there is no card."""
    field_name: str | None = None
    region: Floats | None = None

    def encode(self) -> bytes:
        """The file."""
        return encode_jpeg(self.pixels, self.quality)


_Maker = Callable[[Subject, int, Fonts, np.random.Generator], Spoilt]


def spoil(defect: str, level: int, subject: Subject, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    """`defect` of DEFECTS (KeyError for another), `level` of LEVELS."""
    return _MAKERS[defect](subject, level, fonts, rng)


def _of(level: int, *values: float) -> float:
    return values[level - 1]


def _whole(defect: str, level: int, taken: Photograph, pixels: Pixels) -> Spoilt:
    return Spoilt(pixels, defect, level, taken.jpeg_quality, taken.quad, region=taken.quad)


def _grey(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    return _copied("photocopy", grey_copy, subject, level, fonts, rng)


def _coloured(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    return _copied("colour_photocopy", colour_copy, subject, level, fonts, rng)


def _copied(
    name: str,
    copy: Callable[[Pixels, float, np.random.Generator], tuple[Pixels, Floats]],
    subject: Subject,
    level: int,
    fonts: Fonts,
    rng: np.random.Generator,
) -> Spoilt:
    sheet, corners = copy(subject.card(fonts), _of(level, 0.1, 0.5, 0.9), rng)
    taken = photograph(sheet, "photo", rng)
    matrix = card_to_picture(taken.quad, (sheet.shape[1], sheet.shape[0]))
    quad = cv2.perspectiveTransform(corners.reshape(-1, 1, 2).astype(np.float64), matrix).reshape(4, 2)
    card = np.asarray(quad, np.float32)
    return Spoilt(taken.pixels, name, level, taken.jpeg_quality, card, region=card)


def _screen(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    shown = photograph(subject.card(fonts), "photo", rng)
    low, high = shown.quad.min(axis=0), shown.quad.max(axis=0)
    margin = 0.04 * (high[0] - low[0])
    x0, y0 = np.maximum(low - margin, 0).astype(int)
    x1, y1 = (high + margin).astype(int)
    cut = np.ascontiguousarray(shown.pixels[y0:y1, x0:x1])
    # Finer than the camera resolves (nothing of the grid is left), coarser, and a screen looked at closely.
    lowest, highest = ((900, 1600), (480, 680), (320, 480))[level - 1]
    corners, columns = shown.quad - np.array((x0, y0), np.float32), int(rng.integers(lowest, highest))
    pixels, quad = screen(cut, corners, columns, float(rng.uniform(0.35, 0.6)), rng)
    return Spoilt(pixels, "screen_recapture", level, int(rng.integers(85, 95)), quad, region=quad)


def _telephone(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    """Out of focus or with few megapixels; as anybody takes it; with a good camera from near."""
    shown = photograph(subject.card(fonts), "photo", rng)
    panel = PANELS[int(rng.integers(len(PANELS)))]
    megapixels = int(rng.choice(((5, 8, 12), (8, 12), (12,))[level - 1]))
    lowest, highest = ((1.0, 1.4), (0.6, 1.0), (0.45, 0.7))[level - 1]
    share = float(rng.uniform(_of(level, 0.5, 0.5, 0.7), 0.9))
    camera = Camera(megapixels, share, float(rng.uniform(lowest, highest)), binned=bool(rng.random() < 0.5))
    pixels, quad = recapture(shown.pixels, shown.quad, panel, camera, rng)
    return Spoilt(pixels, "telephone", level, int(rng.integers(85, 93)), quad, region=quad)


def _cut(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    pixels, quad = crop(taken.pixels, taken.quad, _of(level, 0.05, 0.13, 0.25), int(rng.integers(4)))
    return Spoilt(pixels, "border_incomplete", level, taken.jpeg_quality, quad, region=quad)


def _field(subject: Subject, rng: np.random.Generator) -> tuple[str, Rectangle]:
    places = field_places(subject.person, subject.side)
    name = list(places)[int(rng.integers(len(places)))]
    return name, places[name]


def _covered(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    name, place = _field(subject, rng)
    card, box = cover(subject.card(fonts), place, _of(level, 0.15, 0.4, 0.9), rng)
    taken = photograph(card, "photo", rng)
    return Spoilt(taken.pixels, "occluded", level, taken.jpeg_quality, taken.quad, name, _seen(taken.quad, box))


def _papered(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    places = field_places(subject.person, subject.side)
    places.pop("portrait", None)
    name = list(places)[int(rng.integers(len(places)))]
    card, box = cover(subject.card(fonts), places[name], _of(level, 0.15, 0.4, 0.9), rng, PAPERS)
    taken = photograph(card, "photo", rng)
    return Spoilt(taken.pixels, "paper_cover", level, taken.jpeg_quality, taken.quad, name, _seen(taken.quad, box))


def _shortened(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    """The last characters of running text are hidden: the rest of it passes for the whole."""
    ends = line_ends(subject.person, subject.side, level)
    name = list(ends)[int(rng.integers(len(ends)))]
    card, box = lay_paper(subject.card(fonts), ends[name], rng)
    taken = photograph(card, "photo", rng)
    return Spoilt(taken.pixels, "paper_at_end", level, taken.jpeg_quality, taken.quad, name, _seen(taken.quad, box))


def _mirrored(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    name, place = _field(subject, rng)
    taken = photograph(subject.card(fonts), "photo", rng)
    lit = glare(taken.pixels, taken.quad, (WIDTH, HEIGHT), place, _of(level, 0.3, 0.7, 1.2))
    return Spoilt(lit, "reflection", level, taken.jpeg_quality, taken.quad, name, _seen(taken.quad, place))


def _blurred(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    if rng.random() < 0.5:
        return _whole("blurred", level, taken, defocus(taken.pixels, taken.quad, _of(level, 2.5, 5.5, 8.0)))
    moved = shake(taken.pixels, taken.quad, _of(level, 9, 22, 34), float(rng.uniform(0, 180)))
    return _whole("blurred", level, taken, moved)


def _dark(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    return _whole("too_dark", level, taken, darken(taken.pixels, _of(level, 0.2, 0.07, 0.04), rng))


def _bright(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    return _whole("too_bright", level, taken, burn(taken.pixels, _of(level, 1.4, 2.2, 2.6), _of(level, 20, 115, 150)))


def _small(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    pixels, quad = reduce(taken.pixels, taken.quad, _of(level, 400, 250, 180))
    return Spoilt(pixels, "low_resolution", level, taken.jpeg_quality, quad, region=quad)


def _edited(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    taken = photograph(subject.card(fonts), "photo", rng)
    saved = cv2.imdecode(np.frombuffer(taken.encode(), np.uint8), cv2.IMREAD_COLOR)
    pixels, size = np.asarray(saved, dtype=np.uint8), (WIDTH, HEIGHT)
    places = field_places(subject.person, subject.side)
    if subject.side is Side.FRONT and rng.random() < 0.5:
        name = "portrait"
        pixels = paste_portrait(pixels, taken.quad, places[name], subject.other_portrait, size)
    else:
        name = "number" if subject.side is Side.FRONT else "valid_until"
        text = subject.person.number[::-1] if name == "number" else "2039.12.31"
        pixels = repaint_text(pixels, taken.quad, places[name], text, fonts, size)
    # The better it is saved, the more of the edit is left to see.
    return Spoilt(
        pixels, "edited", level, int(_of(level, 75, 88, 95)), taken.quad, name, _seen(taken.quad, places[name])
    )


def _temporary(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    front = subject.side is Side.FRONT
    card = draw_temporary_front(subject.person, subject.portrait, fonts) if front else draw_temporary_back(fonts)
    taken = photograph(card, ("tilt", "photo", "clean")[level - 1], rng)
    return _whole("temporary_id", level, taken, taken.pixels)


def _electronic(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    pixels, quad = phone_screenshot(subject.card(fonts), rng)
    return Spoilt(pixels, "electronic_id", level, int(_of(level, 70, 85, 95)), quad, region=quad)


def _two(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    """Both sides in one picture, one above the other, as they are often sent."""
    cards = [draw_front(subject.person, subject.portrait, fonts), draw_back(subject.person, fonts)]
    gap = 40 + int(rng.integers(60))
    sheet = cv2.resize(scene(320, 400, rng), (WIDTH + 2 * gap, 2 * HEIGHT + 3 * gap))
    if level == 1:
        sheet[:] = 247
    corners = []
    for place, card in enumerate(cards if rng.random() < 0.5 else cards[::-1]):
        top = gap + place * (HEIGHT + gap)
        sheet[top : top + HEIGHT, gap : gap + WIDTH] = card
        corners.append(np.array([(gap, top), (gap + WIDTH, top), (gap + WIDTH, top + HEIGHT), (gap, top + HEIGHT)]))
    pixels = np.asarray(cv2.GaussianBlur(sheet, (0, 0), 0.8), np.uint8)
    noisy = cv2.add(pixels, rng.normal(0, 2, pixels.shape), dtype=cv2.CV_8U)
    return Spoilt(
        np.asarray(noisy, np.uint8),
        "several_documents",
        level,
        90,
        corners[0].astype(np.float32),
        region=corners[1].astype(np.float32),
    )


def _none(subject: Subject, level: int, fonts: Fonts, rng: np.random.Generator) -> Spoilt:
    del fonts
    if level == 3:
        return Spoilt(subject.portrait, "not_a_document", level, 90)
    return Spoilt(no_document(NO_DOCUMENTS[int(rng.integers(len(NO_DOCUMENTS)))], rng), "not_a_document", level, 90)


def _seen(quad: Floats, box: Rectangle) -> Floats:
    x0, y0, x1, y1 = box
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64).reshape(-1, 1, 2)
    return np.asarray(cv2.perspectiveTransform(corners, card_to_picture(quad, (WIDTH, HEIGHT))), np.float32).reshape(
        4, 2
    )


_MAKERS: dict[str, _Maker] = {
    "photocopy": _grey,
    "colour_photocopy": _coloured,
    "screen_recapture": _screen,
    "telephone": _telephone,
    "border_incomplete": _cut,
    "occluded": _covered,
    "paper_cover": _papered,
    "paper_at_end": _shortened,
    "reflection": _mirrored,
    "blurred": _blurred,
    "too_dark": _dark,
    "too_bright": _bright,
    "low_resolution": _small,
    "edited": _edited,
    "temporary_id": _temporary,
    "electronic_id": _electronic,
    "several_documents": _two,
    "not_a_document": _none,
}
DEFECTS = tuple(_MAKERS)
