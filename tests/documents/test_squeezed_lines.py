"""Lines read squeezed to be quicker, and once more at their own width where that left a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from service.documents.line_direction import LineDirection
from service.documents.text import ReadLine
from service.documents.text_detector import TextDetector
from service.documents.text_onnx import OnnxTextReader
from service.documents.text_recognizer import Decoded, TextRecognizer
from service.evidence import Pixels
from service.runtime.onnx import Session

SESSION = Session(None, (), {})
PICTURE = np.zeros((100, 1000, 3), np.uint8)
LINES = [np.array([(0, top), (960, top), (960, top + 48), (0, top + 48)], np.float32) for top in (0, 50)]


class Upright(LineDirection):
    """Says that all lines stand upright."""

    def upside_down_scores(self, strips: Sequence[Pixels]) -> NDArray[np.float32]:
        return np.zeros(len(strips), np.float32)


@dataclass(frozen=True, slots=True)
class Widths(TextRecognizer):
    """Reads the width of each strip, as sure of it as it was told."""

    squeezed: float = 1.0

    def read(self, strips: Sequence[Pixels]) -> list[Decoded]:
        widths = [strip.shape[1] for strip in strips]
        return [Decoded(str(one), 0.9, None, (), (1.0, 1.0 if one > 800 else self.squeezed)) for one in widths]


def read(sureness: float, share: float) -> list[str]:
    recognizer = Widths(SESSION, (), np.zeros(0, np.int64), {}, sureness)
    reader = OnnxTextReader(TextDetector(SESSION), Upright(SESSION), recognizer)
    lines: tuple[ReadLine, ...] = reader.read(PICTURE, LINES, lambda quad: share if quad[0][1] == 0 else 1.0)
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("sureness", "share", "texts"),
    [
        (0.99, 0.7, ["672", "960"]),
        (0.9, 0.7, ["960", "960"]),
        (0.9, 1.0, ["960", "960"]),
        (0.9, 0.0, ["960"]),
    ],
)
def test_a_doubtful_line_is_read_at_its_own_width(sureness: float, share: float, texts: list[str]) -> None:
    assert read(sureness, share) == texts
