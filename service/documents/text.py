"""Find and read lines of text in a picture: the plug that a text engine has to fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

Quad = NDArray[np.float32]
"""float32 (4, 2), x and y in pixels, clockwise from the top left corner of the text or card itself."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line as read. `text_score` in [0, 1], higher is more certain (mean over the characters)."""

    text: str = field(repr=False)
    text_score: float
    quad: Quad = field(repr=False)
    as_seen: str | None = field(default=None, repr=False)
    """The text with the traditional characters that were likelier, where the engine wavered between them and the
    simplified ones of `text`; None where it did not."""
    spots: tuple[float, ...] = field(default=(), repr=False)
    """Where along the quad each character but spaces was recognised, as shares of its length; () where the engine does
    not say."""
    likely: tuple[float, ...] = field(default=(), repr=False)
    """How sure each of those characters is, in [0, 1], higher is more certain; () where the engine does not say."""


class TextReader(Protocol):
    """A text engine. Pictures are BGR (H, W, 3), quads lie in their pixels."""

    def find(self, pixels: Pixels, max_side: int) -> list[Quad]:
        """Where lines of text are, the picture's longer side shrunk to `max_side` pixels to look (never enlarged).

        The first edge of a quad runs along its text, forwards or backwards: 0 and 180 degrees are not told apart.
        """
        ...

    def read(
        self, pixels: Pixels, quads: Sequence[Quad], width_needed: Callable[[Quad], float] | None = None
    ) -> tuple[ReadLine, ...]:
        """The texts at quads from `find`; now each quad starts at the top left of its text. No empty lines.

        `width_needed` is asked about each quad, so turned, what share of its width in (0, 1] is enough to read it, the
        strip squeezed to it to be quicker (an engine may ignore that); 0 = the line is not worth reading.
        """
        ...

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """Read one line at a known place, allowing the characters of `alphabet` alone."""
        ...
