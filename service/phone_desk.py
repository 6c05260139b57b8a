"""The phone as settings say: which sender, which countries, and the question on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from service import store as stores
from service.phone import otp
from service.phone.sms import SmsSender, console, unset
from service.secrets import load_secrets
from service.settings import Settings


def sms_sender(settings: Settings) -> SmsSender:
    """The sender of the mode."""
    # A code on the console is a code in a log file.
    return unset.build() if settings.mode == "production" else console.build(sys.stderr)


def phone_countries(settings: Settings) -> tuple[str, ...]:
    """Calling codes whose numbers are served."""
    return tuple(code.strip() for code in settings.phone_countries.split(",") if code.strip())


def confirm_phone(number: str, settings: Settings, ask: Callable[[str], str]) -> bool:
    """Send a code to a number and ask for it until it is right or its tries are used up.

    Raises PhoneNumberInvalid, PhoneNumberRefused, TooManyRequests, SmsFailed.
    """
    store = stores.build(settings.database, master_key=load_secrets(settings).master_key)
    codes = otp.build(
        ledger=store.phones(stores.DEFAULT_TENANT),
        sms=sms_sender(settings),
        pepper=store.keys.derive("phone"),
        clock=partial(datetime.now, UTC),
        countries=phone_countries(settings),
    )
    try:
        code_id = codes.send(number, otp.VERIFICATION).id
        while not (answer := codes.check(code_id, ask("Code: ").strip())).confirmed and answer.tries_left:
            pass
        return answer.confirmed
    except EOFError:
        return False
    finally:
        store.close()
