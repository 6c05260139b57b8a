"""Follow the characters of one line: they stand at equal distances, as no other print on a document does. Pure (numpy).

`follow` finds the best chains of places in the network's columns, four columns apart give or take one: hidden Markov,
by Viterbi's algorithm. Fillers are counted by their places, so none is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.documents.mrz_glyphs import PITCH, STEP, Columns

APART = PITCH // STEP
_STEPS = (APART - 1, APART, APART + 1)
STRAY = 0.6
"""What one column more or less than APART costs, in nats."""
SURE = 4.0
"""No single column counts more than this, in nats."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The places of the characters of one line."""

    columns: NDArray[np.int64]
    """Column of each character."""
    inked: float
    """Mean log odds, in nats, of the likeliest character at each place, within SURE; higher = more surely a line."""
    probabilities: NDArray[np.float64] = field(repr=False)
    """(length, 37): of each character of the alphabet at each place, rows sum to 1."""


def follow(columns: Columns, lengths: Sequence[int]) -> dict[int, Chain]:
    """The best chain of each length; none for a length that the strip is too short for."""
    odds = _odds(columns)
    fitting = [length for length in lengths if len(odds) >= (length - 1) * APART + 1]
    if not fitting:
        return {}
    # The best chain of 30 is on the way to that of 44: one pass finds all.
    found: dict[int, Chain] = {}
    total = odds.copy()
    came = np.zeros((max(fitting), len(odds)), np.int64)
    for place in range(max(fitting)):
        if place:
            options = np.full((len(_STEPS), len(odds)), -1e9)
            for option, step in zip(options, _STEPS, strict=True):
                option[step:] = total[:-step] - STRAY * abs(step - APART)
            came[place] = options.argmax(axis=0)
            total = options.max(axis=0) + odds
        if place + 1 in fitting and (chain := _back(came[: place + 1], int(total.argmax())))[0] >= 0:
            found[place + 1] = Chain(chain, float(odds[chain].mean()), _at(columns, chain))
    return found


def _back(came: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    ends = [end]
    for row in came[:0:-1]:
        ends.append(ends[-1] - _STEPS[row[ends[-1]]])
    return np.array(ends[::-1])


def _odds(columns: Columns) -> NDArray[np.float64]:
    # Other print, and a line upside down, has ink at the places too, but is no character surely.
    likely = np.clip(columns[:, 1:].max(axis=1).astype(np.float64), 1e-4, 1 - 1e-4)
    return np.asarray(np.clip(np.log(likely / (1 - likely)), -SURE, SURE), dtype=np.float64)


def _at(columns: Columns, chain: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the column itself and its likelier neighbour: a character covers two."""
    likely = columns[:, 1:].astype(np.float64)
    near = np.stack([likely[np.clip(chain + shift, 0, len(likely) - 1)] for shift in (-1, 0, 1)])
    mixed = near[1] + near[(0, 2), :].max(axis=0) * 0.5 + 1e-9
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True), dtype=np.float64)
