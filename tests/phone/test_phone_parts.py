"""The SMS vendors, countries and caps as settings say."""

from __future__ import annotations

import base64
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.commands.phone_question import ask_carrier
from service.errors import SettingsInvalid
from service.evidence import Claim
from service.phone.limits import Cap
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, Unknown
from service.phone_parts import carrier_registry, code_rules, phone_parts, sms_sender, told
from service.settings import Settings, load_settings

from .vendor_server import answer, serving

COMPLETE: dict[str, dict[str, object]] = {
    "http": {
        "sms_http_url": "https://gateway.example/sms",
        "sms_http_secret": SecretStr("whsec_" + base64.b64encode(bytes(24)).decode()),
    },
    "aliyun": {
        "sms_aliyun_key_id": "id",
        "sms_aliyun_key_secret": SecretStr("canary-secret"),
        "sms_aliyun_sign_name": "核查",
        "sms_aliyun_template_zh": "SMS_1",
    },
    "tencent": {
        "sms_tencent_secret_id": "id",
        "sms_tencent_secret_key": SecretStr("canary-secret"),
        "sms_tencent_app_id": "1400006666",
        "sms_tencent_sign_name": "核查",
        "sms_tencent_template_zh": "1",
    },
    "twilio": {
        "sms_twilio_account_sid": "AC0",
        "sms_twilio_auth_token": SecretStr("canary-secret"),
        "sms_twilio_sender": "MG0",
    },
    "sns": {
        "sms_sns_key_id": "id",
        "sms_sns_key_secret": SecretStr("canary-secret"),
        "sms_sns_region": "ap-southeast-1",
    },
}
MESSAGE = CodeMessage("code_1", "zh", "042917", 5, "text")


def _ignored(vendor: str, answer: SmsAnswer) -> None: ...


def _settings(**values: object) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["development", "production"])
@pytest.mark.parametrize("vendor", COMPLETE)
def test_a_complete_vendor_is_built(vendor: str, mode: str) -> None:
    sender = sms_sender(_settings(mode=mode, sms=vendor, **COMPLETE[vendor]), _ignored)
    assert "canary-secret" not in repr(sender)


@pytest.mark.parametrize(("vendor", "missing"), [(v, name) for v, given in COMPLETE.items() for name in given])
def test_an_incomplete_vendor_is_refused_by_name(vendor: str, missing: str) -> None:
    given = {name: value for name, value in COMPLETE[vendor].items() if name != missing}
    with pytest.raises(SettingsInvalid, match=f"HECHA_{missing.upper()}: required") as caught:
        sms_sender(_settings(sms=f"{vendor}", **given), _ignored)
    assert "canary-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"sms": "pigeon"}, "HECHA_SMS:"),
        ({"sms": "twilio,pigeon", **COMPLETE["twilio"]}, "HECHA_SMS:"),
        ({"sms": "console", "mode": "production"}, "HECHA_SMS:"),
        ({"sms": "http", **COMPLETE["http"], "sms_http_secret": SecretStr("short")}, "HECHA_SMS_HTTP_SECRET"),
        ({"sms": "http", **COMPLETE["http"], "sms_http_url": "gateway"}, "HECHA_SMS_HTTP_URL"),
        ({"sms": "http", **COMPLETE["http"], "sms_http_url": "ftp://gateway/"}, "HECHA_SMS_HTTP_URL"),
        ({"sms": "http", **COMPLETE["http"], "sms_http_url": "https://a:b@gateway/"}, "HECHA_SMS_HTTP_URL"),
        ({"sms": "http", **COMPLETE["http"], "sms_http_url": "https://gateway:port/"}, "HECHA_SMS_HTTP_URL"),
        (
            {"sms": "http", "mode": "production", **COMPLETE["http"], "sms_http_url": "http://gateway/"},
            "HECHA_SMS_HTTP_URL",
        ),
        (
            {"sms": "tencent", **COMPLETE["tencent"], "sms_tencent_parameters": "minutes"},
            "HECHA_SMS_TENCENT_PARAMETERS",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(values: dict[str, object], name: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        sms_sender(_settings(**values), _ignored)


def test_production_without_a_vendor_sends_nothing_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    answered = sms_sender(_settings(mode="production"), _ignored).send("+8613800138000", MESSAGE)
    assert isinstance(answered, Rejected)
    assert capfd.readouterr() == ("", "")


def test_development_prints(capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(sms_sender(_settings(), _ignored).send("+8613800138000", MESSAGE), Accepted)
    assert "text" in capfd.readouterr().err


def test_the_second_vendor_takes_over(capfd: pytest.CaptureFixture[str]) -> None:
    heard: list[dict[str, str]] = []
    with serving(answer(503)) as down, serving(answer(201, b'{"sid": "SM1", "status": "queued"}')) as up:
        aliyun = {**COMPLETE["aliyun"], "sms_aliyun_url": down.url}
        twilio = {**COMPLETE["twilio"], "sms_twilio_url": up.url}
        sender = sms_sender(_settings(sms="aliyun, twilio", **aliyun, **twilio), lambda *a: heard.append(told(*a)))
        assert sender.send("+8613800138000", MESSAGE) == Accepted("SM1")
    assert (len(down.requests), len(up.requests)) == (1, 1)
    assert heard == [
        {"vendor": "aliyun", "outcome": "rejected_unavailable", "code": "http_503"},
        {"vendor": "twilio", "outcome": "accepted"},
    ]
    assert capfd.readouterr() == ("", "")


def test_production_sends(certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(answer(201, b'{"sid": "SM1", "status": "queued"}'), tls) as server:
        given = {**COMPLETE["twilio"], "sms_twilio_url": server.url, "phone_countries": "+86"}
        phone = phone_parts(_settings(mode="production", sms="twilio", **given), _ignored)
        assert phone.sms.send("+8613800138000", MESSAGE) == Accepted("SM1")
    assert server.requests[0].form()["To"] == "+8613800138000"
    assert (phone.rules.countries, phone.carrier) == (("+86",), None)


def test_what_is_told_of_an_unknown_outcome() -> None:
    assert told("sns", Unknown("no_reply")) == {"vendor": "sns", "outcome": "unknown_no_reply"}


@pytest.mark.parametrize(
    ("mode", "written", "countries"),
    [
        ("development", "", ("+86",)),
        ("production", "", ()),
        ("production", "+86, +852", ("+86", "+852")),
        ("development", "+44", ("+44",)),
    ],
)
def test_countries(mode: str, written: str, countries: tuple[str, ...]) -> None:
    assert code_rules(_settings(mode=mode, phone_countries=written)).countries == countries


@pytest.mark.parametrize("written", ["86", "+0", "+86;+1", "+8613", "+８６", "all"])
def test_countries_that_cannot_be_read_are_named(written: str) -> None:
    with pytest.raises(SettingsInvalid, match="HECHA_PHONE_COUNTRIES"):
        code_rules(_settings(phone_countries=written))


def test_caps_and_brand() -> None:
    rules = code_rules(_settings(sms_number_caps="2/1m", sms_tenant_caps="7/1d", sms_brand="核查"))
    assert Cap("number", 2, timedelta(minutes=1)) in rules.caps
    assert Cap("tenant", 7, timedelta(days=1)) in rules.caps
    assert rules.brand == "核查"
    assert code_rules(_settings()).caps == code_rules(_settings(mode="production")).caps


def test_caps_that_cannot_be_read_are_named() -> None:
    with pytest.raises(SettingsInvalid, match="HECHA_SMS_PREFIX_CAPS"):
        code_rules(_settings(sms_prefix_caps="many"))


def test_secrets_may_lie_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hecha_sms_twilio_auth_token").write_text("from-a-file\n")
    (tmp_path / "hecha_sms_brand").write_text("核查")
    monkeypatch.setenv("HECHA_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("HECHA_SMS_BRAND", "the environment wins")
    settings = load_settings()
    assert settings.sms_twilio_auth_token.get_secret_value() == "from-a-file"
    assert settings.sms_brand == "the environment wins"
    assert "from-a-file" not in repr(settings)


def test_a_folder_of_secrets_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsInvalid, match="HECHA_SECRETS_DIR"):
        load_settings()


def test_the_carriers_gateway() -> None:
    given = {"carrier_url": "https://gateway.example/", "carrier_secret": COMPLETE["http"]["sms_http_secret"]}
    assert carrier_registry(_settings()) is None
    assert carrier_registry(_settings(mode="production", **given)) is not None
    for wrong, name in (
        ({"carrier_secret": SecretStr("")}, "HECHA_CARRIER_SECRET"),
        ({"carrier_url": "http://gateway.example/", "mode": "production"}, "HECHA_CARRIER_URL"),
    ):
        with pytest.raises(SettingsInvalid, match=name):
            carrier_registry(_settings(**{**given, **wrong}))


def test_the_command_asks_the_carrier() -> None:
    with serving(answer(200, b'{"result": "mismatch"}')) as server:
        given = {"carrier_url": server.url, "carrier_secret": COMPLETE["http"]["sms_http_secret"]}
        claim = ask_carrier(Claim("苏明远"), "+86 138-0013-8000", _settings(**given))
    assert claim == Claim("苏明远", None, "mismatch")
    assert server.requests[0].json()["phone"] == "+8613800138000"
