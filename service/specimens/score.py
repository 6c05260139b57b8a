"""Score readings of labelled pictures: exact fields, wrong sides, wrong numbers that pass their check character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from typing import Any

from service.specimens.folder import BACK_FIELDS, FRONT_FIELDS
from service.specimens.people import check_character


@dataclass(frozen=True, slots=True)
class Judgement:
    """One picture: which fields were exact, and what went wrong otherwise."""

    file: str
    side: str
    condition: str
    exact: Mapping[str, bool]
    side_wrong: bool
    """The other side was reported (none reported is a miss, not a wrong side)."""
    false_number: bool
    """Another number was reported, and its check character passes."""
    elapsed_ms: float | None
    lost: frozenset[str]
    """Fields of which half a character or more is not in the picture: no reader can have them."""
    misses: Mapping[str, tuple[str, str | None]] = field(repr=False)
    """Field: what stands on the card, what was read."""

    @property
    def all_exact(self) -> bool:
        """Every field of the side."""
        return all(self.exact.values())


def judge(label: Mapping[str, str], answer: Mapping[str, Any]) -> Judgement:
    """`label`: a row of labels.csv. `answer`: the object `hecha read --json` printed for the picture."""
    names = FRONT_FIELDS if label["side"] == "front" else BACK_FIELDS
    fields = answer.get("fields") or {}
    read = {name: fields[name]["value"] if name in fields else None for name in names}
    number = (fields.get("number") or {}).get("value") or ""
    elapsed = answer.get("elapsed_ms")
    return Judgement(
        file=label["file"],
        side=label["side"],
        condition=label["condition"],
        exact={name: read[name] == label[name] for name in names},
        side_wrong=answer.get("side") not in (None, label["side"]),
        false_number=number != label["number"] and passes(number),
        elapsed_ms=None if elapsed is None else float(elapsed),
        lost=frozenset((label.get("lost") or "").split()),
        misses={name: (label[name], read[name]) for name in names if read[name] != label[name]},
    )


def passes(number: str) -> bool:
    """18 places with a fitting check character."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    return check_character(number[:17]) == number[17]


def interval(k: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of k of n."""
    if n == 0:
        return 0.0, 1.0
    z, share = 1.959964, k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def rate(k: int, n: int) -> str:
    """`k/n percent [95 % interval]`."""
    if n == 0:
        return "0/0"
    low, high = interval(k, n)
    return f"{k}/{n} {100 * k / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def report(judgements: Sequence[Judgement]) -> str:
    """The tables `scripts/evaluate documents` prints."""
    times = [judgement.elapsed_ms for judgement in judgements if judgement.elapsed_ms is not None]
    lines = ["field           exact k/n [95 % interval]             of those whose print is all in the picture"]
    for side, names in (("front", FRONT_FIELDS), ("back", BACK_FIELDS)):
        of_side = [judgement for judgement in judgements if judgement.side == side]
        for name in names:
            left = [judgement for judgement in of_side if name not in judgement.lost]
            lines.append(f"{name:15} {_exact(of_side, name):37} {_exact(left, name)}")
        left = [judgement for judgement in of_side if not judgement.lost]
        lines.append(f"{'all of ' + side:15} {_all_exact(of_side):37} {_all_exact(left)}")
    lines += ["", "condition       front, all six                      back, all three"]
    for condition in dict.fromkeys(judgement.condition for judgement in judgements):
        of_both = [
            _all_exact([j for j in judgements if (j.condition, j.side) == (condition, side)])
            for side in ("front", "back")
        ]
        lines.append(f"{condition:15} {of_both[0]:35} {of_both[1]}")
    lines += [
        "",
        f"wrong sides {sum(j.side_wrong for j in judgements)}",
        f"wrong numbers reported valid {sum(j.false_number for j in judgements)}",
        f"elapsed_ms median {median(times):.0f}, highest {max(times):.0f}" if times else "elapsed_ms not given",
    ]
    return "\n".join(lines)


def _exact(judgements: Sequence[Judgement], name: str) -> str:
    return rate(sum(judgement.exact[name] for judgement in judgements), len(judgements))


def _all_exact(judgements: Sequence[Judgement]) -> str:
    return rate(sum(judgement.all_exact for judgement in judgements), len(judgements))
