"""The plug for one kind of document, and what reading a side of it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from service.documents.layout import PlacedLine
from service.documents.text import Quad, ReadLine
from service.evidence import Check, Side

CardLayout = Literal["resident", "portrait_left", "other"]


@dataclass(frozen=True, slots=True)
class SideField:
    """A field with the places of the lines it was read from, in pixels of the picture read."""

    value: str = field(repr=False)
    text_score: float
    quads: tuple[Quad, ...] = field(repr=False)
    variants: tuple[str, ...] = field(default=(), repr=False)
    """See `DocumentField.variants`."""


@dataclass(frozen=True, slots=True)
class SideReading:
    """One side of one kind."""

    kind: str
    side: Side
    fields: Mapping[str, SideField] = field(repr=False)
    complete: bool
    """Every field of the side is there and none contradicts another."""
    certainty: float
    """0 and up, higher = more of the side was found; compares two readings of one picture."""
    wanted: tuple[str, ...] = ()
    """The fields this side should have, where they are not those of a resident's card."""
    layout: CardLayout = "resident"
    """Where its print stands: as on a resident's card (GA 448), the portrait at the left, or not known."""


class DocumentKind(Protocol):
    """A kind of document."""

    @property
    def name(self) -> str:
        """As `DocumentReading.kind` says it."""
        ...

    def claims(self, lines: Sequence[PlacedLine]) -> float:
        """How surely these lines come from this kind, in [0, 1]."""
        ...

    def read(self, lines: Sequence[PlacedLine], look: Callable[[Quad, str], ReadLine]) -> SideReading | None:
        """The side and its fields; None where neither side is recognised.

        `look` reads a place of the same picture once more, with an alphabet of its own.
        """
        ...

    def checks(self, side: SideReading) -> tuple[Check, ...]:
        """What can be checked within one side."""
        ...
