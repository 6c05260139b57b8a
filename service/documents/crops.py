"""The card set upright and its portrait, as pictures to hand out."""

from __future__ import annotations

import base64

import cv2
import numpy as np

from service.documents.text import Quad
from service.documents.upright import CARD_HEIGHT, CARD_WIDTH
from service.evidence import DocumentReading, Picture, Pixels

NARROWEST, WIDEST = 428, 1712
"""Pixels: between half and twice the flat card the reader works on."""
ID1_SLACK = 0.2
"""Perspective changes the proportions of an outline: so far from a card's, it is taken for a card's."""
JPEG_QUALITY = 90


def rectified(picture: Picture, reading: DocumentReading) -> Pixels | None:
    """The document seen from straight above, upright, BGR, as sharp as the picture has it; None where its place is
    not known."""
    if reading.card_box is None:
        return None
    quad = np.array(reading.card_box, np.float32) * np.float32(picture.scale)
    width, height = _size(quad)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    cut = cv2.warpPerspective(picture.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)
    return np.asarray(cut, dtype=np.uint8)


def jpeg_base64(pixels: Pixels | None) -> str | None:
    """A BGR picture as JPEG (no metadata) in Base64; None stays None."""
    if pixels is None:
        return None
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("a crop could not be encoded")
    return base64.b64encode(encoded.tobytes()).decode("ascii")


def _size(quad: Quad) -> tuple[int, int]:
    """Width and height of the upright picture of an outline."""
    across, down, again, up = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    width, height = float(max(across, again, 1.0)), float(max(down, up, 1.0))
    if abs(np.log(width / height) - np.log(CARD_WIDTH / CARD_HEIGHT)) < ID1_SLACK:
        height = width * CARD_HEIGHT / CARD_WIDTH
    shrink = float(np.clip(width, NARROWEST, WIDEST)) / width
    return round(width * shrink), max(16, round(height * shrink))
