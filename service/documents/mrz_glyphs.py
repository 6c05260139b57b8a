"""Read lines of a machine readable zone: a small network of our own, made for OCR-B (models/cards/mrz_glyphs.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

HEIGHT, PITCH, STEP = 32, 16, 4
"""Pixels: of a strip, from one character to the next, and of one column of the network's answer."""
BATCH = 8

Strip = NDArray[np.uint8]
"""Grey, (HEIGHT, W), one upright line, its characters PITCH apart, the line in the middle of the height."""
Columns = NDArray[np.float32]
"""(W / STEP, 38): probability that a column is between characters (0), or the middle of each of `A-Z 0-9 <`."""


@dataclass(frozen=True, slots=True)
class MrzGlyphs:
    """Strips in, probabilities out."""

    session: Session
    alphabet: str

    @classmethod
    def build(cls, weights: Weights, threads: int) -> MrzGlyphs:
        """Open the weight. Raises WeightMissing or WeightMismatch."""
        session = open_session(weights.verified("mrz_glyphs").path, threads)
        return cls(session, session.metadata["alphabet"])

    def read(self, strips: Sequence[Strip]) -> list[Columns]:
        """One answer a strip; they may differ in width."""
        answers: list[Columns] = []
        for start in range(0, len(strips), BATCH):
            chosen = strips[start : start + BATCH]
            width = max(strip.shape[1] for strip in chosen)
            blob = np.zeros((len(chosen), 1, HEIGHT, width), np.float32)
            for place, strip in enumerate(chosen):
                blob[place, 0, :, : strip.shape[1]] = (strip - strip.mean()) / (strip.std() + 1e-3)
            output = self.session.run(blob)[0]
            answers += [output[place, : strip.shape[1] // STEP] for place, strip in enumerate(chosen)]
        return answers


def cut(pixels: Pixels, quad: Quad, width: int) -> Strip:
    """The place `quad` of a BGR picture as a strip of `width` pixels (a multiple of STEP)."""
    flat = np.array([(0, 0), (width, 0), (width, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), flat)
    low = np.floor(quad.min(axis=0)).astype(int) - 2
    high = np.ceil(quad.max(axis=0)).astype(int) + 3
    low, high = np.maximum(low, 0), np.minimum(high, (pixels.shape[1], pixels.shape[0]))
    if (high - low < 2).any():
        return np.full((HEIGHT, width), 128, np.uint8)
    grey = cv2.cvtColor(pixels[low[1] : high[1], low[0] : high[0]], cv2.COLOR_BGR2GRAY)
    shrink = max(float(np.linalg.norm(quad[3] - quad[0])) / HEIGHT, 1e-3)
    if shrink > 1.6:
        # A warp takes single pixels: what it skips has to be averaged in first.
        grey = cv2.GaussianBlur(grey, (0, 0), 0.4 * shrink)
    shift = np.array([(1, 0, low[0]), (0, 1, low[1]), (0, 0, 1)], np.float64)
    flags = cv2.INTER_CUBIC if shrink < 1 else cv2.INTER_LINEAR
    strip = cv2.warpPerspective(grey, matrix @ shift, (width, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, dtype=np.uint8)
