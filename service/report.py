"""Evidence and outcomes as the JSON that callers get; the shapes are documented in the README and in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.evidence import (
    Check,
    Comparison,
    DocumentField,
    DocumentReading,
    Finding,
    Outcome,
    PadResult,
)
from service.policy import BACK_FIELDS, FRONT_FIELDS
from service.reasons import REASONS

Json = dict[str, Any]


def outcome_json(outcome: Outcome) -> Json:
    """The verdict of `hecha verify --json` and of POST /v1/verifications (there with `id` and `created_at`)."""
    evidence, decision = outcome.evidence, outcome.decision
    return {
        "decision": decision.verdict.value,
        "reasons": [finding_json(finding) for finding in decision.reasons],
        "checks": [check_json(check) for check in decision.checks],
        "document": document_json(evidence.front, evidence.back),
        "comparison": None if evidence.comparison is None else comparison_json(evidence.comparison),
        "liveness": None if evidence.liveness is None else liveness_json(evidence.liveness),
        "today": evidence.today.isoformat(),
        "versions": dict(outcome.versions),
    }


def reading_json(reading: DocumentReading) -> Json:
    """The answer of `hecha read --json`, without `file` and `elapsed_ms`."""
    return {
        "kind": reading.kind,
        "side": None if reading.side is None else reading.side.value,
        "fields": _fields_json(reading.fields),
        "alerts": [finding_json(alert) for alert in reading.alerts],
        "checks": [check_json(check) for check in reading.checks],
        "mrz": None
        if reading.mrz is None
        else {
            "format": reading.mrz.format,
            "lines": list(reading.mrz.lines),
            "status": reading.mrz.status,
            "candidates": [list(lines) for lines in reading.mrz.candidates],
        },
        "card_box": reading.card_box,
        "portrait_box": reading.portrait_box,
        "route": reading.route,
    }


def finding_json(finding: Finding) -> Json:
    """A reason code with what it means and what to do about it."""
    row = REASONS[finding.code]
    answer: Json = {
        "code": finding.code,
        "severity": row.severity,
        "message": row.message,
        "advice": {"en": row.advice_en, "zh": row.advice_zh},
    }
    if finding.role is not None:
        answer["capture"] = finding.role.value
    if finding.field is not None:
        answer["field"] = finding.field
    if finding.box is not None:
        answer["box"] = finding.box
    if finding.measure is not None:
        answer["measure"] = {
            "name": finding.measure.name,
            "value": round(finding.measure.value, 4),
            "threshold": finding.measure.threshold,
            "worse": finding.measure.worse,
        }
    return answer


def check_json(check: Check) -> Json:
    """One question with its answer and the numbers it rests on."""
    return {
        "name": check.name,
        "outcome": check.outcome.value,
        "reasons": list(check.reasons),
        "measured": dict(check.measured),
    }


def liveness_json(result: PadResult) -> Json:
    """The answer of `hecha liveness --json`, without `file`."""
    return {
        "decision": result.decision.value,
        "bona_fide_score": result.bona_fide_score,
        "threshold": result.threshold,
        "reasons": list(result.reasons),
        "findings": [finding_json(finding) for finding in result.findings],
    }


def comparison_json(compared: Comparison) -> Json:
    """Similarity, what it was measured against and by which weight."""
    return {
        "similarity": compared.similarity,
        "threshold": compared.threshold,
        "margin": round(compared.similarity - compared.threshold, 4),
        "certain_from": compared.certain_from,
        "fmr_at_similarity": None if compared.fmr is None else _rates(*compared.fmr),
        "clear_nonmatch_threshold": compared.clear_nonmatch_threshold,
        "max_fmr": compared.max_fmr,
        "match": compared.match,
        "model_sha256": compared.model_sha256,
    }


def _rates(rate: float, low: float, high: float) -> Json:
    return {"rate": float(f"{rate:.3g}"), "interval_95": [float(f"{low:.3g}"), float(f"{high:.3g}")]}


def document_json(front: DocumentReading | None, back: DocumentReading | None) -> Json:
    """The fields of both sides together, then each side as it was read."""
    sides = {"front": front, "back": back}
    merged: dict[str, DocumentField] = {}
    for reading in sides.values():
        merged |= reading.fields if reading else {}
    kinds = [reading.kind for reading in sides.values() if reading and reading.kind]
    return {
        "kind": kinds[0] if kinds else None,
        "fields": {name: merged[name].value for name in _ordered(merged)},
        **{name: reading_json(reading) if reading else None for name, reading in sides.items()},
    }


def _fields_json(fields: Mapping[str, DocumentField]) -> Json:
    return {
        name: {
            "value": found.value,
            "text_score": round(found.text_score, 4),
            "box": found.box,
            **({"variants": list(found.variants)} if found.variants else {}),
        }
        for name in _ordered(fields)
        for found in (fields[name],)
    }


def _ordered(fields: Mapping[str, DocumentField]) -> list[str]:
    """As they stand on the card; what other kinds have besides comes last."""
    known = (*FRONT_FIELDS, *BACK_FIELDS)
    return sorted(fields, key=lambda name: known.index(name) if name in known else len(known))
