"""Invented holders of travel documents and the machine readable zones printed for them (ICAO Doc 9303).

Written apart from `service.documents.mrz`, so that an error there is not repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from service.specimens.names import words

FORMATS = {"TD1": (3, 30), "TD2": (2, 36), "TD3": (2, 44), "MRVA": (2, 44), "MRVB": (2, 36)}
"""Lines and their length."""
_SECOND = (*((1, place) for place in (9, 19, 27)), *((1, place) for place in range(13, 19)))
_DIGITS = {"TD1": ((0, 14), (1, 14), (1, 29), *((1, place) for place in range(7))), "TD2": (*_SECOND, (1, 35)),
           "TD3": (*_SECOND, (1, 42), (1, 43)), "MRVA": _SECOND, "MRVB": _SECOND}  # fmt: skip
"""Line and place of check digits and of the birth date."""
_CODES = {"TD1": ("I<", "ID", "IR", "C<", "A<"), "TD2": ("I<", "ID", "AC"), "TD3": ("P<", "P<", "PO", "PD"),
          "MRVA": ("V<", "VC"), "MRVB": ("V<", "VC")}  # fmt: skip
_STATES = words(
    "UTO CHN TWN HKG MAC SGP JPN KOR THA VNM MYS IDN PHL IND PAK BGD NPL AUS NZL USA CAN MEX BRA ARG CHL PER COL D<<"
    " FRA ITA ESP PRT NLD BEL LUX CHE AUT POL CZE SVK HUN ROU BGR GRC HRV SVN SRB UKR RUS KAZ UZB TUR IRN IRQ SAU ARE"
    " QAT EGY MAR NGA GHA KEN ETH ZAF SWE NOR DNK FIN ISL EST LVA LTU IRL GBR UNO EUE XXA"
)
_SURNAMES = words(
    "ERIKSSON MUELLER OCONNOR ZHANG WANG LI OUYANG NGUYEN TRAN KIM PARK SATO TANAKA SINGH KUMAR KHAN HUSSEIN SILVA"
    " SANTOS GARCIA RODRIGUEZ FERNANDEZ DUPONT LEFEBVRE ROSSI BIANCHI KOWALSKI NOVAK HORVAT POPESCU IVANOV SHEVCHENKO"
    " JOHANSEN"
    " VIRTANEN OEZDEMIR ADEYEMI MENSAH MBEKI QUISPE BOGDANOVIC DIQUI OGOU ZIZZO HILLIGOSS QOQOSHVILI VAN<DER<MEER"
    " DE<LA<CRUZ AL<RASHID SMITH<JONES"
)
_GIVEN = words(
    "ANNA MARIA JOHN PETER LI<NA XIAOMING YUKI HIROSHI MINH OLGA IGOR FATIMA MOHAMMED AISHA CHLOE JEAN<PAUL GIULIA LUCA"
    " ZOFIA JAKUB SOFIA DIEGO JOAO INES KWAME AMARA NIAMH BJOERN QUENTIN OTTO DIDO GIGI BOB LULU ISSA ZAZA"
)


@dataclass(frozen=True, slots=True)
class Traveller:
    """What one document prints. `lines` is its machine readable zone."""

    format: str
    lines: tuple[str, ...] = field(repr=False)
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    number: str = field(repr=False)
    issuing_state: str
    nationality: str
    birth_date: date = field(repr=False)
    sex: str
    valid_from: date
    valid_until: date


def invent_traveller(rng: np.random.Generator, today: date, format: str) -> Traveller:
    """A holder of a document of `format` (a key of FORMATS); every check digit is right."""
    state = _pick(rng, _STATES)
    nationality = state if rng.random() < 0.8 else _pick(rng, _STATES)
    birth = today - timedelta(days=int(rng.integers(200, 90 * 365)))
    issued = today - timedelta(days=int(rng.integers(30, 9 * 365)))
    expiry = issued + timedelta(days=3652 - int(rng.integers(0, 2)))
    surname = _pick(rng, _SURNAMES)
    given = "<".join(_pick(rng, _GIVEN) for _ in range(int(rng.integers(1, 4))))
    number = _number(rng)
    sex = str(rng.choice(("M", "F", "<"), p=(0.48, 0.48, 0.04)))
    code = _pick(rng, _CODES[format])
    middle = (number, nationality, f"{birth:%y%m%d}", sex, f"{expiry:%y%m%d}")
    names = f"{surname}<<{given}"
    lines = (
        _td1(rng, code + state, names, middle) if format == "TD1" else _two(rng, format, code + state, names, middle)
    )
    return Traveller(
        format=format,
        lines=lines,
        surname=surname.replace("<", " "),
        given_names=given.replace("<", " "),
        number=number,
        issuing_state=state.strip("<"),
        nationality=nationality.strip("<"),
        birth_date=birth,
        sex=sex,
        valid_from=issued,
        valid_until=expiry,
    )


def misprinted(traveller: Traveller, rng: np.random.Generator) -> Traveller:
    """The same with another digit at one place: a check digit, or one of a date; no check digit holds for all of it."""
    places = [spot for spot in _DIGITS[traveller.format] if traveller.lines[spot[0]][spot[1]].isdigit()]
    row, column = places[int(rng.integers(len(places)))]
    line = traveller.lines[row]
    wrong = str((int(line[column]) + int(rng.integers(1, 10))) % 10)
    lines = list(traveller.lines)
    lines[row] = line[:column] + wrong + line[column + 1 :]
    return replace(traveller, lines=tuple(lines))


def digit(text: str) -> str:
    """The check digit of a text: weights 7, 3, 1 (Doc 9303-3, 4.9)."""
    worth = [0 if one == "<" else int(one, 36) for one in text]
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(worth)) % 10)


def _td1(rng: np.random.Generator, head: str, names: str, middle: tuple[str, ...]) -> tuple[str, ...]:
    number, nationality, birth, sex, expiry = middle
    if len(number) > 9:
        rest = number[9:]
        start = f"{head}{number[:9]}<{rest}{digit(number)}<"
    else:
        start = f"{head}{number:<<9}{digit(f'{number:<<9}')}{_optional(rng, 15)}"
    first = f"{start:<<30}"
    second = f"{birth}{digit(birth)}{sex}{expiry}{digit(expiry)}{nationality}{_optional(rng, 11):<<11}"
    total = digit(first[5:] + second[:7] + second[8:15] + second[18:])
    return first, second + total, f"{names[:30]:<<30}"


def _two(rng: np.random.Generator, format: str, head: str, names: str, middle: tuple[str, ...]) -> tuple[str, ...]:
    number, nationality, birth, sex, expiry = middle
    length = FORMATS[format][1]
    number = f"{number[:9]:<<9}"
    second = f"{number}{digit(number)}{nationality}{birth}{digit(birth)}{sex}{expiry}{digit(expiry)}"
    if format == "TD3":
        optional = f"{_optional(rng, 14):<<14}"
        empty = not optional.strip("<")
        second += optional + ("<" if empty and rng.random() < 0.5 else digit(optional))
    else:
        second += f"{_optional(rng, 7):<<{(35 if format == 'TD2' else length) - 28}}"
    if format in ("TD2", "TD3"):
        second += digit(second[:10] + second[13:20] + second[21:])
    return f"{head + names:<<{length}}"[:length], second


def _number(rng: np.random.Generator) -> str:
    """Digits with letters before, or anything anywhere: the worst a State may print."""
    kind = rng.random()
    if kind < 0.35:
        return _random(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", int(rng.integers(1, 3))) + _random(rng, "0123456789", 7)
    if kind < 0.55:
        return _random(rng, "0123456789", int(rng.integers(7, 10)))
    if kind < 0.95:
        return _random(rng, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 9)
    return _random(rng, "0123456789", 12)


def _optional(rng: np.random.Generator, room: int) -> str:
    kind = rng.random()
    if kind < 0.5:
        return ""
    length = int(rng.integers(4, room))
    return _random(rng, "0123456789" if kind < 0.8 else "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", length)


def _random(rng: np.random.Generator, characters: str, length: int) -> str:
    return "".join(rng.choice(list(characters), length))


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
