"""The phone as settings say: which countries, which limits, and the question on a terminal."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from service.errors import SettingsInvalid
from service.evidence import Claim
from service.phone import otp
from service.phone.carrier import CarrierRegistry, attested
from service.phone.limits import Cap, Scope, caps
from service.phone.numbers import normalise
from service.phone.sms import SmsAnswer, SmsSender
from service.phone.sms.fallback import Tell
from service.phone_vendors import carrier_registry, sms_sender, told
from service.secrets import open_store
from service.settings import Settings
from service.store import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """What the service needs for phones."""

    sms: SmsSender
    rules: otp.CodeRules
    carrier: CarrierRegistry | None


def phone_parts(settings: Settings, tell: Tell) -> PhoneParts:
    """All of it. Raises SettingsInvalid, which names the setting that is missing or wrong."""
    return PhoneParts(sms_sender(settings, tell), code_rules(settings), carrier_registry(settings))


def code_rules(settings: Settings) -> otp.CodeRules:
    """The limits. Raises SettingsInvalid."""
    scopes: tuple[Scope, ...] = ("number", "prefix", "address", "tenant")
    found: list[Cap] = []
    for scope in scopes:
        try:
            found += caps(scope, getattr(settings, f"sms_{scope}_caps"))
        except ValueError as error:
            raise SettingsInvalid(f"HECHA_SMS_{scope.upper()}_CAPS: {error}") from None
    return otp.CodeRules(_countries(settings), settings.sms_brand, caps=tuple(found))


def _countries(settings: Settings) -> tuple[str, ...]:
    """Calling codes whose numbers are served: none until the operator says so, China's for trying things out."""
    found = tuple(code.strip() for code in settings.phone_countries.split(",") if code.strip())
    if not all(re.fullmatch(r"\+[1-9][0-9]{0,2}", code, re.ASCII) for code in found):
        raise SettingsInvalid("HECHA_PHONE_COUNTRIES: calling codes are written +86,+852")
    return found or (("+86",) if settings.mode == "development" else ())


def confirm_phone(number: str, settings: Settings, ask: Callable[[str], str]) -> bool:
    """Send a code to a number and ask for it until it is right or its tries are used up.

    Raises PhoneNumberInvalid, PhoneNumberRefused, TooManyRequests, SmsSuspended, SmsFailed, SettingsInvalid.
    """
    sms = sms_sender(settings, _say_refusal)
    with open_store(settings) as store:
        codes = otp.build(
            tenant=DEFAULT_TENANT,
            ledger=store.phones(DEFAULT_TENANT),
            sms=sms,
            pepper=store.keys.derive("phone"),
            clock=partial(datetime.now, UTC),
            rules=code_rules(settings),
        )
        code_id = codes.send(otp.Wanted(number)).id
        with suppress(EOFError):
            while not (answer := codes.check(code_id, ask("Code: ").strip())).confirmed and answer.tries_left:
                pass
            return answer.confirmed
    return False


def ask_carrier(claim: Claim, number: str, settings: Settings) -> Claim:
    """The claim with what the carrier says of it. `number` is a confirmed one. Raises SettingsInvalid."""
    e164 = normalise(number, countries=_countries(settings))
    return attested(claim, carrier_registry(settings), e164, question_id=secrets.token_urlsafe(18))


def _say_refusal(vendor: str, answer: SmsAnswer) -> None:
    words = told(vendor, answer)
    if words["outcome"] != "accepted":
        print(f"hecha: sms {' '.join(words.values())}", file=sys.stderr)  # noqa: T201 the command's own terminal
