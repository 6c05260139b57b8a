"""The machine readable zone of travel documents (ICAO Doc 9303, parts 3 to 7): layouts, check digits, fields. Pure.

A zone is two or three lines of fixed length in `A-Z 0-9 <`. Nothing here corrects a character: what does not add up is
said to be invalid. Names stay as printed (transliterated by the issuing State), `<` between their parts made a space.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.documents.mrz_layout import LAYOUTS, VALUES, WEIGHTS, Layout, Span

FILLER = "<"


@dataclass(frozen=True, slots=True)
class ParsedMrz:
    """A zone taken apart. Texts are without fillers at their end; dates are the six characters printed."""

    layout: Layout
    lines: tuple[str, ...] = field(repr=False)
    document_code: str
    issuing_state: str
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    number: str = field(repr=False)
    nationality: str
    birth: str = field(repr=False)
    sex: str
    """`M`, `F`, `X` or empty (unspecified)."""
    expiry: str
    optional_data: tuple[str, ...] = field(repr=False)
    """As printed, inner fillers kept; without the rest of a long document number."""
    check_digits: Mapping[str, bool]
    """By name, whether each holds: `number`, `birth_date`, `valid_until`, `optional`, `composite`."""

    @property
    def format(self) -> str:
        """`TD1`, `TD2`, `TD3`, `MRVA` or `MRVB`."""
        return self.layout.format

    @property
    def valid(self) -> bool:
        """Whether every check digit of the format holds."""
        return all(self.check_digits.values())


def check_digit(text: str) -> int:
    """Weights 7, 3, 1; `<` counts 0 and letters 10 to 35 (Doc 9303-3, 4.9). KeyError for any other character."""
    return sum(VALUES[character] * WEIGHTS[place % 3] for place, character in enumerate(text)) % 10


def find_layout(lines: Sequence[str]) -> Layout | None:
    """The format with these lines, by their number, length and first letter; None where there is none."""
    sizes = (len(lines), {len(line) for line in lines})
    visa = bool(lines) and lines[0].startswith("V")
    return next((one for one in LAYOUTS if (one.lines, {one.length}) == sizes and one.visa is visa), None)


def parse(lines: Sequence[str]) -> ParsedMrz | None:
    """Take a zone apart; None where its lines fit no format or hold a foreign character."""
    layout = find_layout(lines)
    if layout is None or not all(character in VALUES for line in lines for character in line):
        return None
    surname, _, given = _text(lines, layout.names).partition("<<")
    number, optional = _long_number(lines, layout)
    return ParsedMrz(
        layout=layout,
        lines=tuple(lines),
        document_code=_text(lines, layout.document_code).strip(FILLER),
        issuing_state=_text(lines, layout.issuing_state).strip(FILLER),
        surname=_words(surname),
        given_names=_words(given),
        number=number,
        nationality=_text(lines, layout.nationality).strip(FILLER),
        birth=_text(lines, layout.birth),
        sex=_text(lines, layout.sex).strip(FILLER),
        expiry=_text(lines, layout.expiry),
        optional_data=optional,
        check_digits=_check_digits(lines, layout),
    )


def is_long(lines: Sequence[str], layout: Layout) -> bool:
    """Whether the number goes on in the optional data: a filler stands for its check digit (Doc 9303-5, 4.2.4)."""
    span = layout.number_check
    rest = _text(lines, layout.optional[0]).split(FILLER)[0]
    return layout.long_numbers and lines[span.line][span.start] == FILLER and len(rest) >= 2


def _check_digits(lines: Sequence[str], layout: Layout) -> dict[str, bool]:
    found = {
        name: _holds("".join(_text(lines, span) for span in spans), _text(lines, place), optional=name == "optional")
        for name, (spans, place) in layout.checks.items()
    }
    return found | {"number": _long_holds(lines, layout)} if is_long(lines, layout) else found


def _long_holds(lines: Sequence[str], layout: Layout) -> bool:
    # Doc 9303 does not say whether the filler in its middle is a part of the number; Belgium has issued both.
    start, rest = _text(lines, layout.number), _text(lines, layout.optional[0]).split(FILLER)[0]
    return any(_holds(start + between + rest[:-1], rest[-1], optional=False) for between in ("", FILLER))


def _holds(text: str, printed: str, *, optional: bool) -> bool:
    # An empty optional field may have a filler for its check digit (Doc 9303-4, 4.2.2).
    if optional and printed == FILLER:
        return not text.strip(FILLER)
    return printed == str(check_digit(text))


def _long_number(lines: Sequence[str], layout: Layout) -> tuple[str, tuple[str, ...]]:
    number = _text(lines, layout.number)
    optional = [_text(lines, span) for span in layout.optional]
    if is_long(lines, layout):
        rest = optional[0].split(FILLER)[0]
        number += rest[:-1]
        optional[0] = optional[0][len(rest) :]
    return number.strip(FILLER), tuple(text.strip(FILLER) for text in optional)


def _text(lines: Sequence[str], span: Span) -> str:
    return lines[span.line][span.start : span.end]


def _words(names: str) -> str:
    return " ".join(names.replace(FILLER, " ").split())
