"""Answers as lines for a person at a terminal."""

from __future__ import annotations

from service.policy import Policy
from service.report import Json

_MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}


def verdict(answer: Json) -> str:
    """A verdict: the decision, why, every check, what the card says."""
    lines = [f"decision    {answer['decision'].upper()}"]
    lines += [f"  because   {row['code']}: {row['message']} {row['advice']['en']}" for row in answer["reasons"]]
    lines += ["checks"]
    lines += [_check(row) for row in answer["checks"]]
    lines += ["document"]
    lines += [f"  {name:<15}{value}" for name, value in answer["document"]["fields"].items()]
    return "\n".join(lines)


def _check(row: Json) -> str:
    measured = ", ".join(f"{name} {value}" for name, value in row["measured"].items())
    return f"  {_MARKS[row['outcome']]} {row['name']:<18}{measured}".rstrip()


def reading(answer: Json) -> str:
    """A document's fields with their text scores, and what is wrong with the picture."""
    if "error" in answer:
        return _error(answer)
    what = f"{answer['kind']}, {answer['side']}" if answer["kind"] else "no known document"
    lines = [f"{answer['file']}: {what} ({answer['elapsed_ms']} ms)"]
    lines += [_field(name, row) for name, row in answer["fields"].items()]
    lines += [" ".join((f"  {_MARKS[row['outcome']]}", row["name"], *row["reasons"])) for row in answer["checks"]]
    lines += [f"  ! {row['code']}: {row['message']} {row['advice']['en']}" for row in answer["alerts"]]
    lines += [f"  -> {path}" for path in answer.get("files", {}).values()]
    return "\n".join(lines)


def _field(name: str, row: Json) -> str:
    others = "".join(f" or {other}" for other in row.get("variants", ()))
    return f"  {name:<15}{row['value']}{others}  ({row['text_score']:.2f})"


def liveness(answer: Json) -> str:
    """The decision on one picture, its score and reasons."""
    if "error" in answer:
        return _error(answer)
    score = answer["bona_fide_score"]
    shown = "" if score is None else f"  bona_fide_score {score:.3f} (threshold {answer['threshold']})"
    return f"{answer['file']}: {answer['decision']}{shown} {' '.join(answer['reasons'])}".rstrip()


def comparison(answer: Json) -> str:
    """How alike two faces are, and what that means at the policy's error rate."""
    if answer["similarity"] is None:
        return f"no comparison: {answer['status']}"
    said = "the same person" if answer["match"] else "not shown to be the same person"
    return (
        f"similarity {answer['similarity']:.4f}, threshold {answer['threshold']:.4f} "
        f"(false match rate {answer['max_fmr']:g}): {said}"
    )


def weight(row: Json) -> str:
    """One weight of the manifest."""
    commerce = "commercial use clear" if row["commercial_use"] else "NON-COMMERCIAL ONLY"
    return f"{row['name']:<18}{row['task']}\n    {row['package']} -> {row['member']}\n    {row['licence']}; {commerce}"


def policy(found: Policy) -> str:
    """What a policy asks for, key by key."""
    lines = [f"policy {found.version}"]
    lines += [
        f"  two faces match at a false match rate of at most {found.max_fmr:g}",
        f"  less alike than at a false match rate of {found.clear_nonmatch_fmr:g}: clearly two people",
        f"  fields below text score {found.min_text_score:g} go to a person; "
        f"contradictions count from {found.certain_text_score:g} on",
        f"  a card that ends within {found.expiring_days} days says so",
        f"  liveness {'required' if found.liveness_required else 'not required'}, "
        f"phone {'required' if found.phone_required else 'not required'}, "
        f"carrier {'required' if found.carrier_required else 'not required'}",
    ]
    lines += [f"  {code} -> {effect.value}" for code, effect in found.effects.items()]
    return "\n".join(lines)


def _error(answer: Json) -> str:
    return f"{answer['file']}: {answer['error']['code']}: {answer['error']['detail']}"
