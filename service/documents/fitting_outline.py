"""Which of several outlines is a card's, by the rows of ink in it: print proves what edges leave open."""

from __future__ import annotations

from collections.abc import Sequence

from service.documents.card_rows import SIDE_ROWS, rows_fit
from service.documents.ink_rows import InkRow, find_rows
from service.documents.text import Quad
from service.documents.upright import FlatCard, flatten, on_card
from service.evidence import Pixels

MOST_ROWS = 30
"""A card has half as many; what has more is a printed page."""


def fitting_outline(pixels: Pixels, outlines: Sequence[Quad], least: int) -> tuple[Quad, FlatCard, list[InkRow]] | None:
    """The outline in a BGR picture in which most rows of ink stand where a card has them, flat, with its rows; None
    where fewer than `least` do."""
    best: tuple[Quad, FlatCard, list[InkRow]] | None = None
    most = least - 1
    for outline in outlines:
        flat = flatten(pixels, outline)
        rows = rows_on_card(flat)
        if len(rows) <= MOST_ROWS and (fit := rows_fit([row.quad for row in rows])) > most:
            best, most = (outline, flat, rows), fit
        if most >= SIDE_ROWS:
            break
    return best


def rows_on_card(flat: FlatCard) -> list[InkRow]:
    """The rows of ink on the card itself."""
    return [row for row in find_rows(flat.pixels) if on_card(row.quad)]
