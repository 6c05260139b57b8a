"""The text reader of the house: PP-OCRv6 detection and recognition, run directly on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from service.documents.line_direction import LineDirection
from service.documents.reading_direction import prominence, turn_alike
from service.documents.text import Quad, ReadLine
from service.documents.text_detector import TextDetector
from service.documents.text_recognizer import Decoded, TextRecognizer, cut_strip, squeeze
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

VOTERS = 5
"""How many lines are asked for their direction, where all belong to one card."""
DISSENT = 0.25
"""Share of the voters that may be wrong; more of them mean that other print lies around the card."""
CARD_LINES = 18
"""A side of a card has no more; where there are, other print surrounds it, which may stand the other way up."""
UNSURE = 0.95
"""Sureness of a character below which a squeezed line is read once more at its own width."""
MOST_LINES = 36
"""A page of print is not a card; its largest lines are enough to say so."""


@dataclass(frozen=True, slots=True)
class OnnxTextReader:
    """See `TextReader`."""

    detector: TextDetector
    direction: LineDirection
    recognizer: TextRecognizer

    def find(self, pixels: Pixels, max_side: int) -> list[Quad]:
        """See `TextReader.find`."""
        return turn_alike(self.detector.quads(pixels, max_side))

    def read(
        self, pixels: Pixels, quads: Sequence[Quad], width_needed: Callable[[Quad], float] | None = None
    ) -> tuple[ReadLine, ...]:
        """See `TextReader.read`."""
        chosen = sorted(quads, key=prominence, reverse=True)[:MOST_LINES]
        strips = [cut_strip(pixels, quad) for quad in chosen]
        if not strips:
            return ()
        for place in self._upside_down(strips):
            chosen[place] = np.roll(chosen[place], 2, axis=0)
            strips[place] = np.ascontiguousarray(strips[place][::-1, ::-1])
        shares = [1.0 if width_needed is None else width_needed(quad) for quad in chosen]
        wanted = [place for place, share in enumerate(shares) if share]
        chosen = [chosen[place] for place in wanted]
        read = self._read_squeezed([strips[place] for place in wanted], [shares[place] for place in wanted])
        return tuple(
            ReadLine(found.text, found.text_score, quad, found.as_seen, found.spots, found.likely)
            for found, quad in zip(read, chosen, strict=True)
            if found.text
        )

    def _read_squeezed(self, strips: Sequence[Pixels], shares: Sequence[float]) -> list[Decoded]:
        """Texts of strips, each squeezed to its share of its width, or as wide as it is where that left a doubt."""
        read = self.recognizer.read([squeeze(strip, share) for strip, share in zip(strips, shares, strict=True)])
        unsure = [
            place
            for place, (found, share) in enumerate(zip(read, shares, strict=True))
            if share < 1 and min(found.likely, default=1.0) < UNSURE
        ]
        for place, found in zip(unsure, self.recognizer.read([strips[place] for place in unsure]), strict=True):
            read[place] = found
        return read

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """See `TextReader.strip`."""
        found = self.recognizer.read_restricted(cut_strip(pixels, quad), alphabet)
        return ReadLine(found.text, found.text_score, quad, likely=found.likely)

    @property
    def sessions(self) -> list[Session]:
        """Detection, direction, recognition."""
        return [self.detector.session, self.direction.session, self.recognizer.session]

    def _upside_down(self, strips: Sequence[Pixels]) -> list[int]:
        """Places of the strips (the most prominent first) that stand on their head: all or none, as the first say.

        Each for itself where the first do not agree, or where there are more than a card has.
        """
        voters, others = (strips[:VOTERS], strips[VOTERS:]) if len(strips) <= CARD_LINES else (strips, [])
        turned = self.direction.upside_down_scores(voters) > 0.5
        if len(strips) <= CARD_LINES:
            share = float(turned.mean())
            if share <= DISSENT or share >= 1 - DISSENT:
                return list(range(len(strips))) if share > 0.5 else []
        if others:
            turned = np.concatenate((turned, self.direction.upside_down_scores(others) > 0.5))
        return [place for place in range(len(strips)) if turned[place]]


def build(weights: Weights, threads: int) -> OnnxTextReader:
    """Open the three weights. Raises WeightMissing or WeightMismatch."""

    def opened(name: str) -> Session:
        return open_session(weights.verified(name).path, threads)

    return OnnxTextReader(
        TextDetector(opened("text_detection")),
        LineDirection(opened("line_direction")),
        TextRecognizer.build(opened("text_recognition")),
    )
