"""The log: one JSON object per line, of keys from a closed list. What is not on the list is dropped.

An allow-list, because personal data finds the gaps of a deny-list. No value is ever taken from a request: no path,
query, header, file name or exception text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TextIO

KEYS = frozenset(
    {
        "event",
        "request_id",
        "method",
        "route",
        "status",
        "code",
        "duration_ms",
        "bytes_in",
        "decision",
        "error_type",
        "error_where",
        "vendor",
        "outcome",
        "why",
        "key_id",
    }
)

LogValue = str | int | float | bool | None
Log = Callable[..., None]


def build(stream: TextIO, *, clock: Callable[[], datetime] | None = None) -> Log:
    """A function `log(event=..., **values)` that writes one line to `stream`. `clock` None = the machine's."""
    now = clock or partial(datetime.now, UTC)

    def log(**values: LogValue) -> None:
        line: dict[str, LogValue] = {"time": now().isoformat(timespec="milliseconds")}
        line.update((key, value) for key, value in values.items() if key in KEYS and value is not None)
        try:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return  # a full disk or closed stream must not cost the request

    return log
