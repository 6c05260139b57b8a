"""A face taken in too little light, its grain smoothed, made as bright as what the nets were trained on."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Pixels

_DIM = 110.0
_BRIGHT = 220.0
"""Grey that the brightest fiftieth of a dim face stays below (7 of 1,631 LFW and London faces), and is brought to."""
_BRIGHTEST = 0.02
_MOST = 8.0
_GRAIN = 1.0
"""Blur in pixels that takes a camera's noise, which is what dim light leaves of a small portrait's detail."""


def lit(pixels: Pixels) -> Pixels:
    """A BGR uint8 (H, W, 3) picture of a face; itself where there is light enough."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    shades = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    brightest = float(np.searchsorted(shades.cumsum(), (1 - _BRIGHTEST) * grey.size))
    if brightest >= _DIM:
        return pixels
    soft = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), _GRAIN)
    return np.asarray(cv2.convertScaleAbs(soft, alpha=min(_BRIGHT / max(brightest, 1.0), _MOST)), np.uint8)
