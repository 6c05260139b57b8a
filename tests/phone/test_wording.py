from __future__ import annotations

import pytest

from service.phone import wording

# GSM 03.38, as far as these texts go; a character outside it makes a message UCS-2 with 70 characters a segment.
GSM = set("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà") | {
    chr(code) for code in (*range(65, 91), *range(97, 123))
}


@pytest.mark.parametrize(("language", "segment"), [("zh", 70), ("en", 160)])
def test_a_message_is_one_segment(language: wording.Language, segment: int) -> None:
    text = wording.text(language, brand="B" * 20, code="000042", minutes=10)
    assert len(text) <= segment
    assert "000042" in text
    assert "10" in text
    assert language == "zh" or set(text) <= GSM


def test_the_usual_language() -> None:
    assert [wording.usual_language(code) for code in ("+86", "+852", "+1", "+44")] == ["zh", "zh", "en", "en"]
