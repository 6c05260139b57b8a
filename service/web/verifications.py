"""`/v1/verifications`: make a verdict, and give it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service import errors
from service.errors import ConsentRequired, NotReady
from service.store import Case, State, Store
from service.store.captures import sha256
from service.web import examples, multipart, sandbox, session_examples, uploads
from service.web.access import Looking, PathId, Verifying
from service.web.answers import JSON, Answer, Call, verdict_bytes
from service.web.case_phones import CasePhones
from service.web.fields import must_be_past
from service.web.gallery_desk import GalleryDesk
from service.web.once import Calling, OnceRoute
from service.web.ports import Limits, Readiness, Verifier
from service.web.session_desk import SessionDesk, number_of
from service.web.session_schemas import OpenCase


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes a verification of one call through: pictures, phone, verdict, store."""

    verifier: Verifier
    store: Store
    phones: CasePhones
    faces: GalleryDesk
    clock: Callable[[], datetime]
    new_id: Callable[[], str] = field(repr=False)
    attempts_per_day: int | None

    def begin(self, call: Call) -> None:
        """So that the same call is not answered twice at once: while a verdict is made nothing else is written."""
        if call.keyed:
            with self.store.transaction(hasty=True) as transaction:
                call.begin(transaction)

    def verify(self, tenant: str, upload: uploads.Upload, call: Call) -> tuple[str, Answer]:
        """The decision, and the answer, which is stored before it is given."""
        options, case_id = upload.options, self.new_id()
        if options.consent is None or not options.consent.biometric:
            raise ConsentRequired(fields=(("options.consent", "missing" if options.consent is None else "invalid"),))
        confirmed = self.phones.confirmed(tenant, options.phone, options.phone_code_id, None)
        phone = options.phone if confirmed else None
        claim = self.phones.claim(tenant, options.claimed_name, options.claimed_number, phone, case_id)
        passage = self.faces.passage(tenant, claim, consented=options.consent.gallery)
        verdict = sandbox.verdict(
            tenant,
            claim,
            options.today or self.clock().date(),
            lambda: self.verifier.verify(
                upload.front,
                upload.back,
                upload.selfie,
                today=options.today,
                phone_confirmed=confirmed,
                claim=claim,
                frames=upload.frames,
                take_template=passage.taker if passage else None,
            ),
        )
        number = number_of(verdict)
        counted = {"number": number, "phone": self.phones.digest(tenant, options.phone)}
        now = self.clock()
        with self.store.transaction() as transaction:
            most = sandbox.cap(tenant, self.attempts_per_day)
            self.store.attempts.take(transaction, tenant, counted, most=most, now=now)
            if passage:
                verdict = passage.judged(transaction, verdict, number)
            case = _case(case_id, now, upload, verdict)
            answer = Answer(201, case.outcome, {"Location": f"/v1/verifications/{case_id}"}, case_id)
            self.store.cases.add(transaction, tenant, case)
            if passage:
                passage.keep(transaction, case_id, number)
            if confirmed and options.phone_code_id is not None:
                # Spent here and not before, so that a busy engine does not cost the person another SMS.
                phones = self.store.phones(tenant)
                phones.use(transaction, options.phone_code_id, case_id=case_id, now=now)
            call.keep(transaction, answer)
        return case.decision, answer


def _case(case_id: str, now: datetime, upload: uploads.Upload, verdict: dict[str, Any]) -> Case:
    frames = {f"selfie_{number}": frame for number, frame in enumerate(upload.frames, start=2)}
    pictures = {"document_front": upload.front, "document_back": upload.back, "selfie": upload.selfie, **frames}
    pinned = {side: sha256(picture) for side, picture in pictures.items()}
    consent = upload.options.consent
    return Case(
        id=case_id,
        created_at=now,
        decision=str(verdict["decision"]),
        outcome=verdict_bytes(case_id, now, State.DECIDED.value, verdict, pinned),
        pictures=pinned,
        external_id=upload.options.external_id,
        consent=None if consent is None else consent.model_dump_json().encode(),
    )


def build(desk: Desk, sessions: SessionDesk, *, limits: Limits, readiness: Callable[[], Readiness]) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["verifications"], route_class=OnceRoute)

    @router.post("/v1/verifications", status_code=201, responses=_CREATED, openapi_extra=_REQUEST)
    def create_verification(
        caller: Verifying, request: Request, call: Calling, body: Annotated[bytes, Depends(uploads.form_or_json)]
    ) -> Response:
        """With pictures (`multipart/form-data`): the verdict, in one call. With `application/json`: open a verification
        that goes step by step."""
        if uploads.media_type(request) == JSON:
            wanted = uploads.parsed(OpenCase, body)
            if wanted.consent is not None:
                must_be_past(wanted.consent.given_at, desk.clock(), at="consent.given_at")
            return sessions.open(caller, wanted, call).response()
        upload = uploads.read(multipart.of(request, body), limits)
        if upload.options.consent is not None:
            must_be_past(upload.options.consent.given_at, desk.clock(), at="options.consent.given_at")
        desk.begin(call)
        if not readiness().ready:
            raise NotReady(retry_after_s=5)
        decision, answer = desk.verify(caller.tenant, upload, call)
        request.scope["hecha"]["decision"] = decision
        return answer.response()

    @router.get("/v1/verifications/{id}", responses=_FOUND)
    def get_verification(caller: Looking, id: PathId) -> Response:
        """How a verification stands; once there is a verdict, that, byte for byte."""
        return Response(sessions.look(caller, id), media_type=JSON)

    return router


_CREATED: dict[int | str, dict[str, Any]] = {
    201: examples.answers(
        "The verdict; or, of JSON, an open verification",
        (
            "get_verification",
            "put_consent",
            "put_capture",
            "submit_verification",
            "withdraw_consent",
            "block_face",
            "forget_template",
            "erase_verification",
        ),
        Verification=examples.VERIFICATION,
        CaseOpened=session_examples.OPENED,
    ),
    **examples.errors(
        errors.RequestMalformed,
        errors.Unauthorized,
        errors.ScopeMissing,
        errors.RequestTimeout,
        errors.ConsentRequired,
        errors.PhoneCodeUnusable,
        errors.RequestTooLarge,
        errors.ContentTypeUnsupported,
        errors.RequestInvalid,
        errors.PhoneNumberInvalid,
        errors.PhoneNumberRefused,
        errors.TooManyRequests,
        *examples.PICTURE_ERRORS,
        errors.EngineFailed,
        errors.InternalError,
        errors.EngineBusy,
        errors.NotReady,
        errors.StoreUnavailable,
    ),
}
_FOUND: dict[int | str, dict[str, Any]] = {
    200: examples.answers(
        "The verdict; or how the verification stands",
        (),
        Verification=examples.VERIFICATION,
        ApplicantVerdict=session_examples.APPLICANT_VERDICT,
        Case=session_examples.CASE,
    ),
    **examples.errors(
        errors.Unauthorized, errors.ScopeMissing, errors.NotFound, errors.InternalError, errors.StoreUnavailable
    ),
}
_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {
            **examples.form(
                {"required": ["front", "back", "selfie"]},
                {
                    "front": examples.picture("The side with the portrait."),
                    "back": examples.picture("The side with the authority."),
                    "selfie": examples.picture("The person, head and shoulders."),
                    uploads.FRAMES: {
                        "type": "array",
                        "maxItems": Limits().frames,
                        "items": examples.picture("A further frame of the selfie, in the order they were taken."),
                    },
                },
                "Options",
                examples.OPTIONS,
            ),
            JSON: {
                "schema": {"$ref": "#/components/schemas/OpenCase"},
                "examples": {"opening": {"value": session_examples.OPENING}},
            },
        },
    }
}
