"""Read pictures of single lines of a zone, to measure the reading of lines by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from service.documents.mrz_layout import ALPHABET, LAYOUTS
from service.documents.mrz_reader import LOOK_SIDE, MrzReader
from service.evidence import Pixels


def read_line(reader: MrzReader, pixels: Pixels) -> str:
    """The line in a BGR picture as the reader of zones follows it, each place with the characters that may stand there
    in the line of a format that fits best; empty where none is found. One line has not all its check digits: none is
    used.
    """
    lines = reader.lines(pixels, reader.text.find(pixels, LOOK_SIDE))
    chains = [chain for _, by_length in lines for chain in by_length.values()]
    best = max(chains, key=lambda one: one.inked * len(one.columns), default=None)
    return "" if best is None else typed(best.probabilities)


def typed(probabilities: NDArray[np.float64]) -> str:
    """The likeliest line of any format: `probabilities` (length, 37) in the order of ALPHABET."""
    found = []
    for layout in LAYOUTS:
        for allowed in layout.alphabets() if layout.length == len(probabilities) else ():
            mask = np.array([[character in one for character in ALPHABET] for one in allowed])
            rows = np.where(mask, probabilities, 0.0)
            text = "".join(ALPHABET[place] for place in rows.argmax(axis=1))
            found.append((float(np.log(rows.max(axis=1) + 1e-9).sum()), text))
    return max(found)[1] if found else ""
