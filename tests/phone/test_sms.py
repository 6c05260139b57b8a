from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

from service.phone.sms import Accepted, CodeMessage, Rejected, SmsAnswer, Unknown, console, fallback, unset

NUMBER = "+8613800138000"
MESSAGE = CodeMessage("code_1", "en", "042042", 5, "your code 042042")
DOWN = Rejected("unavailable", True, "http_500")


def test_the_console_prints_one_line() -> None:
    stream = io.StringIO()
    assert console.build(stream).send(NUMBER, MESSAGE) == Accepted("console")
    assert stream.getvalue() == "SMS to +8613800138000: your code 042042\n"


def test_a_closed_console_is_a_refusal() -> None:
    stream = io.StringIO()
    stream.close()
    assert isinstance(console.build(stream).send(NUMBER, MESSAGE), Rejected)


def test_without_a_vendor_every_message_is_refused() -> None:
    assert isinstance(unset.build().send(NUMBER, MESSAGE), Rejected)


@dataclass
class Vendor:
    answer: SmsAnswer
    asked: int = 0

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        self.asked += 1
        return self.answer


@dataclass
class Street:
    """Two vendors, a clock that is moved by hand, and what was told of them."""

    first: Vendor
    second: Vendor = field(default_factory=lambda: Vendor(Accepted("2")))
    now: float = 0.0
    told: list[tuple[str, SmsAnswer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        vendors = [("first", self.first), ("second", self.second)]
        self.sender = fallback.build(
            vendors, tell=lambda name, answer: self.told.append((name, answer)), monotonic=lambda: self.now
        )

    def send(self) -> SmsAnswer:
        return self.sender.send(NUMBER, MESSAGE)


@pytest.mark.parametrize(
    ("answer", "falls_back"),
    [
        (Accepted("1"), False),
        (Unknown("no_reply"), False),
        (Rejected("number", False), False),
        (Rejected("limit", False), False),
        (Rejected("limit", True), True),
        (Rejected("account", True), True),
        (DOWN, True),
    ],
)
def test_the_next_vendor_is_asked_only_where_nothing_was_sent(answer: SmsAnswer, falls_back: bool) -> None:
    street = Street(Vendor(answer))
    assert street.send() == (Accepted("2") if falls_back else answer)
    assert (street.first.asked, street.second.asked) == (1, int(falls_back))
    assert street.told == [("first", answer), *([("second", Accepted("2"))] if falls_back else [])]


def test_where_all_refuse_the_last_refusal_counts() -> None:
    last = Rejected("account", True, "20003")
    assert Street(Vendor(DOWN), Vendor(last)).send() == last


@pytest.mark.parametrize("answer", [DOWN, Unknown("no_reply")])
def test_a_vendor_out_of_order_is_left_alone_and_tried_again(answer: SmsAnswer) -> None:
    street = Street(Vendor(answer))
    for _ in range(5):
        street.send()
    assert street.send() == Accepted("2")
    assert street.first.asked == 5, "the fuse has blown"
    street.now = 29.9
    street.send()
    assert street.first.asked == 5
    street.now = 30.0
    street.send()
    street.send()
    assert street.first.asked == 6, "one message tries it"
    street.now, street.first.answer = 60.0, Accepted("1")
    assert [street.send() for _ in range(3)] == [Accepted("1")] * 3


def test_refusals_of_a_vendor_at_work_blow_no_fuse() -> None:
    street = Street(Vendor(Rejected("number", False)))
    for _ in range(20):
        street.send()
    assert street.first.asked == 20


def test_a_success_in_between_mends_the_fuse() -> None:
    street = Street(Vendor(DOWN))
    for answer in [*[DOWN] * 4, Accepted("1"), *[DOWN] * 4]:
        street.first.answer = answer
        street.send()
    assert street.first.asked == 9
    street.send()
    street.send()
    assert street.first.asked == 10


def test_no_vendor_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fallback.build([], tell=lambda *_: None)
