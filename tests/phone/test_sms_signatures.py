"""The vendors' published signature vectors, and that what is signed is what is sent."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest

from service.phone import signed_json
from service.phone.http_post import HttpPost
from service.phone.sms import CodeMessage, aliyun, sns, tencent, twilio

from .test_sms_contract import CODE, MESSAGE, NOW, NUMBER, SECRET, VENDORS
from .vendor_server import Request, serving

ENGLISH = CodeMessage("code_2", "en", CODE, 5, f"Hecha: {CODE} is your code, valid for 5 minutes. Do not share it.")
EMPTY = hashlib.sha256(b"").hexdigest()


def _sent(name: str, message: CodeMessage = MESSAGE) -> Request:
    with serving(VENDORS[name].success) as server:
        VENDORS[name].build(server.url, HttpPost()).send(NUMBER, message)
    (request,) = server.requests
    return request


def test_aliyuns_vector() -> None:
    """help.aliyun.com, "V3 request body and signature", the example with fixed parameters."""
    signed = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    assert aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", signed, query=query) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_what_aliyun_is_sent() -> None:
    request = _sent("aliyun")
    assert request.target == "/"
    assert request.form() == {
        "PhoneNumbers": NUMBER[1:],
        "SignName": "核查",
        "TemplateCode": "SMS_1",
        "TemplateParam": f'{{"code": "{CODE}"}}',
        "OutId": "code_1",
    }
    names = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"content-type", "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date"} <= set(names)
    assert request.headers["x-acs-content-sha256"] == hashlib.sha256(request.body).hexdigest()
    assert request.headers["x-acs-date"] == "2026-11-27T08:00:00Z"
    signed = {name: request.headers[name] for name in names}
    assert request.headers["authorization"] == aliyun.authorization("id", "secret", signed)
    assert _sent("aliyun", ENGLISH).form()["TemplateCode"] == "SMS_2"


@pytest.mark.parametrize(
    ("secret_id", "secret_key", "names", "signature"),
    [
        (
            "AKID" + "*" * 32,
            "*" * 32,
            ("content-type", "host", "x-tc-action"),
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
        (
            "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            ("content-type", "host"),
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
    ],
)
def test_tencents_vectors(secret_id: str, secret_key: str, names: tuple[str, ...], signature: str) -> None:
    """cloud.tencent.com, "Signature v3", the worked example of today and the one before it."""
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "x-tc-action": "describeinstances",
    }
    payload = r'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    signed = {name: headers[name] for name in names}
    when = datetime.fromtimestamp(1551113065, UTC)
    assert tencent.authorization(secret_id, secret_key, "cvm", signed, payload.encode(), when) == (
        f"TC3-HMAC-SHA256 Credential={secret_id}/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )


def test_what_tencent_is_sent() -> None:
    request = _sent("tencent")
    assert request.json() == {
        "PhoneNumberSet": [NUMBER],
        "SmsSdkAppId": "1400006666",
        "SignName": "核查",
        "TemplateId": "1",
        "TemplateParamSet": [CODE, "5"],
        "SessionContext": "code_1",
    }
    assert (request.headers["x-tc-action"], request.headers["x-tc-version"]) == ("SendSms", "2021-01-11")
    assert request.headers["x-tc-timestamp"] == str(int(NOW.timestamp()))
    signed = {name: request.headers[name].lower() for name in ("content-type", "host", "x-tc-action")}
    assert request.headers["authorization"] == tencent.authorization("id", "key", "sms", signed, request.body, NOW)


def test_the_vector_of_basic_authentication() -> None:
    """RFC 7617, section 2; Twilio signs nothing that goes to it."""
    assert twilio.basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_what_twilio_is_sent() -> None:
    request = _sent("twilio", ENGLISH)
    assert request.target == "/2010-04-01/Accounts/AC0/Messages.json"
    assert request.headers["authorization"] == twilio.basic("AC0", "token")
    assert request.form() == {"To": NUMBER, "From": "+12025550123", "Body": ENGLISH.text}


def test_twilios_messaging_service() -> None:
    with serving(VENDORS["twilio"].success) as server:
        account = twilio.Account("AC0", "token", "MG0", server.url)
        twilio.build(account, post=HttpPost()).send(NUMBER, MESSAGE)
    form = server.requests[0].form()
    assert (form["MessagingServiceSid"], form["Body"], "From" in form) == ("MG0", MESSAGE.text, False)


@pytest.mark.parametrize(
    ("content_type", "body", "signature"),
    [
        ("", b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "application/x-www-form-urlencoded",
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_the_vectors_of_aws(content_type: str, body: bytes, signature: str) -> None:
    """The cases post-vanilla and post-x-www-form-urlencoded of AWS's Signature Version 4 test suite."""
    signed = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    if content_type:
        signed["content-type"] = content_type
    key = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    assert sns.authorization(key, "us-east-1/service", signed, body) == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={';'.join(sorted(signed))}, Signature={signature}"
    )


def test_what_sns_is_sent() -> None:
    request = _sent("sns")
    form = request.form()
    assert {name: form[name] for name in ("Action", "Version", "PhoneNumber", "Message")} == {
        "Action": "Publish",
        "Version": "2010-03-31",
        "PhoneNumber": NUMBER,
        "Message": MESSAGE.text,
    }
    assert form["MessageAttributes.entry.1.Value.StringValue"] == "Transactional"
    assert form["MessageAttributes.entry.2.Value.StringValue"] == "HECHA"
    signed = {name: request.headers[name] for name in ("content-type", "host", "x-amz-date")}
    authorization = sns.authorization(("id", "secret"), "ap-southeast-1/sns", signed, request.body)
    assert request.headers["authorization"] == authorization


def test_the_vector_of_standard_webhooks() -> None:
    """standard-webhooks/standard-webhooks, the example its libraries are tested with."""
    signature = signed_json.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_a_gateway_is_sent() -> None:
    request = _sent("http")
    assert json.loads(request.body) == {
        "to": NUMBER,
        "text": MESSAGE.text,
        "code": CODE,
        "minutes": 5,
        "language": "zh",
        "id": "code_1",
    }
    sent_at = request.headers["webhook-timestamp"]
    assert (request.headers["webhook-id"], sent_at) == ("code_1", str(int(NOW.timestamp())))
    assert request.headers["webhook-signature"] == signed_json.signature(SECRET, "code_1", sent_at, request.body)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "whsec_" + base64.b64encode(bytes(23)).decode()])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        signed_json.key(secret)
