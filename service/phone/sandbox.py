"""Codes of sandbox tenants: none is sent; the number says what would have become of the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from service.errors import HechaError, PhoneNumberRefused, SmsSuspended, TooManyRequests
from service.phone.otp import ALONE, Aside, PhoneCodes, SentCode, Wanted
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


REFUSED: Mapping[str, Callable[[], HechaError]] = {
    "+8613800000008": lambda: TooManyRequests(retry_after_s=60, fields=(("phone", "number_cap"),)),
    "+8613800000009": lambda: SmsSuspended(retry_after_s=3600, fields=(("phone", "prefix_conversion"),)),
    "+8613800000010": PhoneNumberRefused,
}
"""What the caps, the breaker and the list of countries would say before anything is sent."""
EXPIRED = "+8613800000011"
"""Its codes have expired when they are sent."""


class _Vendor:
    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:  # noqa: ARG002 it goes nowhere
        return OUTCOMES.get(number_e164, Accepted("sandbox"))


@dataclass(frozen=True, slots=True)
class _SandboxCodes(PhoneCodes):
    def send(self, wanted: Wanted, aside: Aside = ALONE) -> SentCode:
        number = self.e164(wanted.number)
        if number in REFUSED:
            raise REFUSED[number]()
        mine = replace(self, rules=replace(self.rules, lifetime=timedelta())) if number == EXPIRED else self
        return PhoneCodes.send(mine, wanted, aside)


def sandboxed(codes: PhoneCodes) -> PhoneCodes:
    """The same codes without a vendor and without chance; only the cap of the tenant is left, for tests repeat."""
    caps = tuple(cap for cap in codes.rules.caps if cap.scope == "tenant")
    countries = tuple({*codes.rules.countries, "+86"})
    rules = replace(codes.rules, caps=caps, breakers=(), countries=countries)
    own = {each.name: getattr(codes, each.name) for each in fields(codes)}
    return _SandboxCodes(**{**own, "sms": _Vendor(), "rules": rules, "draw": lambda _: int(CODE)})
