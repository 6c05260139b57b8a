"""The plug for one kind of document that carries a machine readable zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.mrz import ParsedMrz
from service.documents.mrz_fields import ZoneReading, zone_check, zone_fields
from service.documents.mrz_solve import VALID
from service.documents.visual_zone import labelled, matches
from service.evidence import Check, Side


class ZoneKind(Protocol):
    """A kind of document with a zone."""

    @property
    def name(self) -> str:
        """As `DocumentReading.kind` says it."""
        ...

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:
        """How surely this zone, and what else is printed on the same side, come from this kind, in [0, 1]."""
        ...

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """The side with its fields, and what can be checked within it. `lines`: the visual zone."""
        ...


def side_of_zone(
    kind: str, reading: ZoneReading, lines: Sequence[PlacedLine], today: date, visual: Sequence[str] = ()
) -> tuple[SideReading, tuple[Check, ...]]:
    """What all of them have in common. `visual`: names of fields that the visual zone alone prints."""
    fields = zone_fields(reading, today)
    checks = (zone_check(reading), matches(fields, lines))
    printed = labelled(lines)
    more = {name: printed[name] for name in visual if name in printed}
    # A card of TD1 carries its zone on the back; all others beside the portrait (Doc 9303-4 to -7).
    side = Side.BACK if reading.zone.format == "TD1" and not _with_portrait(printed) else Side.FRONT
    complete = reading.solution.status == VALID
    return SideReading(kind, side, {**fields, **more}, complete, sum(reading.text_scores)), checks


def _with_portrait(printed: dict[str, SideField]) -> bool:
    """Whether the visual zone names the holder: then this is the side with the portrait, or both sides are shown."""
    return "birth_date" in printed and bool({"surname", "given_names", "sex"} & set(printed))
