"""Whether running text begins where its column does. Pure.

Reflected light pales the first characters of a line so far that what is left is read as the whole, and surely: of
雷州市公安局 is left 市公安局.

Names, dates and addresses of a front begin at one x, and so do the authority and the dates of a back (GA 448). Dates
say by themselves whether they were read whole; where they begin, the others do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine

LATE = 0.8
"""In characters. One that is noticed may be so half a character beside its middle; without it, the next is one away."""
NARROW = 0.25
"""How much nearer to the left of its column the middle of a digit stands than that of a character, in characters."""
_DATE = re.compile(r"(?:19|20)\d\d(?:年|\.\d\d\.\d\d-)")


def late_fields(side: SideReading, lines: Sequence[PlacedLine], names: Sequence[str]) -> list[str]:
    """Which of the fields `names` of a flat card have a line that begins behind the column of the dates."""
    column = next((start for line in lines if (start := _start_of_date(line)) is not None), None)
    if column is None or side.layout != "resident":
        return []
    found = {name: side.fields[name] for name in names if name in side.fields}
    return [
        name
        for name, one in found.items()
        if any(start - column > LATE * line.em for start, line in _starts(one, lines))
    ]


def _start_of_date(line: PlacedLine) -> float | None:
    match = _DATE.search(line.text)
    return _middle(line, match.start()) if match and len(line.spots) == len(line.text) else None


def _starts(found: SideField, lines: Sequence[PlacedLine]) -> Iterator[tuple[float, PlacedLine]]:
    """Where the first character of the value stands in each of its lines that says so."""
    own = [line for quad in found.quads for line in lines if line.quad is quad]
    label = max(0, sum(len(line.text) for line in own) - len(found.value))
    for line in own:
        if label < len(line.text) == len(line.spots):
            yield _middle(line, label), line
        label = max(0, label - len(line.text))


def _middle(line: PlacedLine, place: int) -> float:
    """x of the middle of a character, or of one as wide as others at the place of a digit."""
    narrow = NARROW * line.em if line.text[place].isascii() else 0.0
    return line.left + line.spots[place] * (line.right - line.left) + narrow
