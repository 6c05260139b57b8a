"""The resident identity card of the People's Republic of China (GA 448), both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.documents.cn_number import number_is_valid
from service.documents.cn_resident_id_back import BACK_FIELDS, back_claim, read_back
from service.documents.cn_resident_id_checks import front_checks
from service.documents.cn_resident_id_front import FRONT_FIELDS, front_claim, read_front
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.second_look import looks, settle
from service.documents.text import Quad, ReadLine
from service.evidence import Check, Side

KIND = "cn_resident_id"
LEAST_CLAIM = 0.25
"""One of the long labels or the number itself."""


@dataclass(frozen=True, slots=True)
class CnResidentId:
    """See `DocumentKind`."""

    name: str = KIND

    def claims(self, lines: Sequence[PlacedLine]) -> float:
        """The stronger claim of its two sides."""
        return max(front_claim(lines), back_claim(lines))

    def read(self, lines: Sequence[PlacedLine], look: Callable[[Quad, str], ReadLine]) -> SideReading | None:
        """The side that claims more; see `DocumentKind.read`."""
        front, back = front_claim(lines), back_claim(lines)
        if max(front, back) < LEAST_CLAIM:
            return None
        side = Side.FRONT if front >= back else Side.BACK
        fields = read_front(lines) if side is Side.FRONT else read_back(lines)
        for place in looks(lines, side, fields):
            fields = settle(place, look(place.quad, place.alphabet), fields)
        return SideReading(KIND, side, fields, _complete(side, fields), _certainty(fields, max(front, back)))

    def checks(self, side: SideReading) -> tuple[Check, ...]:
        """Of the front; the back is checked against today and the front, in `crosscheck`."""
        return front_checks(side.fields) if side.side is Side.FRONT else ()


def _complete(side: Side, fields: Mapping[str, SideField]) -> bool:
    if side is Side.BACK:
        return all(name in fields for name in BACK_FIELDS)
    return all(name in fields for name in FRONT_FIELDS) and number_is_valid(fields["number"].value)


def _certainty(fields: Mapping[str, SideField], claim: float) -> float:
    valid = "number" in fields and number_is_valid(fields["number"].value)
    return sum(found.text_score for found in fields.values()) + claim + 2 * valid
