"""From what each place of a zone may be to what the zone says. Pure (numpy).

Check digits prove a character only where exactly one reading satisfies them: all readings nearly as likely as the
likeliest are made and tested against every check digit at once, the composite among them. One that holds, is nearly as
likely as the likeliest and has no rival is `valid`; several are `ambiguous`, and so is one less likely than what stands
there and does not hold: the picture or the print is wrong. None is `invalid`. Nothing is solved for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import numpy as np
from numpy.typing import NDArray

from service.documents.mrz import parse
from service.documents.mrz_dates import dates_possible
from service.documents.mrz_layout import ALPHABET, LETTERS, Layout
from service.documents.mrz_states import known

VALID, INVALID, AMBIGUOUS = "valid", "invalid", "ambiguous"
REACH, PROVEN = 5.5, 3.0
"""Nats a reading may be less likely than the likeliest to be told, and to be the one that is proven. The network is
never surer than some nine: what lies that far away is as good as any other character, and check digits would correct
what was printed wrong (of 551 drawn zones with a wrong digit 68 became valid at 9, 2 at 7, none at 6)."""
RIVAL = 4.0
"""Nats within which a second reading is a rival of the first."""
FLOOR = 1e-5
"""No character is less likely than this: networks are surer than they should be."""
ALIKE, ALIKE_COST = {"0": "O", "O": "0"}, 2.9
"""Printers' OCR-B differ in these two. In a document number, which two check digits cover (its own and the composite),
one is never ruled out for the other, however surely it was read; but it is no RIVAL of it either."""
OTHER_CODE_COST = 3.0
"""Nats that a document code costs which does not begin as the standard has it, or goes on with a digit, which few do:
no check digit covers it."""
MOST_READINGS = 1500
MOST_CANDIDATES = 4

Zone = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """`lines` is the likeliest reading that holds; where none does, the likeliest. `candidates`: all rivals."""

    status: str
    lines: Zone = field(repr=False)
    candidates: tuple[Zone, ...] = field(default=(), repr=False)
    repaired: int = 0
    """Characters in which `lines` differs from what was likeliest place by place."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Another character than the likeliest at a place, and what it costs."""

    line: int
    place: int
    character: str
    cost: float


def solve(layout: Layout, probabilities: Sequence[NDArray[np.float64]]) -> Solution:
    """`probabilities`: by line, (length, 37) in the order of ALPHABET."""
    likeliest, choices = _typed(layout, probabilities)
    holding: list[tuple[float, Zone]] = []
    for cost, lines in _readings(likeliest, choices):
        if holding and cost > holding[0][0] + RIVAL:
            break
        if holds(lines):
            holding.append((cost, lines))
    if not holding:
        return Solution(INVALID, likeliest)
    best = holding[0][1]
    if _states_known(best):
        holding = [(cost, lines) for cost, lines in holding if _states_known(lines)]
    repaired = sum(
        a != b for line, other in zip(best, likeliest, strict=True) for a, b in zip(line, other, strict=True)
    )
    rivals = [lines for _, lines in holding]
    if holding[0][0] > PROVEN:
        rivals.insert(1, likeliest)
    if len(rivals) == 1:
        return Solution(VALID, best, (), repaired)
    return Solution(AMBIGUOUS, best, tuple(rivals[:MOST_CANDIDATES]), repaired)


def holds(lines: Zone) -> bool:
    """Whether every check digit holds and both dates exist (parts of a birth date may be unknown)."""
    parsed = parse(lines)
    return parsed is not None and parsed.valid and dates_possible(parsed)


def _states_known(lines: Zone) -> bool:
    """Whether issuing State and nationality exist: no check digit covers them, but few codes of three letters do."""
    parsed = parse(lines)
    return parsed is not None and known(parsed.issuing_state) and known(parsed.nationality)


def _typed(layout: Layout, probabilities: Sequence[NDArray[np.float64]]) -> tuple[Zone, list[_Choice]]:
    """The likeliest characters that may stand at each place, and every other within REACH, the cheapest first."""
    lines: list[str] = []
    choices: list[_Choice] = []
    for line, (rows, allowed) in enumerate(zip(probabilities, layout.alphabets(), strict=True)):
        text = ""
        for place, (row, alphabet) in enumerate(zip(rows, allowed, strict=True)):
            costs = {one: -float(np.log(max(row[ALPHABET.index(one)], FLOOR))) for one in alphabet}
            if line == 0 and place < layout.document_code.end:
                usual = layout.codes if place == 0 else LETTERS
                costs = {one: cost + OTHER_CODE_COST * (one not in usual) for one, cost in costs.items()}
            best = min(costs, key=lambda one: costs[one])
            if best in ALIKE and _twice_covered(layout, line, place):
                costs[ALIKE[best]] = min(costs[ALIKE[best]], costs[best] + ALIKE_COST)
            text += best
            others = ((one, cost - costs[best]) for one, cost in costs.items() if one != best)
            choices += [_Choice(line, place, one, cost) for one, cost in others if cost <= REACH]
        lines.append(text)
    return tuple(lines), sorted(choices, key=lambda one: one.cost)


def _twice_covered(layout: Layout, line: int, place: int) -> bool:
    span = layout.number
    return "composite" in layout.checks and line == span.line and span.start <= place < span.end


def _readings(likeliest: Zone, choices: Sequence[_Choice]) -> Iterator[tuple[float, Zone]]:
    """Readings of the zone, the likeliest first, each once, until REACH or MOST_READINGS."""
    yield 0.0, likeliest
    order = count()
    # A set of choices, in their order, grows by its successor or has its last one replaced by it: each set once.
    heap: list[tuple[float, int, tuple[int, ...]]] = [(choices[0].cost, next(order), (0,))] if choices else []
    for _ in range(MOST_READINGS):
        if not heap:
            return
        cost, _, chosen = heappop(heap)
        last = chosen[-1]
        if last + 1 < len(choices):
            following = choices[last + 1].cost
            if cost + following <= REACH:
                heappush(heap, (cost + following, next(order), (*chosen, last + 1)))
            if (replaced := cost - choices[last].cost + following) <= REACH:
                heappush(heap, (replaced, next(order), (*chosen[:-1], last + 1)))
        if (lines := _changed(likeliest, [choices[one] for one in chosen])) is not None:
            yield cost, lines


def _changed(likeliest: Zone, chosen: Sequence[_Choice]) -> Zone | None:
    """None where two choices are for one place."""
    if len({(one.line, one.place) for one in chosen}) < len(chosen):
        return None
    lines = [list(line) for line in likeliest]
    for one in chosen:
        lines[one.line][one.place] = one.character
    return tuple("".join(line) for line in lines)
