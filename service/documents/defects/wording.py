"""What the lines of a picture say about the card itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.documents.layout import PlacedLine
from service.evidence import Side

_TEMPORARY = re.compile(r"[临臨]时居民|[临臨]时身份|时居民身份[证證]|^[临臨]时$")
_BACK_LABELS = re.compile(r"^(?:有效期限|[签簽][发發]机关)")
_NUMBER = re.compile(r"^公民身份|\d{17}[\dX]")
_LABEL = re.compile(r"姓名|住址|出生|[签簽][发發]机关|有效期限")
_LABELS = re.compile(r"^(?:姓名|公民身份号码|住址|[签簽][发發]机关|有效期限|居民身份[证證]|中[华華]人民共和国)")


def says_temporary(lines: Sequence[PlacedLine], side: Side) -> bool:
    """Whether the card is a temporary one: it is named so, or its front also carries authority and validity.

    Measures for Temporary Resident Identity Cards (Ministry of Public Security, 2005), article 3: name of the card on
    one side; data, validity and authority together on the other. A second-generation front has neither.
    """
    if any(_TEMPORARY.search(line.text) for line in lines):
        return True
    return side is Side.FRONT and _labels_among(lines) and not _is_named(lines)


def value_spots(line: PlacedLine) -> tuple[float, ...]:
    """Where the characters of a line were read, without those of the label it begins with."""
    label = _LABEL.match(line.text)
    if label is None or len(line.spots) != len(line.text):
        return line.spots
    # A label alone holds no value, but was read.
    return line.spots[label.end() :] or line.spots[:1]


def second_label(lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Lines that begin as a label or title of a resident ID card does."""
    return [line for line in lines if _LABELS.search(line.text)]


def _labels_among(lines: Sequence[PlacedLine]) -> bool:
    """A label of the back between the fields of the front: above the number, below the name."""
    names = [line.middle for line in lines if line.text.startswith("姓名")]
    # The number's own label is not always read.
    numbers = [line.middle for line in lines if _NUMBER.search(line.text)]
    if not names or not numbers:
        return False
    return any(names[0] < line.middle < numbers[0] for line in lines if _BACK_LABELS.search(line.text))


def _is_named(lines: Sequence[PlacedLine]) -> bool:
    """Whether the title of a second-generation back is in the picture as well: then it is another card's."""
    return any("居民身份" in line.text and "公民" not in line.text for line in lines)
