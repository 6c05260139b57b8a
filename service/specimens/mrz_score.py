"""Score readings of machine readable zones: whole zones exact, and no wrong one called valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import dist, inf
from statistics import median
from typing import Any

from service.specimens.score import rate

CLOSE = 0.015
"""In widths of a document: a corner so near to its place is well found."""
NONE = "none"
STATUSES = ("valid", "ambiguous", "invalid", NONE)


@dataclass(frozen=True, slots=True)
class JudgedZone:
    """One picture. `printed` and `read` are the zone's lines joined by `|`; empty where there is none."""

    file: str
    format: str
    condition: str
    printed: str = field(repr=False)
    read: str = field(repr=False)
    status: str
    elapsed_ms: float | None
    corner_error: float | None = None
    """Of the outline's farthest corner, in widths of the document; infinite where there is none, None = not known."""

    @property
    def exact(self) -> bool:
        """Every character of every line; or nothing read where nothing is printed."""
        return self.read == self.printed

    @property
    def false_valid(self) -> bool:
        """A wrong zone was called valid."""
        return self.status == "valid" and not self.exact

    @property
    def characters(self) -> tuple[int, int]:
        """How many of the printed characters stand at their place, and how many there are."""
        same = sum(a == b for a, b in zip(self.printed, self.read, strict=False) if a != "|")
        return same, len(self.printed.replace("|", ""))


def judge_zone(label: Mapping[str, str], answer: Mapping[str, Any]) -> JudgedZone:
    """`label`: a row of labels.csv with `mrz`. `answer`: the object `hecha read --json` printed for the picture."""
    zone = answer.get("mrz") or {}
    elapsed = answer.get("elapsed_ms")
    return JudgedZone(
        file=label["file"],
        format=label["mrz_format"],
        condition=label.get("condition") or "all",
        printed=label["mrz"],
        read="|".join(zone.get("lines", ())),
        status=zone.get("status", NONE),
        elapsed_ms=None if elapsed is None else float(elapsed),
        corner_error=_corner_error(label["corners"], answer.get("card_box")) if label.get("corners") else None,
    )


def _corner_error(corners: str, box: Sequence[Sequence[float]] | None) -> float:
    if box is None:
        return inf
    values = [float(value) for value in corners.split()]
    true = list(zip(values[::2], values[1::2], strict=True))
    return max(dist(one, other) for one, other in zip(true, box, strict=True)) / dist(true[0], true[1])


def report_zones(judged: Sequence[JudgedZone]) -> str:
    """The tables `scripts/evaluate mrz` prints."""
    lines = ["condition       whole zone exact k/n [95 % interval]"]
    lines += [f"{name:15} {_exact(of)}" for name, of in _groups(judged, "condition")]
    lines += ["", "format          whole zone exact k/n [95 % interval]"]
    lines += [f"{name:15} {_exact(of)}" for name, of in _groups(judged, "format")]
    lines += ["", "status          exact  wrong"]
    counted = Counter((one.status, one.exact) for one in judged)
    lines += [f"{status:15} {counted[status, True]:5} {counted[status, False]:6}" for status in STATUSES]
    same, of_all = (sum(one.characters[place] for one in judged) for place in (0, 1))
    times = [one.elapsed_ms for one in judged if one.elapsed_ms is not None]
    errors = [one.corner_error for one in judged if one.corner_error is not None]
    outlines = rate(sum(error <= CLOSE for error in errors), len(errors)) if errors else "not known"
    lines += [
        "",
        f"outlines within {CLOSE:.1%} of the width  {outlines}",
        f"whole zones     {_exact(judged)}",
        f"characters      {rate(same, of_all)}",
        f"wrong zones called valid {sum(one.false_valid for one in judged)}",
        f"elapsed_ms median {median(times):.0f}, highest {max(times):.0f}" if times else "elapsed_ms not given",
    ]
    return "\n".join(lines)


def report_lines(printed: Sequence[str], read: Sequence[str]) -> str:
    """What `scripts/evaluate mrz --lines` prints; texts in the same order."""
    pairs = list(zip(printed, read, strict=True))
    same = sum(a == b for one, other in pairs for a, b in zip(one, other, strict=False))
    wrong = Counter((a, b) for one, other in pairs if len(one) == len(other) for a, b in zip(one, other, strict=True))
    swaps = ", ".join(f"{a} read {b}: {n}" for (a, b), n in wrong.most_common() if a != b)
    return "\n".join(
        (
            f"whole lines     {rate(sum(a == b for a, b in pairs), len(pairs))}",
            f"characters      {rate(same, sum(map(len, printed)))}",
            f"wrong           {swaps or 'none'}",
        )
    )


def _groups(judged: Sequence[JudgedZone], name: str) -> list[tuple[str, list[JudgedZone]]]:
    found = dict.fromkeys(getattr(one, name) for one in judged)
    return [(group, [one for one in judged if getattr(one, name) == group]) for group in found]


def _exact(judged: Sequence[JudgedZone]) -> str:
    return rate(sum(one.exact for one in judged), len(judged))
