"""The legal moves of a verification. Each is one conditional UPDATE, so that of two that race exactly one wins."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, Update, bindparam, delete, insert, select, update

from service.errors import (
    AttemptsExhausted,
    CapturesMissing,
    CaseConflict,
)
from service.store.captures import Capture, Captures, Shown, open_album
from service.store.cases import FRAMES, Cases, Vault
from service.store.database import Transaction, unwiped
from service.store.outbox import Event, Outbox
from service.store.sessions import Session, Sessions, digest
from service.store.states import MOVES, State
from service.store.tables import CAPTURES, VERIFICATIONS

_C = VERIFICATIONS.c
_LOTS = 2**30
"""Far below the column's end: each claim adds one."""
_ENDED: Mapping[str, object] = {"token_digest": None, "token_ends_at": None, "capture_key": None}
"""The token admits nobody any more, and nothing opens the pictures."""
_WITH_IT = {"selfie": ("selfie", *FRAMES)}
"""What goes when a side is given anew, besides the side itself."""
_NO_VERDICT: Mapping[str, object] = {"decision": None, "outcome": None, "problem": None}


@dataclass(frozen=True, slots=True)
class Work:
    """A submitted verification in somebody's hands. Only the holder of the latest `fence` may decide it; `tries` have
    been begun."""

    tenant: str
    case_id: str
    fence: int
    tries: int


class Moves:
    """Moves verifications from state to state, or says why not."""

    def __init__(self, cases: Cases, captures: Captures, sessions: Sessions, outbox: Outbox) -> None:
        self._cases = cases
        self._captures = captures
        self._sessions = sessions
        self._outbox = outbox

    def admit_upload(
        self, transaction: Transaction, tenant: str, case_id: str, shown: Shown, *, most: int, now: datetime
    ) -> None:
        """Count an upload before it costs anything.

        Raises NotFound, CaseConflict, AttemptsExhausted, DuplicateSide; of a selfie ConsentRequired.
        """
        session = self._sessions.get(transaction, tenant, case_id, now=now)
        self._captures.check(session, tenant, shown)
        self._take(transaction, "capture", tenant, case_id, {}, now=now, step=_UPLOAD, most=most)

    def keep_capture(
        self, transaction: Transaction, tenant: str, case_id: str, capture: Capture, *, now: datetime
    ) -> Session:
        """Put a picture in its place. What depended on the one before it, the verdict, is gone. Answers how the
        verification stood before."""
        session = self._sessions.get(transaction, tenant, case_id, now=now)
        self._captures.check(session, tenant, capture.shown)  # what allowed it may be gone by now
        self._take(transaction, "capture", tenant, case_id, {"state": State.OPEN.value, **_NO_VERDICT}, now=now)
        album = open_album(session)
        side = capture.shown.side
        self._drop(transaction, tenant, case_id, _WITH_IT.get(side, (side,)))
        transaction.execute(
            insert(CAPTURES),
            {
                "case_id": case_id,
                "side": side,
                "tenant": tenant,
                "digest": self._cases.picture_digest(tenant, capture.shown.sha256),
                "judged": album.seal(capture.judged, f"judged/{side}"),
                "picture": album.seal(capture.picture, f"picture/{side}"),
                "stored_at": now,
            },
        )
        return session

    def consent(
        self, transaction: Transaction, tenant: str, case_id: str, consent: bytes, *, biometric: bool, now: datetime
    ) -> None:
        """Keep a consent. One without biometrics takes the selfie away. Raises NotFound, CaseConflict."""
        sealed = self._cases.vault(transaction, tenant, case_id).seal(consent, "consent")
        given = {"consent": sealed, "biometric_consent": biometric}
        self._take(transaction, "consent", tenant, case_id, given, now=now)
        if not biometric:
            self._drop(transaction, tenant, case_id, _WITH_IT["selfie"])

    def renew_token(
        self, transaction: Transaction, tenant: str, case_id: str, token: bytes, ends_at: datetime, *, now: datetime
    ) -> None:
        """Put a new capture token in the place of the old one, which admits nobody from now on. Raises NotFound,
        CaseConflict."""
        anew = {"token_digest": digest(token), "token_ends_at": ends_at}
        self._take(transaction, "renew", tenant, case_id, anew, now=now)

    def withdraw(self, transaction: Transaction, tenant: str, case_id: str, *, now: datetime) -> None:
        """Stop processing: pictures and token are gone, and a verdict on its way is not written."""
        withdrawn = {"state": State.WITHDRAWN.value, "biometric_consent": False, **_ENDED, **_NO_VERDICT}
        self._take(transaction, "withdraw", tenant, case_id, withdrawn, now=now)
        self._drop(transaction, tenant, case_id)

    def submit(
        self,
        transaction: Transaction,
        tenant: str,
        case_id: str,
        submission: bytes,
        *,
        most: int,
        now: datetime,
        leased_until: datetime | None = None,
    ) -> tuple[Work, Session]:
        """Close the pictures. `submission`: JSON of what the caller said with it. With `leased_until` the caller has
        claimed the work, else somebody does later.

        Answers the work and how the verification stood before. Raises NotFound, CapturesMissing, CaseConflict,
        AttemptsExhausted.
        """
        session = self._sessions.get(transaction, tenant, case_id, now=now)
        wanted = ("document_front", "document_back", *(("selfie",) if session.face else ()))
        missing = tuple((side, "missing") for side in wanted if side not in session.judged)
        if session.state is State.OPEN and missing:
            raise CapturesMissing(fields=missing)
        # By lot: a submission that the power took, and the one after it, never hold the same.
        fence = secrets.randbelow(_LOTS)
        submitted = {
            "state": State.SUBMITTED.value,
            "submission": session.vault.seal(submission, "submission"),
            "leased_until": leased_until or now,
            "tries": 0 if leased_until is None else 1,
            "fence": fence,
        }
        self._take(transaction, "submit", tenant, case_id, submitted, now=now, step=_SUBMIT, most=most)
        return Work(tenant, case_id, fence, 1), session

    def waiting(self, transaction: Transaction, *, now: datetime) -> bool:
        """Whether `claim` would find something."""
        waiting = select(_C.id).where(_C.state == State.SUBMITTED.value, _C.leased_until <= now).limit(1)
        return transaction.execute(waiting).first() is not None

    def claim(
        self, transaction: Transaction, *, leased_until: datetime, now: datetime, case_id: str | None = None
    ) -> Work | None:
        """Take a submitted verification that nobody works on (any more); None = there is none. `case_id`: that one."""
        waiting = (_C.state == State.SUBMITTED.value) & (_C.leased_until <= now)
        if case_id is not None:
            waiting &= _C.id == case_id
        oldest = select(_C.id).where(waiting).order_by(_C.leased_until).limit(1).with_for_update(skip_locked=True)
        found = transaction.execute(oldest).scalar_one_or_none()
        if found is None:
            return None
        taking = (
            update(VERIFICATIONS)
            .where(_C.id == found)
            .values(fence=_C.fence + 1, tries=_C.tries + 1, leased_until=leased_until)
            .returning(_C.tenant, _C.id, _C.fence, _C.tries)
        )
        row = transaction.execute(taking).one()
        return Work(row.tenant, row.id, row.fence, row.tries)

    def decide(
        self, transaction: Transaction, work: Work, vault: Vault, decision: str, outcome: bytes, *, now: datetime
    ) -> None:
        """Write the verdict, and what the tenant's webhooks will be told. All but `retake` end the token and the
        pictures. Raises CaseConflict when the work was taken over or the applicant has withdrawn."""
        again = decision == "retake"
        values: dict[str, object] = {"decision": decision, "outcome": vault.seal(outcome, "outcome"), "problem": None}
        if again:
            values |= {"state": State.RETAKE.value}
        else:
            values |= {"state": State.DECIDED.value, **_ENDED}
        self._finish(transaction, work, values)
        self._outbox.announce(transaction, Event(work.tenant, work.case_id, decision, now))
        if not again:
            with unwiped(transaction):
                transaction.execute(_EMPTIED, {"of_case": work.case_id, "of_tenant": work.tenant})

    def fail(self, transaction: Transaction, work: Work, problem: str) -> None:
        """Give the work back to the applicant: the machine, or a picture, could not be used."""
        self._finish(transaction, work, {"state": State.OPEN.value, "problem": problem})

    def wait(self, transaction: Transaction, work: Work, until: datetime) -> None:
        """Lay the work aside: somebody claims it again, not before `until`."""
        step = update(VERIFICATIONS).where(_C.id == work.case_id, _C.fence == work.fence)
        transaction.execute(step.where(_C.state == State.SUBMITTED.value).values(leased_until=until))

    def sweep(self, transaction: Transaction, *, most: int, now: datetime) -> int:
        """Expire verifications whose time is over, with their pictures. Answers how many."""
        living = [state.value for state in MOVES["expire"]]
        over = select(_C.id, _C.tenant).where(_C.state.in_(living), _C.expires_at <= now).limit(most)
        rows = transaction.execute(over.with_for_update(skip_locked=True)).all()
        for row in rows:
            step = update(VERIFICATIONS).where(_C.id == row.id)
            transaction.execute(step.values(state=State.EXPIRED.value, **_ENDED, **_NO_VERDICT))
            self._drop(transaction, row.tenant, row.id)
        return len(rows)

    def _finish(self, transaction: Transaction, work: Work, values: Mapping[str, object]) -> None:
        mine = {"of_case": work.case_id, "of_tenant": work.tenant, "of_fence": work.fence}
        if _rows(transaction.execute(_FINISH, {**mine, "leased_until": None, **values})) != 1:
            raise CaseConflict

    def _take(
        self,
        transaction: Transaction,
        name: str,
        tenant: str,
        case_id: str,
        values: Mapping[str, object],
        *,
        now: datetime,
        step: Update | None = None,
        most: int | None = None,
    ) -> None:
        """Take a step, or say why not. `most`: how often, where `step` counts."""
        mine = {"of_case": case_id, "of_tenant": tenant, "now": now, "most": most}
        if _rows(transaction.execute(_STEPS[name] if step is None else step, {**mine, **values})) == 1:
            return
        session = self._sessions.get(transaction, tenant, case_id, now=now)  # another one may just have moved it
        if session.state in MOVES[name]:
            raise AttemptsExhausted
        raise CaseConflict(fields=(("state", session.state.value),))

    def _drop(self, transaction: Transaction, tenant: str, case_id: str, sides: Sequence[str] | None = None) -> None:
        own = {"of_case": case_id, "of_tenant": tenant}
        rows = delete(CAPTURES).where(_OWN)
        transaction.execute(rows if sides is None else rows.where(CAPTURES.c.side.in_(sides)), own)


# Made once: SQLAlchemy takes longer to make a statement than SQLite to execute it.
def _step(name: str) -> Update:
    step = update(VERIFICATIONS).where(_C.id == bindparam("of_case"), _C.tenant == bindparam("of_tenant"))
    step = step.where(_C.state.in_([state.value for state in MOVES[name]]))
    # A submitted case is decided, or withdrawn from, even when its time has come meanwhile.
    return step if name == "withdraw" else step.where(_C.expires_at > bindparam("now"))


_STEPS = {name: _step(name) for name in ("capture", "consent", "renew", "withdraw", "submit")}
_UPLOAD = _STEPS["capture"].where(_C.uploads < bindparam("most")).values(uploads=_C.uploads + 1)
_SUBMIT = _STEPS["submit"].where(_C.submits < bindparam("most")).values(submits=_C.submits + 1)
_FINISH = (
    update(VERIFICATIONS)
    .where(_C.id == bindparam("of_case"), _C.tenant == bindparam("of_tenant"))
    .where(_C.state == State.SUBMITTED.value, _C.fence == bindparam("of_fence"))
)
_OWN = (CAPTURES.c.case_id == bindparam("of_case")) & (CAPTURES.c.tenant == bindparam("of_tenant"))
_EMPTIED = update(CAPTURES).where(_OWN).values(picture=None, judged=None)


def _rows(result: CursorResult[tuple[object, ...]]) -> int:
    return result.rowcount
