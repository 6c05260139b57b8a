"""What comes in and goes out over HTTP: the door's types, and the source of the API's documentation."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

ID_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Number = Annotated[str, Field(min_length=1, max_length=32, description="International form, E.164.")]


def _iso_date(value: object) -> object:
    # pydantic would also take seconds since 1970 and times of day.
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Options(_Strict):
    """The part `options` of a verification. Unknown keys are refused."""

    today: Annotated[date, BeforeValidator(_iso_date)] | None = Field(
        default=None, description="The day to judge expiry by. Default: the day of the service's clock."
    )
    external_id: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")] | None = Field(
        default=None, repr=False, description="Your own reference. Stored encrypted."
    )
    phone: _Number | None = Field(default=None, repr=False, description="The applicant's phone number.")
    phone_code_id: _Id | None = Field(
        default=None, description="A confirmed phone code with the purpose `verification`, at most 15 minutes old."
    )


class CodeRequest(_Strict):
    """Ask for a code."""

    phone: _Number = Field(repr=False, examples=["+8613800138000"])
    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")] = Field(
        default="verification", description="Only a code for `verification` can be used in a verification."
    )


class CodeSent(BaseModel):
    """A code is on its way."""

    id: str
    expires_at: datetime
    resend_after_s: int = Field(description="So many seconds until another code can be sent to this number.")


class CodeTry(_Strict):
    """Try a code."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(repr=False, examples=["123456"])


class CodeTried(BaseModel):
    """Whether the code was right. A code is confirmed once; after five wrong tries it is of no use."""

    confirmed: bool
    tries_left: int


class Verification(BaseModel):
    """The verdict, and everything that led to it: the object of `hecha verify --json`, with id and time."""

    id: str
    created_at: datetime
    decision: str = Field(description="approved | review | declined | retake")
    reasons: list[dict[str, Any]] = Field(description="Reason codes with message and advice, the deciding ones first.")
    checks: list[dict[str, Any]] = Field(description="Every question asked, with its outcome pass | fail | unknown.")
    document: dict[str, Any] | None = Field(description="What was read on the card.")
    comparison: dict[str, Any] | None = Field(description="Card portrait against selfie.")
    liveness: dict[str, Any] | None = Field(description="Whether a live person is shown.")
    versions: dict[str, Any] = Field(description="Policy and weights that made the verdict.")


class Health(BaseModel):
    """The process lives."""

    status: str = "ok"


class Ready(BaseModel):
    """Every weight is verified and the engines are warm."""

    status: str = "ready"
    parts: dict[str, bool]


class FieldProblem(BaseModel):
    """One part of the request at fault."""

    field: str
    code: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="The page that explains the code.", examples=["/problems/request_invalid"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The request's id, also in `X-Request-ID` and in the log.")
    code: str = Field(description="Stable; decide by this.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    errors: list[FieldProblem] | None = None
