"""`/v1/verifications/{id}/...`: the steps of a verification, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from fastapi.openapi.models import Example
from starlette.responses import Response

from service import errors
from service.errors import NotReady, ScopeMissing
from service.store import Caller, Scope
from service.web import examples, session_examples, uploads
from service.web.access import Administering, Applying, PathId, Verifying
from service.web.answers import JSON
from service.web.fields import Consent, must_be_past
from service.web.once import Calling, OnceRoute
from service.web.ports import Limits, Readiness
from service.web.session_desk import ROLES, SessionDesk
from service.web.session_schemas import Submission

Side = Literal["document_front", "document_back", "selfie", "selfie_2", "selfie_3", "selfie_4", "selfie_5"]


def build(
    desk: SessionDesk, *, limits: Limits, readiness: Callable[[], Readiness], wake: Callable[[], None]
) -> APIRouter:
    """The routes. `wake`: somebody should decide what was submitted without waiting."""
    router = APIRouter(tags=["verifications"], route_class=OnceRoute)

    @router.put("/v1/verifications/{id}/captures/{side}", responses=_JUDGED, openapi_extra=_PICTURE)
    def put_capture(
        caller: Applying,
        id: PathId,
        side: Side,
        request: Request,
        body: Annotated[bytes, Depends(uploads.bare_picture)],
        fields: Annotated[
            bool, Query(description="With what was read; needs an API key with the scope `read`.")
        ] = False,
    ) -> Response:
        """Upload a picture; the answer says at once what is wrong with it. A side given again replaces the old one.

        `selfie_2` to `selfie_5` are further frames of the selfie that is there, taken within seconds, in their order:
        liveness looks at the motion between them. A selfie given again takes them away.
        """
        _check_fields(caller, asked=fields)
        picture = uploads.checked(ROLES[side], request.headers.get("content-type", ""), body, limits)
        _must_be_ready(readiness)
        return Response(desk.capture(caller, id, side, picture, fields=fields), media_type=JSON)

    @router.post("/v1/verifications/{id}/capture-token", status_code=201, responses=_RENEWED)
    def renew_capture_token(caller: Verifying, id: PathId, call: Calling) -> Response:
        """A new capture token for an open verification, good for another 15 minutes; the one before ends."""
        return desk.renew_token(caller, id, call).response()

    @router.post("/v1/verifications/{id}/submit", responses=_SUBMITTED)
    def submit_verification(
        caller: Applying,
        id: PathId,
        call: Calling,
        submission: Annotated[Submission | None, Body(openapi_examples=_SUBMISSION)] = None,
        prefer: Annotated[str | None, Header(description="`respond-async` answers 202 at once (RFC 7240).")] = None,
    ) -> Response:
        """The verdict on the pictures that were uploaded."""
        _must_be_ready(readiness)
        wait = "respond-async" not in (prefer or "").lower()
        answer = desk.submit(caller, id, submission or Submission(), call, wait=wait)
        if not wait:
            wake()
        return answer.response()

    @router.delete("/v1/verifications/{id}", status_code=204, responses=_ERASED)
    def erase_verification(caller: Administering, id: PathId) -> Response:
        """Destroy the verification's key, and with it all that was kept of it."""
        desk.erase(caller, id)
        return Response(status_code=204)

    _add_consent(router, desk)
    return router


def _add_consent(router: APIRouter, desk: SessionDesk) -> None:
    @router.put("/v1/verifications/{id}/consent", responses=_STANDING)
    def put_consent(
        caller: Applying, id: PathId, consent: Annotated[Consent, Body(openapi_examples=_CONSENT)]
    ) -> Response:
        """Record what the applicant agreed to. Without `biometric` a selfie that is there is deleted."""
        must_be_past(consent.given_at, desk.clock())
        return Response(desk.consent(caller, id, consent), media_type=JSON)

    @router.delete("/v1/verifications/{id}/consent", responses=_STANDING)
    def withdraw_consent(caller: Applying, id: PathId) -> Response:
        """Withdraw the consent: pictures and token are deleted, and no verdict will be made."""
        return Response(desk.withdraw(caller, id), media_type=JSON)


def _check_fields(caller: Caller, *, asked: bool) -> None:
    if asked and Scope.READ not in caller.scopes:
        raise ScopeMissing(fields=(("scope", Scope.READ.value),))


def _must_be_ready(readiness: Callable[[], Readiness]) -> None:
    if not readiness().ready:
        raise NotReady(retry_after_s=5)


_CONSENT: dict[str, Example] = {"consent": {"value": session_examples.CONSENT}}
_SUBMISSION: dict[str, Example] = {"submission": {"value": session_examples.SUBMISSION}}
_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string"}} for kind in ("image/jpeg", "image/png", "image/webp", "image/heic")
        },
    }
}
_READ = (
    errors.Unauthorized,
    errors.ScopeMissing,
    errors.NotFound,
    errors.RequestInvalid,
    errors.InternalError,
    errors.StoreUnavailable,
)
_BODY = (errors.RequestMalformed, errors.RequestTimeout, errors.RequestTooLarge, errors.ContentTypeUnsupported)
_ENGINE = (errors.EngineFailed, errors.EngineBusy, errors.NotReady)
_JUDGED: dict[int | str, dict[str, Any]] = {
    200: examples.answer("What is wrong with the picture", "CaptureJudged", session_examples.JUDGED),
    **examples.errors(
        *_READ,
        *_BODY,
        *_ENGINE,
        *examples.PICTURE_ERRORS,
        errors.ConsentRequired,
        errors.CapturesMissing,
        errors.CaseConflict,
        errors.AttemptsExhausted,
    ),
}
_STANDING: dict[int | str, dict[str, Any]] = {
    200: examples.answer("How the verification stands", "Case", session_examples.CASE),
    **examples.errors(*_READ, *_BODY, errors.CaseConflict),
}
_RENEWED: dict[int | str, dict[str, Any]] = {
    201: examples.answer("The new token", "TokenRenewed", session_examples.RENEWED),
    **examples.errors(*_READ, errors.CaseConflict),
}
_SUBMITTED: dict[int | str, dict[str, Any]] = {
    200: examples.answers(
        "The verdict",
        (),
        Verification=session_examples.VERIFICATION,
        ApplicantVerdict=session_examples.APPLICANT_VERDICT,
    ),
    202: examples.answer("Somebody decides later", "Case", session_examples.SUBMITTED),
    **examples.errors(
        *_READ,
        *_BODY,
        *_ENGINE,
        *examples.PICTURE_ERRORS,
        errors.CapturesMissing,
        errors.CaseConflict,
        errors.AttemptsExhausted,
        errors.PhoneCodeUnusable,
        errors.PhoneNumberInvalid,
        errors.PhoneNumberRefused,
        errors.TooManyRequests,
    ),
}
_ERASED: dict[int | str, dict[str, Any]] = {
    204: {"description": "It is gone"},
    **examples.errors(*_READ),
}
