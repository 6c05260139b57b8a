"""One picture of a document with a machine readable zone to a `DocumentReading`: passports, visas, cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from service.documents.cn_hmt_permit_zone import CnHmtPermitZone
from service.documents.cn_permanent_resident import CnPermanentResidentZone
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, place, same_way_up
from service.documents.locator import Locator
from service.documents.mrz_card import MrzCard
from service.documents.mrz_fields import ZoneReading, zone_alerts, zone_evidence
from service.documents.mrz_glyphs import MrzGlyphs
from service.documents.mrz_reader import MrzReader, ReadZone
from service.documents.mrz_solve import INVALID, VALID
from service.documents.page_place import SIZES, flat_page, page_outline
from service.documents.passport import Passport
from service.documents.portrait import cut_left_portrait
from service.documents.text import Quad, ReadLine, TextReader
from service.documents.upright import map_points
from service.documents.visa import Visa
from service.documents.zone_kinds import ZoneKind
from service.evidence import Box, DocumentField, DocumentReading, Picture, Pixels, Side

ROUTE = "mrz"
"""`DocumentReading.route` of what was read here."""
MOST_VISUAL_LINES = 36
WHOLE_SIDE = 960
"""Longest side in pixels that lines are looked for in, where no page is known."""
OUTLINES = 4
"""Of the locator's, that are tried for the page's."""
LEAST_FILLERS = 6


@dataclass(frozen=True, slots=True)
class TravelReader:
    """Reads one picture at a time; never raises for a bad one."""

    text: TextReader
    zones: MrzReader
    kinds: tuple[ZoneKind, ...]
    locator: Locator

    @classmethod
    def build(cls, text: TextReader, glyphs: MrzGlyphs, locator: Locator) -> TravelReader:
        """Over engines that are open already."""
        kinds = (CnHmtPermitZone(), CnPermanentResidentZone(), Passport(), Visa(), MrzCard())
        return cls(text, MrzReader(text, glyphs), kinds, locator)

    def zone(self, pixels: Pixels) -> ReadZone | None:
        """The zone in a BGR picture; None where it shows none."""
        found = self.zones.read(pixels)
        return found if found is not None and _plausible(found) else None

    def zone_among(self, pixels: Pixels, boxes: Sequence[Quad]) -> ReadZone | None:
        """A zone that its check digits prove, among boxes of text found in it already: at no more than what reading
        them costs. What does not add up may be the print of a page on which a card lies."""
        found = self.zones.among(pixels, boxes)
        return found if found is not None and found.solution.status == VALID else None

    def read(self, picture: Picture, found: ReadZone, today: date) -> DocumentReading:
        """The document with the zone `found`. `today` tells the century of its dates."""
        zone = found.parsed
        reading = ZoneReading(zone, found.solution, found.quads, found.text_scores)
        page = self._page(picture.pixels, zone.format, found)
        lines = self._visual(picture.pixels, found, page)
        kind = max(self.kinds, key=lambda one: one.claims(zone, lines))
        side, checks = kind.read(reading, lines, today)
        portrait, portrait_quad = None, None
        if page is not None and side.side is Side.FRONT and zone.format != "TD1":
            portrait, portrait_quad = cut_left_portrait(picture.pixels, page, SIZES[zone.format])
        return DocumentReading(
            kind=kind.name,
            side=side.side,
            fields={name: _field(value, picture) for name, value in side.fields.items()},
            alerts=zone_alerts(reading, list(side.fields)),
            checks=checks,
            mrz=zone_evidence(reading),
            portrait=portrait,
            portrait_box=None if portrait_quad is None else picture.to_original(portrait_quad),
            card_box=None if page is None else picture.to_original(page),
            route=ROUTE,
        )

    def _page(self, pixels: Pixels, format: str, found: ReadZone) -> Quad | None:
        def others() -> Iterator[Quad]:
            yield from (proposal.quad for proposal in self.locator.propose(pixels, OUTLINES))

        return page_outline(pixels, format, found.quads, others)

    def _visual(self, pixels: Pixels, found: ReadZone, page: Quad | None) -> list[PlacedLine]:
        """The lines of the page (None = not known: of the picture) beside its zone that run the way it does."""
        if page is None:
            quads = self.text.find(pixels, WHOLE_SIDE)
        else:
            flat = flat_page(pixels, page, found.parsed.format)
            quads = [map_points(flat.to_picture, quad) for quad in self.text.find(flat.pixels, max(flat.pixels.shape))]
        own = np.mean([quad.mean(axis=0) for quad in found.quads], axis=0)
        height = float(np.mean([np.linalg.norm(quad[3] - quad[0]) for quad in found.quads]))
        down = _down(found.quads[0])
        beside = [quad for quad in quads if abs(float(down @ (quad.mean(axis=0) - own))) > 2.2 * height]
        return place(_alike(self.text.read(pixels, beside[:MOST_VISUAL_LINES]), found.quads[0]))


def _plausible(found: ReadZone) -> bool:
    """Whether a zone that does not add up is one at all: other print in capitals has no fillers where names end."""
    zone = found.parsed
    fillers = sum(line.count("<") for line in zone.lines)
    named = "<<" in zone.lines[zone.layout.names.line][zone.layout.names.start :]
    proven = found.solution.status != INVALID
    return proven or (named and (fillers >= LEAST_FILLERS or any(zone.check_digits.values())))


def _alike(read: Sequence[ReadLine], zone: Quad) -> list[ReadLine]:
    """Of the directions text runs in, the lines of the zone's own."""
    along = zone[1] - zone[0]
    groups = [group for group in same_way_up(read) if float((group[0].quad[1] - group[0].quad[0]) @ along) > 0]
    return groups[0] if groups else []


def _down(quad: Quad) -> Quad:
    edge = quad[3] - quad[0]
    return np.asarray(edge / (np.linalg.norm(edge) + 1e-9), dtype=np.float32)


def _field(found: SideField, picture: Picture) -> DocumentField:
    return DocumentField(found.value, round(found.text_score, 4), _box(found.quads, picture))


def _box(quads: Sequence[Quad], picture: Picture) -> Box | None:
    """From the first line's top to the last one's bottom."""
    if not quads:
        return None
    corners = np.array((quads[0][0], quads[0][1], quads[-1][2], quads[-1][3]), np.float32)
    return picture.to_original(corners)
