"""Visas of any State: MRV-A and MRV-B (ICAO Doc 9303-7). `number` may be that of the visa or of the passport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.documents.kinds import SideReading
from service.documents.layout import PlacedLine
from service.documents.mrz import ParsedMrz
from service.documents.mrz_fields import ZoneReading
from service.documents.zone_kinds import side_of_zone
from service.evidence import Check

KIND = "visa"


@dataclass(frozen=True, slots=True)
class Visa:
    """See `ZoneKind`."""

    name: str = KIND

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:  # noqa: ARG002 the zone says it all
        """The format is a visa's alone."""
        return 1.0 if zone.layout.visa else 0.0

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """See `ZoneKind.read`."""
        return side_of_zone(KIND, reading, lines, today, ("valid_from",))
