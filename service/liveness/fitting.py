"""Fit the rule of `fusion` on looks at labelled pictures: logistic regression, each group of pictures counted alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_SHRINK = 0.02
"""Ridge on all but the constant: without it a sign that parts its few pictures wholly would weigh infinitely."""
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures of one origin: a person's clip, a set of photos, a species of attack. `signs` (n, 4) of `fusion`.

    `subject`: who or what is left out together; `weight`: how much the group counts, however many pictures it has.
    """

    name: str
    subject: str
    bona_fide: bool
    signs: Floats = field(repr=False)
    weight: float = 1.0


def fit(groups: Iterable[Group]) -> Floats:
    """The coefficients (4,). Deterministic; needs groups of both kinds."""
    every = [group for group in groups if len(group.signs)]
    signs = np.concatenate([group.signs for group in every])
    wanted = np.concatenate([np.full(len(group.signs), float(group.bona_fide)) for group in every])
    weights = np.concatenate([np.full(len(group.signs), group.weight / len(group.signs)) for group in every])
    ridge = np.full(signs.shape[1], _SHRINK)
    ridge[0] = 1e-9
    coefficients = np.zeros(signs.shape[1])
    for _ in range(_ROUNDS):
        said = scores(coefficients, signs)
        slope = signs.T @ (weights * (said - wanted)) + ridge * coefficients
        bend = (signs * (weights * said * (1 - said))[:, None]).T @ signs + np.diag(ridge)
        coefficients = coefficients - np.linalg.solve(bend, slope)
    return coefficients


def scores(coefficients: Floats, signs: Floats) -> Floats:
    """Bona fide scores (n,) in [0, 1] of signs (n, 4)."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(signs @ coefficients, -50, 50))))


def left_out(groups: list[Group]) -> dict[str, Floats]:
    """By name of group: the scores its pictures get from a rule fitted without anything of their subject."""
    found: dict[str, Floats] = {}
    for subject in dict.fromkeys(group.subject for group in groups):
        rule = fit(group for group in groups if group.subject != subject)
        found |= {group.name: scores(rule, group.signs) for group in groups if group.subject == subject}
    return found
