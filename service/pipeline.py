"""The product on one page: from three pictures to an outcome.

front, back ──documents──> readings ──cross_check──┐
front ──portrait──faces──> reference ──┐           ├──policy.decide──> outcome
selfie ──faces──> probe ──compare──────┴───────────┤
selfie ──liveness──────────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from service.documents.cn_resident_id import KIND as RESIDENT_ID
from service.documents.crosscheck import check_kind, cross_check, cross_check_travel
from service.evidence import (
    Check,
    CheckOutcome,
    Claim,
    Comparison,
    DocumentReading,
    Evidence,
    Face,
    FaceCapture,
    Finding,
    Measure,
    Outcome,
    PadResult,
    Picture,
    Pixels,
    Role,
    Template,
)
from service.faces.calibration import Calibration
from service.faces.compare import similarity
from service.liveness.replay import same_photograph
from service.phone.carrier.checks import carrier_checks
from service.policy import Policy, decide, side_checks


class Documents(Protocol):
    """Reads one picture of a document. A bad picture is an alert, never an error."""

    def read(self, picture: Picture, *, today: date | None = None) -> DocumentReading: ...


class Faces(Protocol):
    """Finds the one face that counts and makes its template."""

    def selfie(self, picture: Picture) -> FaceCapture: ...
    def gated(self, picture: Picture, found: FaceCapture) -> FaceCapture: ...
    def subject(self, picture: Picture) -> FaceCapture: ...
    def portrait(self, pixels: Pixels) -> FaceCapture: ...
    def template(self, pixels: Pixels, face: Face) -> Template: ...
    def hidden(self, picture: Picture, face: Face, probe: Template, reference: Template) -> Finding | None: ...


class Liveness(Protocol):
    """Judges whether a live person is shown."""

    def assess(self, picture: Picture, face: Face, others: tuple[Face, ...] = ()) -> PadResult: ...
    def assess_frames(self, frames: Sequence[tuple[Picture, FaceCapture]]) -> PadResult: ...


@dataclass(frozen=True, slots=True)
class Captures:
    """The pictures of a case. `selfie` None = the case was opened without biometrics."""

    front: Picture
    back: Picture
    selfie: Picture | None
    frames: tuple[Picture, ...] = ()
    """Further frames of the selfie, in their order; they can only speak against it."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the face weight's calibration says for the policy's error rates (cosine similarity)."""

    match: float
    clear_nonmatch: float
    certain_from: float
    """Up to it from `match` on the threshold itself is uncertain: a person looks."""
    calibration: Calibration

    @classmethod
    def of(cls, calibration: Calibration, max_fmr: float, clear_nonmatch_fmr: float) -> Thresholds:
        """Raises CalibrationMissing where a rate was not fitted."""
        return cls(
            match=calibration.threshold(max_fmr),
            clear_nonmatch=calibration.threshold(clear_nonmatch_fmr),
            certain_from=calibration.certain_from(max_fmr),
            calibration=calibration,
        )


@dataclass(frozen=True, slots=True)
class Engines:
    """The rooms one verification walks through, and the versions that a verdict quotes."""

    documents: Documents
    faces: Faces
    liveness: Liveness
    thresholds: Thresholds
    versions: Mapping[str, str]


def verify(
    captures: Captures,
    engines: Engines,
    policy: Policy,
    today: date,
    phone_confirmed: bool | None = None,
    claim: Claim | None = None,
) -> Outcome:
    """One verification. Deterministic: same pictures, weights, policy and day give the same outcome."""
    pictures = (captures.selfie, *captures.frames) if captures.selfie is not None else ()
    # What is not a model runs on one core: a second thread keeps the other at work (`Session.run` takes turns).
    with ThreadPoolExecutor(max_workers=1) as beside:
        back_read = beside.submit(engines.documents.read, captures.back, today=today)
        selfie_seen = beside.submit(see_selfie, pictures, engines) if pictures else None
        front = engines.documents.read(captures.front, today=today)
        portrait = _portrait(front, engines.faces) if pictures else None
        reference = _reference(front, portrait, engines.faces)
        back = back_read.result()
        seen = selfie_seen.result() if selfie_seen else None
    evidence = Evidence(
        front=front,
        back=back,
        cross_checks=(
            *cross_check(front, back, today, expiring_days=policy.expiring_days, claim=claim),
            *carrier_checks(claim, required=policy.carrier_required),
        ),
        portrait=None,
        selfie=None,
        comparison=None,
        liveness=None,
        findings=_capture_findings([(Role.FRONT, front), (Role.BACK, back)]),
        today=today,
        phone_confirmed=phone_confirmed,
        biometrics=captures.selfie is not None,
    )
    if seen is not None:
        comparison = _compare(reference, seen.template, engines.thresholds, policy)
        with ThreadPoolExecutor(max_workers=1) as beside:
            likeness = beside.submit(_portrait_likeness, front, portrait, pictures[0], seen.capture, comparison)
            shown = _looked_through(pictures[0], seen, reference, comparison, engines.faces)
        evidence = replace(
            evidence,
            portrait=portrait,
            selfie=shown,
            comparison=comparison,
            liveness=seen.liveness,
            findings=(*evidence.findings, *_face_findings(portrait, shown, seen.liveness)),
            portrait_likeness=likeness.result(),
        )
    return Outcome(evidence, decide(evidence, policy), engines.versions, seen.template if seen else None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a selfie shows. `template`, `liveness`: None where it has no face."""

    capture: FaceCapture
    template: Template | None
    liveness: PadResult | None


def see_selfie(pictures: Sequence[Picture], engines: Engines) -> Seen:
    """The selfie, first of `pictures`, and whether it and its further frames show a live person."""
    found = engines.faces.selfie(pictures[0])
    if found.face is None:
        return Seen(found, None, None)
    # As above: while the model of one runs, the own work of the other goes on.
    with ThreadPoolExecutor(max_workers=1) as beside:
        judged = beside.submit(judge_liveness, pictures, found, engines)
        capture = engines.faces.gated(pictures[0], found)
        template = engines.faces.template(pictures[0].pixels, found.face)
        return Seen(capture, template, judged.result())


def _reference(front: DocumentReading, portrait: FaceCapture | None, faces: Faces) -> Template | None:
    if front.portrait is None or portrait is None or portrait.face is None:
        return None
    return faces.template(front.portrait, portrait.face)


@dataclass(frozen=True, slots=True)
class DocumentQuestion:
    """What a caller who shows a document asks. `kind`: of `DOCUMENT_KINDS`, None = any."""

    today: date
    kind: str | None = None
    card_image: bool = False
    portrait_image: bool = False


def check_documents(
    front: DocumentReading | None, back: DocumentReading | None, question: DocumentQuestion, policy: Policy
) -> tuple[Check, ...]:
    """The questions of a verdict that the document alone can answer. Of one picture only those it does answer."""
    readings = [reading for reading in (front, back) if reading]
    if any(reading.kind not in (None, RESIDENT_ID) for reading in readings):
        checks = [check for reading in readings for check in reading.checks]
        checks += cross_check_travel(front, back, question.today, expiring_days=policy.expiring_days)
    else:
        checks = [*side_checks(front, back, policy)]
        checks += cross_check(front, back, question.today, expiring_days=policy.expiring_days)
    missing = {name for name, side in (("document_front", front), ("document_back", back)) if side is None}
    if missing:
        answered = [check for check in checks if check.outcome is not CheckOutcome.UNKNOWN or check.reasons]
        checks = [check for check in answered if check.name not in missing]
    return (*checks, *((check_kind(readings, question.kind),) if question.kind else ()))


def _portrait(front: DocumentReading, faces: Faces) -> FaceCapture | None:
    """The face of the card; what is said of it is shown where the portrait lies in the picture."""
    if front.portrait is None:
        return None
    found = faces.portrait(front.portrait)
    return replace(found, findings=tuple(replace(finding, box=front.portrait_box) for finding in found.findings))


def judge_liveness(pictures: Sequence[Picture], selfie: FaceCapture, engines: Engines) -> PadResult | None:
    """The selfie, first of `pictures`, alone or with its further frames; None where it has no face."""
    if selfie.face is None:
        return None
    if len(pictures) == 1:
        return engines.liveness.assess(pictures[0], selfie.face, selfie.others)
    more = [(picture, engines.faces.selfie(picture)) for picture in pictures[1:]]
    return engines.liveness.assess_frames([(pictures[0], selfie), *more])


def _looked_through(
    picture: Picture, seen: Seen, reference: Template | None, comparison: Comparison | None, faces: Faces
) -> FaceCapture:
    """The selfie, with what only the comparison shows to be hidden. Only asked where the faces match, as below."""
    face, probe = seen.capture.face, seen.template
    if comparison is None or not comparison.match or face is None or probe is None or reference is None:
        return seen.capture
    found = faces.hidden(picture, face, probe, reference)
    return replace(seen.capture, findings=(*seen.capture.findings, *([found] if found else ())))


def _portrait_likeness(
    front: DocumentReading,
    portrait: FaceCapture | None,
    probe_picture: Picture,
    probe: FaceCapture,
    comparison: Comparison | None,
) -> Measure | None:
    """Only asked where the faces match: else nothing is approved anyway."""
    if comparison is None or not comparison.match:
        return None
    if front.portrait is None or portrait is None or portrait.face is None or probe.face is None:
        return None
    return same_photograph(front.portrait, portrait.face, probe_picture.pixels, probe.face)


def _face_findings(
    portrait: FaceCapture | None, selfie: FaceCapture, liveness: PadResult | None
) -> tuple[Finding, ...]:
    return (
        *(portrait.findings if portrait else ()),
        *selfie.findings,
        *(liveness.findings if liveness else ()),
    )


def _compare(
    reference: Template | None, probe: Template | None, thresholds: Thresholds, policy: Policy
) -> Comparison | None:
    """Card portrait (reference) against selfie (probe); None where either face is missing."""
    if reference is None or probe is None:
        return None
    alike = round(similarity(reference, probe), 4)
    return Comparison(
        similarity=alike,
        threshold=thresholds.match,
        clear_nonmatch_threshold=thresholds.clear_nonmatch,
        max_fmr=policy.max_fmr,
        match=alike >= thresholds.match,
        model_sha256=reference.model_sha256,
        certain_from=thresholds.certain_from,
        fmr=_fmr(thresholds.calibration, alike),
    )


def _fmr(calibration: Calibration, alike: float) -> tuple[float, float, float] | None:
    counted = calibration.false_match_rate(alike)
    return None if counted is None else (counted.k / counted.n, *counted.interval)


def _capture_findings(readings: Iterable[tuple[Role, DocumentReading]]) -> tuple[Finding, ...]:
    """What was noticed about the pictures themselves, with the role of each."""
    return tuple(replace(alert, role=role) for role, reading in readings for alert in reading.alerts)
