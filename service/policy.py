"""From evidence to decision, pure: same evidence, same policy, same answer. APPROVED is earned check by check.

Every question the policy asks is a `Check`. A check that passed says nothing; one that failed or could not be answered
gives reasons, each with an effect (`service.reasons`, the policy may harden or soften it between decline, retake and
review, never to nothing). The strongest effect decides: decline, then retake, then review. Only where every required
check passed is the case approved.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.errors import PolicyInvalid
from service.evidence import (
    Check,
    CheckOutcome,
    Decision,
    DocumentReading,
    Evidence,
    Finding,
    Side,
    Verdict,
)
from service.face_checks import face_check, portrait_check, selfie_check
from service.liveness_checks import liveness_check, selfie_original_checks
from service.reasons import ALWAYS_REVIEW, POOR_PORTRAIT, REASONS, Effect

KIND = "cn_resident_id"
"""The one kind of document a verification accepts."""
FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "number")
WORDING = ("name", "address", "authority")
"""Fields of free text."""
BACK_FIELDS = ("authority", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's wishes; the meaning of each key stands in `policy.toml` and the README."""

    version: str
    max_fmr: float = 1e-3
    clear_nonmatch_fmr: float = 1e-1
    poor_portrait: Effect = Effect.RETAKE
    min_text_score: float = 0.60
    min_wording_score: float = 0.85
    certain_text_score: float = 0.95
    expiring_days: int = 90
    liveness_required: bool = True
    max_apcer: float = 0.3
    max_fpir: float = 1e-2
    phone_required: bool = False
    carrier_required: bool = False
    effects: Mapping[str, Effect] = field(default_factory=dict)


KEYS: Mapping[str, Mapping[str, str]] = {
    "face": {"max_fmr": "max_fmr", "clear_nonmatch_fmr": "clear_nonmatch_fmr", "poor_portrait": "poor_portrait"},
    "document": {
        "min_text_score": "min_text_score",
        "min_wording_score": "min_wording_score",
        "certain_text_score": "certain_text_score",
        "expiring_days": "expiring_days",
    },
    "liveness": {"required": "liveness_required", "max_apcer": "max_apcer"},
    "gallery": {"max_fpir": "max_fpir"},
    "phone": {"required": "phone_required", "carrier_required": "carrier_required"},
}
"""Table and key of `policy.toml` -> attribute of `Policy`."""


def load_policy(path: Path) -> Policy:
    """Read a policy file. Raises PolicyInvalid, which names the key, for unknown keys and values out of range."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyInvalid(f"{path.name}: {type(error).__name__}") from None
    version = raw.pop("version", None)
    if not isinstance(version, str) or not version:
        raise PolicyInvalid("version: a text is required")
    effects = _effects(raw.pop("effects", {}))
    return Policy(version=version, effects=effects, **_values(raw))


def _values(raw: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for table, entries in raw.items():
        if table not in KEYS or not isinstance(entries, dict):
            raise PolicyInvalid(f"{table}: unknown; known are version, effects, {', '.join(KEYS)}")
        for key, value in entries.items():
            if key not in KEYS[table]:
                raise PolicyInvalid(f"{table}.{key}: unknown; known are {', '.join(KEYS[table])}")
            values[KEYS[table][key]] = _checked(f"{table}.{key}", value)
    if values.get("clear_nonmatch_fmr", 1.0) < values.get("max_fmr", 0.0):
        raise PolicyInvalid("face.clear_nonmatch_fmr: must not be below face.max_fmr")
    return values


def _checked(name: str, value: object) -> bool | float | int | Effect:
    if name == "face.poor_portrait":
        if value in {Effect.RETAKE, Effect.REVIEW}:
            return Effect(str(value))
        raise PolicyInvalid(f"{name}: retake or review is required")
    if name.endswith("required"):
        if isinstance(value, bool):
            return value
        raise PolicyInvalid(f"{name}: true or false is required")
    if name.endswith("_days"):
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 3650:
            return value
        raise PolicyInvalid(f"{name}: a whole number of days from 0 to 3650 is required")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1:
        return float(value)
    raise PolicyInvalid(f"{name}: a number above 0, at most 1, is required")


def _effects(raw: object) -> dict[str, Effect]:
    if not isinstance(raw, dict):
        raise PolicyInvalid("effects: a table is required")
    effects: dict[str, Effect] = {}
    for code, effect in raw.items():
        if code not in REASONS:
            raise PolicyInvalid(f"effects.{code}: not a reason code")
        if effect not in {Effect.DECLINE, Effect.RETAKE, Effect.REVIEW}:
            raise PolicyInvalid(f"effects.{code}: decline, retake or review is required")
        if code in ALWAYS_REVIEW and effect != Effect.REVIEW:
            raise PolicyInvalid(f"effects.{code}: always review, by itself it refuses nobody")
        effects[code] = Effect(effect)
    return effects


def decide(evidence: Evidence, policy: Policy) -> Decision:
    """The decision on a case. Pure; missing evidence never approves."""
    checks = tuple(_checks(evidence, policy))
    open_checks = [check for check in checks if check.outcome is not CheckOutcome.PASS]
    effects = {code: _effect(code, check, policy) for check in reversed(open_checks) for code in check.reasons}
    verdict = _verdict([check for check in open_checks if _blocks(check, effects)], effects.values())
    reasons = _reasons(open_checks, effects, evidence.findings)
    return Decision(verdict, reasons, checks, policy.version)


ADVISORY = frozenset({"expiring", "region_code", "authority_region", "number_region", "carrier_match"})
"""Checks that may stay unanswered: no table knows every authority. They speak against a case or not at all."""


def _blocks(check: Check, effects: Mapping[str, Effect]) -> bool:
    """Whether an open check stands in the way of approval: all do but a failed one that only gives hints, and one of
    ADVISORY without an answer."""
    hints = all(effects[code] is Effect.HINT for code in check.reasons)
    if check.outcome is CheckOutcome.UNKNOWN:
        return check.name not in ADVISORY or not hints
    return not check.reasons or not hints


def _verdict(open_checks: list[Check], effects: Iterable[Effect]) -> Verdict:
    found = set(effects)
    if Effect.DECLINE in found:
        return Verdict.DECLINED
    if Effect.RETAKE in found:
        return Verdict.RETAKE
    return Verdict.REVIEW if open_checks else Verdict.APPROVED


def _effect(code: str, check: Check, policy: Policy) -> Effect:
    effect = _wished(code, policy)
    # A contradiction that rests on bad or implausible reading is most likely a reading error: look again first.
    if effect in {Effect.DECLINE, Effect.REVIEW} and _doubtful(check, policy):
        return Effect.RETAKE
    return effect


def _wished(code: str, policy: Policy) -> Effect:
    default = policy.poor_portrait if code in POOR_PORTRAIT else REASONS[code].effect
    return policy.effects.get(code, default)


def _doubtful(check: Check, policy: Policy) -> bool:
    text_score = check.measured.get("text_score", 1.0)
    badly_read = isinstance(text_score, float) and text_score < policy.certain_text_score
    return badly_read or check.measured.get("span_legal") is False


_STRENGTH = (Effect.DECLINE, Effect.RETAKE, Effect.REVIEW, Effect.HINT)


def _reasons(
    open_checks: list[Check], effects: Mapping[str, Effect], findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Deciding reasons first, each code of a role once; the findings of the captures follow as hints."""
    located = {finding.code: finding for finding in reversed(findings)}
    deciding = [located.get(code, Finding(code)) for check in open_checks for code in check.reasons]
    deciding.sort(key=lambda finding: _STRENGTH.index(effects[finding.code]))
    return tuple(dict.fromkeys([*deciding, *(finding for finding in findings if finding.code not in effects)]))


def side_checks(front: DocumentReading | None, back: DocumentReading | None, policy: Policy) -> Iterable[Check]:
    """Whether each side is there, whole and under its own name, then what each says about itself."""
    yield side_check("document_front", front, Side.FRONT, policy)
    yield side_check("document_back", back, Side.BACK, policy)
    for reading in (front, back):
        yield from reading.checks if reading else ()


def _checks(evidence: Evidence, policy: Policy) -> Iterable[Check]:
    yield from side_checks(evidence.front, evidence.back, policy)
    yield from evidence.cross_checks
    yield _text_certainty(evidence, policy)
    yield from _face_checks(evidence, policy)
    if policy.phone_required or evidence.phone_confirmed is not None:
        yield _phone(evidence)


def _face_checks(evidence: Evidence, policy: Policy) -> Iterable[Check]:
    if not evidence.biometrics:
        yield Check("face", CheckOutcome.UNKNOWN, ("face_not_compared",))
        return
    yield portrait_check(evidence)
    yield selfie_check(evidence)
    if policy.liveness_required:
        yield liveness_check(evidence)
        yield from selfie_original_checks(evidence)
    yield face_check(evidence)


def side_check(name: str, reading: DocumentReading | None, side: Side, policy: Policy) -> Check:
    """Whether a side is there, whole and under its own name."""
    if reading is None:
        return Check(name, CheckOutcome.UNKNOWN, ("document_missing",))
    if reading.kind is None:
        return Check(name, CheckOutcome.UNKNOWN, _codes(reading, policy, "not_a_document"))
    if reading.kind != KIND:
        return Check(name, CheckOutcome.FAIL, ("kind_mismatch",))
    if reading.side is not side:
        return Check(name, CheckOutcome.FAIL, ("wrong_side",))
    wanted = FRONT_FIELDS if side is Side.FRONT else BACK_FIELDS
    missing = [field_name for field_name in wanted if not reading.value(field_name)]
    blocking = _codes(reading, policy)
    if missing or blocking:
        return Check(name, CheckOutcome.UNKNOWN, blocking or ("fields_unreadable",), {"fields_missing": len(missing)})
    return Check(name, CheckOutcome.PASS)


def _codes(reading: DocumentReading, policy: Policy, default: str | None = None) -> tuple[str, ...]:
    effects = {alert.code: policy.effects.get(alert.code, REASONS[alert.code].effect) for alert in reading.alerts}
    codes = [code for code, effect in effects.items() if effect is not Effect.HINT]
    return tuple(codes) or ((default,) if default else ())


def _text_certainty(evidence: Evidence, policy: Policy) -> Check:
    """Dates, number, sex and ethnicity have other witnesses; the wording of a name, an address and an authority has
    none, so they must be read more surely."""
    scores = {
        name: found.text_score
        for reading, wanted in ((evidence.front, FRONT_FIELDS), (evidence.back, BACK_FIELDS))
        if reading
        for name in wanted
        if (found := reading.fields.get(name))
    }
    if not scores:
        return Check("text_certainty", CheckOutcome.UNKNOWN)
    wording = [scores[name] for name in WORDING if name in scores]
    measured = {
        "lowest_text_score": round(min(scores.values()), 4),
        "min_text_score": policy.min_text_score,
        "lowest_wording_score": round(min(wording, default=1.0), 4),
        "min_wording_score": policy.min_wording_score,
    }
    if min(scores.values()) < policy.min_text_score or min(wording, default=1.0) < policy.min_wording_score:
        return Check("text_certainty", CheckOutcome.FAIL, ("text_uncertain",), measured)
    return Check("text_certainty", CheckOutcome.PASS, (), measured)


def _phone(evidence: Evidence) -> Check:
    if evidence.phone_confirmed:
        return Check("phone", CheckOutcome.PASS)
    return Check("phone", CheckOutcome.UNKNOWN, ("phone_unconfirmed",))
