from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import HechaError, PhoneNumberInvalid, PhoneNumberRefused
from service.phone.numbers import normalise

CHINA = ("+86",)


@pytest.mark.parametrize("written", ["+8613800138000", "+86 138 0013 8000", "+86-138-0013-8000", "+86 (138) 0013.8000"])
def test_a_number_has_one_form(written: str) -> None:
    assert normalise(written, countries=CHINA) == "+8613800138000"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "13800138000",
        "008613800138000",
        "+86138001380",
        "+86138001380000",
        "+8612300000000",
        "+86138OO138000",
        "+86138CALLNOW",
        "+8613800138000 ext. 5",
        "+8613800138000;ext=5",
        "tel:+8613800138000",
        "+８６13800138000",
        "+8613800138000\n",
        " +8613800138000",
        "+999123456789",
        "+" + "1" * 40,
    ],
)
def test_what_is_no_number(written: str) -> None:
    with pytest.raises(PhoneNumberInvalid):
        normalise(written, countries=CHINA)


@pytest.mark.parametrize(
    "written",
    [
        "+447911123456",  # another country
        "+861065529988",  # fixed line in Beijing
        "+868008108888",  # toll free
        "+864008208820",  # shared cost
    ],
)
def test_what_is_not_served(written: str) -> None:
    with pytest.raises(PhoneNumberRefused):
        normalise(written, countries=CHINA)


def test_countries_are_the_operators_choice() -> None:
    assert normalise("+447911123456", countries=("+86", "+44")) == "+447911123456"
    assert normalise("+12015550123", countries=("+1",)) == "+12015550123", "in America mobile and fixed look alike"
    with pytest.raises(PhoneNumberRefused):
        normalise("+8613800138000", countries=())


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"\+[0-9 ().-]{4,25}", fullmatch=True))
def test_no_text_breaks_it(written: str) -> None:
    try:
        assert normalise(written, countries=CHINA).startswith("+86")
    except HechaError as error:
        told = str(error)
    else:
        return
    assert told in (PhoneNumberInvalid.__doc__, PhoneNumberRefused.__doc__)
