"""What is poor about a selfie's face: pose, light, blur. These findings inform, they do not block."""

from __future__ import annotations

import cv2
import numpy as np

from service.evidence import Face, Finding, Pixels, Role
from service.faces.align import chip
from service.faces.landmarks import FaceLandmarks

# Far outside what ordinary pictures show (LFW and London: turn 99 % below 0.33, yaw below 31 degrees, light 60-190,
# sharpness 99 % above 6), so that a finding says something.
_TURN_SUSPECTED = 0.3
_TURNED_DEGREES = 40.0
_DARK_BELOW = 40.0
_BRIGHT_ABOVE = 220.0
_BLURRED_BELOW = 5.0


def quality_findings(pixels: Pixels, face: Face, landmarks: FaceLandmarks) -> tuple[Finding, ...]:
    """Findings about the face in a BGR uint8 (H, W, 3) picture, most telling first."""
    grey = np.asarray(cv2.cvtColor(chip(pixels, face.landmarks), cv2.COLOR_BGR2GRAY)[24:104, 16:96], np.uint8)
    light = float(grey.mean())
    codes = {
        # The mesh costs a model run: it is only asked where the five points look turned.
        "face_turned": face.turn > _TURN_SUSPECTED and abs(landmarks.pose(pixels, face).yaw) > _TURNED_DEGREES,
        "face_dark": light < _DARK_BELOW,
        "face_bright": light > _BRIGHT_ABOVE,
        "face_blurred": sharpness(grey) < _BLURRED_BELOW,
    }
    return tuple(Finding(code, Role.SELFIE) for code, found in codes.items() if found)


def face_size(face: Face) -> float:
    """Pixels between the eyes, or from eyes to mouth where the face is turned and its eyes lie close together."""
    eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
    return max(face.eye_distance, float(np.linalg.norm(mouth - eyes)))


def sharpness(grey: Pixels) -> float:
    """Standard deviation of the Laplacian of a grey uint8 (H, W) picture, higher is sharper."""
    return float(np.std(cv2.Laplacian(grey, cv2.CV_32F)))
