"""The text reader of the house: PP-OCRv6 detection and recognition, run directly on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.documents.line_direction import LineDirection
from service.documents.text import Quad, ReadLine
from service.documents.text_detector import TextDetector
from service.documents.text_recognizer import TextRecognizer, cut_strip
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

VOTERS = 5
"""How many lines are asked for their direction, where all belong to one card."""
CARD_LINES = 18
"""A side of a card has no more; where there are, other print surrounds it, which may stand the other way up."""
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

    def read(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[ReadLine, ...]:
        """See `TextReader.read`."""
        chosen = sorted(quads, key=_area, reverse=True)[:MOST_LINES]
        strips = [cut_strip(pixels, quad) for quad in chosen]
        if not strips:
            return ()
        for place in self._upside_down(strips):
            chosen[place] = np.roll(chosen[place], 2, axis=0)
            strips[place] = np.ascontiguousarray(strips[place][::-1, ::-1])
        read = self.recognizer.read(strips)
        return tuple(ReadLine(text, score, quad) for (text, score), quad in zip(read, chosen, strict=True) if text)

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """See `TextReader.strip`."""
        text, text_score = self.recognizer.read_restricted(cut_strip(pixels, quad), alphabet)
        return ReadLine(text, text_score, quad)

    @property
    def sessions(self) -> list[Session]:
        """Detection, direction, recognition."""
        return [self.detector.session, self.direction.session, self.recognizer.session]

    def _upside_down(self, strips: Sequence[Pixels]) -> list[int]:
        """Places of the strips that stand on their head: all or none, as the longest of them say."""
        longest = sorted(range(len(strips)), key=lambda place: -strips[place].shape[1])
        if len(strips) > CARD_LINES:
            turned = self.direction.upside_down_scores(strips)
            return [place for place in range(len(strips)) if turned[place] > 0.5]
        turned = self.direction.upside_down_scores([strips[place] for place in longest[:VOTERS]])
        return longest if turned.mean() > 0.5 else []


def build(weights: Weights, threads: int) -> OnnxTextReader:
    """Open the three weights. Raises WeightMissing or WeightMismatch."""

    def opened(name: str) -> Session:
        return open_session(weights.verified(name).path, threads)

    return OnnxTextReader(
        TextDetector(opened("text_detection")),
        LineDirection(opened("line_direction")),
        TextRecognizer.build(opened("text_recognition")),
    )


def turn_alike(quads: Sequence[Quad]) -> list[Quad]:
    """Boxes without a direction, given one: the long ones along their long side, the short ones like the long ones.

    A box of one or two characters does not show which way it is read. 0 and 180 degrees stay undecided, but equal.
    """
    if not quads:
        return []
    edges = np.array([quad[1] - quad[0] for quad in quads]), np.array([quad[2] - quad[1] for quad in quads])
    longer = np.linalg.norm(edges[0], axis=1) >= np.linalg.norm(edges[1], axis=1)
    along = np.where(longer[:, None], edges[0], edges[1])
    lengths = np.linalg.norm(along, axis=1)
    heights = np.linalg.norm(np.where(longer[:, None], edges[1], edges[0]), axis=1)
    # Angles modulo 180 degrees are averaged doubled; the square lets the longest lines decide.
    doubled = 2 * np.arctan2(along[:, 1], along[:, 0])
    weights = (lengths - heights) ** 2 + 1e-6
    common = 0.5 * float(np.arctan2((weights * np.sin(doubled)).sum(), (weights * np.cos(doubled)).sum()))
    angles = [
        _nearest_turn(float(own) / 2, common) if length > 2.5 * height else common
        for own, length, height in zip(doubled, lengths, heights, strict=True)
    ]
    return [_turned(quad, angle) for quad, angle in zip(quads, angles, strict=True)]


def _nearest_turn(angle: float, common: float) -> float:
    """`angle` or its opposite, whichever is nearer to `common`."""
    return angle if np.cos(angle - common) >= 0 else angle + float(np.pi)


def _turned(quad: Quad, angle: float) -> Quad:
    """Clockwise corners, the first edge as near to `angle` as can be."""
    first, second = quad[1] - quad[0], quad[2] - quad[1]
    if first[0] * second[1] - first[1] * second[0] < 0:
        quad = quad[::-1]
    edges = np.roll(quad, -1, axis=0) - quad
    towards = edges @ np.array((np.cos(angle), np.sin(angle)), np.float32) / (np.linalg.norm(edges, axis=1) + 1e-6)
    return np.ascontiguousarray(np.roll(quad, -int(towards.argmax()), axis=0))


def _area(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) * np.linalg.norm(quad[2] - quad[1]))
