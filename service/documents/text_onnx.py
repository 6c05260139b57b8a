"""The text reader of the house: PP-OCRv6 detection and recognition, run directly on ONNX Runtime."""

from __future__ import annotations

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
"""How many lines are asked for their direction."""
MOST_LINES = 40
"""A page of print is not a card; its longest lines are enough to say so."""


@dataclass(frozen=True, slots=True)
class OnnxTextReader:
    """See `TextReader`."""

    detector: TextDetector
    direction: LineDirection
    recognizer: TextRecognizer

    def lines(self, pixels: Pixels, max_side: int) -> tuple[ReadLine, ...]:
        """Every line; see `TextReader`."""
        quads = sorted(self.detector.quads(pixels, max_side), key=_area, reverse=True)[:MOST_LINES]
        if not quads:
            return ()
        quads = turn_alike(quads)
        strips = [cut_strip(pixels, quad) for quad in quads]
        voters = sorted(range(len(strips)), key=lambda place: -strips[place].shape[1])[:VOTERS]
        if self.direction.upside_down([strips[place] for place in voters]):
            quads = [np.roll(quad, 2, axis=0) for quad in quads]
            strips = [np.ascontiguousarray(strip[::-1, ::-1]) for strip in strips]
        read = self.recognizer.read(strips)
        return tuple(ReadLine(text, score, quad) for (text, score), quad in zip(read, quads, strict=True) if text)

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """One line at a known place; see `TextReader`."""
        text, text_score = self.recognizer.read_restricted(cut_strip(pixels, quad), alphabet)
        return ReadLine(text, text_score, quad)

    @property
    def sessions(self) -> list[Session]:
        """Detection, direction, recognition."""
        return [self.detector.session, self.direction.session, self.recognizer.session]


def build(weights: Weights, threads: int) -> OnnxTextReader:
    """Open the three weights. Raises WeightMissing or WeightMismatch."""

    def opened(name: str) -> Session:
        return open_session(weights.verified(name).path, threads)

    return OnnxTextReader(
        TextDetector(opened("text_detection")),
        LineDirection(opened("line_direction")),
        TextRecognizer.build(opened("text_recognition")),
    )


def turn_alike(quads: list[Quad]) -> list[Quad]:
    """Boxes without a direction, given one: along the long side of the long ones, the others like them.

    A box of one or two characters does not show which way it is read. 0 and 180 degrees stay undecided.
    """
    edges = np.array([quad[1] - quad[0] for quad in quads]), np.array([quad[2] - quad[1] for quad in quads])
    longer = np.linalg.norm(edges[0], axis=1) >= np.linalg.norm(edges[1], axis=1)
    along = np.where(longer[:, None], edges[0], edges[1])
    across = np.where(longer[:, None], edges[1], edges[0])
    # Angles modulo 180 degrees are averaged doubled; length squared lets the longest lines decide.
    doubled = 2 * np.arctan2(along[:, 1], along[:, 0])
    weight = (np.linalg.norm(along, axis=1) - np.linalg.norm(across, axis=1)) ** 2 + 1e-6
    angle = 0.5 * np.arctan2((weight * np.sin(doubled)).sum(), (weight * np.cos(doubled)).sum())
    return [_turned(quad, float(angle)) for quad in quads]


def _turned(quad: Quad, angle: float) -> Quad:
    """Clockwise corners, the first edge as near to `angle` as can be."""
    first = quad[1] - quad[0]
    second = quad[2] - quad[1]
    if first[0] * second[1] - first[1] * second[0] < 0:
        quad = quad[::-1]
    edges = np.roll(quad, -1, axis=0) - quad
    towards = edges @ np.array((np.cos(angle), np.sin(angle)), np.float32) / (np.linalg.norm(edges, axis=1) + 1e-6)
    return np.ascontiguousarray(np.roll(quad, -int(towards.argmax()), axis=0))


def _area(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) * np.linalg.norm(quad[2] - quad[1]))
