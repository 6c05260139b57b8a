"""Where what stands in a machine readable zone (ICAO Doc 9303, parts 4 to 7), and which characters may. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase, digits

ALPHABET = ascii_uppercase + digits + "<"
VALUES = {character: value for value, character in enumerate(digits + ascii_uppercase)} | {"<": 0}
"""What a character counts in a check digit."""
WEIGHTS = (7, 3, 1)

LETTERS, DIGITS, MIXED = ascii_uppercase + "<", digits + "<", ALPHABET
SEXES = "MFX<"


@dataclass(frozen=True, slots=True)
class Span:
    """Places of one line, the last one not included."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """One format. `checks`: by name, the places each check digit is made of and its own place."""

    format: str
    lines: int
    length: int
    visa: bool
    long_numbers: bool
    """Whether a document number may go on in the optional data."""
    names: Span
    number: Span
    number_check: Span
    nationality: Span
    birth: Span
    sex: Span
    expiry: Span
    optional: tuple[Span, ...]
    checks: Mapping[str, tuple[tuple[Span, ...], Span]]
    codes: str
    """Letters that the document code begins with, by the standard; States have begun it with others."""
    document_code: Span = Span(0, 0, 2)
    issuing_state: Span = Span(0, 2, 5)

    def alphabets(self) -> tuple[tuple[str, ...], ...]:
        """By line and place, the characters that may stand there. The code's second place is the State's own; of
        passports it is a letter."""
        table = [[MIXED] * self.length for _ in range(self.lines)]
        spans = (
            (Span(0, 0, 1), "V" if self.visa else ascii_uppercase.replace("V", "")),
            (Span(0, 1, 2), LETTERS if self.format == "TD3" else MIXED),
            (self.issuing_state, LETTERS),
            (self.names, LETTERS),
            (self.nationality, LETTERS),
            (self.birth, DIGITS),
            (self.sex, SEXES),
            (self.expiry, DIGITS),
            *((place, DIGITS) for _, place in self.checks.values()),
        )
        for span, allowed in spans:
            for place in range(span.start, span.end):
                table[span.line][place] = allowed
        return tuple(tuple(line) for line in table)


def _two_lines(format: str, length: int, *, visa: bool, checks: Mapping[str, tuple[tuple[Span, ...], Span]]) -> Layout:
    """What the formats of two lines have in common."""

    def second(start: int, end: int) -> Span:
        return Span(1, start, end)

    ends = [place.start for name, (_, place) in checks.items() if name in ("optional", "composite")]
    return Layout(
        format=format,
        lines=2,
        length=length,
        visa=visa,
        codes="V" if visa else "P" if format == "TD3" else "ACI",
        long_numbers=format == "TD2",
        names=Span(0, 5, length),
        number=second(0, 9),
        number_check=second(9, 10),
        nationality=second(10, 13),
        birth=second(13, 19),
        sex=second(20, 21),
        expiry=second(21, 27),
        optional=(second(28, min([length, *ends])),),
        checks={
            "number": ((second(0, 9),), second(9, 10)),
            "birth_date": ((second(13, 19),), second(19, 20)),
            "valid_until": ((second(21, 27),), second(27, 28)),
            **checks,
        },
    )


_COMPOSITE = (Span(1, 0, 10), Span(1, 13, 20))

LAYOUTS = (
    Layout(
        format="TD1",
        codes="ACI",
        lines=3,
        length=30,
        visa=False,
        long_numbers=True,
        names=Span(2, 0, 30),
        number=Span(0, 5, 14),
        number_check=Span(0, 14, 15),
        nationality=Span(1, 15, 18),
        birth=Span(1, 0, 6),
        sex=Span(1, 7, 8),
        expiry=Span(1, 8, 14),
        optional=(Span(0, 15, 30), Span(1, 18, 29)),
        checks={
            "number": ((Span(0, 5, 14),), Span(0, 14, 15)),
            "birth_date": ((Span(1, 0, 6),), Span(1, 6, 7)),
            "valid_until": ((Span(1, 8, 14),), Span(1, 14, 15)),
            "composite": ((Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29)), Span(1, 29, 30)),
        },
    ),
    _two_lines("TD2", 36, visa=False, checks={"composite": ((*_COMPOSITE, Span(1, 21, 35)), Span(1, 35, 36))}),
    _two_lines(
        "TD3",
        44,
        visa=False,
        checks={
            "optional": ((Span(1, 28, 42),), Span(1, 42, 43)),
            "composite": ((*_COMPOSITE, Span(1, 21, 43)), Span(1, 43, 44)),
        },
    ),
    _two_lines("MRVA", 44, visa=True, checks={}),
    _two_lines("MRVB", 36, visa=True, checks={}),
)
"""The formats by Doc 9303-5 (TD1), -6 (TD2), -4 (TD3) and -7 (visas, which have no composite check digit)."""
