"""One picture of a document to a `DocumentReading`: the cascade rectify -> read -> verify -> else the whole picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents import text_onnx
from service.documents.address_glyphs import checked_address
from service.documents.alerts import no_card_alerts, reading_alerts
from service.documents.attempt import (
    Attempt,
    better,
    card_of,
    card_of_flat,
    certain,
    document_field,
    of_two_looks,
    same,
    stands_on_head,
    with_doubts,
    with_unread,
)
from service.documents.card_rows import LEAST_ROWS, SIDE_ROWS, rows_fit, width_needed
from service.documents.cn_hmt_permit import CnHmtPermit
from service.documents.cn_permanent_resident import CnPermanentResident
from service.documents.cn_resident_id import CnResidentId
from service.documents.evened import adds, evened
from service.documents.fitting_outline import fitting_outline, rows_on_card
from service.documents.ink_rows import InkRow, overlooked
from service.documents.kinds import DocumentKind
from service.documents.layout import place, same_way_up
from service.documents.locate import LEAST_TRUST, whole_frame
from service.documents.locator import Locator
from service.documents.mrz_glyphs import MrzGlyphs
from service.documents.mrz_reader import ReadZone
from service.documents.name_glyphs import NameGlyphs
from service.documents.portrait import cut_left_portrait, cut_portrait
from service.documents.reading_direction import prominence
from service.documents.text import Quad, ReadLine, TextReader
from service.documents.text_area import along_card, around_text, covers, foreign_text, holds_text, typical_height
from service.documents.travel_reader import TravelReader
from service.documents.upright import (
    FlatCard,
    card_corners,
    flatten,
    flatten_box,
    map_points,
    on_card,
    without_margin,
)
from service.evidence import DocumentReading, Picture, Pixels, Side
from service.runtime.onnx import Session
from service.runtime.weights import Weights

CARD_SIDE = 640
"""Longest side in pixels that text is looked for in, on the flat card."""
WHOLE_SIDE = 960
"""The same, in a whole picture."""
LEAST_LINES = 3
LEGIBLE = 19
"""Height in pixels of a line, where text is looked for, from which lines are found apart and whole."""

CARD_LINES, LARGEST_LINES = 18, 12
"""More lines than a card has, and how many of the largest say where it is."""
CUT_OUT = 0.03
"""Of the log of its proportions: a picture that differs from a card by less was cut out along it."""
FEW_FIELDS = 2
"""Fewer than this leave it open whether another kind of document was taken for a card."""
MOST_LINES = 60
"""A card has some twenty; a page of print around it must not cost seconds."""


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads one picture at a time; never raises for a bad one."""

    text: TextReader
    kinds: tuple[DocumentKind, ...]
    locator: Locator
    travel: TravelReader
    names: NameGlyphs
    sessions: list[Session]

    @classmethod
    def build(cls, weights: Weights, threads: int) -> DocumentReader:
        """Open the weights. Raises WeightMissing or WeightMismatch."""
        text = text_onnx.build(weights, threads)
        locator, glyphs = Locator.build(weights, threads), MrzGlyphs.build(weights, threads)
        names = NameGlyphs.build(weights, threads)
        kinds = (CnHmtPermit(), CnPermanentResident(), CnResidentId())
        travel = TravelReader.build(text, glyphs, locator)
        sessions = [*text.sessions, locator.session, locator.sides, glyphs.session, names.session]
        return cls(text, kinds, locator, travel, names, sessions)

    def read(self, picture: Picture, *, today: date | None = None) -> DocumentReading:
        """The document in the picture; `kind` None and an alert where there is none.

        `today` tells the century of dates in a machine readable zone (None = the day in UTC).
        """
        today = today or datetime.now(UTC).date()
        found = self._found(picture.pixels)
        if found is None or (isinstance(found, Attempt) and len(found.side.fields) < FEW_FIELDS):
            # A resident's card has no machine readable zone: where one is found, it tells what the document is.
            found = self.travel.zone(picture.pixels) or found
        if found is None:
            return DocumentReading(None, None, {}, alerts=no_card_alerts(picture))
        if isinstance(found, ReadZone):
            return self.travel.read(picture, found, today)
        reading = self._reading(picture, found)
        lit = any(one.code == "reflection" and one.field != "portrait" for one in reading.alerts)
        again = self._read_evened(picture.pixels, found) if lit else None
        return self._reading(picture, again) if again else reading

    def _found(self, pixels: Pixels) -> Attempt | ReadZone | None:
        best: Attempt | None = None
        with suppress(_ForeignText):
            for attempt in self._attempts(pixels):
                if isinstance(attempt, ReadZone):
                    return attempt
                # Two places and two resolutions that say the same say all there is.
                if best and attempt and same(best, attempt):
                    break
                best = better(best, attempt)
                if best and not best.side.complete and best.route == "whole":
                    best = better(best, self._read_placed(pixels, best))
                if best and (best.side.complete or best.settled):
                    break
        return best

    def _attempts(self, pixels: Pixels) -> Iterator[Attempt | ReadZone | None]:
        """The steps of the cascade, each made when it is asked for."""
        framed = fitting_outline(pixels, whole_frame(pixels, CUT_OUT), SIDE_ROWS)
        first, frame = None, whole_frame(pixels)
        if framed is not None:
            # A scan, or cut out by an app: no outline has to be sought. Read again it would say the same.
            first, frame = self._read_flat(pixels, *framed[1:]), ()
            yield first
        proposed = self.locator.propose(pixels)
        proposals = [proposal.quad for proposal in proposed if proposal.trust >= LEAST_TRUST]
        fitting = fitting_outline(pixels, (*proposals, *frame), LEAST_ROWS)
        if fitting is None:
            # Edges alone do not tell, but together with the print.
            fitting = fitting_outline(pixels, [one.quad for one in proposed if one.trust < LEAST_TRUST], SIDE_ROWS)
        if fitting is not None:
            taken, flat, rows = fitting
            first = self._read_flat(pixels, flat, rows)
            yield first
            # Read again it would say the same.
            proposals = [quad for quad in proposals if quad is not taken]
        quads = self.text.find(pixels, CARD_SIDE)
        if first is None and (zone := self.travel.zone_among(pixels, quads)) is not None:
            yield zone
        yield from (self._read_card(pixels, other) for other in proposals if holds_text(other, quads))
        if len(quads) > CARD_LINES:
            # Print around the card: its own is larger, and where some of that lies says where the card does.
            largest = sorted(quads, key=prominence, reverse=True)[:LARGEST_LINES]
            # They say no more: the last line of an address may be a small one.
            found = self._attempt("whole", pixels, np.eye(3), largest)
            yield None if found is None else self._read_placed(pixels, found)
        scale = CARD_SIDE / max(*pixels.shape[:2], CARD_SIDE)
        if typical_height(quads) * scale >= LEGIBLE:
            yield self._attempt("whole", pixels, np.eye(3), quads)
        elif (around := around_text(quads)) is not None and covers(around, pixels) < 0.6:
            yield self._read_around(pixels, around)
        yield self._attempt("whole", pixels, np.eye(3), self.text.find(pixels, WHOLE_SIDE))

    def _read_card(self, pixels: Pixels, quad: Quad) -> Attempt | None:
        """Read the card with the outline `quad`."""
        flat = flatten(pixels, quad)
        return self._read_flat(pixels, flat, rows_on_card(flat))

    def _read_flat(self, pixels: Pixels, flat: FlatCard, rows: Sequence[InkRow]) -> Attempt | None:
        """Read a flat card by its rows of ink, and by the detector's boxes where that leaves anything in doubt."""
        attempt = self._read_rows(pixels, flat, rows)
        if attempt is not None and certain(attempt, rows):
            return with_unread(attempt, rows)
        quads = [one for one in self.text.find(flat.pixels, CARD_SIDE) if on_card(one)]
        # A card of which nothing, or text across it, is seen is none: the outline was wrong.
        if len(quads) < LEAST_LINES or not along_card(quads):
            return None
        again = self._on_card(pixels, flat, [*quads, *overlooked(rows, quads)])
        return again if attempt is None or again is None else of_two_looks(attempt, again, rows)

    def _read_rows(self, pixels: Pixels, flat: FlatCard, rows: Sequence[InkRow]) -> Attempt | None:
        """Read the rows of ink; None where they do not stand as a card's do."""
        if rows_fit([row.quad for row in rows]) < LEAST_ROWS:
            return None
        from_picture = np.linalg.inv(flat.to_picture).astype(np.float64)

        def needed(quad: Quad) -> float:
            return width_needed(map_points(from_picture, quad))

        return self._on_card(pixels, flat, [row.quad for row in rows], needed)

    def _on_card(
        self, pixels: Pixels, flat: FlatCard, quads: Sequence[Quad], needed: Callable[[Quad], float] | None = None
    ) -> Attempt | None:
        attempt = self._attempt("rectified", pixels, flat.to_picture, quads, needed)
        if attempt is None:
            return None
        turned = stands_on_head(attempt.lines)
        card = card_of_flat(flat.to_picture, turned=turned)
        return replace(attempt, card=card, flat=without_margin(flat, turned=turned))

    def _read_placed(self, pixels: Pixels, found: Attempt) -> Attempt | None:
        """Read once more the card that the print of an incomplete reading points to: what surrounds it falls away."""
        card = card_of(found)
        if card is None:
            return None
        return self._read_card(pixels, map_points(self.locator.onto_edges(pixels, card), card_corners()))

    def _read_evened(self, pixels: Pixels, best: Attempt) -> Attempt | None:
        """Read once more with the light evened out; None where that adds nothing."""
        card = card_of(best)
        if card is None:
            return None
        lit = evened(pixels, card)
        flat, again = flatten(lit, map_points(card, card_corners())), None
        rows = rows_on_card(flat)
        with suppress(_ForeignText):
            again = self._read_rows(lit, flat, rows)
        if again is None or not certain(again, rows):
            # Where a field is missing still, the picture has to be taken again whatever the others say.
            return None
        again = with_unread(again, rows)
        # The picture itself is what is judged.
        return replace(again, flat=None) if adds(best.side, again.side) else None

    def _read_around(self, pixels: Pixels, quad: Quad) -> Attempt | None:
        """Read an upright cutting of the picture that holds all the text."""
        flat = flatten_box(pixels, quad)
        return self._attempt("whole", pixels, flat.to_picture, self.text.find(flat.pixels, CARD_SIDE))

    def _attempt(
        self,
        route: str,
        pixels: Pixels,
        to_picture: NDArray[np.float64],
        quads: Sequence[Quad],
        needed: Callable[[Quad], float] | None = None,
    ) -> Attempt | None:
        """Read quads found in a flattened card: their characters from the picture itself, where they are sharpest."""
        from_picture = np.linalg.inv(to_picture).astype(np.float64)

        def look(quad: Quad, alphabet: str) -> ReadLine:
            line = self.text.strip(pixels, map_points(to_picture, quad), alphabet)
            return replace(line, quad=quad)

        largest = sorted(quads, key=cv2.contourArea, reverse=True)[:MOST_LINES]
        read = self.text.read(pixels, [map_points(to_picture, quad) for quad in largest], needed)
        flat = [replace(line, quad=map_points(from_picture, line.quad)) for line in read]
        best: Attempt | None = None
        for group in same_way_up(flat):
            lines = place(group)
            kind = max(self.kinds, key=lambda one: one.claims(lines))
            side = kind.read(lines, look)
            if side and (best is None or side.certainty > best.side.certainty):
                best = Attempt(route, side, tuple(lines), to_picture)
        if best is None and foreign_text(read, pixels):
            raise _ForeignText
        return best

    def _reading(self, picture: Picture, best: Attempt) -> DocumentReading:
        best = checked_address(self.names, self.names.checked(best, picture.pixels), picture.pixels)
        best = with_doubts(best)
        kind = next(one for one in self.kinds if one.name == best.side.kind)
        card = card_of(best)
        flat = best.flat if card is best.card else None
        if card is not None and card is not best.card:
            card = self.locator.onto_edges(picture.pixels, card)
        portrait, portrait_box = None, None
        card_quad = None if card is None else map_points(card, card_corners())
        if card is not None and card_quad is not None and best.side.side is Side.FRONT:
            left = best.side.layout == "portrait_left"
            cut = cut_left_portrait(picture.pixels, card_quad) if left else cut_portrait(picture.pixels, card)
            portrait, portrait_box = cut[0], picture.to_original(cut[1])
        return DocumentReading(
            kind=best.side.kind,
            side=best.side.side,
            fields={name: document_field(found, best, picture) for name, found in best.side.fields.items()},
            alerts=reading_alerts(picture, card_quad, best, self.locator.propose, flat),
            checks=kind.checks(best.side),
            portrait=portrait,
            portrait_box=portrait_box,
            card_box=None if card_quad is None else picture.to_original(card_quad),
            route=best.route,
        )


class _ForeignText(Exception):
    """The picture is full of text that was read well and is of no known document: looking again reads the same."""
