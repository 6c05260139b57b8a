from __future__ import annotations

import io

from service.phone.sms import Accepted, Rejected, console, unset


def test_the_console_prints_one_line() -> None:
    stream = io.StringIO()
    assert console.build(stream).send("+8613800138000", "your code 042042") == Accepted("console")
    assert stream.getvalue() == "SMS to +8613800138000: your code 042042\n"


def test_a_closed_console_is_a_refusal() -> None:
    stream = io.StringIO()
    stream.close()
    assert isinstance(console.build(stream).send("+8613800138000", "text"), Rejected)


def test_without_a_vendor_every_message_is_refused() -> None:
    assert isinstance(unset.build().send("+8613800138000", "text"), Rejected)
