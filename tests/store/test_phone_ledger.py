"""The promises of the phone ledger, on the real databases and in parallel."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from service import store
from service.errors import HechaError, NotFound, PhoneCodeUnusable, SmsSuspended, TooManyRequests
from service.phone import otp
from service.phone.limits import Breaker, Cap
from service.phone.otp import CodeRules, Wanted
from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, Unknown
from service.store import Retention, Store
from service.store.tables import PHONE_CODES

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CODE = "123456"
NUMBER = "+8613800138000"
TENANT = "tenant-a"
RULES = CodeRules(("+86",))
WANTED = Wanted(NUMBER)
IDS = itertools.count()


class Vendor:
    """Takes every message, or gives the answers it was told to give."""

    def __init__(self, *answers: SmsAnswer) -> None:
        self.answers = iter(answers)

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        return next(self.answers, Accepted("1"))


def _codes(
    opened: Store,
    clock: Callable[[], datetime] = lambda: NOW,
    rules: CodeRules = RULES,
    vendor: Vendor | None = None,
    tenant: str = TENANT,
) -> otp.PhoneCodes:
    return otp.build(
        tenant=tenant,
        ledger=opened.phones(tenant),
        sms=vendor or Vendor(),
        pepper=opened.keys.derive("phone"),
        clock=clock,
        rules=rules,
        draw=lambda _: int(CODE),
        new_id=lambda: f"code_{next(IDS)}",
    )


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except HechaError as error:
        return type(error)


def _in_parallel(times: int, act: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(40) as pool:
        return list(pool.map(lambda _: _outcome(act), range(times)))


def test_of_100_parallel_right_codes_exactly_one_succeeds(opened: Store) -> None:
    codes = _codes(opened)
    sent = codes.send(WANTED)
    answers = _in_parallel(100, lambda: codes.check(sent.id, CODE))
    confirmed = [answer for answer in answers if isinstance(answer, otp.CodeAnswer) and answer.confirmed]
    assert len(confirmed) == 1
    assert set(answers) - set(confirmed) <= {PhoneCodeUnusable, *(otp.CodeAnswer(False, left) for left in range(5))}


def test_of_200_parallel_wrong_codes_exactly_five_are_evaluated(opened: Store) -> None:
    codes = _codes(opened)
    sent = codes.send(WANTED)
    answers = _in_parallel(200, lambda: codes.check(sent.id, "654321"))
    evaluated = [answer for answer in answers if isinstance(answer, otp.CodeAnswer)]
    assert sorted(answer.tries_left for answer in evaluated) == [0, 1, 2, 3, 4]
    assert answers.count(PhoneCodeUnusable) == 195
    assert _outcome(lambda: codes.check(sent.id, CODE)) is PhoneCodeUnusable


def test_of_30_parallel_sends_to_a_number_one_goes_out(opened: Store) -> None:
    codes = _codes(opened)
    answers = _in_parallel(30, lambda: codes.send(WANTED))
    assert len([answer for answer in answers if isinstance(answer, otp.SentCode)]) == 1
    assert answers.count(TooManyRequests) == 29


def test_of_20_parallel_uses_of_a_code_one_succeeds(opened: Store) -> None:
    codes = _codes(opened)
    sent = codes.send(WANTED)
    codes.check(sent.id, CODE)

    def use() -> None:
        with opened.transaction() as transaction:
            opened.phones(TENANT).use(transaction, sent.id, case_id="ver_1", now=NOW)

    answers = _in_parallel(20, use)
    assert answers.count(None) == 1
    assert answers.count(PhoneCodeUnusable) == 19


@pytest.mark.parametrize(("after", "usable"), [(timedelta(minutes=5, seconds=-1), True), (timedelta(minutes=5), False)])
def test_a_code_lives_five_minutes(opened: Store, after: timedelta, usable: bool) -> None:
    sent = _codes(opened).send(WANTED)
    answer = _outcome(lambda: _codes(opened, lambda: NOW + after).check(sent.id, CODE))
    assert answer == (otp.CodeAnswer(True, 4) if usable else PhoneCodeUnusable)


def test_an_unknown_code_is_not_found(opened: Store) -> None:
    with pytest.raises(NotFound):
        _codes(opened).check("nobody", CODE)


def _sends(opened: Store, moments: list[timedelta]) -> list[object]:
    clock = iter(NOW + moment for moment in moments)
    codes = _codes(opened, lambda: next(clock))
    return [_outcome(lambda: codes.send(WANTED)) for _ in moments]


def test_one_send_a_minute_five_an_hour_ten_a_day(opened: Store) -> None:
    minutes = [0, 0.9, 1, 2, 3, 4, 5, 59, 60, 61, 62, 63, 64, 65, 121, 600, 1439, 1440]
    answers = _sends(opened, [timedelta(minutes=minute) for minute in minutes])
    sent = [minute for minute, answer in zip(minutes, answers, strict=True) if isinstance(answer, otp.SentCode)]
    assert sent == [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 1440]


@pytest.mark.parametrize(
    ("minutes", "wait_s"), [([0, 0.25], 45), ([0, 1, 2, 3, 4, 5], 55 * 60), ([*range(5), *range(60, 65), 125], 78900)]
)
def test_the_refusal_says_how_long_to_wait(opened: Store, minutes: list[float], wait_s: int) -> None:
    clock = iter(NOW + timedelta(minutes=minute) for minute in minutes)
    codes = _codes(opened, lambda: next(clock))
    for _ in minutes[:-1]:
        codes.send(WANTED)
    with pytest.raises(TooManyRequests) as caught:
        codes.send(WANTED)
    assert caught.value.retry_after_s == wait_s


def test_numbers_have_caps_of_their_own(opened: Store) -> None:
    codes = _codes(opened)
    codes.send(WANTED)
    codes.send(Wanted("+8613800138001"))


def test_a_refused_send_writes_nothing(opened: Store) -> None:
    codes = _codes(opened)
    codes.send(WANTED)
    assert _outcome(lambda: codes.send(WANTED)) is TooManyRequests
    with opened.reading() as transaction:
        assert len(transaction.execute(select(PHONE_CODES.c.id)).all()) == 1


@pytest.mark.parametrize(
    ("purpose", "number", "minutes", "usable"),
    [
        (otp.VERIFICATION, NUMBER, 0, True),
        (otp.VERIFICATION, None, 15, True),
        (otp.VERIFICATION, NUMBER, 15.1, False),
        (otp.VERIFICATION, "+8613800138001", 0, False),
        ("sign_in", NUMBER, 0, False),
    ],
)
def test_when_a_verification_may_lean_on_a_code(
    opened: Store, purpose: str, number: str | None, minutes: float, usable: bool
) -> None:
    codes = _codes(opened)
    sent = codes.send(WANTED)
    assert not _usable(opened, codes, sent.id, number, purpose, minutes), "before it is confirmed"
    codes.check(sent.id, CODE)
    assert _usable(opened, codes, sent.id, number, purpose, minutes) is usable


def _usable(
    opened: Store, codes: otp.PhoneCodes, code_id: str, number: str | None, purpose: str, minutes: float
) -> bool:
    digest = None if number is None else codes.number_digest(number)
    since = NOW + timedelta(minutes=minutes) - RULES.confirmed_for
    with opened.reading() as transaction:
        return opened.phones(TENANT).usable(
            transaction,
            code_id,
            purpose=purpose,
            case_id=None,
            number_digest=digest,
            since=since,
        )


def test_neither_number_nor_code_is_in_the_tables(opened: Store) -> None:
    codes = _codes(opened)
    codes.check(codes.send(WANTED).id, CODE)
    with opened.reading() as transaction:
        rows = transaction.execute(select(PHONE_CODES)).all()
    kept = repr(rows)
    assert len(rows) == 1
    assert not [canary for canary in (NUMBER, NUMBER[3:], CODE) if canary in kept]


def test_a_stolen_database_without_the_master_key_checks_no_code(opened: Store, database_url: str) -> None:
    sent = _codes(opened).send(WANTED)
    thief = store.build(database_url, master_key=bytes(32))
    assert _codes(thief).check(sent.id, CODE) == otp.CodeAnswer(False, 4)
    thief.close()


def _numbers(count: int) -> list[str]:
    """Numbers of one prefix."""
    return [f"+861380013{n:04d}" for n in range(8000, 8000 + count)]


def _send_all(
    opened: Store, wanted: list[Wanted], minutes: float = 0, rules: CodeRules = RULES, tenant: str = TENANT
) -> list[object]:
    codes = _codes(opened, lambda: NOW + timedelta(minutes=minutes), rules, tenant=tenant)
    return [_outcome(lambda one=one: codes.send(one)) for one in wanted]  # type: ignore[misc]


def _capped(opened: Store, wanted: Wanted, minutes: float = 0, rules: CodeRules = RULES) -> tuple[object, int | None]:
    codes = _codes(opened, lambda: NOW + timedelta(minutes=minutes), rules)
    with pytest.raises((TooManyRequests, SmsSuspended)) as caught:
        codes.send(wanted)
    return caught.value.fields, caught.value.retry_after_s


def test_a_prefix_has_a_cap(opened: Store) -> None:
    answers = _send_all(opened, [Wanted(number) for number in _numbers(30)])
    assert [isinstance(answer, otp.SentCode) for answer in answers] == [True] * 20 + [False] * 10
    assert _capped(opened, Wanted(_numbers(31)[-1]), 10) == ((("phone", "prefix_cap"),), 50 * 60)
    other = Wanted("+8613800149999")
    assert isinstance(_send_all(opened, [other])[0], otp.SentCode), "another prefix"


def test_many_requests_over_many_numbers_of_a_prefix_send_as_many_as_the_cap(opened: Store) -> None:
    codes = _codes(opened)
    numbers = itertools.cycle(_numbers(60))
    answers = _in_parallel(300, lambda: codes.send(Wanted(next(numbers))))
    assert len([answer for answer in answers if isinstance(answer, otp.SentCode)]) == 20
    with opened.reading() as transaction:
        assert transaction.execute(select(func.count()).select_from(PHONE_CODES)).scalar_one() == 20


def test_an_address_has_a_cap(opened: Store) -> None:
    numbers = [f"+861380{n:03d}8000" for n in range(12)]
    wanted = [Wanted(number, address="2001:db8::1") for number in numbers]
    answers = _send_all(opened, wanted)
    assert [isinstance(answer, otp.SentCode) for answer in answers] == [True] * 10 + [False] * 2
    assert _capped(opened, wanted[-1]) == ((("phone", "address_cap"),), 3600)
    assert isinstance(_send_all(opened, [Wanted(numbers[-1], address="192.0.2.1")])[0], otp.SentCode)


def test_a_tenant_has_a_cap_of_its_own(opened: Store) -> None:
    rules = CodeRules(("+86",), caps=(Cap("tenant", 3, timedelta(days=1)),))
    answers = _send_all(opened, [Wanted(number) for number in _numbers(4)], rules=rules)
    assert answers[3] is TooManyRequests
    assert _capped(opened, WANTED, 60, rules) == ((("phone", "tenant_cap"),), 23 * 3600)
    assert isinstance(_send_all(opened, [WANTED], rules=rules, tenant="tenant-b")[0], otp.SentCode)


BROKEN = CodeRules(
    ("+86",), caps=(), breakers=(Breaker("country", timedelta(hours=1), least_sends=20, least_rate=0.2),)
)


@pytest.mark.parametrize(("confirmed", "suspended"), [(0, True), (3, True), (4, False), (20, False)])
def test_the_breaker_opens_when_too_few_codes_come_back(opened: Store, confirmed: int, suspended: bool) -> None:
    codes = _codes(opened, rules=BROKEN)
    for index, number in enumerate(_numbers(20)):
        sent = codes.send(Wanted(number))
        if index < confirmed:
            assert codes.check(sent.id, CODE).confirmed
    (answer,) = _send_all(opened, [WANTED], 5, BROKEN)
    assert (answer is SmsSuspended) is suspended
    if suspended:
        assert _capped(opened, WANTED, 5, BROKEN) == ((("phone", "country_conversion"),), 55 * 60)
        assert isinstance(_send_all(opened, [WANTED], 60, BROKEN)[0], otp.SentCode), "it closes by itself"
        assert isinstance(_send_all(opened, [WANTED], 5, BROKEN, "tenant-b")[0], otp.SentCode)


def test_a_code_that_can_still_be_entered_does_not_speak_against_a_country(opened: Store) -> None:
    answers = _send_all(opened, [Wanted(number) for number in _numbers(40)], 4.9, BROKEN)
    assert SmsSuspended not in answers


@pytest.mark.parametrize("answer", [Rejected("unavailable", True), Unknown()])
def test_a_vendor_out_of_order_does_not_open_the_breaker(opened: Store, answer: SmsAnswer) -> None:
    codes = _codes(opened, rules=BROKEN, vendor=Vendor(*[answer] * 30))
    for number in _numbers(30):
        _outcome(lambda number=number: codes.send(Wanted(number)))  # type: ignore[misc]
    assert isinstance(_send_all(opened, [WANTED], 6, BROKEN)[0], otp.SentCode)


def test_the_usual_breaker_stops_a_prefix_without_conversion(opened: Store) -> None:
    _send_all(opened, [Wanted(number) for number in _numbers(20)])
    assert _capped(opened, WANTED, 90) == ((("phone", "prefix_conversion"),), 24 * 3600 - 90 * 60)


def test_another_tenants_code_is_as_unknown_as_none(opened: Store) -> None:
    codes, strangers = _codes(opened), _codes(opened, tenant="tenant-b")
    sent = codes.send(WANTED)
    for code_id in (sent.id, "nobody"):
        with pytest.raises(NotFound):
            strangers.check(code_id, CODE)
    assert codes.check(sent.id, CODE) == otp.CodeAnswer(True, 4), "and it cost no try"
    with opened.transaction() as transaction, pytest.raises(PhoneCodeUnusable):
        opened.phones("tenant-b").use(transaction, sent.id, case_id="ver_1", now=NOW)


def test_known_and_unknown_cost_the_same_statements(opened: Store) -> None:
    """Time follows from what is done: a number that was here before and a foreign id are worked on like new ones."""
    rules = CodeRules(("+86",), caps=(Cap("number", 5, timedelta(days=1)),))
    codes, strangers = _codes(opened, rules=rules), _codes(opened, tenant="tenant-b")
    counted: list[str] = []

    @event.listens_for(opened._database.engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    def statements(act: Callable[[], object]) -> list[str]:
        counted.clear()
        _outcome(act)
        return list(counted)

    known = codes.send(WANTED).id
    first = statements(lambda: codes.send(Wanted("+8613800138001")))
    assert first == statements(lambda: codes.send(WANTED))
    foreign = statements(lambda: strangers.check(known, CODE))
    assert foreign == statements(lambda: strangers.check("nobody", CODE))
    assert len(foreign) >= 2


@pytest.mark.parametrize(("bound_to", "case_id", "usable"), [(None, "v", True), ("v", "v", True), ("v", "w", False)])
def test_a_code_of_a_case_serves_that_case_alone(
    opened: Store, bound_to: str | None, case_id: str, usable: bool
) -> None:
    codes = _codes(opened)
    sent = codes.send(Wanted(NUMBER, case_id=bound_to))
    codes.check(sent.id, CODE)
    with opened.reading() as transaction:
        found = opened.phones(TENANT).usable(
            transaction,
            sent.id,
            purpose=otp.VERIFICATION,
            case_id=case_id,
            number_digest=None,
            since=NOW,
        )
    assert found is usable


def _forget(opened: Store, now: datetime) -> None:
    opened.forget(Retention(phone_codes=RULES.kept_for), now=now)


def test_old_codes_are_forgotten_the_used_ones_too(opened: Store) -> None:
    codes = _codes(opened)
    used, _ = codes.send(WANTED), codes.send(Wanted("+8613800138001"))
    codes.check(used.id, CODE)
    with opened.transaction() as transaction:
        opened.phones(TENANT).use(transaction, used.id, case_id="ver_1", now=NOW)
    _forget(opened, NOW + RULES.kept_for)
    assert len(_ids(opened)) == 2, "a cap still counts them"
    _forget(opened, NOW + RULES.kept_for + timedelta(seconds=1))
    assert _ids(opened) == []


def _ids(opened: Store) -> list[str]:
    with opened.reading() as transaction:
        return list(transaction.execute(select(PHONE_CODES.c.id)).scalars())


@pytest.mark.parametrize("link", ["bound", "used"])
def test_an_erased_case_leaves_no_code_that_names_it(opened: Store, link: str) -> None:
    codes = _codes(opened)
    sent = codes.send(Wanted(NUMBER, case_id="ver_1" if link == "bound" else None))
    codes.check(sent.id, CODE)
    stranger = codes.send(Wanted("+8613800138001", case_id="ver_2"))
    with opened.transaction() as transaction:
        if link == "used":
            opened.phones(TENANT).use(transaction, sent.id, case_id="ver_1", now=NOW)
        opened.phones(TENANT).unlink(transaction, "ver_1", now=NOW)
    assert not _usable(opened, codes, sent.id, NUMBER, otp.VERIFICATION, 0)
    with opened.reading() as transaction:
        links = transaction.execute(select(PHONE_CODES.c.id, PHONE_CODES.c.case_id, PHONE_CODES.c.used_by)).all()
    assert set(links) == {(sent.id, None, None), (stranger.id, "ver_2", None)}
    assert _outcome(lambda: codes.send(WANTED)) is TooManyRequests, "it still counts"
    _forget(opened, NOW + timedelta(days=1, seconds=1))
    assert _ids(opened) == []
