"""Cards of any State with a machine readable zone: TD1 and TD2 (ICAO Doc 9303-5 and -6)."""

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

KIND = "mrz_card"


@dataclass(frozen=True, slots=True)
class MrzCard:
    """See `ZoneKind`."""

    name: str = KIND

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:  # noqa: ARG002 the zone says it all
        """Half: a kind that knows a State's own card claims more."""
        return 0.5 if zone.format in ("TD1", "TD2") else 0.0

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """See `ZoneKind.read`."""
        return side_of_zone(KIND, reading, lines, today, ("valid_from", "authority"))
