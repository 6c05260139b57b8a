"""Prints messages on the operator's console instead of sending them: for trying things out, not for real people."""

from __future__ import annotations

from typing import TextIO

from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, SmsSender


class _Console:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        try:
            self._stream.write(f"SMS to {number_e164}: {message.text}\n")
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed
            return Rejected("unavailable", retryable=True, code="console_closed")
        return Accepted("console")


def build(stream: TextIO) -> SmsSender:
    """A sender that writes one line per message to `stream` (standard error, as a rule)."""
    return _Console(stream)
