"""Where a page of a list ends. Callers hand it back as it is; nothing in it is secret, and nothing is trusted."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from service.errors import RequestInvalid
from service.web.fields import ID_FORM


def cursor_of(at: datetime, row_id: str) -> str:
    """Where a page ends, for whoever asks for the next."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), row_id]).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """What `cursor_of` made a cursor of. Raises RequestInvalid."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        at, row_id = json.loads(base64.b64decode(padded, b"-_", validate=True))
        place = datetime.fromisoformat(at), str(row_id)
        if place[0].tzinfo is None or not ID_FORM.fullmatch(place[1]):
            raise ValueError
    except (binascii.Error, ValueError, TypeError):
        raise RequestInvalid(fields=(("cursor", "invalid"),)) from None
    return place
