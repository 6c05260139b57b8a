"""A face made ready for its template: lit where it is dim, landmarks steadied where it is small, thin bright lines laid
over it taken off.

Only what paid is kept; the table of what was tried stands in models/cards/face_template.md.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Face, Pixels
from service.faces.align import chip
from service.faces.landmarks import FaceLandmarks, FaceView
from service.faces.light import lit

_SMALL_PX = 32.0
"""Between the eyes: below it, and under lines, the detector's five points waver; the mesh's steady them."""
_LINED_FROM = 0.195
"""`line_share`: 99 % of LFW and London chips lie below 0.19, portraits under a wavy mesh between 0.2 and 0.5."""
_LINE = np.ones((5, 5), np.uint8)
_FACE = (slice(24, 104), slice(16, 96))
"""Rows and columns of the chip that hold the face."""
_THIN = np.ones((3, 3), np.uint8)


def prepared(pixels: Pixels, face: Face, landmarks: FaceLandmarks) -> Pixels:
    """The aligned face, BGR uint8 (112, 112, 3), of a BGR uint8 (H, W, 3) picture."""
    aligned = lit(chip(pixels, face.landmarks))
    lined = line_share(aligned) >= _LINED_FROM
    if not lined and face.eye_distance >= _SMALL_PX:
        return aligned
    steadied = (face.landmarks + five_points(landmarks.view(pixels, face))) / np.float32(2)
    aligned = lit(chip(pixels, steadied))
    return without_lines(aligned) if lined else aligned


def five_points(view: FaceView) -> NDArray[np.float32]:
    """Eyes, nose and corners of the mouth of the mesh, float32 (5, 2) in pixels of the picture, as the detector's."""
    mesh = view.mesh()[:, :2]
    eyes = mesh[[33, 133]].mean(axis=0), mesh[[362, 263]].mean(axis=0)
    return np.array([*eyes, mesh[1], mesh[61], mesh[291]], np.float32)


def line_share(aligned: Pixels) -> float:
    """How much of a chip's contrast are thin bright lines: mean white top hat over standard deviation."""
    grey = cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY)[_FACE]
    lines = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, _LINE)
    return float(lines.mean() / (grey.std() + 5))


def without_lines(aligned: Pixels) -> Pixels:
    """The chip opened: what is bright and thinner than three pixels goes, wavy watermark lines above all."""
    return np.asarray(cv2.morphologyEx(aligned, cv2.MORPH_OPEN, _THIN), np.uint8)
