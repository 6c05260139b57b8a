"""Phone numbers: E.164 form, and which of them are served."""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from service.errors import PhoneNumberInvalid, PhoneNumberRefused

# No letters: `phonenumbers` would turn a vanity word into digits.
_WRITTEN = re.compile(r"\+[0-9][0-9 ().-]{4,24}", re.ASCII)

# Premium-rate, shared-cost, VoIP and satellite numbers are how SMS pumping earns its money.
_SERVED = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def normalise(number: str, *, countries: Collection[str]) -> str:
    """The number in E.164 form.

    `countries`: the served calling codes with their plus sign, such as `+86`. Raises PhoneNumberInvalid when it is no
    valid international number, PhoneNumberRefused when its country or type is not served.
    """
    if not _WRITTEN.fullmatch(number):
        raise PhoneNumberInvalid
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        raise PhoneNumberInvalid from None  # the parser's message quotes the number
    if not phonenumbers.is_valid_number(parsed):
        raise PhoneNumberInvalid
    if f"+{parsed.country_code}" not in countries or phonenumbers.number_type(parsed) not in _SERVED:
        raise PhoneNumberRefused
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def calling_code(e164: str) -> str:
    """The calling code of a number in E.164 form, such as `+86`."""
    return f"+{phonenumbers.parse(e164).country_code}"
