"""Photographs for judging how well a card's corners are found, and the table `scripts/evaluate corners` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.card import draw_back, draw_front
from service.specimens.conditions import conditions
from service.specimens.fonts import Fonts
from service.specimens.people import invent_person
from service.specimens.photograph import Photograph, photograph, take
from service.specimens.press import varied_press
from service.specimens.sample import sample_portraits
from service.specimens.score import rate
from service.specimens.surfaces import surfaces

Quad = NDArray[np.float32]

CLOSE = 0.015
"""Issue 3: an outline is right whose farthest corner is off by no more than this share of the card's width."""
TURNED = ("photo", "hard", "webcam")
"""What a card on an unseen surface is photographed under, turned any way."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A photograph, its group in the table, and whether there is a card on it."""

    group: str
    taken: Photograph = field(repr=False)
    with_card: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one photograph. `error`: distance of the farthest corner of the best outline / width of the
    card, infinite where none was proposed; `best_error`: of the better one of all outlines proposed."""

    group: str
    with_card: bool
    error: float
    best_error: float
    trust: float
    """Of the best outline; 0 where none was proposed."""
    cpu_ms: float


def scenes(people: int, names: Sequence[str], seed: int, assets: Path) -> Iterator[Scene]:
    """Both sides of `people` cards under the named conditions and, turned any way, on every surface; and the surfaces
    bare. A picture depends on seed, person and its group alone."""
    fonts, portraits = Fonts.build(assets), sample_portraits(assets, people)
    for place in range(people):
        rng = np.random.default_rng((seed, place))
        person, press = invent_person(rng, date(2026, 11, 24)), varied_press(rng)
        front = draw_front(person, portraits[place % len(portraits)], fonts, press)
        for side, card in (("front", front), ("back", draw_back(person, fonts, press))):
            for name in names:
                drawn = np.random.default_rng((seed, place, *f"{side} {name}".encode()))
                yield Scene(name, photograph(card, name, drawn))
            yield from _on_surfaces(card, (seed, place, *side.encode()))


def _on_surfaces(card: Pixels, seed: tuple[int, ...]) -> Iterator[Scene]:
    for name, surface in surfaces().items():
        rng = np.random.default_rng((*seed, *name.encode()))
        taken = replace(conditions()[str(rng.choice(TURNED))], tilt_degrees=(0.0, 180.0), card_share=(0.35, 0.75))
        yield Scene(name, take(card, taken, rng, surface))
        width, height = taken.size
        bare = Photograph(surface(width, height, rng), np.zeros((4, 2), np.float32), "bare", 90)
        yield Scene("no card", bare, with_card=False)


def corner_error(quad: Quad, true: Quad) -> float:
    """Distance of the farthest corner / width of the true card. Where the first corner stands does not matter."""
    width = float(np.linalg.norm(true[1] - true[0]) + np.linalg.norm(true[2] - true[3])) / 2
    return min(float(np.linalg.norm(np.roll(quad, turn, axis=0) - true, axis=1).max()) for turn in range(4)) / width


def report(found: Sequence[Found], least_trust: float) -> str:
    """Shares within CLOSE by group, quantiles of the error in % of the card's width, what trust is worth, and time."""
    cards = [one for one in found if one.with_card]
    lines = [f"corners: best outline within {100 * CLOSE} % of the card's width, farthest corner, k/n [95 % interval]"]
    for group in dict.fromkeys(one.group for one in cards):
        lines.append(f"{group:16} {_line([one for one in cards if one.group == group])}")
    on_surface = [one for one in cards if one.group in surfaces()]
    lines += [
        f"{'all conditions':16} {_line([one for one in cards if one.group not in surfaces()])}",
        f"{'unseen surfaces':16} {_line(on_surface)}",
        f"{'all':16} {_line(cards)}",
        f"one of the outlines proposed: {rate(sum(one.best_error <= CLOSE for one in cards), len(cards))}",
    ]
    sure = [one for one in cards if one.trust >= least_trust]
    bare = [one for one in found if not one.with_card]
    lines += [
        f"trusted ({least_trust} and more): {rate(len(sure), len(cards))}; of these within: "
        + rate(sum(one.error <= CLOSE for one in sure), len(sure)),
        f"trusted where there is no card: {rate(sum(one.trust >= least_trust for one in bare), len(bare))}",
        "CPU ms a picture: median {:.1f}, 90 % below {:.1f}".format(
            *np.quantile([one.cpu_ms for one in found], (0.5, 0.9))
        ),
    ]
    return "\n".join(lines)


def _line(found: Sequence[Found]) -> str:
    within = rate(sum(one.error <= CLOSE for one in found), len(found))
    errors = [min(one.error, 9.99) for one in found] or [0.0]
    middle, most, nearly = 100 * np.quantile(errors, (0.5, 0.9, 0.95))
    return f"{within:32} error % median {middle:5.2f}  p90 {most:6.2f}  p95 {nearly:6.2f}"
