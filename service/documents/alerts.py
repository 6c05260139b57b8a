"""What is wrong with a reading, for the person with the camera."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from service.documents.cn_resident_id_back import BACK_FIELDS
from service.documents.cn_resident_id_front import FRONT_FIELDS
from service.documents.kinds import SideReading
from service.documents.text import Quad
from service.evidence import Finding, Pixels, Role, Side

CUT_SHARE = 0.06
"""A side of the card farther outside the picture than this share of the card's width means that a part is missing.
Below it lies no text, and what is known of the card's place is no better."""
LOW_RESOLUTION = 420.0
"""Width of the card in pixels; a character then has about 15."""
SHARP = 9.0
REFLECTING = 0.015


def reading_alerts(side: SideReading, card: Quad | None, pixels: Pixels, shrink: float) -> tuple[Finding, ...]:
    """Findings, the weighty ones first. `card`: its corners in `pixels`; `shrink`: pixels per pixel of the original."""
    role = Role.FRONT if side.side is Side.FRONT else Role.BACK
    wanted = side.wanted or (FRONT_FIELDS if side.side is Side.FRONT else BACK_FIELDS)
    missing = [name for name in wanted if name not in side.fields]
    alerts: list[Finding] = []
    if card is not None and outside(card, pixels) > CUT_SHARE:
        alerts.append(Finding("card_cut", role))
    if card is None:
        # Without its labels nobody can tell whether the whole card is in the picture.
        alerts.append(Finding("fields_unreadable", role))
    if "number" in missing:
        alerts.append(Finding("number_unreadable", role, "number"))
    if rest := [name for name in missing if name != "number"]:
        alerts.append(Finding("fields_unreadable", role, rest[0]))
    if card is not None:
        alerts += [Finding(code, role) for code in _hints(card, pixels, shrink)]
    return tuple(alerts)


def outside(card: Quad, pixels: Pixels) -> float:
    """How far the card reaches out of the picture, in card widths: the middles of its sides, and its corners half."""
    height, width = pixels.shape[:2]
    middles = (card + np.roll(card, -1, axis=0)) / 2
    size = np.array((width, height), np.float32)
    card_width = max(float(np.linalg.norm(card[1] - card[0])), 1.0)
    sides, corners = (float(np.maximum(-points, points - size).max()) / card_width for points in (middles, card))
    # A corner is known half as well as a side, and holds no text.
    return max(sides, corners / 2)


def _hints(card: Quad, pixels: Pixels, shrink: float) -> Iterator[str]:
    card_width = float(np.linalg.norm(card[1] - card[0]) + np.linalg.norm(card[2] - card[3])) / 2
    if card_width / shrink < LOW_RESOLUTION:
        yield "low_resolution"
    flat = _small_card(card, pixels)
    if _sharpness(flat) < SHARP:
        yield "blurred"
    if float((flat.min(axis=2) >= 252).mean()) > REFLECTING:
        yield "reflection"


def _small_card(card: Quad, pixels: Pixels) -> Pixels:
    size = (428, 270)
    corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(card.astype(np.float32), corners)
    return np.asarray(cv2.warpPerspective(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _sharpness(flat: Pixels) -> float:
    """How steep the steepest edges are, in per cent of the picture's contrast."""
    grey = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY).astype(np.float32)
    contrast = float(np.percentile(grey, 98) - np.percentile(grey, 2)) + 1.0
    return 100 * float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 99)) / contrast
