"""The settings of SMS vendors, of what may be sent, and of the carriers' registry; a part of `settings.Settings`."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


def _required_by(vendor: str, description: str) -> str:
    return f"{description} Required by `{vendor}`."


class SmsSettings(BaseSettings):
    """One field per HECHA_SMS_* and HECHA_CARRIER_* variable."""

    carrier_url: str = Field("", description="Your gateway to the carriers' registries; empty = none is asked.")
    carrier_secret: SecretStr = Field(
        SecretStr(""), description="The gateway's secret: `whsec_` and Base64 of 24 random bytes or more."
    )

    sms: str = Field(
        "",
        description="SMS vendors, comma separated, the preferred one first: `console`, `http`, `aliyun`, `tencent`, "
        "`twilio`, `sns`. Empty = `console` in development, none in production.",
    )
    sms_brand: str = Field("Hecha", max_length=20, description="Who asks, in the message.")
    sms_number_caps: str = Field("1/60s,5/1h,10/1d", description="Codes per number: so many per `s`, `m`, `h`, `d`.")
    sms_prefix_caps: str = Field("20/1h,100/1d", description="Codes to numbers that differ in the last four digits.")
    sms_address_caps: str = Field("10/1h,30/1d", description="Codes per applicant's IP address (`client_ip`).")
    sms_tenant_caps: str = Field("5000/1d", description="All codes of a tenant.")

    sms_http_url: str = Field("", description=_required_by("http", "Your gateway."))
    sms_http_secret: SecretStr = Field(
        SecretStr(""), description=_required_by("http", "`whsec_` and Base64 of 24 random bytes or more.")
    )

    sms_aliyun_key_id: str = Field("", description=_required_by("aliyun", "AccessKey ID."))
    sms_aliyun_key_secret: SecretStr = Field(SecretStr(""), description=_required_by("aliyun", "AccessKey secret."))
    sms_aliyun_sign_name: str = Field("", description=_required_by("aliyun", "The approved signature (签名)."))
    sms_aliyun_template_zh: str = Field(
        "", description=_required_by("aliyun", "Code of the Chinese template; its one variable is `${code}`.")
    )
    sms_aliyun_template_en: str = Field("", description="The English template; empty = the Chinese one.")
    sms_aliyun_url: str = Field("https://dysmsapi.aliyuncs.com/", description="Aliyun's endpoint.")

    sms_tencent_secret_id: str = Field("", description=_required_by("tencent", "SecretId."))
    sms_tencent_secret_key: SecretStr = Field(SecretStr(""), description=_required_by("tencent", "SecretKey."))
    sms_tencent_app_id: str = Field("", description=_required_by("tencent", "SmsSdkAppId."))
    sms_tencent_sign_name: str = Field("", description=_required_by("tencent", "The approved signature (签名)."))
    sms_tencent_template_zh: str = Field("", description=_required_by("tencent", "Id of the Chinese template."))
    sms_tencent_template_en: str = Field("", description="The English template; empty = the Chinese one.")
    sms_tencent_parameters: str = Field(
        "code", description="What the template's {1}, {2} are: `code`, `code,minutes` or `minutes,code`."
    )
    sms_tencent_region: str = Field("ap-guangzhou", description="Tencent Cloud's region.")
    sms_tencent_url: str = Field("https://sms.tencentcloudapi.com/", description="Tencent Cloud's endpoint.")

    sms_twilio_account_sid: str = Field("", description=_required_by("twilio", "Account SID."))
    sms_twilio_auth_token: SecretStr = Field(SecretStr(""), description=_required_by("twilio", "Auth token."))
    sms_twilio_sender: str = Field(
        "", description=_required_by("twilio", "A number of yours (`+1...`) or a messaging service (`MG...`).")
    )
    sms_twilio_url: str = Field("https://api.twilio.com", description="Twilio's endpoint.")

    sms_sns_key_id: str = Field("", description=_required_by("sns", "AWS access key id; may `sns:Publish`."))
    sms_sns_key_secret: SecretStr = Field(SecretStr(""), description=_required_by("sns", "AWS secret access key."))
    sms_sns_region: str = Field("", description=_required_by("sns", "AWS region, such as `ap-southeast-1`."))
    sms_sns_sender_id: str = Field("", description="Sender id, where the country allows one.")
    sms_sns_url: str = Field("", description="Another endpoint than the region's.")
