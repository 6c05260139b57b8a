"""Stands where no vendor is configured: refuses every message, so that no code is ever printed in production."""

from __future__ import annotations

from service.phone.sms import CodeMessage, Rejected, SmsAnswer, SmsSender


class _Unset:
    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:  # noqa: ARG002 neither goes anywhere
        return Rejected("account", retryable=False, code="no_sms_vendor_configured")


def build() -> SmsSender:
    """A sender that sends nothing and says so."""
    return _Unset()
