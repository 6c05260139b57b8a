"""`/v1/verifications`: make a verdict, and give it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service import errors
from service.errors import NotFound, NotReady
from service.evidence import Claim
from service.phone.carrier import CarrierRegistry, attested
from service.phone.otp import VERIFICATION, PhoneCodes
from service.sandbox import is_sandbox
from service.store import Case, Store
from service.web import examples, uploads
from service.web.access import Reading, Verifying
from service.web.ports import Limits, Readiness, Verifier
from service.web.schemas import ID_FORM, Options

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes a verification through: pictures, phone, verdict, store."""

    verifier: Verifier
    store: Store
    codes: Callable[[str], PhoneCodes]
    clock: Callable[[], datetime]
    new_id: Callable[[], str] = field(repr=False)
    carrier: CarrierRegistry | None = None

    def verify(self, tenant: str, upload: uploads.Upload) -> tuple[str, str, bytes]:
        """Id, decision, and the bytes of the answer, which are stored before they are given."""
        options, case_id = upload.options, self.new_id()
        confirmed = self._phone_confirmed(tenant, options)
        verdict = self.verifier.verify(
            upload.front,
            upload.back,
            upload.selfie,
            today=options.today,
            phone_confirmed=confirmed,
            claim=self._claim(tenant, options, confirmed, case_id),
        )
        now = self.clock()
        case = Case(
            id=case_id,
            created_at=now,
            decision=str(verdict["decision"]),
            outcome=_rendered(case_id, now, verdict),
            front=upload.front,
            back=upload.back,
            selfie=upload.selfie,
            external_id=options.external_id,
        )
        with self.store.transaction() as transaction:
            self.store.cases.add(transaction, tenant, case)
            if confirmed and options.phone_code_id is not None:
                # Spent here and not before, so that a busy engine does not cost the person another SMS.
                phones = self.store.phones(tenant)
                phones.use(transaction, options.phone_code_id, case_id=case_id, now=now)
        return case_id, case.decision, case.outcome

    def again(self, tenant: str, case_id: str) -> bytes:
        """The bytes of an earlier answer. Raises NotFound."""
        if not ID_FORM.fullmatch(case_id):
            raise NotFound
        with self.store.reading() as transaction:
            return self.store.cases.outcome(transaction, tenant, case_id)

    def _claim(self, tenant: str, options: Options, confirmed: bool | None, case_id: str) -> Claim | None:
        """What the applicant typed, and of a confirmed phone what its carrier says of that."""
        typed = options.claimed_name or options.claimed_number
        claim = Claim(options.claimed_name, options.claimed_number) if typed else None
        if claim is None or not confirmed or options.phone is None:
            return claim
        registry = None if is_sandbox(tenant) else self.carrier
        return attested(claim, registry, self.codes(tenant).e164(options.phone), question_id=case_id)

    def _phone_confirmed(self, tenant: str, options: Options) -> bool | None:
        if options.phone is None and options.phone_code_id is None:
            return None
        codes = self.codes(tenant)
        digest = None if options.phone is None else codes.number_digest(options.phone)
        if options.phone_code_id is None:
            return False
        since = self.clock() - codes.rules.confirmed_for
        with self.store.reading() as transaction:
            return self.store.phones(tenant).usable(
                transaction,
                options.phone_code_id,
                purpose=VERIFICATION,
                case_id=None,
                number_digest=digest,
                since=since,
            )


def build(desk: Desk, *, limits: Limits, readiness: Callable[[], Readiness]) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["verifications"])

    @router.post("/v1/verifications", status_code=201, responses=_CREATED, openapi_extra=_REQUEST)
    def create_verification(
        caller: Verifying, request: Request, body: Annotated[bytes, Depends(uploads.whole_body)]
    ) -> Response:
        """Verify a person from the front and back of an ID card and a selfie."""
        upload = uploads.read(request.headers.get("content-type", ""), body, limits)
        if not readiness().ready:
            raise NotReady(retry_after_s=5)
        case_id, decision, outcome = desk.verify(caller.tenant, upload)
        request.scope["hecha"]["decision"] = decision
        return Response(outcome, 201, {"Location": f"/v1/verifications/{case_id}"}, _JSON)

    @router.get("/v1/verifications/{id}", responses=_FOUND)
    def get_verification(caller: Reading, id: str) -> Response:
        """The verdict of an earlier verification, byte for byte."""
        return Response(desk.again(caller.tenant, id), media_type=_JSON)

    return router


def _rendered(case_id: str, now: datetime, verdict: dict[str, Any]) -> bytes:
    created_at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    answer = {"id": case_id, "created_at": created_at, **verdict}
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


_CREATED: dict[int | str, dict[str, Any]] = {
    201: examples.answer("The verdict", "Verification", examples.VERIFICATION, then=("get_verification",)),
    **examples.errors(
        errors.RequestMalformed,
        errors.Unauthorized,
        errors.ScopeMissing,
        errors.RequestTimeout,
        errors.PhoneCodeUnusable,
        errors.RequestTooLarge,
        errors.ContentTypeUnsupported,
        errors.RequestInvalid,
        errors.PhoneNumberInvalid,
        errors.PhoneNumberRefused,
        *examples.PICTURE_ERRORS,
        errors.EngineFailed,
        errors.InternalError,
        errors.EngineBusy,
        errors.NotReady,
        errors.StoreUnavailable,
    ),
}
_FOUND: dict[int | str, dict[str, Any]] = {
    200: examples.answer("The verdict", "Verification", examples.VERIFICATION),
    **examples.errors(
        errors.Unauthorized, errors.ScopeMissing, errors.NotFound, errors.InternalError, errors.StoreUnavailable
    ),
}
_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["front", "back", "selfie"],
                    "additionalProperties": False,
                    "properties": {
                        "front": examples.picture("The side with the portrait."),
                        "back": examples.picture("The side with the authority."),
                        "selfie": examples.picture("The person, head and shoulders."),
                        "options": {"$ref": "#/components/schemas/Options", "examples": [examples.OPTIONS]},
                    },
                },
                "encoding": examples.encoding("front", "back", "selfie"),
            }
        },
    }
}
