"""The number of a Chinese resident: GB 11643-1999. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from service.documents.dates import real_date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
"""By the remainder modulo 11 (ISO/IEC 7064 MOD 11-2)."""


@dataclass(frozen=True, slots=True)
class CnNumber:
    """What an 18-place number says. `born` is None where the eight digits are no date of the calendar."""

    text: str = field(repr=False)
    check_character_right: bool
    born: date | None = field(repr=False)
    sex: str
    """男 or 女: the 17th digit is odd for men."""


def check_character(first17: str) -> str:
    """The 18th place for the first 17 digits. ValueError for anything but 17 digits."""
    if len(first17) != 17 or not _digits(first17):
        raise ValueError("17 digits are required")
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def parse_number(text: str) -> CnNumber | None:
    """The parts of a number, or None where it is not 17 digits and a digit or X.

    The 15-digit numbers issued before 1999 are no longer valid (they have no check character) and are refused here.
    The county code is not judged: codes retire, and a number keeps the code of the year it was given.
    """
    text = text.upper()
    if len(text) != 18 or not _digits(text[:17]) or text[17] not in CHECK_CHARACTERS:
        return None
    return CnNumber(
        text=text,
        check_character_right=check_character(text[:17]) == text[17],
        born=real_date(int(text[6:10]), int(text[10:12]), int(text[12:14])),
        sex="男" if int(text[16]) % 2 else "女",
    )


def number_is_valid(text: str) -> bool:
    """18 places, the right check character, and a birth date that exists."""
    number = parse_number(text)
    return number is not None and number.check_character_right and number.born is not None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
