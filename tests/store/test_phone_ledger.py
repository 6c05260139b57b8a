"""The promises of the phone ledger, on the real databases and in parallel."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service import store
from service.errors import HechaError, NotFound, PhoneCodeUnusable, TooManyRequests
from service.phone import otp
from service.phone.sms import console
from service.store import Store
from service.store.tables import PHONE_CODES, PHONE_SENDS

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CODE = "123456"
TENANT = store.DEFAULT_TENANT
NUMBER = "+8613800138000"
RULES = otp.CodeRules()


def _codes(opened: Store, clock: Callable[[], datetime] = lambda: NOW, rules: otp.CodeRules = RULES) -> otp.PhoneCodes:
    ids = itertools.count()
    return otp.build(
        ledger=opened.phones(TENANT),
        sms=console.build(io.StringIO()),
        pepper=opened.keys.derive("phone"),
        clock=clock,
        countries=("+86",),
        rules=rules,
        draw=lambda _: int(CODE),
        new_id=lambda: f"code_{next(ids)}",
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
    sent = codes.send(NUMBER, otp.VERIFICATION)
    answers = _in_parallel(100, lambda: codes.check(sent.id, CODE))
    confirmed = [answer for answer in answers if isinstance(answer, otp.CodeAnswer) and answer.confirmed]
    assert len(confirmed) == 1
    assert set(answers) - set(confirmed) <= {PhoneCodeUnusable, *(otp.CodeAnswer(False, left) for left in range(5))}


def test_of_200_parallel_wrong_codes_exactly_five_are_evaluated(opened: Store) -> None:
    codes = _codes(opened)
    sent = codes.send(NUMBER, otp.VERIFICATION)
    answers = _in_parallel(200, lambda: codes.check(sent.id, "654321"))
    evaluated = [answer for answer in answers if isinstance(answer, otp.CodeAnswer)]
    assert sorted(answer.tries_left for answer in evaluated) == [0, 1, 2, 3, 4]
    assert answers.count(PhoneCodeUnusable) == 195
    assert _outcome(lambda: codes.check(sent.id, CODE)) is PhoneCodeUnusable


def test_of_30_parallel_sends_to_a_number_one_goes_out(opened: Store) -> None:
    codes = _codes(opened)
    answers = _in_parallel(30, lambda: codes.send(NUMBER, otp.VERIFICATION))
    assert len([answer for answer in answers if isinstance(answer, otp.SentCode)]) == 1
    assert answers.count(TooManyRequests) == 29


def test_of_20_parallel_uses_of_a_code_one_succeeds(opened: Store) -> None:
    codes = _codes(opened)
    sent = codes.send(NUMBER, otp.VERIFICATION)
    codes.check(sent.id, CODE)

    def use() -> None:
        with opened.transaction() as transaction:
            opened.phones(TENANT).use(transaction, sent.id, case_id="ver_1", now=NOW)

    answers = _in_parallel(20, use)
    assert answers.count(None) == 1
    assert answers.count(PhoneCodeUnusable) == 19


@pytest.mark.parametrize(("after", "usable"), [(timedelta(minutes=5, seconds=-1), True), (timedelta(minutes=5), False)])
def test_a_code_lives_five_minutes(opened: Store, after: timedelta, usable: bool) -> None:
    sent = _codes(opened).send(NUMBER, otp.VERIFICATION)
    answer = _outcome(lambda: _codes(opened, lambda: NOW + after).check(sent.id, CODE))
    assert answer == (otp.CodeAnswer(True, 4) if usable else PhoneCodeUnusable)


def test_an_unknown_code_is_not_found(opened: Store) -> None:
    with pytest.raises(NotFound):
        _codes(opened).check("nobody", CODE)


def _sends(opened: Store, moments: list[timedelta]) -> list[object]:
    clock = iter(NOW + moment for moment in moments)
    codes = _codes(opened, lambda: next(clock))
    return [_outcome(lambda: codes.send(NUMBER, otp.VERIFICATION)) for _ in moments]


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
        codes.send(NUMBER, otp.VERIFICATION)
    with pytest.raises(TooManyRequests) as caught:
        codes.send(NUMBER, otp.VERIFICATION)
    assert caught.value.retry_after_s == wait_s


def test_numbers_have_caps_of_their_own(opened: Store) -> None:
    codes = _codes(opened)
    codes.send(NUMBER, otp.VERIFICATION)
    codes.send("+8613800138001", otp.VERIFICATION)


def test_a_refused_send_writes_nothing(opened: Store) -> None:
    codes = _codes(opened)
    codes.send(NUMBER, otp.VERIFICATION)
    assert _outcome(lambda: codes.send(NUMBER, otp.VERIFICATION)) is TooManyRequests
    with opened.reading() as transaction:
        assert len(transaction.execute(select(PHONE_CODES.c.id)).all()) == 1
        assert len(transaction.execute(select(PHONE_SENDS.c.id)).all()) == 1


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
    sent = codes.send(NUMBER, otp.VERIFICATION)
    assert not _usable(opened, codes, sent.id, number, purpose, minutes), "before it is confirmed"
    codes.check(sent.id, CODE)
    assert _usable(opened, codes, sent.id, number, purpose, minutes) is usable


def _usable(
    opened: Store, codes: otp.PhoneCodes, code_id: str, number: str | None, purpose: str, minutes: float
) -> bool:
    digest = None if number is None else codes.number_digest(number)
    since = NOW + timedelta(minutes=minutes) - RULES.confirmed_for
    with opened.reading() as transaction:
        return opened.phones(TENANT).usable(transaction, code_id, purpose=purpose, number_digest=digest, since=since)


def test_neither_number_nor_code_is_in_the_tables(opened: Store) -> None:
    codes = _codes(opened)
    codes.check(codes.send(NUMBER, otp.VERIFICATION).id, CODE)
    with opened.reading() as transaction:
        rows = [*transaction.execute(select(PHONE_CODES)).all(), *transaction.execute(select(PHONE_SENDS)).all()]
    kept = repr(rows)
    assert len(rows) == 2
    assert not [canary for canary in (NUMBER, NUMBER[3:], CODE) if canary in kept]


def test_a_stolen_database_without_the_master_key_checks_no_code(opened: Store, database_url: str) -> None:
    sent = _codes(opened).send(NUMBER, otp.VERIFICATION)
    thief = store.build(database_url, master_key=bytes(32))
    assert _codes(thief).check(sent.id, CODE) == otp.CodeAnswer(False, 4)
    thief.close()
