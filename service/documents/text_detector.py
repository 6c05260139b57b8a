"""Find lines of text: PP-OCRv6 detection, a differentiable binarisation network (arXiv:1911.08947)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.onnx import Session


@dataclass(frozen=True, slots=True)
class TextDetector:
    """`quads` in, boxes out. The thresholds are those the weight was published with."""

    session: Session
    text_threshold: float = 0.3
    """Probability from which a pixel is text."""
    box_threshold: float = 0.5
    """Mean probability from which a box is text."""
    unclip_ratio: float = 1.6
    """The network sees shrunk lines; they grow again by area x ratio / perimeter."""
    smallest_side: float = 3.0

    def quads(self, pixels: Pixels, max_side: int) -> list[Quad]:
        """Boxes of lines in pixels of `pixels` (BGR), not yet turned into reading direction."""
        height, width = pixels.shape[:2]
        shrink = min(1.0, max_side / max(height, width))
        size = (_multiple_of_32(width * shrink), _multiple_of_32(height * shrink))
        probability = self.session.run(_blob(pixels, size))[0][0, 0]
        ratio = np.array((width / size[0], height / size[1]), np.float32)
        return [(quad * ratio).astype(np.float32) for quad in self._boxes(probability)]

    def _boxes(self, probability: NDArray[np.float32]) -> list[Quad]:
        mask = (probability > self.text_threshold).astype(np.uint8)
        dilated = cv2.dilate(mask, np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(dilated, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found = (self._box(np.asarray(contour, dtype=np.int32), probability) for contour in contours)
        return [quad for quad in found if quad is not None]

    def _box(self, contour: NDArray[np.int32], probability: NDArray[np.float32]) -> Quad | None:
        centre, (width, height), degrees = cv2.minAreaRect(contour)
        if min(width, height) < self.smallest_side:
            return None
        quad = np.asarray(cv2.boxPoints((centre, (width, height), degrees)), dtype=np.float32)
        if _mean_inside(probability, quad) < self.box_threshold:
            return None
        grow = width * height * self.unclip_ratio / (2 * (width + height))
        grown = (width + 2 * grow, height + 2 * grow)
        return np.asarray(cv2.boxPoints((centre, grown, degrees)), dtype=np.float32)


def _multiple_of_32(length: float) -> int:
    return max(32, round(length / 32) * 32)


def _blob(pixels: Pixels, size: tuple[int, int]) -> NDArray[np.float32]:
    shrunk = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if size[0] < pixels.shape[1] else cv2.INTER_LINEAR)
    return np.asarray(cv2.dnn.blobFromImage(shrunk, 1 / 127.5, mean=(127.5, 127.5, 127.5)), dtype=np.float32)


def _mean_inside(probability: NDArray[np.float32], quad: NDArray[np.float32]) -> float:
    height, width = probability.shape
    low = np.floor(quad.min(axis=0)).astype(int).clip(0, (width - 1, height - 1))
    high = np.ceil(quad.max(axis=0)).astype(int).clip(0, (width - 1, height - 1))
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(mask, [(quad - low).astype(np.int32)], 1)
    return float(cv2.mean(probability[low[1] : high[1] + 1, low[0] : high[0] + 1], mask)[0])
