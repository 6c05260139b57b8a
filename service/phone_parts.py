"""The phone as settings say: SMS vendors from a closed table, the carriers' registry, countries and limits."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from pydantic import SecretStr

from service.errors import SettingsInvalid
from service.phone import otp, signed_json
from service.phone.carrier import CarrierRegistry
from service.phone.carrier import http as carrier_http
from service.phone.http_post import HttpPost
from service.phone.limits import Cap, Scope, caps
from service.phone.sms import (
    Accepted,
    Rejected,
    SmsAnswer,
    SmsSender,
    aliyun,
    console,
    fallback,
    http,
    sns,
    tencent,
    twilio,
    unset,
)
from service.settings import Settings

_clock = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """What the service needs for phones."""

    sms: SmsSender
    rules: otp.CodeRules
    carrier: CarrierRegistry | None


def phone_parts(settings: Settings, tell: fallback.Tell) -> PhoneParts:
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
    return otp.CodeRules(countries(settings), settings.sms_brand, caps=tuple(found))


def countries(settings: Settings) -> tuple[str, ...]:
    """Calling codes whose numbers are served: none until the operator says so, China's for trying things out."""
    found = tuple(code.strip() for code in settings.phone_countries.split(",") if code.strip())
    if not all(re.fullmatch(r"\+[1-9][0-9]{0,2}", code, re.ASCII) for code in found):
        raise SettingsInvalid("HECHA_PHONE_COUNTRIES: calling codes are written +86,+852")
    return found or (("+86",) if settings.mode == "development" else ())


def sms_sender(settings: Settings, tell: fallback.Tell) -> SmsSender:
    """The vendors of the settings. Raises SettingsInvalid, which names the setting that is missing or wrong."""
    names = [name.strip() for name in settings.sms.split(",") if name.strip()]
    if not names:
        if settings.mode == "production":
            return unset.build()
        names = ["console"]
    for name in names:
        if name not in _VENDORS:
            raise SettingsInvalid(f"HECHA_SMS: known vendors are {', '.join(_VENDORS)}")
    post = HttpPost()
    return fallback.build([(name, _VENDORS[name](settings, post)) for name in names], tell=tell)


def _console(settings: Settings, post: HttpPost) -> SmsSender:  # noqa: ARG001 the table's shape
    if settings.mode == "production":  # a code on the console is a code in a log file
        raise SettingsInvalid("HECHA_SMS: `console` prints codes and is refused in production mode")
    return console.build(sys.stderr)


def _http(settings: Settings, post: HttpPost) -> SmsSender:
    secret = _required(settings, "http", "url", "secret")["secret"]
    return http.build(_gateway(settings, "sms_http", secret, post))


def _gateway(settings: Settings, prefix: str, secret: str, post: HttpPost) -> signed_json.Gateway:
    try:
        signed_json.key(secret)
    except ValueError as error:
        raise SettingsInvalid(f"HECHA_{prefix.upper()}_SECRET: {error}") from None
    return signed_json.Gateway(_url(settings, f"{prefix}_url"), secret, post, _clock)


def _aliyun(settings: Settings, post: HttpPost) -> SmsSender:
    given = _required(settings, "aliyun", "key_id", "key_secret", "sign_name", "template_zh")
    account = aliyun.Account(
        given["key_id"],
        given["key_secret"],
        given["sign_name"],
        _templates(given["template_zh"], settings.sms_aliyun_template_en),
        _url(settings, "sms_aliyun_url"),
    )
    return aliyun.build(account, post=post, clock=_clock, nonce=lambda: secrets.token_hex(16))


def _tencent(settings: Settings, post: HttpPost) -> SmsSender:
    given = _required(settings, "tencent", "secret_id", "secret_key", "app_id", "sign_name", "template_zh")
    parameters = tuple(part.strip() for part in settings.sms_tencent_parameters.split(","))
    if not {"code"} <= set(parameters) <= {"code", "minutes"}:
        raise SettingsInvalid("HECHA_SMS_TENCENT_PARAMETERS: `code`, `code,minutes` or `minutes,code`")
    account = tencent.Account(
        given["secret_id"],
        given["secret_key"],
        given["app_id"],
        given["sign_name"],
        _templates(given["template_zh"], settings.sms_tencent_template_en),
        parameters,
        settings.sms_tencent_region,
        _url(settings, "sms_tencent_url"),
    )
    return tencent.build(account, post=post, clock=_clock)


def _twilio(settings: Settings, post: HttpPost) -> SmsSender:
    given = _required(settings, "twilio", "account_sid", "auth_token", "sender")
    url = _url(settings, "sms_twilio_url")
    return twilio.build(twilio.Account(given["account_sid"], given["auth_token"], given["sender"], url), post=post)


def _sns(settings: Settings, post: HttpPost) -> SmsSender:
    given = _required(settings, "sns", "key_id", "key_secret", "region")
    url = _url(settings, "sms_sns_url") if settings.sms_sns_url else ""
    account = sns.Account(given["key_id"], given["key_secret"], given["region"], settings.sms_sns_sender_id, url)
    return sns.build(account, post=post, clock=_clock)


_VENDORS: Mapping[str, Callable[[Settings, HttpPost], SmsSender]] = {
    "console": _console,
    "http": _http,
    "aliyun": _aliyun,
    "tencent": _tencent,
    "twilio": _twilio,
    "sns": _sns,
}
"""Every vendor there is."""


def _required(settings: Settings, vendor: str, *names: str) -> dict[str, str]:
    """A vendor's settings by their last word. Raises SettingsInvalid with the name of the first that is empty."""
    found = {name: getattr(settings, f"sms_{vendor}_{name}") for name in names}
    given = {n: (v.get_secret_value() if isinstance(v, SecretStr) else v).strip() for n, v in found.items()}
    for name, value in given.items():
        if not value:
            raise SettingsInvalid(f"HECHA_SMS_{vendor.upper()}_{name.upper()}: required by the SMS vendor {vendor}")
    return given


def _url(settings: Settings, name: str) -> str:
    """An endpoint. In production only by TLS: the code is in the body."""
    url: str = getattr(settings, name)
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        sound = False
    schemes = ("https",) if settings.mode == "production" else ("https", "http")
    if not sound or parts.scheme not in schemes:
        raise SettingsInvalid(f"HECHA_{name.upper()}: an address that begins with {' or '.join(schemes)} is required")
    return url


def _templates(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en or zh}


def carrier_registry(settings: Settings) -> CarrierRegistry | None:
    """The gateway of the settings; None where there is none. Raises SettingsInvalid, which names the setting."""
    if not settings.carrier_url:
        return None
    secret = settings.carrier_secret.get_secret_value().strip()
    return carrier_http.build(_gateway(settings, "carrier", secret, HttpPost()))


def told(vendor: str, answer: SmsAnswer) -> dict[str, str]:
    """A vendor's answer as a log or a terminal may tell it: nothing of it is personal."""
    if isinstance(answer, Accepted):
        return {"vendor": vendor, "outcome": "accepted"}
    if isinstance(answer, Rejected):
        return {"vendor": vendor, "outcome": f"rejected_{answer.kind}", "code": answer.code}
    return {"vendor": vendor, "outcome": f"unknown_{answer.why}"}
