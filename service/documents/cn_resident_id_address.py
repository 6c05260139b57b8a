"""The address on the front of a resident's card: one to four lines below the birth date. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from service.documents.cn_resident_id_labels import field_of, in_column, label_left, near
from service.documents.kinds import SideField
from service.documents.layout import Row
from service.documents.place_names import mended_address
from service.documents.regions import load_regions
from service.documents.variants import folded

_ADDRESS_LABEL = re.compile(r"^(?:[住佳往注仕任][址扯趾]|\D址|[住佳往注](?=.)|址)")
_OF_NUMBER = re.compile(r"\d{6}")
"""A number of which a part is hidden stays below the address, and is not of it."""
_LATIN = re.compile(r"[A-Za-z]{4,}")
FIRST_GAP, NEXT_GAP = 1.4, 0.85
"""Of the way from sex to birth date, the way on to the address, and from one of its lines to the next, at most. Cards
have 1.03 and 0.55, with a line missing 1.6 and 1.1."""
_STOPS = "，,.。、：:；;·-"


def skips_a_line(found: Sequence[Row], sex: Row | None, birth: Row | None) -> bool:
    """Whether between the birth date and the end of the address there is room for a line that was not read: one that
    has grown together with the portrait, say. The rest would pass for the whole."""
    if sex is None or birth is None:
        return False
    pitch = birth.middle - sex.middle
    below = [row for row in found if row.middle > birth.middle + 0.3 * pitch and _of_address(row)]
    levels = [birth.middle, *(row.middle for row in below)]
    gaps = [after - before for before, after in pairwise(levels)]
    return bool(gaps) and (gaps[0] > FIRST_GAP * pitch or any(gap > NEXT_GAP * pitch for gap in gaps[1:]))


def read_address(found: Sequence[Row], others: tuple[Row | None, ...]) -> SideField | None:
    """The lines below `others`, the rows of the other fields, without their label; None where a part is missing."""
    last = max((row.middle + 0.5 * row.height for row in others if row), default=None)
    block = [row for row in found if last is None or row.middle > last]
    labelled = [place for place, row in enumerate(block) if _ADDRESS_LABEL.match(row.text)]
    if not labelled and last is None:
        return None
    block = block[labelled[0] if labelled else 0 :]
    lines = [line for row in block for line in near(row) if not _OF_NUMBER.match(line.text)]
    if labelled:
        lines = [line for line in lines if line is lines[0] or line.left > lines[0].left + 1.2 * lines[0].em]
    if not lines:
        return None
    text = "".join(line.text for line in lines)
    label = _address_label(block[0], text, label_left(found))
    # A label without its first line: the rest would pass for the whole.
    if (labelled and len(block[0].text) <= label) or _broken(block):
        return None
    address = field_of(folded(_LATIN.sub("", text[label:])).lstrip(_STOPS), lines)
    return _with_known_places(address) if address else None


def _address_label(row: Row, text: str, left: float | None) -> int:
    """How many characters at the start of an address are its label: what stands in the column of the labels, or apart
    from the rest, however it was read."""
    line, known = row.lines[0], _ADDRESS_LABEL.match(text)
    found = known.end() if known else 0
    if known and len(row.lines) > 1 and len(line.text) == len("住址"):
        found = len(line.text)
    if left is not None and line.spots and line.left < left + 1.2 * line.em:
        found = max(found, in_column((line,), left))
    return found


def _of_address(row: Row) -> bool:
    """Whether a row can be a line of an address: Zhuang beside the number's label is none, nor is the number."""
    return bool(_LATIN.sub("", row.text)) and not _OF_NUMBER.match(row.text)


def _with_known_places(address: SideField) -> SideField:
    value = mended_address(address.value, address.text_score, load_regions())
    return address if value == address.value else replace(address, value=value, variants=(address.value,))


def _broken(block: Sequence[Row]) -> bool:
    """Whether a line of an address has a hole: glare or a finger hid characters, and the rest is not the address."""
    for row in block:
        for left, right in pairwise(row.lines):
            if not _ADDRESS_LABEL.fullmatch(left.text) and right.left - left.right > 1.6 * right.em:
                return True
    return False
