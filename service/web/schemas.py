"""What comes in and goes out over HTTP: the door's types, and the source of the API's documentation."""

from __future__ import annotations

from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from service.evidence import DOCUMENT_KINDS
from service.web.fields import Consent, Day, Id, Number, Strict, Time, Typed


def _known_kind(value: str) -> str:
    if value not in DOCUMENT_KINDS:
        raise ValueError("not a kind of document")
    return value


def _text_or_none(value: object) -> object:
    # pydantic would also take a number for an address.
    if value is not None and not isinstance(value, str):
        raise ValueError("a text is required")
    return value


class Options(Strict):
    """The part `options` of a verification. Unknown keys are refused."""

    today: Day | None = Field(
        default=None, description="The day to judge expiry by. Default: the day of the service's clock."
    )
    claimed_name: Annotated[Typed, Field(max_length=100)] | None = Field(
        default=None, repr=False, description="The name the applicant typed, to be compared with the card's."
    )
    claimed_number: Annotated[Typed, Field(max_length=32)] | None = Field(
        default=None, repr=False, description="The ID number the applicant typed, to be compared with the card's."
    )
    external_id: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")] | None = Field(
        default=None, repr=False, description="Your own reference. Stored encrypted."
    )
    phone: Number | None = Field(default=None, repr=False, description="The applicant's phone number.")
    phone_code_id: Id | None = Field(
        default=None, description="A confirmed phone code with the purpose `verification`, at most 15 minutes old."
    )
    consent: Consent | None = Field(
        default=None,
        description="What the applicant agreed to; stored with the case. Without it, or without its `biometric`, the "
        "call is refused (409 `consent_required`).",
    )


class DocumentOptions(Strict):
    """The part `options` of a document. Unknown keys are refused."""

    today: Day | None = Field(
        default=None, description="The day to judge expiry by. Default: the day of the service's clock."
    )
    kind: Annotated[str, AfterValidator(_known_kind)] | None = Field(
        default=None,
        description="The kind the document must be of; the check `kind` says whether it is.",
        json_schema_extra={"enum": [*DOCUMENT_KINDS, None]},
    )
    card_image: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Answer each side with the card set upright, as JPEG in Base64."
    )
    portrait_image: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Answer the side with the portrait with it, as JPEG in Base64."
    )


class CodeRequest(Strict):
    """Ask for a code."""

    phone: Number = Field(repr=False, examples=["+8613800138000"])
    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")] = Field(
        default="verification", description="Only a code for `verification` can be used in a verification."
    )
    verification_id: Id | None = Field(
        default=None,
        description="An open verification: the code serves it alone. The number must be the one it was opened with.",
    )
    client_ip: Annotated[IPv4Address | IPv6Address | None, BeforeValidator(_text_or_none)] = Field(
        default=None, repr=False, description="The applicant's IP address as your server sees it; counts against caps."
    )
    language: Literal["zh", "en"] | None = Field(
        default=None, description="Of the message. Default: zh for +86, +852, +853 and +886, else en."
    )


class CodeSent(BaseModel):
    """A code is on its way."""

    id: str
    expires_at: Time
    resend_after_s: int = Field(description="So many seconds until another code can be sent to this number.")
    sandbox: bool = Field(description="No message was sent; the code is 000000.")


class CodeTry(Strict):
    """Try a code."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(repr=False, examples=["123456"])


class CodeTried(BaseModel):
    """Whether the code was right. A code is confirmed once; after five wrong tries it is of no use."""

    confirmed: bool
    tries_left: int
    sandbox: bool = Field(description="No message had been sent: the answer says nothing about anybody.")


class Verification(BaseModel):
    """The verdict, and everything that led to it: the object of `hecha verify --json`, with id and time."""

    id: str
    created_at: datetime
    state: str = Field(description="decided, or `retake`: pictures may be uploaded again.")
    decision: str = Field(description="approved | review | declined | retake")
    reasons: list[dict[str, Any]] = Field(description="Reason codes with message and advice, the deciding ones first.")
    checks: list[dict[str, Any]] = Field(description="Every question asked, with its outcome pass | fail | unknown.")
    document: dict[str, Any] | None = Field(description="What was read on the card.")
    comparison: dict[str, Any] | None = Field(description="Card portrait against selfie.")
    liveness: dict[str, Any] | None = Field(description="Whether a live person is shown.")
    gallery: dict[str, Any] | None = Field(
        default=None,
        description="Of tenants with a gallery: whether the face was `searched` and is `kept`, and the cases it is "
        "alike to: `duplicates` (another number), `known` (the same), `blocked`.",
    )
    versions: dict[str, Any] = Field(description="Policy and weights that made the verdict.")
    sandbox: bool = Field(
        default=False, description="Made for a sandbox tenant: the verdict says nothing about anybody."
    )
    captures: dict[str, str] = Field(
        description="The sha256 of each picture that was judged, by side; more frames of the selfie are `selfie_2` ..."
    )


class DocumentSide(BaseModel):
    """One picture as it was read: the object of `hecha read --json`."""

    kind: str | None = Field(description="Which document it is; null where none was found.")
    side: str | None = Field(description="front | back, as read.")
    fields: dict[str, Any] = Field(
        description="By name: `value`, `text_score` (0 to 1, higher is surer), `box` (four points in pixels of the "
        "picture, clockwise from the text's own top left) and, where the print can be read otherwise, `variants`."
    )
    alerts: list[dict[str, Any]] = Field(description="What is wrong with the picture, with advice.")
    checks: list[dict[str, Any]] = Field(description="What the side says about itself.")
    mrz: dict[str, Any] | None = Field(description="The machine readable zone.")
    card_box: list[list[float]] | None = Field(description="The card's corners in the picture.")
    portrait_box: list[list[float]] | None = Field(description="The portrait's corners in the picture.")
    route: str = Field(description="How the reader found it: rectified | whole | none.")
    card_image: str | None = Field(default=None, description="On request: the card set upright, JPEG in Base64.")
    portrait_image: str | None = Field(default=None, description="On request: the portrait, JPEG in Base64.")


class Document(BaseModel):
    """What one or two pictures of a document say. Nothing of it is stored."""

    kind: str | None
    fields: dict[str, str] = Field(description="The values of both sides together.")
    front: DocumentSide | None
    back: DocumentSide | None
    checks: list[dict[str, Any]] = Field(
        description="Every question the pictures can answer, with its outcome pass | fail | unknown and reason codes."
    )
    today: date
    versions: dict[str, Any] = Field(description="Policy and weights that made the answer.")
    elapsed_ms: float = Field(description="Of decoding and reading, without waiting for an engine.")


class WebhookRequest(Strict):
    """Whom to tell."""

    url: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        repr=False, description="https, without user name, password or fragment; it must resolve to public addresses."
    )


class Webhook(BaseModel):
    """An endpoint that is told of verdicts."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    created_at: Time
    url: str = Field(repr=False)
    failing_since: Time | None = Field(description="The first failure after the last success.")
    disabled_at: Time | None = Field(description="Since then nothing is sent to it.")
    disabled_because: str | None = Field(description="gone (it answered 410) | failing (five days without a success)")


class WebhookWithSecret(Webhook):
    """An endpoint and the newest secret that signs what it is sent. Keep the secret: it is not shown again."""

    secret: str = Field(repr=False, description="In the form of Standard Webhooks: `whsec_` and Base64.")


class Webhooks(BaseModel):
    """The endpoints of a tenant."""

    webhooks: list[Webhook]


DeliveryState = Literal["pending", "delivered", "dead"]


class Delivery(BaseModel):
    """How it went to tell one endpoint of one event."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="The `webhook-id` the receiver sees, the same on every try.")
    webhook_id: str = Field(description="The endpoint.")
    case_id: str = Field(description="The verification it speaks of.")
    created_at: Time
    state: DeliveryState
    tries: int
    problem: str | None = Field(
        description="Why the last try failed: http_<status> | dns | connect | tls | timeout | protocol | too_large | "
        "address_refused | port_refused | webhook_disabled | internal_error"
    )
    due_at: Time = Field(description="Of a pending one: when it is tried next.")


class Deliveries(BaseModel):
    """A page of deliveries."""

    deliveries: list[Delivery]
    next_cursor: str | None = Field(description="Of the next page; null = this was the last.")


class Redelivery(BaseModel):
    """A delivery that will be sent again."""

    id: str


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
