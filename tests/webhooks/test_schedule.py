from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.webhooks.schedule import MAX_TRIES, PAUSES, next_try

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def _after(tries: int, chance: float = 0.5, retry_after: str | None = None) -> timedelta:
    at = next_try(tries, NOW, retry_after=retry_after, chance=chance)
    assert at is not None
    return at - NOW


def test_the_pauses_grow_from_seconds_to_a_day_over_three_days() -> None:
    pauses = [_after(tries) for tries in range(1, MAX_TRIES)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    assert timedelta(days=3) <= sum(pauses, timedelta()) <= timedelta(days=4)


def test_the_last_try_is_the_last() -> None:
    assert next_try(MAX_TRIES, NOW, retry_after=None, chance=0.5) is None
    assert next_try(MAX_TRIES + 1, NOW, retry_after="1", chance=0.5) is None


def test_chance_spreads_a_pause_by_a_fifth_either_way() -> None:
    assert _after(2, 0.0) == PAUSES[1] * 0.8
    assert PAUSES[1] * 1.19 < _after(2, 0.999) < PAUSES[1] * 1.2


@pytest.mark.parametrize(
    ("wish", "pause"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("Fri, 27 Nov 2026 08:10:00 GMT", timedelta(minutes=10)),
        ("99999999999999999999", timedelta(hours=24)),
        ("Fri, 27 Nov 2099 08:10:00 GMT", timedelta(hours=24)),
    ],
)
def test_a_receiver_may_ask_for_a_longer_pause_up_to_a_day(wish: str, pause: timedelta) -> None:
    assert _after(1, retry_after=wish) == pause


@pytest.mark.parametrize(
    "wish", ["", "0", "-5", "soon", "١٢", "Fri, 27 Nov 2020 08:10:00 GMT", "Fri, 99 Nov 2026 08:10:00", "1e9"]
)
def test_a_wish_that_is_none_or_shorter_changes_nothing(wish: str) -> None:
    assert _after(1, retry_after=wish) == PAUSES[0]
