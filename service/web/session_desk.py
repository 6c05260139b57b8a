"""Verifications that go step by step: what each step does, from the request's values to the bytes of its answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from service.errors import CaseConflict, HechaError, InternalError, StoreUnavailable, TooManyRequests
from service.evidence import Claim, Role
from service.store import Caller, Capture, Opening, Session, Shown, State, Store, Work
from service.store.captures import sha256
from service.store.cases import FRAMES, SIDES
from service.web import sandbox
from service.web.answers import Answer, Call, dumped, verdict_bytes
from service.web.case_phones import CasePhones
from service.web.fields import Consent
from service.web.gallery_desk import GalleryDesk, Passage
from service.web.ports import Verifier
from service.web.session_schemas import CaseOpened, OpenCase, Submission, TokenRenewed
from service.web.standing import applicant_verdict, for_applicant, missing, standing

ROLES = {**dict(zip(SIDES, Role, strict=True)), **dict.fromkeys(FRAMES, Role.SELFIE)}
"""`document_front` is what the engine calls `front`, and so on."""
_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The limits of one verification."""

    lifetime: timedelta = timedelta(hours=1)
    """A verification without a verdict expires after so long, its pictures with it."""
    token_lifetime: timedelta = timedelta(minutes=15)
    uploads: int = 30
    submits: int = 5
    lease: timedelta = timedelta(minutes=3)
    """Longer than a verdict takes: afterwards somebody else takes it over."""
    attempts_per_day: int | None = None
    """Of one number, phone or device hint; None = no cap."""


@dataclass(frozen=True, slots=True)
class Task:
    """A verification to decide: how it stood when it was submitted, what was said with it, its pictures as stored."""

    work: Work
    session: Session
    said: Submission = field(repr=False)
    pictures: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionDesk:
    """Takes verifications from step to step."""

    verifier: Verifier
    store: Store
    phones: CasePhones
    faces: GalleryDesk
    clock: Callable[[], datetime]
    new_id: Callable[[], str] = field(repr=False)
    rules: SessionRules = field(default_factory=SessionRules)
    new_token: Callable[[], str] = field(default=lambda: f"cap_{secrets.token_urlsafe(32)}", repr=False)

    def open(self, caller: Caller, wanted: OpenCase, call: Call) -> Answer:
        """A new verification. Raises TooManyRequests."""
        now, case_id, token = self.clock(), self.new_id(), self.new_token()
        consent = wanted.consent
        opening = Opening(
            id=case_id,
            created_at=now,
            expires_at=now + self.rules.lifetime,
            token=token,
            token_ends_at=now + self.rules.token_lifetime,
            request=wanted.model_dump_json(exclude={"consent", "external_id", "device"}).encode(),
            external_id=wanted.external_id,
            consent=None if consent is None else consent.model_dump_json().encode(),
            biometric_consent=consent is not None and consent.biometric,
            face="face" in wanted.checks,
        )
        opened = CaseOpened(
            id=case_id,
            created_at=now,
            expires_at=opening.expires_at,
            capture_token=token,
            capture_token_expires_at=opening.token_ends_at,
            capture_url=f"{_address(case_id)}/captures",
        )
        answer = Answer(201, opened.model_dump_json().encode(), {"Location": _address(case_id)}, case_id)
        phone = self.phones.digest(caller.tenant, wanted.phone)
        counted = {"device": wanted.device, "phone": phone, "claimed_number": wanted.claimed_number}
        most = sandbox.cap(caller.tenant, self.rules.attempts_per_day)
        with self.store.transaction() as transaction:
            call.begin(transaction)
            self.store.attempts.take(transaction, caller.tenant, counted, most=most, now=now)
            self.store.sessions.open(transaction, caller.tenant, opening)
            call.keep(transaction, answer)
        return answer

    def renew_token(self, caller: Caller, case_id: str, call: Call) -> Answer:
        """A new capture token; the old one admits nobody any more. Raises NotFound, CaseConflict."""
        now, token = self.clock(), self.new_token()
        ends_at = now + self.rules.token_lifetime
        renewed = TokenRenewed(capture_token=token, capture_token_expires_at=ends_at)
        answer = Answer(201, renewed.model_dump_json().encode(), case_id=case_id)
        with self.store.transaction() as transaction:
            call.begin(transaction)
            moves = self.store.moves
            moves.renew_token(transaction, caller.tenant, case_id, token.encode(), ends_at, now=now)
            call.keep(transaction, answer)
        return answer

    def capture(self, caller: Caller, case_id: str, side: str, picture: bytes, *, fields: bool) -> bytes:
        """Judge a picture and keep it. Raises what `Moves.admit_upload` and `Verifier.judge` do."""
        shown = Shown(side, sha256(picture))
        with self.store.transaction(hasty=True) as transaction:
            most, now = self.rules.uploads, self.clock()
            self.store.moves.admit_upload(transaction, caller.tenant, case_id, shown, most=most, now=now)
        judged = self.verifier.judge(picture, ROLES[side])
        said = {"accepted": judged["accepted"], "findings": judged["findings"], "sha256": shown.sha256}
        kept = Capture(shown, picture, dumped(said))
        with self.store.transaction() as transaction:
            before = self.store.moves.keep_capture(transaction, caller.tenant, case_id, kept, now=self.clock())
        if caller.case_id is not None:
            said["findings"] = for_applicant(said["findings"])
        own = {"capture": side, **said, "missing": missing(before, side)}
        return dumped({**own, "fields": judged["fields"]} if fields else own)

    def look(self, caller: Caller, case_id: str) -> bytes:
        """How a verification stands; the verdict, byte for byte, where there is one. Raises NotFound."""
        with self.store.reading() as transaction:
            session = self.store.sessions.get(transaction, caller.tenant, case_id, now=self.clock())
        if session.outcome is None:
            return standing(session, caller)
        return session.outcome if caller.case_id is None else applicant_verdict(session.outcome)

    def consent(self, caller: Caller, case_id: str, consent: Consent) -> bytes:
        """Record a consent. Raises NotFound, CaseConflict."""
        with self.store.transaction() as transaction:
            given, now = consent.model_dump_json().encode(), self.clock()
            biometric = consent.biometric
            self.store.moves.consent(transaction, caller.tenant, case_id, given, biometric=biometric, now=now)
            return standing(self.store.sessions.get(transaction, caller.tenant, case_id, now=now), caller)

    def withdraw(self, caller: Caller, case_id: str) -> bytes:
        """Withdraw the consent: nothing more is processed. Raises NotFound, CaseConflict."""
        with self.store.transaction() as transaction:
            now = self.clock()
            self.store.moves.withdraw(transaction, caller.tenant, case_id, now=now)
            return standing(self.store.sessions.get(transaction, caller.tenant, case_id, now=now), caller)

    def erase(self, caller: Caller, case_id: str) -> None:
        """Destroy all that is known of a verification. Raises NotFound."""
        with self.store.transaction() as transaction:
            self.store.cases.erase(transaction, caller.tenant, case_id)
            self.store.phones(caller.tenant).unlink(transaction, case_id, now=self.clock())
        self.faces.index.refresh(caller.tenant)

    def submit(self, caller: Caller, case_id: str, said: Submission, call: Call, *, wait: bool) -> Answer:
        """The verdict; without `wait` a 202, and somebody decides later. Raises what `Moves.submit` and `decide` do."""
        now = self.clock()
        with self.store.transaction(hasty=wait) as transaction:
            call.begin(transaction)
            work, session = self.store.moves.submit(
                transaction,
                caller.tenant,
                case_id,
                said.model_dump_json().encode(),
                most=self.rules.submits,
                now=now,
                leased_until=now + self.rules.lease if wait else None,
            )
            if not wait:
                told = standing(replace(session, state=State.SUBMITTED), caller)
                answer = Answer(202, told, {"Location": _address(case_id), "Retry-After": "2"}, case_id)
                call.keep(transaction, answer)
                return answer
            pictures = self.store.captures.sealed(transaction, work.tenant, work.case_id)
        return self._decide(Task(work, session, said, pictures), caller, call)

    def work_off(self, work: Work, *, patient: bool) -> None:
        """Decide what was submitted without waiting, as `submit` does; with `patient`, what may pass is tried again
        later."""
        with self.store.reading() as transaction:
            session = self.store.sessions.get(transaction, work.tenant, work.case_id, now=self.clock())
            pictures = self.store.captures.sealed(transaction, work.tenant, work.case_id)
        said = Submission.model_validate_json(session.submission or b"{}")
        nobody = Caller(work.tenant, frozenset())
        self._decide(Task(work, session, said, pictures), nobody, Call(), patient=patient)

    def _decide(self, task: Task, caller: Caller, call: Call, *, patient: bool = False) -> Answer:
        """The verdict. Whatever goes wrong gives the verification back to the applicant, named."""
        try:
            return self._decided(task, caller, call)
        except HechaError as error:
            if patient and error.retryable and not isinstance(error, TooManyRequests):
                self._lay_aside(task.work)
            else:
                self._fail(task.work, error.code)
            raise
        except Exception:
            self._fail(task.work, InternalError.code)
            raise

    def _decided(self, task: Task, caller: Caller, call: Call) -> Answer:
        work, session = task.work, task.session
        pictures = self.store.captures.opened(session, task.pictures)
        request = OpenCase.model_validate_json(session.request or b"")
        code_id = task.said.phone_code_id
        confirmed = self.phones.confirmed(work.tenant, request.phone, code_id, work.case_id)
        if confirmed is None and "phone" in request.checks:
            confirmed = False
        claim = self.phones.claim(
            work.tenant,
            request.claimed_name,
            request.claimed_number,
            request.phone if confirmed else None,
            work.case_id,
        )
        passage = self._passage(work.tenant, session, claim)
        verdict = sandbox.verdict(
            work.tenant,
            claim,
            request.today or self.clock().date(),
            lambda: self.verifier.verify(
                pictures["document_front"].picture,
                pictures["document_back"].picture,
                pictures["selfie"].picture if session.face else None,
                today=request.today,
                phone_confirmed=confirmed,
                claim=claim,
                frames=tuple(pictures[side].picture for side in FRAMES if side in pictures),
                take_template=passage.taker if passage else None,
            ),
        )
        number = number_of(verdict)
        with self.store.transaction() as transaction:
            now = self.clock()
            most = sandbox.cap(work.tenant, self.rules.attempts_per_day)
            self.store.attempts.take(transaction, work.tenant, {"number": number}, most=most, now=now)
            if passage:
                verdict = passage.judged(transaction, verdict, number)
            decision = str(verdict["decision"])
            state = State.RETAKE if decision == "retake" else State.DECIDED
            pinned = {side: pictures[side].sha256 for side in (*SIDES, *FRAMES) if side in pictures}
            outcome = verdict_bytes(session.id, session.created_at, state.value, verdict, pinned)
            told = outcome if caller.case_id is None else applicant_verdict(outcome)
            answer = Answer(200, told, case_id=work.case_id)
            self.store.moves.decide(transaction, work, session.vault, decision, outcome, now=now)
            if passage:
                passage.keep(transaction, work.case_id, number)
            if confirmed and code_id is not None and state is State.DECIDED:
                self.store.phones(work.tenant).use(transaction, code_id, case_id=work.case_id, now=now)
            call.keep(transaction, answer)
        return answer

    def _passage(self, tenant: str, session: Session, claim: Claim | None) -> Passage | None:
        if not session.face:
            return None
        consent = None if session.consent is None else Consent.model_validate_json(session.consent)
        return self.faces.passage(tenant, claim, consented=consent is not None and consent.gallery)

    def _fail(self, work: Work, code: str) -> None:
        # A database that is away, or a case that is somebody else's by now, is told by the first error already.
        with suppress(StoreUnavailable, CaseConflict), self.store.transaction() as transaction:
            self.store.moves.fail(transaction, work, code)

    def _lay_aside(self, work: Work) -> None:
        with suppress(StoreUnavailable), self.store.transaction() as transaction:
            self.store.moves.wait(transaction, work, self.clock() + _PAUSE)


def number_of(verdict: Mapping[str, Any]) -> str | None:
    """The document's number as read."""
    fields = (verdict.get("document") or {}).get("fields") or {}
    return fields.get("number")


def _address(case_id: str) -> str:
    return f"/v1/verifications/{case_id}"
