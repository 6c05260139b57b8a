"""Codes of sandbox tenants: none is sent; the number says what would have become of the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.phone.otp import PhoneCodes
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, Unknown

CODE = "000000"
"""The right code of every sandbox message."""

OUTCOMES: Mapping[str, SmsAnswer] = {
    "+8613800000001": Accepted("sandbox"),
    "+8613800000002": Rejected("number", retryable=False, code="sandbox"),
    "+8613800000003": Rejected("limit", retryable=False, code="sandbox", retry_after_s=120),
    "+8613800000004": Rejected("account", retryable=True, code="sandbox"),
    "+8613800000005": Rejected("refused", retryable=True, code="sandbox"),
    "+8613800000006": Rejected("unavailable", retryable=True, code="sandbox"),
    "+8613800000007": Unknown("no_reply"),
}
"""Every other number is accepted."""


class _Sandbox:
    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:  # noqa: ARG002 it goes nowhere
        return OUTCOMES.get(number_e164, Accepted("sandbox"))


def sandboxed(codes: PhoneCodes) -> PhoneCodes:
    """The same codes without a vendor and without chance; only the cap of the tenant is left, for tests repeat."""
    caps = tuple(cap for cap in codes.rules.caps if cap.scope == "tenant")
    countries = tuple({*codes.rules.countries, "+86"})
    rules = replace(codes.rules, caps=caps, breakers=(), countries=countries)
    return replace(codes, sms=_Sandbox(), rules=rules, draw=lambda _: int(CODE))
