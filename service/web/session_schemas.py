"""What comes in and goes out of verifications that go step by step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from service.web.fields import Code, Consent, Day, Id, Number, Strict, Time, Typed


class OpenCase(Strict):
    """Open a verification that goes step by step."""

    purpose: Code = Field(description="What it is for, in your own words.", examples=["onboarding"])
    checks: list[Literal["document", "face", "phone"]] = Field(
        default=["document", "face"],
        min_length=1,
        max_length=3,
        description="`document` always; without `face` no selfie is taken and the verdict is `review` at best; with "
        "`phone` there is no approval without a confirmed phone.",
    )
    consent: Consent | None = Field(
        default=None, description="May follow by `PUT .../consent`; without `biometric` no selfie is accepted."
    )
    external_id: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")] | None = Field(
        default=None, repr=False, description="Your own reference. Stored encrypted."
    )
    claimed_name: Annotated[Typed, Field(max_length=100)] | None = Field(default=None, repr=False)
    claimed_number: Annotated[Typed, Field(max_length=32)] | None = Field(default=None, repr=False)
    phone: Number | None = Field(default=None, repr=False, description="The applicant's phone number.")
    device: Annotated[Typed, Field(max_length=128)] | None = Field(
        default=None, repr=False, description="Any hint at the device; only counted, and kept as a keyed digest."
    )
    today: Day | None = Field(default=None, description="The day to judge expiry by. Default: the day of the verdict.")

    @model_validator(mode="after")
    def _consistent(self) -> OpenCase:
        if "document" not in self.checks or len(set(self.checks)) != len(self.checks):
            raise ValueError("checks name `document`, and each check once")
        return self


class Submission(Strict):
    """Submit a verification. The body may be left out."""

    phone_code_id: Id | None = Field(
        default=None, description="A confirmed phone code with the purpose `verification`, at most 15 minutes old."
    )


class CaseOpened(BaseModel):
    """A verification is open. The token is shown once."""

    id: str
    state: Literal["open"] = "open"
    created_at: Time
    expires_at: Time
    capture_token: str = Field(
        repr=False,
        description="For the applicant's device, as `Authorization: Bearer`: uploads this verification's pictures, "
        "records consent and submits. Dies with the verdict.",
    )
    capture_token_expires_at: Time
    capture_url: str = Field(description="PUT each picture to this address with `/document_front` and so on.")


class TokenRenewed(BaseModel):
    """A new capture token, shown once. The one before admits nobody any more."""

    capture_token: str = Field(repr=False, description="As that of `CaseOpened`.")
    capture_token_expires_at: Time


class CaptureJudged(BaseModel):
    """What is wrong with a picture, while it can still be taken again."""

    capture: str = Field(description="document_front | document_back | selfie | selfie_2 ...")
    accepted: bool = Field(description="Nothing that was found asks for another picture.")
    findings: list[dict[str, Any]] = Field(description="Reason codes with message and advice, as in a verdict.")
    sha256: str = Field(description="Of the picture that was judged; the verdict names the same.")
    missing: list[str] = Field(description="The pictures still to be given.")
    fields: dict[str, str] | None = Field(default=None, description="With `?fields=true` and an API key.")


class Case(BaseModel):
    """A verification without a verdict (yet)."""

    id: str
    state: str = Field(description="open | submitted | withdrawn | expired")
    created_at: Time
    expires_at: Time | None
    purpose: str | None
    checks: list[str]
    consent: Consent | None
    captures: dict[str, dict[str, Any]] = Field(description="By side: `accepted`, `findings`, `sha256`.")
    missing: list[str] = Field(description="The pictures still to be given.")
    problem: str | None = Field(description="The error code that the last submission ended with.")


class ApplicantVerdict(BaseModel):
    """A verdict as the applicant's device gets it: without measurements, fields and scores."""

    id: str
    state: str = Field(description="retake | decided")
    decision: str = Field(description="approved | review | declined | retake")
    reasons: list[dict[str, Any]] = Field(description="`code`, `message`, `advice` and `capture`.")
    sandbox: bool = Field(default=False, description="Of a sandbox tenant.")


class CaseLine(BaseModel):
    """A verification in a list."""

    id: str
    created_at: Time
    state: str
    decision: str | None


class CasePage(BaseModel):
    """A page of verifications, the newest first."""

    items: list[CaseLine]
    next_cursor: str | None = Field(description="Null on the last page.")
