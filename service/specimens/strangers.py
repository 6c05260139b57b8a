"""Pictures that show no card at all."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Pixels
from service.specimens.photograph import encode_jpeg
from service.specimens.scenes import scene

NO_DOCUMENTS = ("scene", "blank", "noise", "gradient", "shapes", "receipt")


def no_document(kind: str, rng: np.random.Generator) -> Pixels:
    """BGR (960, 1280, 3); `kind` of NO_DOCUMENTS (KeyError for another)."""
    size = (960, 1280)
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    if kind == "scene":
        return scene(size[1], size[0], rng)
    if kind == "blank":
        return np.full((*size, 3), rng.integers(0, 256, 3), np.uint8)
    if kind == "noise":
        return rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    if kind == "gradient":
        tone = rng.uniform(0, 255, 3)
        return np.asarray(((x + y)[:, :, None] / 2240 * tone).clip(0, 255), dtype=np.uint8)
    if kind == "shapes":
        return _shapes(size, rng)
    if kind == "receipt":
        return _receipt(size, rng)
    raise KeyError(kind)


def _shapes(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    pixels = scene(size[1], size[0], rng)
    left, top = (int(v) for v in rng.integers(60, 260, 2))
    box = (left, top), (left + int(rng.integers(500, 900)), top + int(rng.integers(320, 560)))
    cv2.rectangle(pixels, *box, tuple(float(v) for v in rng.uniform(120, 250, 3)), -1)
    cv2.circle(pixels, (left + 200, top + 150), int(rng.integers(60, 130)), (90, 60, 200), -1, cv2.LINE_AA)
    return pixels


def _receipt(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    pixels = np.full((*size, 3), 240, np.uint8)
    for row in range(70, size[0] - 40, 60):
        text = f"ITEM {rng.integers(100, 999)}   {rng.integers(1, 99)}.{rng.integers(10, 99)}"
        cv2.putText(pixels, text, (340, row), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (60, 60, 60), 3, cv2.LINE_AA)
    image = cv2.imdecode(np.frombuffer(encode_jpeg(pixels, 60), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image, dtype=np.uint8)
