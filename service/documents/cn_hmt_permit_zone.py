"""The zone (TD1) on the back of the travel permits of Hong Kong, Macau and Taiwan residents; see cn_hmt_permit.

No standard says which document codes China prints on them: a permit is told by the issuing State, by a code of the
letter that Doc 9303-5 keeps for cards of its own kind (C), and by the number, whose schemes are public.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.documents.cn_hmt_permit import KIND, PERMIT, titled_scheme
from service.documents.kinds import SideReading
from service.documents.layout import PlacedLine
from service.documents.mrz import ParsedMrz
from service.documents.mrz_fields import ZoneReading
from service.documents.zone_kinds import side_of_zone
from service.evidence import Check


@dataclass(frozen=True, slots=True)
class CnHmtPermitZone:
    """The side with the zone; see `ZoneKind`."""

    name: str = KIND

    def claims(self, zone: ParsedMrz, lines: Sequence[PlacedLine]) -> float:
        """Surely where the title is printed beside the zone; else by State, code and number, more than a foreigner's
        card does by its holder's nationality: permits have been issued to foreigners since 2024."""
        if zone.format != "TD1" or zone.issuing_state != "CHN":
            return 0.0
        if titled_scheme(lines):
            return 1.0
        return 0.9 if zone.document_code.startswith("C") and re.fullmatch(PERMIT, zone.number) else 0.0

    def read(
        self, reading: ZoneReading, lines: Sequence[PlacedLine], today: date
    ) -> tuple[SideReading, tuple[Check, ...]]:
        """See `ZoneKind.read`."""
        return side_of_zone(KIND, reading, lines, today, ("valid_from", "authority"))
