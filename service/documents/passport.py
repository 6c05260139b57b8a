"""Passports of any State: TD3 (ICAO Doc 9303-4), the visual zone in Chinese and English checked against the zone."""

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

KIND = "passport"


@dataclass(frozen=True, slots=True)
class Passport:
    """See `ZoneKind`."""

    name: str = KIND

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:  # noqa: ARG002 the zone says it all
        """Surely where the document code begins with P; other booklets of this size are taken for passports too."""
        if zone.format != "TD3":
            return 0.0
        return 1.0 if zone.document_code.startswith("P") else 0.6

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """See `ZoneKind.read`."""
        return side_of_zone(KIND, reading, lines, today, ("name_native", "valid_from", "birth_place", "authority"))
