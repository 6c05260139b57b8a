"""The phone at a terminal: a code is sent and asked for, and the carrier is asked whose number it is."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from service.evidence import Claim
from service.phone import otp
from service.phone.carrier import attested
from service.phone.numbers import normalise
from service.phone.sms import SmsAnswer
from service.phone_parts import carrier_registry, code_rules, countries, sms_sender, told
from service.secrets import open_store
from service.settings import Settings
from service.store import DEFAULT_TENANT


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
    e164 = normalise(number, countries=countries(settings))
    return attested(claim, carrier_registry(settings), e164, question_id=secrets.token_urlsafe(18))


def _say_refusal(vendor: str, answer: SmsAnswer) -> None:
    words = told(vendor, answer)
    if words["outcome"] != "accepted":
        print(f"hecha: sms {' '.join(words.values())}", file=sys.stderr)
