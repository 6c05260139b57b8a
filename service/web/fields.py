"""Kinds of values at the door, and what several of its types share."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from service.errors import RequestInvalid
from service.web.answers import written

ID_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Number = Annotated[str, Field(min_length=1, max_length=32, description="International form, E.164.")]
Time = Annotated[
    datetime, PlainSerializer(written, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time that goes out, in milliseconds and UTC."""


def _iso_date(value: object) -> object:
    # pydantic would also take seconds since 1970 and times of day.
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


def _iso_time(value: object) -> object:
    # pydantic would also take seconds since 1970.
    if not isinstance(value, str):
        raise ValueError("a time is written as in RFC 3339")
    return value


Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Day = Annotated[date, BeforeValidator(_iso_date)]
Typed = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Strict(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Consent(Strict):
    """What the applicant agreed to, to which text, when and where. Biometrics are agreed to apart."""

    purpose: Code = Field(description="What the data is processed for, in your own words.", examples=["onboarding"])
    biometric: Annotated[bool, Field(strict=True)] = Field(
        description="Whether the applicant agreed, apart from the rest, to the comparison of faces."
    )
    gallery: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="Whether the applicant agreed, apart from the rest, that the template of their face is kept and "
        "compared with those of others. Asked for by tenants with a gallery alone.",
    )
    text_version: Code = Field(description="Which text was shown.", examples=["2026-11"])
    given_at: Annotated[AwareDatetime, BeforeValidator(_iso_time), PlainSerializer(written, return_type=str)]
    channel: Code = Field(description="Where it was given.", examples=["app", "counter"])


def must_be_past(given_at: datetime, now: datetime, *, at: str = "given_at") -> None:
    """Raises RequestInvalid for a consent that was given in the future; clocks of devices differ by five minutes."""
    if (given_at - now).total_seconds() > 300:
        raise RequestInvalid(fields=((at, "invalid"),))
