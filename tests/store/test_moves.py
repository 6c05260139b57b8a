"""The moves of a verification, on the real databases and in parallel."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from service import store as stores
from service.errors import AttemptsExhausted, CapturesMissing, CaseConflict, HechaError, InternalError, NotFound
from service.store import Capture, Opening, Session, Shown, State, Store, Transaction, Work
from service.store.captures import sha256
from service.store.cases import SIDES
from service.store.database import connect
from service.store.keys import KeyRing
from service.store.migrate import migrate
from service.store.states import MOVES
from service.store.tables import CAPTURES

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TENANT = "shop"


def opening(case_id: str = "ver_1", *, face: bool = True) -> Opening:
    return Opening(
        id=case_id,
        created_at=NOW,
        expires_at=LATER,
        token=f"cap_{case_id}",
        token_ends_at=NOW + timedelta(minutes=15),
        request=b"{}",
        external_id=None,
        consent=b"{}",
        biometric_consent=True,
        face=face,
    )


def open_case(opened: Store, case_id: str = "ver_1", *, face: bool = True) -> None:
    with opened.transaction() as transaction:
        opened.sessions.open(transaction, TENANT, opening(case_id, face=face))


def shown(side: str, picture: bytes) -> Capture:
    return Capture(Shown(side, sha256(picture)), picture, b"{}")


def fill(opened: Store, case_id: str = "ver_1") -> None:
    for side in SIDES:
        with opened.transaction() as transaction:
            opened.moves.keep_capture(transaction, TENANT, case_id, shown(side, side.encode()), now=NOW)


def submit(opened: Store, case_id: str = "ver_1") -> Work:
    with opened.transaction() as transaction:
        work, _ = opened.moves.submit(transaction, TENANT, case_id, b"{}", most=99, now=NOW, leased_until=LATER)
    return work


def decide(opened: Store, work: Work, decision: str, now: datetime = NOW) -> None:
    with opened.transaction() as transaction:
        vault = opened.sessions.get(transaction, TENANT, work.case_id, now=now).vault
        opened.moves.decide(transaction, work, vault, decision, b"{}", now=now)


def pictures(opened: Store, work: Work) -> dict[str, bytes]:
    with opened.reading() as transaction:
        sealed = opened.captures.sealed(transaction, TENANT, work.case_id)
    return {
        side: pinned.picture for side, pinned in opened.captures.opened(standing(opened, work.case_id), sealed).items()
    }


def standing(opened: Store, case_id: str = "ver_1", now: datetime = NOW) -> Session:
    with opened.reading() as transaction:
        return opened.sessions.get(transaction, TENANT, case_id, now=now)


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except HechaError as error:
        return type(error)


def test_of_20_parallel_submissions_one_wins(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: outcome(lambda: submit(opened)), range(20)))
    assert sum(isinstance(each, Work) for each in found) == 1
    assert {each for each in found if not isinstance(each, Work)} == {CaseConflict}


def test_of_two_holders_only_the_later_one_decides(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    first = submit(opened)
    with opened.transaction() as transaction:
        second = opened.moves.claim(transaction, leased_until=LATER + timedelta(hours=1), now=LATER)
    assert second is not None
    for work, decided in ((first, False), (second, True), (second, False)):
        done = outcome(lambda work=work: decide(opened, work, "approved", LATER))  # type: ignore[misc]
        assert done is (None if decided else CaseConflict)
    assert standing(opened).state is State.DECIDED


def test_parallel_claims_share_no_case(opened: Store) -> None:
    for index in range(4):
        open_case(opened, f"ver_{index}")
        fill(opened, f"ver_{index}")
        with opened.transaction() as transaction:
            opened.moves.submit(transaction, TENANT, f"ver_{index}", b"{}", most=5, now=NOW)

    def claim(_: int) -> str | None:
        with opened.transaction() as transaction:
            work = opened.moves.claim(transaction, leased_until=LATER, now=NOW)
        return None if work is None else work.case_id

    with ThreadPoolExecutor(8) as pool:
        found = [each for each in pool.map(claim, range(8)) if each]
    assert len(found) == len(set(found))
    rest = [each for each in map(claim, range(4)) if each]
    assert sorted([*found, *rest]) == [f"ver_{index}" for index in range(4)]


def test_an_upload_races_a_submission_and_one_of_them_is_refused(opened: Store) -> None:
    def upload() -> str:
        with opened.transaction() as transaction:
            kept = shown("selfie", b"other")
            opened.moves.keep_capture(transaction, TENANT, "ver_1", kept, now=NOW)
        return "kept"

    open_case(opened)
    fill(opened)
    with ThreadPoolExecutor(2) as pool:
        kept, work = pool.submit(lambda: outcome(upload)), pool.submit(lambda: outcome(lambda: submit(opened)))
    assert isinstance(work.result(), Work)
    judged_on = pictures(opened, work.result())["selfie"]  # type: ignore[arg-type]
    assert judged_on == (b"other" if kept.result() == "kept" else b"selfie")


def test_a_picture_exchanged_in_the_database_is_not_decided_on(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    with opened.transaction() as transaction:
        transaction.execute(update(CAPTURES).where(CAPTURES.c.side == "selfie").values(digest=bytes(32)))
    work = submit(opened)
    with pytest.raises(InternalError):
        pictures(opened, work)


def test_nothing_of_another_tenant_is_moved(opened: Store) -> None:
    open_case(opened)
    fill(opened)
    moves, kept = opened.moves, shown("selfie", b"x")
    steps: list[Callable[[Transaction], object]] = [
        lambda t: moves.admit_upload(t, "bank", "ver_1", kept.shown, most=9, now=NOW),
        lambda t: moves.keep_capture(t, "bank", "ver_1", kept, now=NOW),
        lambda t: moves.consent(t, "bank", "ver_1", b"{}", biometric=False, now=NOW),
        lambda t: moves.renew_token(t, "bank", "ver_1", b"cap_new", LATER, now=NOW),
        lambda t: moves.withdraw(t, "bank", "ver_1", now=NOW),
        lambda t: moves.submit(t, "bank", "ver_1", b"{}", most=9, now=NOW),
        lambda t: opened.sessions.get(t, "bank", "ver_1", now=NOW),
        lambda t: opened.cases.erase(t, "bank", "ver_1"),
        lambda t: opened.cases.outcome(t, "bank", "ver_1"),
    ]
    for step in steps:
        with pytest.raises(NotFound), opened.transaction() as transaction:
            step(transaction)
    with opened.reading() as transaction:
        assert opened.cases.page(transaction, "bank", before=None, limit=9) == []
    assert standing(opened).judged.keys() == set(SIDES)


def test_a_token_is_known_while_its_case_lives(opened: Store) -> None:
    def holder(now: datetime = NOW) -> object:
        with opened.reading() as transaction:
            return opened.sessions.holder(transaction, b"cap_ver_1", now=now)

    open_case(opened)
    assert holder() is not None
    assert holder(NOW + timedelta(minutes=15)) is None
    fill(opened)
    work = submit(opened)
    assert holder() is not None
    decide(opened, work, "declined")
    assert holder() is None


@dataclass
class Walk:
    """A case on its way through random steps."""

    opened: Store
    case_id: str
    given: dict[str, bytes] = field(default_factory=dict)
    work: Work | None = None

    def step(self, name: str, side: str, picture: bytes) -> None:
        """Take a step: it is one of the drawn ones, or refused."""
        before = standing(self.opened, self.case_id).state
        done = outcome(lambda: self._act(name, side, picture))
        after = standing(self.opened, self.case_id).state
        if done is CapturesMissing:
            assert (name, after) == ("submit", before)
            assert len(self.given) < 3
        elif done is CaseConflict:
            assert after is before
            assert before not in MOVES[name]
        else:
            assert MOVES[name][before] is after
            self._note(name, side, picture, done)

    def _note(self, name: str, side: str, picture: bytes, done: object) -> None:
        if name == "capture":
            self.given[side] = picture
        if isinstance(done, Work):
            self.work = done
            assert pictures(self.opened, done) == self.given, "decided on what was given last"

    def _act(self, name: str, side: str, picture: bytes) -> object:
        if name == "submit":
            return submit(self.opened, self.case_id)
        if name not in ("capture", "consent", "renew") and self.work is None:
            raise CaseConflict
        moves, kept = self.opened.moves, shown(side, picture)
        with self.opened.transaction() as transaction:
            if name == "capture":
                return moves.keep_capture(transaction, TENANT, self.case_id, kept, now=NOW)
            if name == "renew":
                return moves.renew_token(transaction, TENANT, self.case_id, picture, LATER, now=NOW)
            if name == "consent":
                return moves.consent(transaction, TENANT, self.case_id, b"{}", biometric=True, now=NOW)
            assert self.work
            if name == "fail":
                return moves.fail(transaction, self.work, "engine_busy")
        return decide(self.opened, self.work, "retake" if name == "ask again" else "approved")


def test_random_steps_keep_to_the_machine(opened: Store) -> None:
    """Whatever the order: only the drawn moves happen, and a verdict rests on the pictures that were last given."""
    rng = random.Random(7)
    names = [*["capture"] * 6, "submit", "submit", "decide", "ask again", "fail", "consent", "renew"]
    for case in range(4):
        walk = Walk(opened, f"ver_{case}")
        open_case(opened, walk.case_id)
        for step in range(20):
            walk.step(rng.choice(names), rng.choice(SIDES), f"{case} {step}".encode())


def test_uploads_are_counted_before_they_cost_anything(opened: Store) -> None:
    open_case(opened)

    def admit(_: int) -> object:
        def once() -> str:
            with opened.transaction() as transaction:
                opened.moves.admit_upload(transaction, TENANT, "ver_1", Shown("document_front", "00"), most=5, now=NOW)
            return "in"

        return outcome(once)

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(admit, range(12)))
    assert sorted(map(str, found)) == sorted([*["in"] * 5, *[str(AttemptsExhausted)] * 7])


def test_the_readme_draws_the_moves_that_there_are() -> None:
    readme = Path(__file__).resolve().parents[2].joinpath("README.md").read_text(encoding="utf-8")
    drawing = re.split(r"<!-- /?states -->", readme)[1]
    words = set(re.findall(r"[a-z]+(?: again)?", drawing))
    assert set(MOVES) | {state.value for state in State} <= words
    assert words - set(MOVES) - {state.value for state in State} == {"opened"}


def test_cases_of_the_version_before_are_carried_over(database_url: str) -> None:
    database, keys = connect(database_url), KeyRing(bytes(32))
    migrate(database, "0004")
    key, wrapped = keys.new_data_key(tenant="default", row="ver_old")
    sealed = key.seal(b'{"decision": "approved"}', stores.keys.Place("default", "verifications", "ver_old", "outcome"))
    with database.transaction() as transaction:
        transaction.execute(
            text("INSERT INTO data_keys VALUES ('ver_old', 'default', :wrapped, 1, :now)"),
            {"wrapped": wrapped.wrapped, "now": NOW.replace(tzinfo=None) if "sqlite" in database_url else NOW},
        )
        transaction.execute(
            text(
                "INSERT INTO verifications (id, tenant, created_at, decision, data_key_id, outcome, front_digest,"
                " back_digest, selfie_digest) VALUES ('ver_old', 'default', :now, 'approved', 'ver_old', :outcome,"
                " :front, :back, :selfie)"
            ),
            {
                "now": NOW.replace(tzinfo=None) if "sqlite" in database_url else NOW,
                "outcome": sealed,
                "front": b"f" * 32,
                "back": b"b" * 32,
                "selfie": b"s" * 32,
            },
        )
    database.close()
    opened = stores.build(database_url, master_key=bytes(32))
    with opened.reading() as transaction:
        assert opened.cases.outcome(transaction, "default", "ver_old") == b'{"decision": "approved"}'
        assert opened.sessions.get(transaction, "default", "ver_old", now=NOW).state is State.DECIDED
        found = transaction.execute(select(CAPTURES.c.side, CAPTURES.c.digest)).all()
    assert dict(found) == {"document_front": b"f" * 32, "document_back": b"b" * 32, "selfie": b"s" * 32}  # type: ignore[arg-type]
    opened.close()
