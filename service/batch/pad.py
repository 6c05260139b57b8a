"""Count what passive liveness says of labelled pictures, in the terms of ISO/IEC 30107-3."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.batch.pairs import Pool
from service.errors import HechaError, ManifestInvalid
from service.evidence import PadDecision
from service.faces.rates import Rate
from service.runtime.image import read

_COLUMNS = {"file", "label", "attack", "subject"}
_LABELS = {"real": True, "bona_fide": True, "spoof": False, "attack": False}
START, END = "<!-- measured -->\n", "<!-- /measured -->"


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled picture and what was said of it. `species` is empty for a bona fide presentation; `decision` is a
    PadDecision, or `error` where the picture could not be used; `reasons` are codes."""

    kind: str
    species: str
    subject: str
    decision: str
    reasons: tuple[str, ...] = ()


def judge_pictures(labels: Path, root: Path, pool: Pool) -> list[Judged]:
    """Every picture of `labels` (columns file, label, attack, subject; kind where there is one), in its order.

    Raises ManifestInvalid when a column is missing, a label is unknown or the file cannot be read.
    """
    flying: deque[tuple[Mapping[str, str], Future[object] | HechaError]] = deque()
    found = []
    for row in _rows(labels):
        flying.append((row, _submit(root / row["file"], pool)))
        if len(flying) >= 2 * pool.processes:
            found.append(_landed(*flying.popleft()))
    return [*found, *(_landed(row, future) for row, future in flying)]


def _rows(labels: Path) -> Iterator[Mapping[str, str]]:
    try:
        with labels.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, restval="")
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise ManifestInvalid("The labels file needs the columns file, label, attack and subject.")
            for row in reader:
                if row["label"] not in _LABELS:
                    raise ManifestInvalid(f"line {reader.line_num}: label must be one of {', '.join(_LABELS)}")
                yield row
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ManifestInvalid("The labels file cannot be read as UTF-8 CSV.") from None


def _submit(path: Path, pool: Pool) -> Future[object] | HechaError:
    try:
        return pool.submit("liveness", read(path))
    except HechaError as error:
        return error


def _landed(row: Mapping[str, str], future: Future[object] | HechaError) -> Judged:
    species = "" if _LABELS[row["label"]] else row["attack"] or "unnamed"
    try:
        if isinstance(future, HechaError):
            raise future
        answer: Any = future.result()
    except HechaError as error:
        return Judged(row.get("kind") or "picture", species, row["subject"], "error", (error.code,))
    reasons = tuple(answer["reasons"])
    return Judged(row.get("kind") or "picture", species, row["subject"], answer["decision"], reasons)


def report(judged: Iterable[Judged]) -> str:
    """Markdown: per kind of picture APCER by species, BPCER, then a row per subject. Pictures that could not be used
    are counted and left out of the rates."""
    every = list(judged)
    lines = ["| pictures | subject | n | bona_fide | attack | unsure | error rate, 95 % interval | reasons |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for kind in dict.fromkeys(one.kind for one in every if one.decision != "error"):
        mine = [one for one in every if one.kind == kind]
        for species in sorted({one.species for one in mine}):
            members = [one for one in mine if one.species == species]
            lines.append(_row(kind, species, "all", members))
            subjects = list(dict.fromkeys(one.subject for one in members))
            lines += [_row("", species, name, [m for m in members if m.subject == name]) for name in subjects]
        lines += [_worst(kind, mine)]
    unusable = Counter(code for one in every if one.decision == "error" for code in one.reasons)
    counted = ", ".join(f"{code} {count}" for code, count in unusable.most_common())
    return "\n".join(lines + ([f"\nNot used: {counted}."] if counted else []))


def _row(kind: str, species: str, subject: str, members: list[Judged]) -> str:
    used = [one for one in members if one.decision != "error"]
    counted = Counter(one.decision for one in used)
    passed = counted[PadDecision.BONA_FIDE]
    rate = f"APCER {Rate(passed, len(used))}" if species else f"BPCER {Rate(len(used) - passed, len(used))}"
    reasons = Counter(code for one in used for code in one.reasons)
    named = ", ".join(f"{code} {count}" for code, count in reasons.most_common(4))
    label = f"{kind} {species or 'bona fide'}".strip() if kind else ""
    cells = (label, subject, len(used), *(counted[one] for one in PadDecision), rate if used else "", named)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _worst(kind: str, members: list[Judged]) -> str:
    rates = {}
    for species in sorted({one.species for one in members} - {""}):
        used = [one for one in members if one.species == species and one.decision != "error"]
        if used:
            rates[species] = Rate(sum(one.decision == PadDecision.BONA_FIDE for one in used), len(used))
    if not rates:
        return f"| {kind} | worst species | 0 | | | | APCER unknown: no attacks | |"
    species, rate = max(rates.items(), key=lambda item: (item[1].k / item[1].n, item[1].n))
    return f"| {kind} | worst species: {species} | {rate.n} | | | | APCER {rate} | |"


def write_card(card: Path, command: str, table: str) -> None:
    """Put the table between the marks of a model card. Raises ManifestInvalid where they are missing."""
    try:
        text = card.read_text(encoding="utf-8")
    except OSError:
        raise ManifestInvalid(f"{card.name} cannot be read.") from None
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ManifestInvalid(f"{card.name} has no place for measured figures.")
    card.write_text(f"{before}{START}`{command}`:\n\n{table}\n{END}{after}", encoding="utf-8")
