"""The states of a verification and its legal moves. Pure; the README draws the same, and a test compares the two."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a verification stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETAKE = "retake"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


MOVES: Mapping[str, Mapping[State, State]] = {
    "capture": {State.OPEN: State.OPEN, State.RETAKE: State.OPEN},
    "consent": {State.OPEN: State.OPEN, State.RETAKE: State.RETAKE},
    "renew": {State.OPEN: State.OPEN, State.RETAKE: State.RETAKE},
    "submit": {State.OPEN: State.SUBMITTED},
    "decide": {State.SUBMITTED: State.DECIDED},
    "ask again": {State.SUBMITTED: State.RETAKE},
    "fail": {State.SUBMITTED: State.OPEN},
    "withdraw": {
        State.OPEN: State.WITHDRAWN,
        State.RETAKE: State.WITHDRAWN,
        State.SUBMITTED: State.WITHDRAWN,
    },
    "expire": {State.OPEN: State.EXPIRED, State.RETAKE: State.EXPIRED},
}
"""By step: from which state into which."""

LIVING = (State.OPEN, State.SUBMITTED, State.RETAKE)
"""While a verification is in one of these, its capture token and its pictures are kept."""
