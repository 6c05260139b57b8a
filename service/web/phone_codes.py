"""`/v1/phone/codes`: send a one-time code, and check it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.openapi.models import Example

from service import errors
from service.errors import ContentTypeUnsupported, NotFound
from service.phone.otp import PhoneCodes, Wanted
from service.sandbox import is_sandbox
from service.web import examples
from service.web.access import Verifying
from service.web.case_phones import CasePhones
from service.web.fields import ID_FORM
from service.web.once import OnceRoute
from service.web.schemas import CodeRequest, CodeSent, CodeTried, CodeTry


def build(codes: Callable[[str], PhoneCodes], phones: CasePhones) -> APIRouter:
    """The routes. `codes` gives those of a tenant, `phones` knows the verifications they may be bound to."""
    router = APIRouter(tags=["phone"], route_class=OnceRoute, dependencies=[Depends(json_only)])

    @router.post("/v1/phone/codes", status_code=201, responses=_SENT)
    def send_phone_code(caller: Verifying, wanted: Annotated[CodeRequest, Body(openapi_examples=_REQUEST)]) -> CodeSent:
        """Send a six-digit code by SMS. It is valid for five minutes and five tries."""
        if wanted.verification_id is not None:
            phones.bind(caller.tenant, wanted.verification_id, wanted.phone)
        asked = Wanted(
            wanted.phone,
            wanted.purpose,
            wanted.verification_id,
            address=None if wanted.client_ip is None else str(wanted.client_ip),
            language=wanted.language,
        )
        sent = codes(caller.tenant).send(asked)
        return CodeSent(
            id=sent.id,
            expires_at=sent.expires_at,
            resend_after_s=sent.resend_after_s,
            sandbox=is_sandbox(caller.tenant),
        )

    @router.post("/v1/phone/codes/{id}/check", responses=_CHECKED)
    def check_phone_code(
        caller: Verifying, id: str, tried: Annotated[CodeTry, Body(openapi_examples=_TRY)]
    ) -> CodeTried:
        """Check the code a person has typed."""
        if not ID_FORM.fullmatch(id):
            raise NotFound
        answer = codes(caller.tenant).check(id, tried.code)
        return CodeTried(confirmed=answer.confirmed, tries_left=answer.tries_left, sandbox=is_sandbox(caller.tenant))

    return router


async def json_only(request: Request) -> None:
    """A dependency: the body says that it is JSON. Raises ContentTypeUnsupported."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
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
