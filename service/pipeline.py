"""The product on one page: from three pictures to an outcome.

front, back ──documents──> readings ──cross_check──┐
front ──portrait──faces──> reference ──┐           ├──policy.decide──> outcome
selfie ──faces──> probe ──compare──────┴───────────┤
selfie ──liveness──────────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from service.documents.crosscheck import cross_check
from service.evidence import (
    Comparison,
    DocumentReading,
    Evidence,
    Face,
    FaceCapture,
    Finding,
    Outcome,
    PadResult,
    Picture,
    Pixels,
    Role,
    Template,
)
from service.faces.compare import similarity
from service.policy import Policy, capture_findings, decide


class Documents(Protocol):
    """Reads one picture of a document. A bad picture is an alert, never an error."""

    def read(self, picture: Picture, *, kind: str | None = None, today: date | None = None) -> DocumentReading: ...


class Faces(Protocol):
    """Finds the one face that counts and makes its template."""

    def selfie(self, picture: Picture) -> FaceCapture: ...
    def subject(self, picture: Picture) -> FaceCapture: ...
    def portrait(self, pixels: Pixels) -> FaceCapture: ...
    def template(self, pixels: Pixels, face: Face) -> Template: ...


class Liveness(Protocol):
    """Judges whether a live person is shown."""

    def assess(self, pixels: Pixels, face: Face) -> PadResult: ...


@dataclass(frozen=True, slots=True)
class Captures:
    """The three pictures of a case."""

    front: Picture
    back: Picture
    selfie: Picture


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the face weight's calibration says for the policy's error rates (cosine similarity)."""

    match: float
    clear_nonmatch: float


@dataclass(frozen=True, slots=True)
class Engines:
    """The rooms one verification walks through, and the versions that a verdict quotes."""

    documents: Documents
    faces: Faces
    liveness: Liveness
    thresholds: Thresholds
    versions: Mapping[str, str]


def verify(
    captures: Captures, engines: Engines, policy: Policy, today: date, phone_confirmed: bool | None = None
) -> Outcome:
    """One verification. Deterministic: same pictures, weights, policy and day give the same outcome."""
    front = engines.documents.read(captures.front, today=today)
    back = engines.documents.read(captures.back, today=today)
    selfie = engines.faces.selfie(captures.selfie)
    portrait = engines.faces.portrait(front.portrait) if front.portrait is not None else None
    evidence = Evidence(
        front=front,
        back=back,
        cross_checks=cross_check(front, back, today),
        portrait=portrait,
        selfie=selfie,
        comparison=_compare(front, portrait, captures.selfie, selfie, engines, policy),
        liveness=engines.liveness.assess(captures.selfie.pixels, selfie.face) if selfie.face else None,
        findings=capture_findings([(Role.FRONT, front), (Role.BACK, back)], _face_findings(portrait, selfie)),
        today=today,
        phone_confirmed=phone_confirmed,
    )
    return Outcome(evidence, decide(evidence, policy), engines.versions)


def _face_findings(portrait: FaceCapture | None, selfie: FaceCapture) -> tuple[Finding, ...]:
    return (*(portrait.findings if portrait else ()), *selfie.findings)


def _compare(
    front: DocumentReading,
    portrait: FaceCapture | None,
    probe_picture: Picture,
    probe: FaceCapture,
    engines: Engines,
    policy: Policy,
) -> Comparison | None:
    """Card portrait (reference) against selfie (probe); None where either face is missing."""
    if front.portrait is None or portrait is None or portrait.face is None or probe.face is None:
        return None
    reference = engines.faces.template(front.portrait, portrait.face)
    alike = round(similarity(reference, engines.faces.template(probe_picture.pixels, probe.face)), 4)
    return Comparison(
        similarity=alike,
        threshold=engines.thresholds.match,
        clear_nonmatch_threshold=engines.thresholds.clear_nonmatch,
        max_fmr=policy.max_fmr,
        match=alike >= engines.thresholds.match,
        model_sha256=reference.model_sha256,
    )
