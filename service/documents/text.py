"""Read every line of text in a picture: the plug that a text engine has to fill."""

from __future__ import annotations

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


class TextReader(Protocol):
    """A text engine. Its boxes start at the top left of the text itself, also where the picture stands on its head."""

    def lines(self, pixels: Pixels, max_side: int) -> tuple[ReadLine, ...]:
        """Every line of a BGR picture (H, W, 3) in no promised order, quads in its pixels.

        The picture may be turned by any angle; text is looked for with its longer side shrunk to `max_side` pixels
        (never enlarged) and read from the picture as given.
        """
        ...

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """Read one line at a known place, allowing the characters of `alphabet` alone."""
        ...
