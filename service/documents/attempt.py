"""One way of reading a picture: what it gave, and what that says about fields and the card's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.documents.card_place import card_from_lines, overrules
from service.documents.card_rows import holed, runs_into_portrait
from service.documents.ink_rows import InkRow
from service.documents.kinds import SideField, SideReading
from service.documents.late_start import late_fields
from service.documents.layout import PlacedLine
from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH, GROWTH, card_corners, map_points
from service.documents.wording_score import wording_score
from service.evidence import Box, DocumentField, Picture, Pixels, Side

OUTLINE_ERROR = 0.12
"""In card widths: an outline farther than this from where the print says the card is, is not the card's."""
RUNNING_TEXT = ("address", "authority")
COUNTED = ("name", "authority")
"""Fields that another character would make another's, and that nothing else guards."""
WORDING = ("name", "address", "authority")
"""Fields of free text, in which nothing but the recogniser vouches for a character."""
UNREAD_END, UNREAD_BETWEEN = 1.25, 2.0
"""In heights of the ink, from the middle of a character. Of 319 rows read whole (specimens in another font than ours)
two pass 0.8 at an end, none 1.8 between; a character left out makes it 1.6 and 2.3."""
UNREAD = 0.5
"""text_score of a field of which something was not read: a person has to look."""
SURE = 0.9
"""text_score of its least certain field, from which a card read by its rows is certain."""
MOST_FRONT, MOST_BACK = 4, 2
"""Fields that are most of a side."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step of the cascade. `to_picture` maps pixels read to the picture, `card` the flat card to the picture;
    `flat` is the card as `card` places it, where it was laid flat to be read. `settled`: two looks at one place, where
    the print stands as a card's does, and the second said all that the first did."""

    route: str
    side: SideReading
    lines: tuple[PlacedLine, ...]
    to_picture: NDArray[np.float64]
    card: NDArray[np.float64] | None = None
    flat: Pixels | None = None
    settled: bool = False


def whole(attempt: Attempt, rows: Sequence[InkRow]) -> bool:
    """Whether nothing is missing of a card read by its rows."""
    if not attempt.side.complete or holed_field(attempt, rows) or skipped_field(attempt, rows):
        return False
    return not late_fields(attempt.side, attempt.lines, WORDING)


def certain(attempt: Attempt, rows: Sequence[InkRow]) -> bool:
    """Whether a card read by its rows is whole and sure, so that it need not be read by the detector's boxes."""
    return whole(attempt, rows) and min(found.text_score for found in attempt.side.fields.values()) >= SURE


def holed_field(attempt: Attempt, rows: Sequence[InkRow]) -> bool:
    """Whether a field of running text has a hole in one of its rows."""
    texts = [found for name, found in attempt.side.fields.items() if name in RUNNING_TEXT]
    for quad in (quad for found in texts for quad in found.quads):
        row = _row_of(quad, rows)
        if holed(row, attempt.side.side, turned=bool(quad[1][0] < quad[0][0])):
            return True
    return False


def skipped_field(attempt: Attempt, rows: Sequence[InkRow]) -> bool:
    """Whether a row of a front was left unread that holds a field: the first line of an address, grown together with
    the portrait, would be missing silently."""
    turned = stands_on_head(attempt.lines)
    return attempt.side.side is Side.FRONT and any(runs_into_portrait(row.quad, turned=turned) for row in rows)


def with_unread(attempt: Attempt, rows: Sequence[InkRow]) -> Attempt:
    """The attempt, a field doubted in whose rows stands ink that no character was read from: a recogniser leaves out
    what it does not know, and is sure of the rest."""
    unread = [line.quad for line in attempt.lines if _ink_unread(line, _row_of(line.quad, rows))]
    names = [
        name
        for name, found in attempt.side.fields.items()
        if name in COUNTED and any(quad is one for quad in found.quads for one in unread)
    ]
    return doubted(attempt, names)


def doubted(attempt: Attempt, names: Sequence[str]) -> Attempt:
    """The attempt, a person to look at the fields `names` of it."""
    fields = attempt.side.fields
    low = {name: replace(fields[name], text_score=min(fields[name].text_score, UNREAD)) for name in names}
    return replace(attempt, side=replace(attempt.side, fields={**fields, **low}))


def with_doubts(attempt: Attempt) -> Attempt:
    """The attempt, each wording scored by its least sure character too, and doubted where it begins late."""
    late = late_fields(attempt.side, attempt.lines, WORDING) if attempt.route == "rectified" else []
    attempt = doubted(attempt, late)
    fields = dict(attempt.side.fields)
    for name in fields.keys() & set(WORDING):
        found = fields[name]
        lines = [line for line in attempt.lines if any(line.quad is quad for quad in found.quads)]
        fields[name] = replace(found, text_score=wording_score(found.text_score, lines, found.value))
    return replace(attempt, side=replace(attempt.side, fields=fields))


def _row_of(quad: Quad, rows: Sequence[InkRow]) -> InkRow:
    """The row whose middle lies nearest to that of `quad`."""
    apart = np.array([row.quad for row in rows]).mean(axis=1) - quad.mean(axis=0)
    return rows[int(np.abs(apart).sum(axis=1).argmin())]


def _ink_unread(line: PlacedLine, row: InkRow) -> bool:
    """Whether a character's width of ink lies before the first, after the last or between two read characters.

    Behind the gap after a label the value begins as if at the row's own end.
    """
    if not line.spots:
        return False
    start, end = float(line.quad[0][0]), float(line.quad[1][0])
    # Along the text, whichever way up the card lies.
    along = 1 if end > start else -1
    read = [along * (start + spot * (end - start)) for spot in line.spots]
    left, right = sorted(along * x for x in row.ends)
    if max(read[0] - left, right - read[-1]) > UNREAD_END * row.height:
        return True
    holes = [sorted(along * x for x in hole) for hole in row.holes]
    for before, after in pairwise(read):
        behind = [hole[1] for hole in holes if before < sum(hole) / 2 < after]
        if after - max(behind, default=before) > (UNREAD_END if behind else UNREAD_BETWEEN) * row.height:
            return True
    return False


def of_two_looks(first: Attempt, again: Attempt, rows: Sequence[InkRow]) -> Attempt:
    """Of a card read by its rows and again by the detector's boxes: the second, unless it misses what the first has."""
    if not again.side.complete and whole(first, rows):
        return with_unread(first, rows)
    # Of a back two dates are most of it, and its authority may be read elsewhere.
    return replace(again, settled=again.side.side is Side.FRONT and borne_out(first, again))


def same(one: Attempt, other: Attempt) -> bool:
    """Whether both read the same, and most of a side; two outlines may miss the same part of a card."""
    return other.route == "whole" and borne_out(one, other) and borne_out(other, one)


def borne_out(one: Attempt, other: Attempt) -> bool:
    """Whether the other reads most of a side, and all that the one does."""
    if len(other.side.fields) < (MOST_FRONT if one.side.side is Side.FRONT else MOST_BACK):
        return False
    return {name: found.value for name, found in one.side.fields.items()}.items() <= {
        name: found.value for name, found in other.side.fields.items()
    }.items()


def better(best: Attempt | None, other: Attempt | None) -> Attempt | None:
    """The one that found more of its side; the first where both found as much."""
    if best is None or other is None:
        return best or other
    return other if other.side.certainty > best.side.certainty else best


def card_of(best: Attempt) -> NDArray[np.float64] | None:
    """From the flat card to the picture: the outline where the print stands at its place in it, else by the print."""
    if best.side.layout != "resident":
        return best.card
    number = best.side.fields.get("number")
    print_read = best.lines, best.side.side, number.quads[0] if number else None
    if best.card is not None and not overrules(*print_read):
        return best.card
    by_print = card_from_lines(*print_read)
    if by_print is None:
        return best.card
    by_print = best.to_picture @ by_print
    if best.card is None:
        return np.asarray(by_print, dtype=np.float64)
    outline, printed = map_points(best.card, card_corners()), map_points(by_print, card_corners())
    apart = float(np.abs(outline - printed).max()) / float(np.linalg.norm(outline[1] - outline[0]))
    return best.card if apart < OUTLINE_ERROR else np.asarray(by_print, dtype=np.float64)


def printed_outline(best: Attempt) -> Quad | None:
    """Where the print of a resident's card says that its corners lie in the picture; None where too little was read.

    Laid on the picture itself, as if no card stood askew: an outline that ends too early squeezes the print within it,
    and that would fit there.
    """
    quads = best.side.fields["number"].quads if "number" in best.side.fields else ()
    number = map_points(best.to_picture, quads[0]) if quads else None
    lines = [replace(line, quad=map_points(best.to_picture, line.quad)) for line in best.lines]
    if best.side.layout != "resident" or not overrules(lines, best.side.side, number):
        return None
    card = card_from_lines(lines, best.side.side, number)
    return None if card is None else map_points(card, card_corners())


def stands_on_head(lines: Sequence[PlacedLine]) -> bool:
    """Whether most of the text does, in the pixels it was read in."""
    return sum(float(line.quad[1][0] - line.quad[0][0]) for line in lines) < 0


def card_of_flat(to_picture: NDArray[np.float64], *, turned: bool) -> NDArray[np.float64]:
    """From card coordinates to the picture; `turned` where the text stood on its head."""
    width, height = CARD_WIDTH, CARD_HEIGHT
    shift = np.array([(1, 0, GROWTH * width), (0, 1, GROWTH * height), (0, 0, 1)], np.float64)
    if turned:
        shift = shift @ np.array([(-1, 0, width), (0, -1, height), (0, 0, 1)], np.float64)
    return np.asarray(to_picture @ shift, dtype=np.float64)


def document_field(found: SideField, best: Attempt, picture: Picture) -> DocumentField:
    """The field with its place in the original picture."""
    box = _box(found.quads, best, picture)
    return DocumentField(found.value, round(found.text_score, 4), box, found.variants)


def _box(quads: Sequence[Quad], best: Attempt, picture: Picture) -> Box | None:
    """The smallest box around all lines of a field, in their common direction, in the original picture."""
    if not quads:
        return None
    points = np.concatenate(quads).astype(np.float64)
    along = sum((quad[1] - quad[0] for quad in quads), np.zeros(2))
    along = along / (np.linalg.norm(along) + 1e-9)
    turn = np.array((along, (-along[1], along[0])))
    low, high = (points @ turn.T).min(axis=0), (points @ turn.T).max(axis=0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])]) @ turn
    return picture.to_original(map_points(best.to_picture, corners))
