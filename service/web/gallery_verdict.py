"""What a gallery adds to a verdict: two checks, their reasons, and the part `gallery`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.evidence import Check, CheckOutcome, Finding, Role
from service.faces.gallery import Candidate
from service.faces.identification import SearchThreshold
from service.report import check_json, finding_json
from service.store.galleries import Kept

OF_OTHERS = frozenset({"duplicate_face", "blocklisted_face", "face_known"})
"""Reasons that tell of other cases."""
_OF_THE_FACE = ("portrait", "selfie", "liveness", "selfie_original", "face")
_MOST_TOLD = 10
_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Searched:
    """A search of one kind of templates. `found`: the most alike first."""

    threshold: SearchThreshold
    templates: int
    found: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Found:
    """What the searches of cases and of the blocklist found. `kept` by template id; `known`: of cases under the same
    number; `not_comparable`: templates of another weight."""

    cases: Searched
    blocked: Searched
    kept: Mapping[str, Kept]
    known: frozenset[str]
    not_comparable: int
    max_fpir: float

    def add_to(self, verdict: _Json) -> _Json:
        """The verdict with all that."""
        duplicates = [each for each in self.cases.found if each.id not in self.known]
        known = [each for each in self.cases.found if each.id in self.known]
        checks = (
            self._check("duplicate_face", self.cases, duplicates, known=len(known)),
            self._check("blocklisted_face", self.blocked, self.blocked.found),
        )
        gallery = {
            "searched": True,
            "duplicates": [self._told(each) for each in duplicates[:_MOST_TOLD]],
            "known": [self._told(each) for each in known[:_MOST_TOLD]],
            "blocked": [
                {"id": each.id, "reason": self.kept[each.id].reason, **self._told(each)}
                for each in self.blocked.found[:_MOST_TOLD]
            ],
            "not_comparable": self.not_comparable,
        }
        return _added(verdict, checks, gallery, ("face_known",) if known else ())

    def _check(self, name: str, searched: Searched, hits: Sequence[Candidate], **more: int) -> Check:
        measured: dict[str, float | int | str | bool] = {
            "templates": searched.templates,
            "threshold": searched.threshold.similarity,
            "max_fpir": self.max_fpir,
            "fpir_bound": float(f"{searched.threshold.fpir_bound:.3g}"),
            "found": len(hits),
            **more,
        }
        if not hits:
            return Check(name, CheckOutcome.PASS, (), measured)
        return Check(name, CheckOutcome.FAIL, (name,), {**measured, "similarity": hits[0].similarity})

    def _told(self, candidate: Candidate) -> _Json:
        return {"case_id": self.kept[candidate.id].case_id, "similarity": candidate.similarity}


def not_searched(verdict: _Json, *, consented: bool) -> _Json:
    """The verdict on a selfie without a face, or on one that may not be searched for."""
    reasons = () if consented else ("face_not_searched",)
    checks = [Check(name, CheckOutcome.UNKNOWN, reasons) for name in ("duplicate_face", "blocklisted_face")]
    return _added(verdict, checks, {"searched": False})


def worth_keeping(verdict: Mapping[str, Any]) -> bool:
    """Whether a live person was shown who is the one on the card, in a case that was not refused: else a template would
    put a face under somebody else's number, or keep one whose owner was never there."""
    outcomes = {check["name"]: check["outcome"] for check in verdict["checks"] if check["name"] in _OF_THE_FACE}
    passed = outcomes.get("face") == "pass" and set(outcomes.values()) == {"pass"}
    return passed and verdict["decision"] in ("approved", "review")


def _added(verdict: _Json, checks: Sequence[Check], gallery: _Json, hints: tuple[str, ...] = ()) -> _Json:
    """What the checks say sends an approved case to a person, and no case anywhere else."""
    unanswered = [check for check in checks if check.outcome is not CheckOutcome.PASS]
    codes = dict.fromkeys(code for check in unanswered for code in check.reasons)
    reasons = verdict["reasons"]
    deciding = next((n for n, each in enumerate(reasons) if each["severity"] == "hint"), len(reasons))
    review = unanswered and verdict["decision"] == "approved"
    return {
        **verdict,
        "decision": "review" if review else verdict["decision"],
        "reasons": [*reasons[:deciding], *map(_reason, codes), *reasons[deciding:], *map(_reason, hints)],
        "checks": [*verdict["checks"], *map(check_json, checks)],
        "gallery": gallery,
    }


def _reason(code: str) -> _Json:
    return finding_json(Finding(code, Role.SELFIE))
