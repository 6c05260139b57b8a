"""Dates as cards print them and readers misread them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.dates import birth_date, validity


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_date_reads_back(born: date) -> None:
    assert birth_date(f"{born.year}年{born.month}月{born.day}日") == born.isoformat()
    assert birth_date(f"{born.year} 年 {born.month} 月 {born.day} 日") == born.isoformat()


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_without_marks_a_date_is_right_or_unread(born: date) -> None:
    assert birth_date(f"{born.year}{born.month}{born.day}") in (born.isoformat(), None)
    assert birth_date(f"{born.year}年{born.month}{born.day}日") in (born.isoformat(), None)
    assert birth_date(f"{born.year}{born.month}月{born.day}") == born.isoformat()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1987年3月12曰", "1987-03-12"),
        ("1987年3月I2日", "1987-03-12"),
        ("1987年3月12", "1987-03-12"),
        ("1987年1125日", "1987-11-25"),
        ("19871125", "1987-11-25"),
        ("1987年112日", None),
        ("1987年12", None),
        ("198712日", None),
        ("1987年13月2日", None),
        ("1987年2月30日", None),
        ("987年3月12日", None),
        ("年月日", None),
        ("", None),
    ],
)
def test_birth_dates(text: str, value: str | None) -> None:
    assert birth_date(text) == value


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2016.03.09-2036.03.09", ("2016-03-09", "2036-03-09")),
        ("2016.03.09-长期", ("2016-03-09", "long-term")),
        ("2016.03.09-長期", ("2016-03-09", "long-term")),
        ("20160309-20360309", ("2016-03-09", "2036-03-09")),
        ("2016.03.09 — 2036.03.09", ("2016-03-09", "2036-03-09")),
        ("2016.03.092036.03.09", ("2016-03-09", "2036-03-09")),
        ("2016.03.09-2036.13.09", ("2016-03-09", None)),
        ("2016.03.09-", (None, None)),
        ("2016.3.9-2036.3.9", (None, None)),
        ("", (None, None)),
    ],
)
def test_validity(text: str, span: tuple[str | None, str | None]) -> None:
    assert validity(text) == span
