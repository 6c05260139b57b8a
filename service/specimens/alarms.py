"""Measure the alerts on rendered pictures, good and spoilt: what is caught, and what good pictures pay for it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from service.evidence import Pixels, Side
from service.specimens.conditions import conditions
from service.specimens.defects import DEFECTS, LEVELS, Subject, spoil
from service.specimens.fonts import Fonts
from service.specimens.people import Person, invent_person
from service.specimens.photograph import photograph
from service.specimens.print_left import lost_fields, without_fields
from service.specimens.sample import sample_portraits
from service.specimens.score import rate

CODES = {
    "colour_photocopy": "paper_copy",
    "telephone": "screen_recapture",
    "paper_cover": "occluded",
    "paper_at_end": "occluded",
}
"""The alert code a defect should raise, where it has another name."""
GOOD = "good"
_CHIEF = {Side.FRONT: "name", Side.BACK: "authority"}
COLUMNS = ("file", "defect", "level", "side", "field", "name", "fields", "lost")


@dataclass(frozen=True, slots=True)
class Plan:
    """`good` people under each of `conditions`, both sides, and `spoilt` pictures of each level of `defects`."""

    seed: int
    good: int
    spoilt: int
    today: date
    conditions: Sequence[str] = tuple(conditions())
    defects: Sequence[str] = DEFECTS


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture and the alerts it raised: code -> the fields named. `stopped`: an alert heavier than a hint."""

    file: str
    defect: str
    level: int
    field: str
    alerts: Mapping[str, frozenset[str]]
    stopped: bool
    blocking: frozenset[str]
    name_wrong: bool
    """Another name (or authority) was read than is printed."""
    right: bool
    """Every field was read as it is printed."""
    whole: bool = True
    """No field lost half a character to light or a finger; of good pictures alone."""

    @property
    def caught(self) -> bool:
        """The alert of its own defect was raised."""
        return CODES.get(self.defect, self.defect) in self.alerts


def write_pictures(out: Path, plan: Plan, assets: Path) -> int:
    """The pictures of a plan, with `pictures.csv`."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [*_good_pictures(out, plan, assets), *_spoilt(out, plan, assets)]
    with (out / "pictures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def read_pictures(folder: Path) -> list[dict[str, str]]:
    """The rows of `pictures.csv`."""
    with (folder / "pictures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sight(row: Mapping[str, str], answer: Mapping[str, Any]) -> Sighting:
    """`answer`: what `hecha read --json` printed for the picture."""
    alerts: dict[str, frozenset[str]] = {}
    for alert in answer.get("alerts", ()):
        alerts[alert["code"]] = alerts.get(alert["code"], frozenset()) | {alert.get("field", "")}
    weights = {alert["code"]: alert["severity"] for alert in answer.get("alerts", ())}
    field_name = _CHIEF[Side(row["side"])]
    values = {name: found["value"] for name, found in (answer.get("fields") or {}).items()}
    read = values.get(field_name)
    return Sighting(
        file=row["file"],
        defect=row["defect"],
        level=int(row["level"]),
        field=row["field"],
        alerts=alerts,
        stopped=any(weight != "hint" for weight in weights.values()) or "error" in answer,
        blocking=frozenset(code for code, weight in weights.items() if weight == "blocking"),
        name_wrong=read is not None and read != row["name"],
        right=values == json.loads(row["fields"]),
        whole=not row.get("lost"),
    )


def table(sightings: Sequence[Sighting]) -> str:
    """The table of `models/cards/alerts.md`."""
    good = [one for one in sightings if one.defect == GOOD]
    lines = [
        "| defect | caught, slight | caught, disturbing and severe | stopped by any alert | field named right | "
        "false alarms on good pictures | precision |",
        "|---|---|---|---|---|---|---|",
    ]
    for defect in (one for one in DEFECTS if any(seen.defect == one for seen in sightings)):
        code = CODES.get(defect, defect)
        slight, heavy = (
            [one for one in sightings if one.defect == defect and (one.level > 1) is wanted] for wanted in (False, True)
        )
        named = [one for one in heavy if one.field and one.caught]
        false = sum(code in one.alerts for one in good)
        caught = sum(one.caught for one in heavy)
        cells = (
            f"`{defect}`",
            rate(sum(one.caught for one in slight), len(slight)),
            rate(caught, len(heavy)),
            rate(sum(one.stopped for one in heavy), len(heavy)),
            rate(sum(one.field in one.alerts[code] for one in named), len(named)) if named else "",
            rate(false, len(good)),
            rate(caught, caught + false) if caught + false else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join((*lines, "", *_sums(sightings, good)))


def _sums(sightings: Sequence[Sighting], good: Sequence[Sighting]) -> Iterator[str]:
    free = sum(not one.blocking for one in good)
    yield f"Good pictures without a blocking alert: {rate(free, len(good))}."
    measured = {CODES.get(defect, defect) for defect in DEFECTS}
    clean = sum(not one.blocking & measured for one in good)
    yield f"Without a blocking alert of this table (others: a field could not be read): {rate(clean, len(good))}."
    for title, some in (
        ("whose print is all in the picture", [one for one in good if one.whole]),
        ("in which every field was read right", [one for one in good if one.right]),
    ):
        spared = sum(not one.blocking for one in some)
        yield f"Of those {title}, without a blocking alert: {rate(spared, len(some))}."
    bad = [one for one in sightings if one.defect != GOOD]
    silent = sum(one.name_wrong and not one.stopped for one in bad)
    yield f"Spoilt pictures with a wrong name or authority and no alert heavier than a hint: {rate(silent, len(bad))}."


def _good_pictures(out: Path, plan: Plan, assets: Path) -> Iterator[dict[str, str]]:
    fonts, portraits = Fonts.build(assets), sample_portraits(assets, 3)
    for condition in plan.conditions:
        for place in range(plan.good):
            for side in Side:
                rng = np.random.default_rng((plan.seed, place, *condition.encode(), *side.value.encode()))
                subject = _subject(place, side, plan.today, portraits, rng)
                file = f"good_{condition}_{place:02d}_{side.value}.jpg"
                card = subject.card(fonts)
                taken = photograph(card, condition, rng)
                (out / file).write_bytes(taken.encode())
                blanks = without_fields(subject.person, partial(_drawn, subject, fonts), _fields(subject))
                lost = lost_fields(taken.pixels, taken.quad, card, blanks)
                known = {"file": file, "defect": GOOD, "level": "0", "side": side.value, "lost": " ".join(lost)}
                yield known | _printed(subject)


def _spoilt(out: Path, plan: Plan, assets: Path) -> Iterator[dict[str, str]]:
    fonts, portraits = Fonts.build(assets), sample_portraits(assets, 3)
    for defect in plan.defects:
        for level in LEVELS:
            for place in range(plan.spoilt):
                side = list(Side)[place % 2]
                rng = np.random.default_rng((plan.seed, level, place, *defect.encode()))
                subject = _subject(place, side, plan.today, portraits, rng)
                picture = spoil(defect, level, subject, fonts, rng)
                file = f"{defect}_{level}_{place:02d}_{side.value}.jpg"
                (out / file).write_bytes(picture.encode())
                row = {"file": file, "defect": defect, "level": str(level), "side": side.value, **_printed(subject)}
                yield row | {"field": picture.field_name or ""}


def _subject(place: int, side: Side, today: date, portraits: Sequence[Pixels], rng: np.random.Generator) -> Subject:
    first, second = portraits[place % 3], portraits[(place + 1) % 3]
    return Subject(invent_person(rng, today), first, second, side)


def _drawn(subject: Subject, fonts: Fonts, person: Person) -> Pixels:
    return replace(subject, person=person).card(fonts)


def _fields(subject: Subject) -> dict[str, str]:
    return subject.person.front() if subject.side is Side.FRONT else subject.person.back()


def _printed(subject: Subject) -> dict[str, str]:
    """What stands on the side, for `pictures.csv`."""
    fields = _fields(subject)
    return {"name": fields[_CHIEF[subject.side]], "fields": json.dumps(fields, ensure_ascii=False)}
