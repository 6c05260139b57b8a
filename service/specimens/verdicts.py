"""Count the verdicts of whole cases: true holders and every kind of fault."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.specimens.score import rate

DECISIONS = ("approved", "review", "retake", "declined", "error", "missing")


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and its verdict. `group`: the face set of a true holder or the name of a fault."""

    id: str
    group: str
    true_holder: bool
    decision: str
    reasons: tuple[str, ...]


def judge_case(id: str, group: str, true_holder: bool, answer: Mapping[str, Any] | None) -> Judged:
    """`answer`: the row of results.jsonl, None where there is none."""
    if answer is None:
        return Judged(id, group, true_holder, "missing", ())
    if "error" in answer:
        return Judged(id, group, true_holder, "error", (str(answer["error"]["code"]),))
    codes = tuple(str(reason["code"]) for reason in answer.get("reasons", ()))
    return Judged(id, group, true_holder, str(answer["decision"]), codes)


def wrongs(cases: Sequence[Judged]) -> list[Judged]:
    """True holders who were declined, and faulty cases that were approved."""
    return [case for case in cases if case.decision == ("declined" if case.true_holder else "approved")]


def report_cases(cases: Sequence[Judged]) -> str:
    """The table `scripts/evaluate cases` prints."""
    groups: dict[tuple[bool, str], list[Judged]] = defaultdict(list)
    for case in cases:
        groups[not case.true_holder, case.group].append(case)
    lines = ["group                 " + " ".join(f"{decision:>8}" for decision in DECISIONS) + "  reasons"]
    for (faulty, group), members in sorted(groups.items()):
        counted = Counter(case.decision for case in members)
        codes = Counter(code for case in members for code in case.reasons if case.decision != "approved")
        reasons = ", ".join(f"{code} {count}" for code, count in codes.most_common(5))
        name = f"fault {group}" if faulty else f"true {group}"
        lines.append(f"{name:21} " + " ".join(f"{counted[decision]:8}" for decision in DECISIONS) + f"  {reasons}")
    true, faulty_cases = ([case for case in cases if case.true_holder is wanted] for wanted in (True, False))
    lines += [
        "",
        f"true holders approved {rate(sum(case.decision == 'approved' for case in true), len(true))}",
        f"true holders declined {sum(case.decision == 'declined' for case in true)}",
        f"faulty cases approved {rate(sum(case.decision == 'approved' for case in faulty_cases), len(faulty_cases))}",
    ]
    return "\n".join(lines)
