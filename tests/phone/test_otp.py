"""The codes, over a ledger in memory; `tests/store/test_phone_ledger.py` has the real one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from service.errors import SmsFailed, TooManyRequests
from service.phone import otp
from service.phone.sms import Accepted, Rejected, SmsAnswer, Unknown

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NUMBER = "+8613800138000"
PEPPER = bytes(range(32))


@dataclass(frozen=True)
class Kept:
    number_digest: bytes
    purpose: str
    code_digest: bytes
    tries: int


@dataclass
class Ledger:
    kept: dict[str, Kept] = field(default_factory=dict)
    opened: list[dict[str, object]] = field(default_factory=list)
    confirms: bool = True
    full: bool = False

    def open(
        self,
        *,
        code_id: str,
        number_digest: bytes,
        purpose: str,
        code_digest: bytes,
        now: datetime,
        expires_at: datetime,
        caps: Sequence[tuple[timedelta, int]],
    ) -> None:
        if self.full:
            raise TooManyRequests(retry_after_s=60)
        self.kept[code_id] = Kept(number_digest, purpose, code_digest, 0)
        self.opened.append({"now": now, "expires_at": expires_at, "caps": caps})

    def take_try(self, *, code_id: str, now: datetime, max_tries: int) -> Kept:
        self.kept[code_id] = replace(self.kept[code_id], tries=self.kept[code_id].tries + 1)
        return self.kept[code_id]

    def confirm(self, *, code_id: str, now: datetime) -> bool:
        return self.confirms


@dataclass
class Vendor:
    answer: SmsAnswer = field(default_factory=lambda: Accepted("1"))
    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, number_e164: str, text: str) -> SmsAnswer:
        self.sent.append((number_e164, text))
        return self.answer


@dataclass
class Room:
    ledger: Ledger = field(default_factory=Ledger)
    vendor: Vendor = field(default_factory=Vendor)
    drawn: int = 42

    def codes(self, pepper: bytes = PEPPER) -> otp.PhoneCodes:
        return otp.build(
            ledger=self.ledger,
            sms=self.vendor,
            pepper=pepper,
            clock=lambda: NOW,
            countries=["+86"],
            draw=lambda below: self.drawn % below,
            new_id=lambda: f"code_{len(self.ledger.kept)}",
        )


def test_a_code_has_six_digits_with_leading_zeros() -> None:
    room = Room()
    room.codes().send(NUMBER, otp.VERIFICATION)
    ((number, text),) = room.vendor.sent
    assert number == NUMBER
    assert "000042" in text
    assert "5" in text


def test_the_draw_is_over_all_codes() -> None:
    asked: list[int] = []

    def draw(below: int) -> int:
        asked.append(below)
        return below - 1

    room = Room()
    replace(room.codes(), draw=draw).send(NUMBER, otp.VERIFICATION)
    assert asked == [1_000_000]
    assert "999999" in room.vendor.sent[0][1]


def test_the_usual_draw_is_a_secure_one() -> None:
    codes = otp.build(ledger=Ledger(), sms=Vendor(), pepper=PEPPER, clock=lambda: NOW, countries=["+86"])
    assert codes.draw is secrets.randbelow
    assert len({codes.new_id() for _ in range(100)}) == 100
    assert len(codes.new_id()) >= 22


def test_what_is_kept_of_a_code() -> None:
    room = Room()
    sent = room.codes().send(NUMBER, otp.VERIFICATION)
    assert sent == otp.SentCode("code_0", NOW + timedelta(minutes=5), 60)
    assert room.ledger.opened[0]["expires_at"] == NOW + timedelta(minutes=5)
    assert room.ledger.opened[0]["caps"] == (
        (timedelta(seconds=60), 1),
        (timedelta(hours=1), 5),
        (timedelta(days=1), 10),
    )
    kept = room.ledger.kept["code_0"]
    assert len(kept.code_digest) == len(kept.number_digest) == 32


def test_the_right_code_and_a_wrong_one() -> None:
    codes = Room().codes()
    code_id = codes.send(NUMBER, otp.VERIFICATION).id
    assert codes.check(code_id, "000041") == otp.CodeAnswer(False, 4)
    assert codes.check(code_id, "000042") == otp.CodeAnswer(True, 3)


def test_whoever_confirms_second_has_not_confirmed() -> None:
    room = Room()
    code_id = room.codes().send(NUMBER, otp.VERIFICATION).id
    room.ledger.confirms = False
    assert room.codes().check(code_id, "000042").confirmed is False


@pytest.mark.parametrize("changed", ["id", "number", "purpose", "pepper"])
def test_a_digest_is_bound_to_all_it_should_be(changed: str) -> None:
    room = Room()
    code_id = room.codes().send(NUMBER, otp.VERIFICATION).id
    kept = room.ledger.kept[code_id]
    changes = {
        "id": ("other", kept, PEPPER),
        "number": (code_id, replace(kept, number_digest=bytes(32)), PEPPER),
        "purpose": (code_id, replace(kept, purpose="sign_in"), PEPPER),
        "pepper": (code_id, kept, bytes(32)),
    }
    moved_to, row, pepper = changes[changed]
    room.ledger.kept = {moved_to: row}
    assert room.codes(pepper).check(moved_to, "000042").confirmed is False


def test_at_a_cap_no_message_goes_out() -> None:
    room = Room(ledger=Ledger(full=True))
    codes = room.codes()
    with pytest.raises(TooManyRequests):
        codes.send(NUMBER, otp.VERIFICATION)
    assert room.vendor.sent == []


def test_a_refused_message_is_an_error_and_counts() -> None:
    room = Room(vendor=Vendor(Rejected("limit")))
    codes = room.codes()
    with pytest.raises(SmsFailed):
        codes.send(NUMBER, otp.VERIFICATION)
    assert len(room.ledger.opened) == 1


def test_an_unanswered_message_is_sent_once_and_its_code_counts() -> None:
    room = Room(vendor=Vendor(Unknown()))
    codes = room.codes()
    code_id = codes.send(NUMBER, otp.VERIFICATION).id
    assert len(room.vendor.sent) == 1
    assert codes.check(code_id, "000042").confirmed


@pytest.mark.parametrize("pepper", [b"", bytes(31)])
def test_a_short_pepper_is_refused(pepper: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Room().codes(pepper)


def test_no_secret_shows_in_a_repr() -> None:
    assert repr(PEPPER) not in repr(Room().codes())
