"""When a delivery is tried again. Pure: time and randomness are arguments.

Ten tries over three days, the intervals of the Standard Webhooks specification, each up to a fifth longer or shorter so
that a receiver that comes back is not met by everything at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MAX_TRIES = len(PAUSES) + 1
_JITTER = 0.2
_LONGEST_WISH = timedelta(hours=24)


def next_try(tries: int, now: datetime, *, retry_after: str | None, chance: float) -> datetime | None:
    """After `tries` failed ones, the last of them now; None = it was the last.

    `retry_after`: the receiver's header (RFC 9110 §10.2.3), obeyed for up to a day. `chance`: random, 0 <= chance < 1.
    """
    if tries >= MAX_TRIES:
        return None
    pause = PAUSES[tries - 1] * (1 - _JITTER + 2 * _JITTER * chance)
    return now + max(pause, min(_wish(retry_after, now), _LONGEST_WISH))


def _wish(text: str | None, now: datetime) -> timedelta:
    if text is None:
        return timedelta()
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**9))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return timedelta()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
