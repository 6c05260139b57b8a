"""Edits of a finished picture: digits painted over, another portrait pasted in. Saved again as a JPEG by the caller."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from service.evidence import Pixels
from service.specimens.field_places import Rectangle
from service.specimens.fonts import Fonts
from service.specimens.photograph import card_to_picture

Floats = NDArray[np.float32]


def repaint_text(
    pixels: Pixels, quad: Floats, place: Rectangle, text: str, fonts: Fonts, size: tuple[int, int]
) -> Pixels:
    """A field wiped with the colour around it and written again, clean as an editor does it. `size` of the card."""
    x0, y0, x1, y1 = place
    to_picture = card_to_picture(quad, size)
    patch = cv2.perspectiveTransform(
        np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64).reshape(-1, 1, 2), to_picture
    )
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(patch).astype(np.int32), 255)
    ground = np.percentile(pixels[mask > 0], 70, axis=0)
    drawn = Image.new("L", size, 0)
    pitch = (x1 - x0) / max(len(text), 1)
    draw, font = ImageDraw.Draw(drawn), fonts.sans(round((y1 - y0) * 0.78))
    for column, character in enumerate(text):
        draw.text((x0 + (column + 0.5) * pitch, y1 - 10), character, font=font, fill=255, anchor="ms")
    ink = cv2.warpPerspective(np.asarray(drawn), to_picture, pixels.shape[1::-1], flags=cv2.INTER_AREA)
    edited = pixels.copy()
    edited[mask > 0] = ground.astype(np.uint8)
    alpha = ink.astype(np.float32)[:, :, None] / 255
    return np.asarray((alpha * 0.2 * ground + (1 - alpha) * edited).clip(0, 255), dtype=np.uint8)


def paste_portrait(pixels: Pixels, quad: Floats, place: Rectangle, portrait: Pixels, size: tuple[int, int]) -> Pixels:
    """Another portrait laid over the printed one, without the camera's blur and noise."""
    x0, y0, x1, y1 = place
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64).reshape(-1, 1, 2)
    seen = cv2.perspectiveTransform(corners, card_to_picture(quad, size)).astype(np.float32).reshape(4, 2)
    height, width = portrait.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    laid = cv2.warpPerspective(portrait, cv2.getPerspectiveTransform(source, seen), pixels.shape[1::-1])
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(seen).astype(np.int32), 255)
    return np.where(mask[:, :, None] > 0, laid, pixels).astype(np.uint8)
