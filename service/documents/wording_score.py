"""How surely the wording of a name, an address or an authority was read. Pure.

The text score of a line is the mean over its characters: in an address of a dozen of them it hides the one that the
recogniser all but guessed, and one character makes it another place. So the least sure character counts as half.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.documents.layout import PlacedLine
from service.documents.variants import MIDDLE_DOTS, folded


def wording_score(text_score: float, lines: Sequence[PlacedLine], value: str) -> float:
    """`text_score` of the field, or less for its least sure character; in [0, 1], higher is more certain.

    `lines`: those `value` was read from. What of a line is not in the value (its label) says nothing about it.
    """
    return min([text_score, *(counted_half(least_sure(line, value)) for line in lines)])


def counted_half(sureness: float) -> float:
    """The score of a wording that is all sure but for one character."""
    return (1 + sureness) / 2


def least_sure(line: PlacedLine, value: str) -> float:
    """The least sureness of the characters that end the line and stand in the value; 1 where the engine says none."""
    if len(line.likely) != len(line.text):
        return 1.0
    text, whole = (folded(one.translate(MIDDLE_DOTS)) for one in (line.text, value))
    start = next((place for place in range(len(text)) if text[place:] in whole), None)
    # A label in a line of its own holds nothing of the value.
    return 1.0 if start is None else min(line.likely[start:])
