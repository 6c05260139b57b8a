"""`/v1/phone/codes`: send a one-time code, and check it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.openapi.models import Example
from starlette.responses import Response

from service import errors
from service.errors import ContentTypeUnsupported, NotFound
from service.phone.otp import Aside, CodeAnswer, PhoneCodes, SentCode, Wanted
from service.sandbox import is_sandbox
from service.store import Transaction
from service.web import examples, uploads
from service.web.access import Verifying
from service.web.answers import JSON, Answer, Call
from service.web.case_phones import CasePhones
from service.web.fields import ID_FORM
from service.web.once import Calling, OnceRoute
from service.web.schemas import CodeRequest, CodeSent, CodeTried, CodeTry


def build(codes: Callable[[str], PhoneCodes], phones: CasePhones) -> APIRouter:
    """The routes. `codes` gives those of a tenant, `phones` knows the verifications they may be bound to."""
    router = APIRouter(tags=["phone"], route_class=OnceRoute, dependencies=[Depends(json_only)])

    @router.post("/v1/phone/codes", status_code=201, responses=_SENT)
    def send_phone_code(
        caller: Verifying, call: Calling, wanted: Annotated[CodeRequest, Body(openapi_examples=_REQUEST)]
    ) -> Response:
        """Send a six-digit code by SMS. It is valid for five minutes and five tries."""
        asked = Wanted(
            wanted.phone,
            wanted.purpose,
            wanted.verification_id,
            address=None if wanted.client_ip is None else str(wanted.client_ip),
            language=wanted.language,
        )
        aside = _Beside(phones, caller.tenant, call, wanted.verification_id, wanted.phone)
        sent = codes(caller.tenant).send(asked, aside)
        return aside.told(sent).response()

    @router.post("/v1/phone/codes/{id}/check", responses=_CHECKED)
    def check_phone_code(
        caller: Verifying, call: Calling, id: str, tried: Annotated[CodeTry, Body(openapi_examples=_TRY)]
    ) -> Response:
        """Check the code a person has typed."""
        if not ID_FORM.fullmatch(id):
            raise NotFound
        aside = _Beside(phones, caller.tenant, call)
        return aside.told(codes(caller.tenant).check(id, tried.code, aside)).response()

    return router


@dataclass(frozen=True, slots=True)
class _Beside(Aside):
    """In the transactions of a code: the call's answer, and whether its verification may have one."""

    phones: CasePhones
    tenant: str
    call: Call
    case_id: str | None = None
    number: str = field(default="", repr=False)

    def begin(self, transaction: Transaction) -> None:
        self.call.begin(transaction)
        if self.case_id is not None:
            self.phones.bind(transaction, self.tenant, self.case_id, self.number)

    def keep(self, transaction: Transaction, answer: SentCode | CodeAnswer, *, held: bool = False) -> None:
        self.call.keep(transaction, self.told(answer), held=held)

    def take_back(self, transaction: Transaction) -> None:
        self.call.take_back(transaction)

    def told(self, answer: SentCode | CodeAnswer) -> Answer:
        """As the caller gets it."""
        sandbox = is_sandbox(self.tenant)
        if isinstance(answer, CodeAnswer):
            tried = CodeTried(confirmed=answer.confirmed, tries_left=answer.tries_left, sandbox=sandbox)
            return Answer(200, tried.model_dump_json().encode())
        sent = CodeSent(
            id=answer.id, expires_at=answer.expires_at, resend_after_s=answer.resend_after_s, sandbox=sandbox
        )
        return Answer(201, sent.model_dump_json().encode(), case_id=self.case_id)


async def json_only(request: Request) -> None:
    """A dependency: the body says that it is JSON. Raises ContentTypeUnsupported."""
    if uploads.media_type(request) != JSON:
        raise ContentTypeUnsupported("send application/json")


_REQUEST: dict[str, Example] = {"code": {"value": {"phone": "+8613800138000"}}}
_TRY: dict[str, Example] = {"try": {"value": {"code": "123456"}}}
_ANY = (
    errors.RequestMalformed,
    errors.Unauthorized,
    errors.ScopeMissing,
    errors.RequestTimeout,
    errors.RequestTooLarge,
    errors.ContentTypeUnsupported,
    errors.RequestInvalid,
    errors.InternalError,
    errors.StoreUnavailable,
)
_SENT: dict[int | str, dict[str, Any]] = {
    201: examples.answer("A code is on its way", "CodeSent", examples.CODE_SENT, then=("check_phone_code",)),
    **examples.errors(
        *_ANY,
        errors.NotFound,
        errors.CaseConflict,
        errors.PhoneNumberInvalid,
        errors.PhoneNumberRefused,
        errors.TooManyRequests,
        errors.SmsSuspended,
        errors.SmsFailed,
    ),
}
_CHECKED: dict[int | str, dict[str, Any]] = {
    200: examples.answer("The answer", "CodeTried", examples.CODE_TRIED),
    **examples.errors(*_ANY, errors.NotFound, errors.PhoneCodeUnusable),
}
