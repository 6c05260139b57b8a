"""Whether lines of text stand on their head: the PP-OCR direction classifier, asked as one vote per picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text_recognizer import HEIGHT
from service.evidence import Pixels
from service.runtime.onnx import Session

WIDTH = 192


@dataclass(frozen=True, slots=True)
class LineDirection:
    """Strips in, one answer out."""

    session: Session

    def upside_down_scores(self, strips: Sequence[Pixels]) -> NDArray[np.float32]:
        """For each strip (BGR, 48 pixels high) the probability in [0, 1] that it is turned by 180 degrees."""
        blob = np.zeros((len(strips), 3, HEIGHT, WIDTH), np.float32)
        for place, strip in enumerate(strips):
            fitted = strip if strip.shape[1] <= WIDTH else cv2.resize(strip, (WIDTH, HEIGHT))
            blob[place, :, :, : fitted.shape[1]] = cv2.dnn.blobFromImage(fitted, 1 / 127.5, mean=(127.5,) * 3)[0]
        return np.asarray(self.session.run(blob)[0][:, 1], dtype=np.float32)
