"""Cases that must never be approved, each wrong in exactly one way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import cv2
import numpy as np

from service.evidence import Pixels, Side
from service.specimens.card import NUMBER_BOX, draw_back, draw_front
from service.specimens.cases import Case, Holder, true_case
from service.specimens.covers import MOUTH_COVERS, cover
from service.specimens.defects import Subject, spoil
from service.specimens.fonts import Fonts
from service.specimens.people import Person, age_on, invent_person, validity_end, validity_years
from service.specimens.photograph import Photograph, photograph
from service.specimens.portraits import widen
from service.specimens.presentations import present

FAULTS = (
    "expired",
    "check_character",
    "birth_date",
    "sex",
    "covered_number",
    "cut_card",
    "photocopied",
    "card_on_telephone",
    "same_side_twice",
    "mixed_sides",
    "other_region",
    "illegal_span",
    "other_face",
    "selfie_on_phone",
    "selfie_on_screen",
    "selfie_printed",
    "selfie_masked",
    "portrait_as_selfie",
)


def faulty_case(
    fault: str, holders: tuple[Holder, Holder], fonts: Fonts, today: date, condition: str, rng: np.random.Generator
) -> Case:
    """A case with one fault of `FAULTS` (KeyError for another). `holders`: the card's own face, and somebody else's."""
    holder, stranger = holders
    invent = expired_person if fault == "expired" else _adult
    person = invent(rng, today, holder.sex)
    case = true_case(_misprinted(person, fault, rng), holder, fonts, condition, rng)
    if fault in ("expired", "check_character", "birth_date", "sex"):
        return replace(case, fault=fault)
    if fault in SELFIE_FAULTS:
        return replace(case, selfie=false_selfie(fault, holder, stranger, case.front, rng), fault=fault)
    if fault == "covered_number":
        card = cover_number(draw_front(person, holder.portrait, fonts), rng)
        return replace(case, front=photograph(card, condition, rng), fault=fault)
    if fault == "cut_card":
        return replace(case, front=cut(case.front, rng), fault=fault)
    if fault in _SHOWN_AS:
        sides = [
            shown_as(_SHOWN_AS[fault], Subject(person, holder.portrait, stranger.portrait, side), fonts, rng)
            for side in (Side.FRONT, Side.BACK)
        ]
        return replace(case, front=sides[0], back=sides[1], fault=fault)
    if fault in _WRONG_BACKS:
        back = draw_back(_WRONG_BACKS[fault](person, rng, today), fonts)
        return replace(case, back=photograph(back, condition, rng), fault=fault)
    if fault == "same_side_twice":
        again = photograph(draw_front(person, holder.portrait, fonts), condition, rng)
        return replace(case, back=again, fault=fault)
    raise KeyError(fault)


def expired_person(rng: np.random.Generator, today: date, sex: str | None = None) -> Person:
    """An adult whose last card had a legal span that ended before `today`."""
    while True:
        person = _adult(rng, today, sex)
        first = max(date(2004, 3, 29), person.birth_date + timedelta(days=30))
        valid_from = first + timedelta(days=int(rng.integers((today - first).days)))
        if (valid_from.month, valid_from.day) == (2, 29):
            continue
        valid_until = validity_end(person.birth_date, valid_from)
        if valid_until is not None and valid_until < today:
            return replace(person, valid_from=valid_from, valid_until=valid_until)


def impossible_back(person: Person, rng: np.random.Generator, today: date) -> Person:
    """Somebody else whose back, valid in itself, cannot belong to `person`'s front: the span does not fit the age."""
    while True:
        other = invent_person(rng, today)
        years = None if other.valid_until is None else other.valid_until.year - other.valid_from.year
        fitting = None if person.birth_date >= other.valid_from else validity_end(person.birth_date, other.valid_from)
        fitting_years = None if fitting is None else fitting.year - other.valid_from.year
        if years != fitting_years and other.authority != person.authority:
            return other


def other_region(person: Person, rng: np.random.Generator, today: date) -> Person:
    """Somebody else whose back is legal at the age of `person` too, and signed by another region's authority."""
    while True:
        other = invent_person(rng, today)
        if other.authority == person.authority or other.valid_from <= person.birth_date:
            continue
        end = validity_end(person.birth_date, other.valid_from)
        if end is None or end > today:
            return replace(other, valid_until=end)


def illegal_span(person: Person, rng: np.random.Generator, today: date) -> Person:
    """The person's own back with the span of another age, or of none."""
    while True:
        years = (3, 5, 8, 10, 15, 20, 25, None)[int(rng.integers(8))]
        valid_from = person.valid_from
        valid_until = None if years is None else valid_from.replace(year=valid_from.year + years)
        ages = {age_on(person.birth_date, valid_from + timedelta(days=days)) for days in (-120, 120)}
        legal = {validity_years(max(0, age)) for age in ages}
        if years not in legal and (valid_until is None or valid_until > today):
            return replace(person, valid_until=valid_until)


def shown_as(defect: str, subject: Subject, fonts: Fonts, rng: np.random.Generator) -> Photograph:
    """A side that is not the card itself: black and white on paper, or on a telephone's screen."""
    shown = spoil(defect, 2, subject, fonts, rng)
    if shown.card is None:
        raise ValueError("a card is shown")
    return Photograph(shown.pixels, shown.card, defect, shown.quality)


_SHOWN_AS = {"photocopied": "photocopy", "card_on_telephone": "telephone"}
_WRONG_BACKS = {"mixed_sides": impossible_back, "other_region": other_region, "illegal_span": illegal_span}
_SHOWN = {"selfie_on_phone": "phone", "selfie_on_screen": "screen_close", "selfie_printed": "print"}


SELFIE_FAULTS = ("other_face", *_SHOWN, "selfie_masked", "portrait_as_selfie")


def false_selfie(fault: str, holder: Holder, stranger: Holder, front: Photograph, rng: np.random.Generator) -> Pixels:
    """A selfie of somebody else, of the holder masked, of a picture of the holder, or the card's own portrait."""
    if fault == "other_face":
        return stranger.selfie
    if fault == "portrait_as_selfie":
        return portrait_as_selfie(holder.portrait, front, rng)
    if fault == "selfie_masked":
        return masked(holder, rng)
    return present(holder.selfie, _SHOWN[fault], rng)


def masked(holder: Holder, rng: np.random.Generator) -> Pixels:
    """The holder's own selfie with a mask, a scarf or a hand over the mouth. Raises ValueError without a mesh."""
    if holder.mesh is None:
        raise ValueError("a mask is drawn by the selfie's mesh")
    return cover(holder.selfie, holder.mesh, MOUTH_COVERS[int(rng.integers(len(MOUTH_COVERS)))], rng)


def portrait_as_selfie(portrait: Pixels, front: Photograph, rng: np.random.Generator) -> Pixels:
    """The card's own portrait sent as the selfie: the file itself, with wall added, mirrored, or the card's picture."""
    large = np.asarray(cv2.resize(portrait, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    copies = (large, widen(large, sides=0.3, top=0.25), np.ascontiguousarray(large[:, ::-1]), front.pixels)
    return copies[int(rng.integers(len(copies)))]


def cover_number(card: Pixels, rng: np.random.Generator) -> Pixels:
    """The front with three to eighteen places of the number under a strip (a finger, tape, a black bar)."""
    x0, y0, x1, y1 = NUMBER_BOX
    places = int(rng.integers(3, 19))
    pitch = (x1 - x0) / 18
    left = x0 + int(rng.integers(0, 19 - places)) * pitch
    colour = ((30, 30, 34), (240, 242, 244), (118, 150, 208))[int(rng.integers(3))]
    covered = card.copy()
    cv2.rectangle(covered, (int(left), y0 - 4), (int(left + places * pitch), y1 + 4), colour, -1, cv2.LINE_AA)
    return covered


def cut(taken: Photograph, rng: np.random.Generator) -> Photograph:
    """The picture cropped so that 15 to 35 % of the card lies outside at one edge. `quad` keeps the whole card."""
    height, width = taken.pixels.shape[:2]
    x0, y0 = taken.quad.min(axis=0)
    x1, y1 = taken.quad.max(axis=0)
    share = float(rng.uniform(0.15, 0.35))
    left, top, right, bottom = 0, 0, width, height
    edge = int(rng.integers(4))
    if edge == 0:
        left = round(x0 + share * (x1 - x0))
    elif edge == 1:
        right = round(x1 - share * (x1 - x0))
    elif edge == 2:
        top = round(y0 + share * (y1 - y0))
    else:
        bottom = round(y1 - share * (y1 - y0))
    pixels = np.ascontiguousarray(taken.pixels[top:bottom, left:right])
    return replace(taken, pixels=pixels, quad=(taken.quad - np.array((left, top), np.float32)).astype(np.float32))


def _adult(rng: np.random.Generator, today: date, sex: str | None) -> Person:
    return invent_person(rng, today, (20, 60), sex)


def _misprinted(person: Person, fault: str, rng: np.random.Generator) -> Person:
    if fault == "check_character":
        others = [character for character in "0123456789X" if character != person.number[17]]
        return replace(person, number=person.number[:17] + others[int(rng.integers(10))])
    if fault == "birth_date":
        days = int(rng.integers(1, 400)) * (1 if rng.random() < 0.5 else -1)
        return replace(person, birth_date=person.birth_date + timedelta(days=days))
    if fault == "sex":
        return replace(person, sex="女" if person.sex == "男" else "男")
    return person
