"""One picture of a document to a `DocumentReading`: the cascade rectify -> read -> verify -> else the whole picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents import text_onnx
from service.documents.alerts import reading_alerts
from service.documents.card_place import card_from_lines
from service.documents.cn_hmt_permit import CnHmtPermit
from service.documents.cn_permanent_resident import CnPermanentResident, CnPermanentResidentZone
from service.documents.cn_resident_id import CnResidentId
from service.documents.kinds import DocumentKind, SideField, SideReading
from service.documents.layout import PlacedLine, place, same_way_up
from service.documents.locate import propose
from service.documents.mrz_card import MrzCard
from service.documents.mrz_glyphs import MrzGlyphs
from service.documents.passport import Passport
from service.documents.portrait import cut_portrait
from service.documents.text import Quad, ReadLine, TextReader
from service.documents.text_area import along_card, around_text, covers, holds_text, typical_height
from service.documents.travel_reader import TravelReader
from service.documents.upright import (
    CARD_HEIGHT,
    CARD_WIDTH,
    GROWTH,
    card_corners,
    flatten,
    flatten_box,
    map_points,
    on_card,
)
from service.documents.visa import Visa
from service.evidence import Box, DocumentField, DocumentReading, Finding, Picture, Pixels, Side
from service.runtime.onnx import Session
from service.runtime.weights import Weights

CARD_SIDE = 640
"""Longest side in pixels that text is looked for in, on the flat card."""
WHOLE_SIDE = 960
"""The same, in a whole picture."""
LEAST_TRUST = 0.55
LEAST_LINES = 3
LEGIBLE = 19
"""Height in pixels of a line, where text is looked for, from which lines are found apart and whole."""

MOST_LINES = 60
"""A card has some twenty; a page of print around it must not cost seconds."""
FOREIGN_LINES, FOREIGN_TEXT_SCORE = 5, 0.9
MOST_FRONT, MOST_BACK = 4, 2
"""Fields that are most of a side."""
OUTLINE_ERROR = 0.12
"""In card widths: an outline farther than this from where the print says the card is, is not the card's."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step of the cascade. `to_picture` maps pixels read to the picture, `card` the flat card to the picture."""

    route: str
    side: SideReading
    lines: tuple[PlacedLine, ...]
    to_picture: NDArray[np.float64]
    card: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads one picture at a time; never raises for a bad one."""

    text: TextReader
    kinds: tuple[DocumentKind, ...]
    travel: TravelReader
    sessions: list[Session]

    @classmethod
    def build(cls, weights: Weights, threads: int) -> DocumentReader:
        """Open the weights. Raises WeightMissing or WeightMismatch."""
        text = text_onnx.build(weights, threads)
        glyphs = MrzGlyphs.build(weights, threads)
        kinds = (CnHmtPermit(), CnPermanentResident(), CnResidentId())
        travel = TravelReader.build(text, glyphs, (CnPermanentResidentZone(), Passport(), Visa(), MrzCard()))
        return cls(text, kinds, travel, [*text.sessions, glyphs.session])

    def read(self, picture: Picture, *, kind: str | None = None, today: date | None = None) -> DocumentReading:
        """The document in the picture; `kind` None and an alert where there is none.

        `kind`: what the caller asks for; another one is read all the same and has the alert `kind_mismatch`. `today`
        tells the century of dates in a machine readable zone (None = the day in UTC).
        """
        reading = self._found(picture, today or datetime.now(UTC).date())
        if kind is None or reading.kind in (None, kind):
            return reading
        return replace(reading, alerts=(Finding("kind_mismatch"), *reading.alerts))

    def _found(self, picture: Picture, today: date) -> DocumentReading:
        best = self._best_attempt(picture.pixels)
        if best is None or not best.side.complete:
            # A resident's card has no machine readable zone: where one is found, it tells what the document is.
            if (travel := self.travel.read(picture, today)) is not None:
                return travel
            if best is None:
                return DocumentReading(None, None, {}, alerts=(Finding("document_not_found"),))
        return self._reading(picture, best)

    def _best_attempt(self, pixels: Pixels) -> Attempt | None:
        best: Attempt | None = None
        with suppress(_ForeignText):
            for attempt in self._attempts(pixels):
                # Two places and two resolutions that say the same say all there is.
                if best and attempt and _same(best, attempt):
                    break
                best = _better(best, attempt)
                if best and not best.side.complete and best.route == "whole":
                    best = _better(best, self._read_placed(pixels, best))
                if best and best.side.complete:
                    break
        return best

    def _attempts(self, pixels: Pixels) -> Iterator[Attempt | None]:
        """The steps of the cascade, each made when it is asked for."""
        proposals = [proposal for proposal in propose(pixels) if proposal.trust >= LEAST_TRUST]
        if proposals:
            yield self._read_card(pixels, proposals[0].quad)
        quads = self.text.find(pixels, CARD_SIDE)
        yield from (self._read_card(pixels, other.quad) for other in proposals[1:] if holds_text(other.quad, quads))
        scale = CARD_SIDE / max(*pixels.shape[:2], CARD_SIDE)
        if typical_height(quads) * scale >= LEGIBLE:
            yield self._attempt("whole", pixels, np.eye(3), quads)
        elif (around := around_text(quads)) is not None and covers(around, pixels) < 0.6:
            yield self._read_around(pixels, around)
        yield self._attempt("whole", pixels, np.eye(3), self.text.find(pixels, WHOLE_SIDE))

    def _read_card(self, pixels: Pixels, quad: Quad) -> Attempt | None:
        """Read the card with the outline `quad`."""
        flat = flatten(pixels, quad)
        quads = [one for one in self.text.find(flat.pixels, CARD_SIDE) if on_card(one)]
        # A card of which nothing, or text across it, is seen is none: the outline was wrong.
        if len(quads) < LEAST_LINES or not along_card(quads):
            return None
        return self._attempt("rectified", pixels, flat.to_picture, quads)

    def _read_placed(self, pixels: Pixels, found: Attempt) -> Attempt | None:
        """Read once more the card that the print of an incomplete reading points to: what surrounds it falls away."""
        card = _card(found)
        if card is None:
            return None
        return self._read_card(pixels, map_points(card, card_corners()))

    def _read_around(self, pixels: Pixels, quad: Quad) -> Attempt | None:
        """Read an upright cutting of the picture that holds all the text."""
        flat = flatten_box(pixels, quad)
        return self._attempt("whole", pixels, flat.to_picture, self.text.find(flat.pixels, CARD_SIDE))

    def _attempt(
        self, route: str, pixels: Pixels, to_picture: NDArray[np.float64], quads: Sequence[Quad]
    ) -> Attempt | None:
        """Read quads found in a flattened card: their characters from the picture itself, where they are sharpest."""
        from_picture = np.linalg.inv(to_picture).astype(np.float64)

        def look(quad: Quad, alphabet: str) -> ReadLine:
            line = self.text.strip(pixels, map_points(to_picture, quad), alphabet)
            return ReadLine(line.text, line.text_score, quad)

        largest = sorted(quads, key=cv2.contourArea, reverse=True)[:MOST_LINES]
        read = self.text.read(pixels, [map_points(to_picture, quad) for quad in largest])
        flat = [ReadLine(line.text, line.text_score, map_points(from_picture, line.quad)) for line in read]
        best: Attempt | None = None
        for group in same_way_up(flat):
            lines = place(group)
            kind = max(self.kinds, key=lambda one: one.claims(lines))
            side = kind.read(lines, look)
            if side and (best is None or side.certainty > best.side.certainty):
                card = _card_of_flat(to_picture, lines) if route == "rectified" else None
                best = Attempt(route, side, tuple(lines), to_picture, card)
        if best is None and _foreign(read, pixels):
            raise _ForeignText
        return best

    def _reading(self, picture: Picture, best: Attempt) -> DocumentReading:
        kind = next(one for one in self.kinds if one.name == best.side.kind)
        card = _card(best)
        portrait, portrait_box = None, None
        if card is not None and best.side.side is Side.FRONT:
            portrait, corners = cut_portrait(picture.pixels, card)
            portrait_box = picture.to_original(corners)
        card_quad = None if card is None else map_points(card, card_corners())
        return DocumentReading(
            kind=best.side.kind,
            side=best.side.side,
            fields={name: _field(found, best, picture) for name, found in best.side.fields.items()},
            alerts=reading_alerts(best.side, card_quad, picture.pixels, picture.scale),
            checks=kind.checks(best.side),
            portrait=portrait,
            portrait_box=portrait_box,
            card_box=None if card_quad is None else picture.to_original(card_quad),
            route=best.route,
        )


class _ForeignText(Exception):
    """The picture is full of text that was read well and is of no known document: looking again reads the same."""


def _foreign(read: Sequence[ReadLine], pixels: Pixels) -> bool:
    if len(read) < FOREIGN_LINES or float(np.median([line.text_score for line in read])) < FOREIGN_TEXT_SCORE:
        return False
    around = around_text([line.quad for line in read])
    return around is not None and covers(around, pixels) >= 0.5


def _same(one: Attempt, other: Attempt) -> bool:
    """Whether both read the same, and most of a side; two outlines may miss the same part of a card."""
    if other.route != "whole" or len(one.side.fields) < (MOST_FRONT if one.side.side is Side.FRONT else MOST_BACK):
        return False
    return {name: found.value for name, found in one.side.fields.items()} == {
        name: found.value for name, found in other.side.fields.items()
    }


def _better(best: Attempt | None, other: Attempt | None) -> Attempt | None:
    if best is None or other is None:
        return best or other
    return other if other.side.certainty > best.side.certainty else best


def _card(best: Attempt) -> NDArray[np.float64] | None:
    """From the flat card to the picture: the outline where the print stands at its place in it, else by the print."""
    number = best.side.fields.get("number")
    by_print = card_from_lines(best.lines, best.side.side, number.quads[0] if number else None)
    if by_print is None:
        return best.card
    by_print = best.to_picture @ by_print
    if best.card is None:
        return np.asarray(by_print, dtype=np.float64)
    outline, printed = map_points(best.card, card_corners()), map_points(by_print, card_corners())
    apart = float(np.abs(outline - printed).max()) / float(np.linalg.norm(outline[1] - outline[0]))
    return np.asarray(best.card if apart < OUTLINE_ERROR else by_print, dtype=np.float64)


def _card_of_flat(to_picture: NDArray[np.float64], lines: Sequence[PlacedLine]) -> NDArray[np.float64]:
    """From card coordinates to the picture, turned if the text stood on its head."""
    width, height = CARD_WIDTH, CARD_HEIGHT
    shift = np.array([(1, 0, GROWTH * width), (0, 1, GROWTH * height), (0, 0, 1)], np.float64)
    turned = sum(float(line.quad[1][0] - line.quad[0][0]) for line in lines) < 0
    if turned:
        shift = shift @ np.array([(-1, 0, width), (0, -1, height), (0, 0, 1)], np.float64)
    return np.asarray(to_picture @ shift, dtype=np.float64)


def _field(found: SideField, best: Attempt, picture: Picture) -> DocumentField:
    return DocumentField(found.value, round(found.text_score, 4), _box(found.quads, best, picture))


def _box(quads: Sequence[Quad], best: Attempt, picture: Picture) -> Box | None:
    """The smallest box around all lines of a field, in their common direction, in the original picture."""
    if not quads:
        return None
    points = np.concatenate(quads).astype(np.float64)
    along = sum((quad[1] - quad[0] for quad in quads), np.zeros(2))
    along = along / (np.linalg.norm(along) + 1e-9)
    turn = np.array((along, (-along[1], along[0])))
    low, high = (points @ turn.T).min(axis=0), (points @ turn.T).max(axis=0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])]) @ turn
    return picture.to_original(map_points(best.to_picture, corners))
