"""What is wrong with a reading, for the person with the camera."""

from __future__ import annotations

import numpy as np

from service.documents.cn_resident_id_back import BACK_FIELDS
from service.documents.cn_resident_id_front import FRONT_FIELDS
from service.documents.kinds import SideReading
from service.documents.text import Quad
from service.evidence import Finding, Pixels, Role, Side

CUT_SHARE = 0.02
"""A corner farther outside the picture than this share of the card's width means a part of the card is missing."""


def reading_alerts(side: SideReading, card: Quad | None, pixels: Pixels) -> tuple[Finding, ...]:
    """Findings in the order of their weight."""
    wanted = FRONT_FIELDS if side.side is Side.FRONT else BACK_FIELDS
    role = Role.FRONT if side.side is Side.FRONT else Role.BACK
    missing = [name for name in wanted if name not in side.fields]
    alerts = []
    if card is not None and _outside(card, pixels):
        alerts.append(Finding("card_cut", role))
    if "number" in missing:
        alerts.append(Finding("number_unreadable", role, "number"))
    if rest := [name for name in missing if name != "number"]:
        alerts.append(Finding("fields_unreadable", role, rest[0]))
    return tuple(alerts)


def _outside(card: Quad, pixels: Pixels) -> bool:
    height, width = pixels.shape[:2]
    room = CUT_SHARE * float(np.linalg.norm(card[1] - card[0]))
    low, high = card.min(axis=0), card.max(axis=0)
    return bool(low.min() < -room or high[0] > width + room or high[1] > height + room)
