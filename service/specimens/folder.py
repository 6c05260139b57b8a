"""A folder of specimen pictures with `labels.csv`: one row per picture, the fields as `hecha read` writes them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from service.evidence import Pixels
from service.specimens.card import draw_back, draw_front
from service.specimens.fonts import Fonts
from service.specimens.people import Person, invent_person
from service.specimens.photograph import photograph
from service.specimens.press import Press, varied_press
from service.specimens.print_left import lost_fields, without_fields
from service.specimens.sample import sample_portraits

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "number")
BACK_FIELDS = ("authority", "valid_from", "valid_until")
COLUMNS = ("file", "side", "condition", "person", *FRONT_FIELDS, *BACK_FIELDS, "quad", "lost")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: both sides of every person under every condition."""

    people: int
    conditions: Sequence[str]
    seed: int
    today: date
    varied: bool = False
    """Each person's card from another press, instead of the standard layout."""


def write_folder(out: Path, plan: Plan, assets: Path) -> int:
    """Answers how many pictures were written. `assets`: the folder `hecha models fetch` fills.

    A picture depends on seed, person, side and condition alone, so a smaller run is a part of a larger one.
    """
    fonts, portraits = Fonts.build(assets), sample_portraits(assets, plan.people)
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    for place in range(plan.people):
        rng = np.random.default_rng((plan.seed, place))
        person = invent_person(rng, plan.today)
        press = varied_press(rng) if plan.varied else Press()
        front = partial(draw_front, portrait=portraits[place % len(portraits)], fonts=fonts, press=press)
        back = partial(draw_back, fonts=fonts, press=press)
        sides: tuple[tuple[str, Callable[[Person], Pixels], dict[str, str]], ...] = (
            ("front", front, person.front()),
            ("back", back, person.back()),
        )
        for side, draw, fields in sides:
            card = draw(person)
            blanks = without_fields(person, draw, fields)
            for condition in plan.conditions:
                file = f"p{place:03d}_{side}_{condition}.jpg"
                taken = photograph(card, condition, np.random.default_rng((plan.seed, place, *file.encode())))
                (out / file).write_bytes(taken.encode())
                quad = " ".join(f"{x:.1f},{y:.1f}" for x, y in taken.box)
                lost = " ".join(lost_fields(taken.pixels, taken.quad, card, blanks))
                known = {"file": file, "side": side, "condition": condition, "person": f"p{place:03d}"}
                rows.append(known | fields | {"quad": quad, "lost": lost})
    _write_labels(out / "labels.csv", rows)
    return len(rows)


def read_labels(folder: Path) -> list[dict[str, str]]:
    """The rows of `labels.csv`; FileNotFoundError where there is none."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_labels(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
