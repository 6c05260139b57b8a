"""The codes, over a ledger in memory; `tests/store/test_phone_ledger.py` has the real one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from service.errors import HechaError, PhoneNumberRefused, SmsFailed, StoreUnavailable, TooManyRequests
from service.phone import otp
from service.phone.otp import CodeRules, NewCode, Wanted
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, Unknown

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NUMBER = "+8613800138000"
PEPPER = bytes(range(32))
TENANT = "tenant-a"
RULES = CodeRules(("+86",))


@dataclass(frozen=True)
class Kept:
    number_digest: bytes
    purpose: str
    case_id: str | None
    code_digest: bytes
    tries: int


@dataclass
class Ledger:
    kept: dict[str, Kept] = field(default_factory=dict)
    opened: list[NewCode] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)
    confirms: bool = True
    full: bool = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def open(self, transaction: object, code: NewCode, *, rules: CodeRules) -> None:
        if self.full:
            raise TooManyRequests(retry_after_s=60)
        self.kept[code.id] = Kept(code.number_digest, code.purpose, code.case_id, code.code_digest, 0)
        self.opened.append(code)

    def settle(self, transaction: object, code_id: str, *, delivery: str) -> None:
        self.settled.append((code_id, delivery))

    def take_try(self, transaction: object, code_id: str, *, now: datetime, max_tries: int) -> Kept:
        self.kept[code_id] = replace(self.kept[code_id], tries=self.kept[code_id].tries + 1)
        return self.kept[code_id]

    def confirm(self, transaction: object, code_id: str, *, now: datetime) -> bool:
        return self.confirms


@dataclass
class Vendor:
    answer: SmsAnswer = field(default_factory=lambda: Accepted("1"))
    sent: list[tuple[str, CodeMessage]] = field(default_factory=list)

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        self.sent.append((number_e164, message))
        return self.answer


@dataclass
class Room:
    ledger: Ledger = field(default_factory=Ledger)
    vendor: Vendor = field(default_factory=Vendor)
    rules: CodeRules = RULES
    drawn: int = 42

    def codes(self, pepper: bytes = PEPPER, tenant: str = TENANT) -> otp.PhoneCodes:
        return otp.build(
            tenant=tenant,
            ledger=self.ledger,
            sms=self.vendor,
            pepper=pepper,
            clock=lambda: NOW,
            rules=self.rules,
            draw=lambda below: self.drawn % below,
            new_id=lambda: f"code_{len(self.ledger.kept)}",
        )

    def send(self, number: str = NUMBER, **more: object) -> otp.SentCode:
        return self.codes().send(Wanted(number, **more))  # type: ignore[arg-type]


def test_a_code_has_six_digits_with_leading_zeros() -> None:
    room = Room()
    room.send()
    ((number, message),) = room.vendor.sent
    assert number == NUMBER
    assert (message.id, message.code, message.minutes) == ("code_0", "000042", 5)


def test_the_draw_is_over_all_codes() -> None:
    asked: list[int] = []

    def draw(below: int) -> int:
        asked.append(below)
        return below - 1

    room = Room()
    replace(room.codes(), draw=draw).send(Wanted(NUMBER))
    assert asked == [1_000_000]
    assert room.vendor.sent[0][1].code == "999999"


def test_the_usual_draw_is_a_secure_one() -> None:
    codes = otp.build(tenant=TENANT, ledger=Ledger(), sms=Vendor(), pepper=PEPPER, clock=lambda: NOW, rules=RULES)
    assert codes.draw is secrets.randbelow
    assert len({codes.new_id() for _ in range(100)}) == 100
    assert len(codes.new_id()) >= 22


def test_nothing_is_allowed_until_it_is_set() -> None:
    with pytest.raises(PhoneNumberRefused):
        Room(rules=CodeRules()).send()


@pytest.mark.parametrize(
    ("number", "asked", "language", "words"),
    [
        (NUMBER, None, "zh", "【核查】验证码 000042，5 分钟内有效"),
        (NUMBER, "en", "en", "核查: 000042 is your code, valid for 5 minutes"),
        ("+447911123456", None, "en", "000042 is your code"),
        ("+85251234567", None, "zh", "验证码 000042"),
    ],
)
def test_the_message_speaks_the_persons_language(number: str, asked: str | None, language: str, words: str) -> None:
    room = Room(rules=CodeRules(("+86", "+44", "+852"), brand="核查"))
    room.send(number, language=asked)
    message = room.vendor.sent[0][1]
    assert message.language == language
    assert words in message.text


def test_what_is_kept_of_a_code() -> None:
    room = Room()
    assert room.send() == otp.SentCode("code_0", NOW + timedelta(minutes=5), 60)
    kept = room.ledger.opened[0]
    assert (kept.country, kept.expires_at) == ("+86", NOW + timedelta(minutes=5))
    assert len({kept.code_digest, kept.number_digest, kept.prefix_digest}) == 3
    assert {len(digest) for digest in (kept.code_digest, kept.number_digest, kept.prefix_digest)} == {32}
    assert room.ledger.settled == [("code_0", "accepted")]


def _scopes(room: Room, number: str = NUMBER, **more: object) -> NewCode:
    room.send(number, **more)
    return room.ledger.opened[-1]


def test_what_counts_together() -> None:
    room = Room()
    first, neighbour, stranger = (_scopes(room, f"+8613800{rest}") for rest in ("138000", "139999", "148000"))
    assert first.prefix_digest == neighbour.prefix_digest != stranger.prefix_digest
    assert len({first.number_digest, neighbour.number_digest, stranger.number_digest}) == 3


def test_tenants_share_no_digest() -> None:
    room = Room()
    digest = room.codes().number_digest(NUMBER)
    assert digest == room.codes().number_digest("+86 138-0013-8000")
    assert digest != room.codes(tenant="tenant-b").number_digest(NUMBER)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_addresses_that_count_together(one: str, other: str, same: bool) -> None:
    room = Room()
    digests = {_scopes(room, address=address).address_digest for address in (one, other)}
    assert (len(digests) == 1) is same
    assert None not in digests
    assert _scopes(room).address_digest is None


def test_the_right_code_and_a_wrong_one() -> None:
    codes = Room().codes()
    code_id = codes.send(Wanted(NUMBER, case_id="ver_1")).id
    assert codes.check(code_id, "000041") == otp.CodeAnswer(False, 4)
    assert codes.check(code_id, "000042") == otp.CodeAnswer(True, 3)


def test_whoever_confirms_second_has_not_confirmed() -> None:
    room = Room()
    code_id = room.send().id
    room.ledger.confirms = False
    assert room.codes().check(code_id, "000042").confirmed is False


@pytest.mark.parametrize("changed", ["nothing", "id", "number", "purpose", "case", "tenant", "pepper"])
def test_a_digest_is_bound_to_all_it_should_be(changed: str) -> None:
    room = Room()
    code_id = room.send(case_id="ver_1").id
    kept = room.ledger.kept[code_id]
    changes = {
        "nothing": (code_id, kept, TENANT, PEPPER),
        "id": ("other", kept, TENANT, PEPPER),
        "number": (code_id, replace(kept, number_digest=bytes(32)), TENANT, PEPPER),
        "purpose": (code_id, replace(kept, purpose="sign_in"), TENANT, PEPPER),
        "case": (code_id, replace(kept, case_id="ver_2"), TENANT, PEPPER),
        "tenant": (code_id, kept, "tenant-b", PEPPER),
        "pepper": (code_id, kept, TENANT, bytes(32)),
    }
    moved_to, row, tenant, pepper = changes[changed]
    room.ledger.kept = {moved_to: row}
    assert room.codes(pepper, tenant).check(moved_to, "000042").confirmed is (changed == "nothing")


def test_at_a_cap_no_message_goes_out() -> None:
    room = Room(ledger=Ledger(full=True))
    with pytest.raises(TooManyRequests):
        room.send()
    assert room.vendor.sent == []


@pytest.mark.parametrize(
    ("answer", "error", "wait_s"),
    [
        (Rejected("account", True), SmsFailed, 60),
        (Rejected("refused", True), SmsFailed, 60),
        (Rejected("unavailable", True, retry_after_s=90), SmsFailed, 90),
        (Rejected("limit", False), TooManyRequests, 60),
        (Rejected("limit", True, retry_after_s=3600), TooManyRequests, 3600),
    ],
)
def test_a_refused_message_is_an_error_and_counts(answer: SmsAnswer, error: type[HechaError], wait_s: int) -> None:
    room = Room(vendor=Vendor(answer))
    with pytest.raises(error) as caught:
        room.send()
    assert caught.value.retry_after_s == wait_s
    assert len(room.ledger.opened) == 1
    assert room.ledger.settled == [("code_0", "rejected")]


def test_what_a_vendor_knows_of_a_number_is_not_told() -> None:
    known, unknown = Room(), Room(vendor=Vendor(Rejected("number", False, "21211")))
    assert known.send() == unknown.send()
    assert unknown.ledger.settled == [("code_0", "rejected")]


def test_an_unanswered_message_is_sent_once_and_its_code_counts() -> None:
    room = Room(vendor=Vendor(Unknown()))
    code_id = room.send().id
    assert len(room.vendor.sent) == 1
    assert room.ledger.settled == [("code_0", "unknown")]
    assert room.codes().check(code_id, "000042").confirmed


def test_a_store_that_fails_after_the_message_is_out_costs_no_code() -> None:
    class Failing(Ledger):
        def settle(self, transaction: object, code_id: str, *, delivery: str) -> None:
            raise StoreUnavailable

    room = Room(ledger=Failing())
    code_id = room.send().id
    assert room.codes().check(code_id, "000042").confirmed


@pytest.mark.parametrize("pepper", [b"", bytes(31)])
def test_a_short_pepper_is_refused(pepper: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Room().codes(pepper)


def test_no_secret_shows_in_a_repr() -> None:
    room = Room()
    room.send()
    shown = f"{room.codes()!r} {room.ledger.opened!r} {Wanted(NUMBER)!r}"
    assert not [secret for secret in (repr(PEPPER), NUMBER, "000042") if secret in shown]
