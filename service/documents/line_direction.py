"""Whether lines of text stand on their head: the PP-OCR direction classifier, asked as one vote per picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from service.documents.text_recognizer import HEIGHT
from service.evidence import Pixels
from service.runtime.onnx import Session

WIDTH = 192


@dataclass(frozen=True, slots=True)
class LineDirection:
    """Strips in, one answer out."""

    session: Session

    def upside_down(self, strips: Sequence[Pixels]) -> bool:
        """Whether the strips (BGR, 48 pixels high) as a whole are turned by 180 degrees."""
        if not strips:
            return False
        blob = np.zeros((len(strips), 3, HEIGHT, WIDTH), np.float32)
        for place, strip in enumerate(strips):
            fitted = strip if strip.shape[1] <= WIDTH else cv2.resize(strip, (WIDTH, HEIGHT))
            blob[place, :, :, : fitted.shape[1]] = cv2.dnn.blobFromImage(fitted, 1 / 127.5, mean=(127.5,) * 3)[0]
        probabilities = self.session.run(blob)[0]
        return bool(probabilities[:, 1].mean() > 0.5)
