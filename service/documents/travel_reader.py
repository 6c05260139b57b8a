"""One picture of a document with a machine readable zone to a `DocumentReading`: passports, visas, cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from service.documents.cn_permanent_resident import CnPermanentResidentZone
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, place, same_way_up
from service.documents.locator import Locator
from service.documents.mrz import ParsedMrz, parse
from service.documents.mrz_card import MrzCard
from service.documents.mrz_fields import ZoneReading, zone_alerts, zone_evidence
from service.documents.mrz_glyphs import MrzGlyphs
from service.documents.mrz_reader import MrzReader, ReadZone
from service.documents.mrz_solve import INVALID
from service.documents.page_place import SIZES, page_outline
from service.documents.passport import Passport
from service.documents.portrait import cut_left_portrait
from service.documents.text import Quad, ReadLine, TextReader
from service.documents.visa import Visa
from service.documents.zone_kinds import ZoneKind
from service.evidence import Box, DocumentField, DocumentReading, Picture, Pixels, Side

ROUTE = "mrz"
"""`DocumentReading.route` of what was read here."""
MOST_VISUAL_LINES = 36
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
        kinds = (CnPermanentResidentZone(), Passport(), Visa(), MrzCard())
        return cls(text, MrzReader(text, glyphs), kinds, locator)

    def read(self, picture: Picture, today: date) -> DocumentReading | None:
        """The document; None where the picture shows no zone. `today` tells the century of its dates."""
        found = self.zones.read(picture.pixels)
        zone = parse(found.solution.lines) if found else None
        if found is None or zone is None or not _plausible(zone, found.solution.status):
            return None
        reading = ZoneReading(zone, found.solution, found.quads, found.text_scores)
        lines = self._visual(picture, found)
        kind = max(self.kinds, key=lambda one: one.claims(zone, lines))
        side, checks = kind.read(reading, lines, today)
        page = self._page(picture.pixels, zone.format, found)
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

    def _visual(self, picture: Picture, found: ReadZone) -> list[PlacedLine]:
        """The lines beside the zone that run the way it does."""
        own = np.mean([quad.mean(axis=0) for quad in found.quads], axis=0)
        height = float(np.mean([np.linalg.norm(quad[3] - quad[0]) for quad in found.quads]))
        down = _down(found.quads[0])
        quads = [quad for quad in found.boxes if abs(float(down @ (quad.mean(axis=0) - own))) > 2.2 * height]
        read = self.text.read(picture.pixels, quads[:MOST_VISUAL_LINES])
        return place(_alike(read, found.quads[0]))


def _plausible(zone: ParsedMrz, status: str) -> bool:
    """Whether a zone that does not add up is one at all: other print in capitals has no fillers where names end."""
    fillers = sum(line.count("<") for line in zone.lines)
    named = "<<" in zone.lines[zone.layout.names.line][zone.layout.names.start :]
    return status != INVALID or (named and (fillers >= LEAST_FILLERS or any(zone.check_digits.values())))


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
