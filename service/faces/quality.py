"""What is poor about a selfie's face: blur, light, pose. These findings inform, they do not block."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Face, Finding, Pixels, Role
from service.faces.align import chip

_BLURRED_BELOW = 12.0
_DARK_BELOW = 45.0
_BRIGHT_ABOVE = 225.0
_TURNED_ABOVE = 0.75


def quality_findings(pixels: Pixels, face: Face) -> tuple[Finding, ...]:
    """Findings about the face in a BGR uint8 (H, W, 3) picture, most telling first."""
    grey = np.asarray(cv2.cvtColor(chip(pixels, face.landmarks), cv2.COLOR_BGR2GRAY)[24:104, 16:96], np.uint8)
    light = float(grey.mean())
    codes = {
        "face_turned": turn(face) > _TURNED_ABOVE,
        "face_dark": light < _DARK_BELOW,
        "face_bright": light > _BRIGHT_ABOVE,
        "face_blurred": sharpness(grey) < _BLURRED_BELOW,
    }
    return tuple(Finding(code, Role.SELFIE) for code, found in codes.items() if found)


def sharpness(grey: Pixels) -> float:
    """Standard deviation of the Laplacian of a grey uint8 (H, W) picture, higher is sharper."""
    return float(np.std(cv2.Laplacian(grey, cv2.CV_32F)))


def turn(face: Face) -> float:
    """How far the nose lies off the middle of the eyes, in eye distances along their line: 0 frontal, 1 profile."""
    left, right, nose = face.landmarks[0], face.landmarks[1], face.landmarks[2]
    along = right - left
    return float(abs(np.dot(nose - (left + right) / 2, along)) / max(float(np.dot(along, along)), 1e-6))
