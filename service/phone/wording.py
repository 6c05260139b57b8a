"""What the message says, for vendors that take a text. One segment each: 70 characters of UCS-2, 160 of GSM 03.38."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]

_TEXTS: Mapping[Language, str] = {
    "zh": "【{brand}】验证码 {code}，{minutes} 分钟内有效，请勿告诉他人。",
    "en": "{brand}: {code} is your code, valid for {minutes} minutes. Do not share it.",
}
_CHINESE = frozenset({"+86", "+852", "+853", "+886"})


def text(language: Language, *, brand: str, code: str, minutes: int) -> str:
    """The message. `brand`: who is asking, at most 20 characters."""
    return _TEXTS[language].format(brand=brand, code=code, minutes=minutes)


def usual_language(calling_code: str) -> Language:
    """The language of a country's messages where nobody said."""
    return "zh" if calling_code in _CHINESE else "en"
