from __future__ import annotations

from datetime import timedelta

import pytest

from service.phone.limits import Cap, caps


def test_caps_as_written() -> None:
    assert caps("number", "1/60s, 5/1h,10/1d,2/3m") == (
        Cap("number", 1, timedelta(seconds=60)),
        Cap("number", 5, timedelta(hours=1)),
        Cap("number", 10, timedelta(days=1)),
        Cap("number", 2, timedelta(minutes=3)),
    )


@pytest.mark.parametrize(
    "text", ["", "5", "5/h", "0/1h", "-1/1h", "5/0h", "5/1w", "5/1h;", "5/1h,,", "５/1h", "1/1h\n6"]
)
def test_what_is_no_cap(text: str) -> None:
    with pytest.raises(ValueError, match="1/60s"):
        caps("number", text)
