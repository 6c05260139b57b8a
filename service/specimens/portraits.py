"""Make the grey-blue portrait a card prints, and the wider picture a phone takes, from one photo of a person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

GROUND = (226, 218, 206)
"""BGR of the plain wall behind a portrait."""


def id_portrait(photo: Pixels, head: tuple[int, int, int, int], cut_out: bool = True) -> Pixels:
    """Head and shoulders, BGR (376, 300, 3). `head`: x0, y0, x1, y1 from crown to chin, ear to ear. `cut_out` puts the
    person before a plain ground; leave it where the wall is plain already."""
    x0, y0, x1, y1 = head
    tall = (y1 - y0) / 0.6
    wide = tall * 300 / 376
    left, top = (x0 + x1 - wide) / 2, y0 - 0.13 * tall
    matrix = np.array([(300 / wide, 0, -left * 300 / wide), (0, 376 / tall, -top * 376 / tall)], np.float64)
    soft = _softened(photo, tall / 376)
    crop = cv2.warpAffine(soft, matrix, (300, 376), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if not cut_out:
        return np.asarray(crop, dtype=np.uint8)
    alpha = _person_alpha(np.asarray(crop, dtype=np.uint8))[:, :, None]
    return (crop * alpha + np.array(GROUND, np.float32) * (1 - alpha)).astype(np.uint8)


def widen(photo: Pixels, sides: float, top: float) -> Pixels:
    """More wall around the person: the outermost pixels are carried on by shares of the size, softly."""
    height, width = photo.shape[:2]
    x, y = round(width * sides), round(height * top)
    wide = cv2.copyMakeBorder(photo, y, 0, x, x, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(wide, (0, 0), max(2.0, width / 60))
    inside = np.zeros(wide.shape[:2], np.float32)
    inside[y + 6 :, x + 6 : x + width - 6] = 1.0
    inside = cv2.GaussianBlur(inside, (0, 0), 3.0)[:, :, None]
    return (wide * inside + soft * (1 - inside)).astype(np.uint8)


def _softened(photo: Pixels, shrink: float) -> Pixels:
    return photo if shrink <= 1.2 else np.asarray(cv2.GaussianBlur(photo, (0, 0), shrink * 0.4), dtype=np.uint8)


def _person_alpha(crop: Pixels) -> NDArray[np.float32]:
    """1 on the person, 0 on the wall: GrabCut from where a head and shoulders stand in an ID portrait."""
    small = cv2.resize(crop, (150, 188), interpolation=cv2.INTER_AREA)
    mask = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(mask, (75, 85), (49, 71), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.rectangle(mask, (4, 150), (146, 188), cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, (75, 85), (31, 50), 0, 0, 360, cv2.GC_FGD, -1)
    cv2.rectangle(mask, (30, 170), (120, 188), cv2.GC_FGD, -1)
    mask[:11], mask[:145, :29], mask[:145, -29:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    cv2.setRNGSeed(7)  # GrabCut starts from k-means with OpenCV's own generator
    cv2.grabCut(small, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    closed = cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    alpha = cv2.resize((labels == largest).astype(np.float32), (300, 376), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.5), dtype=np.float32)
