"""What one engine process serves: bytes in, JSON-ready answers out. One job at a time, models loaded once."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from service.documents.crops import jpeg_base64, rectified
from service.documents.regions import load_regions
from service.errors import PictureError
from service.evidence import Claim, DocumentReading, Picture, Role, Side, Template
from service.faces.calibration import Calibration
from service.faces.engine import FaceEngine
from service.judgement import asks_again, document_findings, selfie_findings
from service.pipeline import Captures, DocumentQuestion, Engines, Faces, check_documents, judge_liveness, verify
from service.policy import Policy
from service.report import Json, check_json, document_json, finding_json, liveness_json, outcome_json, reading_json
from service.runtime.image import decode

DOCUMENT_MAX_SIDE = 2000
SELFIE_MAX_SIDE = 1280
"""Longest side in pixels that documents and selfies are decoded to."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The methods are the jobs of `runtime.pool`; each raises HechaError leaves only."""

    engines: Engines
    policy: Policy

    def verify(
        self,
        front: bytes,
        back: bytes,
        selfie: bytes | None,
        today: date,
        phone_confirmed: bool | None,
        claim: Claim | None = None,
        frames: tuple[bytes, ...] = (),
    ) -> Json:
        """One verdict; `selfie` None = without biometrics, `frames` = more of the selfie.

        Raises PictureError naming the part that cannot be used.
        """
        return self.verify_with_template(front, back, selfie, today, phone_confirmed, claim, frames)[0]

    def verify_with_template(
        self,
        front: bytes,
        back: bytes,
        selfie: bytes | None,
        today: date,
        phone_confirmed: bool | None,
        claim: Claim | None = None,
        frames: tuple[bytes, ...] = (),
    ) -> tuple[Json, Template | None]:
        """As `verify`, with the selfie's template; None where it has no face."""
        captures = decode_captures(front, back, selfie, frames)
        outcome = verify(captures, self.engines, self.policy, today, phone_confirmed, claim)
        return outcome_json(outcome), outcome.probe

    def calibration(self) -> Calibration:
        """Of the weight that makes the templates."""
        return self.engines.thresholds.calibration

    def judge(self, data: bytes, role: Role, today: date) -> Json:
        """What is wrong with one picture, while it can still be taken again: `accepted`, `findings` and, of a document,
        `fields` by name. Raises PictureError."""
        fields: Json = {}
        if role is Role.SELFIE:
            picture = _decode(data, SELFIE_MAX_SIDE, role)
            found = self.engines.faces.selfie(picture)
            judged = judge_liveness([picture], found, self.engines)
            findings = selfie_findings(self.engines.faces.gated(picture, found), judged)
        else:
            reading = self.engines.documents.read(_decode(data, DOCUMENT_MAX_SIDE, role), today=today)
            findings = document_findings(role, reading, self.policy)
            fields = document_json(reading, None)["fields"]
        return {
            "accepted": not any(asks_again(finding, self.policy) for finding in findings),
            "findings": [finding_json(finding) for finding in findings],
            "fields": fields,
        }

    def read(self, data: bytes, kind: str | None = None, today: date | None = None, images: bool = False) -> Json:
        """One picture of a document.

        `today`: with every check one side can answer, instead of those within it; one of them is whether it is of the
        `kind` asked for. `images`: with `card_image` and `portrait_image`, see `document`.
        """
        started = time.perf_counter()
        picture = decode(data, max_side=DOCUMENT_MAX_SIDE, fine=True)
        reading = self.engines.documents.read(picture, today=today)
        pictures = _images(picture, reading, card=images, portrait=images)
        answer = {**reading_json(reading), **pictures}
        if today is not None:
            checks = check_documents(*_under_its_side(reading), DocumentQuestion(today, kind), self.policy)
            answer["checks"] = [check_json(check) for check in checks]
        return {**answer, "elapsed_ms": _elapsed_ms(started)}

    def document(self, front: bytes | None, back: bytes | None, question: DocumentQuestion) -> Json:
        """One document from one or two pictures. Raises PictureError naming the part whose bytes cannot be used."""
        started = time.perf_counter()
        given = ((role, data) for role, data in ((Role.FRONT, front), (Role.BACK, back)) if data is not None)
        pictures = {role: _decode(data, DOCUMENT_MAX_SIDE, role) for role, data in given}
        readings = {
            role: self.engines.documents.read(picture, today=question.today) for role, picture in pictures.items()
        }
        sides = readings.get(Role.FRONT), readings.get(Role.BACK)
        answer = document_json(*sides)
        for role, reading in readings.items():
            answer[role.value] |= _images(
                pictures[role], reading, card=question.card_image, portrait=question.portrait_image
            )
        checks = check_documents(*sides, question, self.policy)
        answer |= {"checks": [check_json(check) for check in checks], "today": question.today.isoformat()}
        return {**answer, "versions": self.versions(), "elapsed_ms": _elapsed_ms(started)}

    def liveness(self, data: bytes, *frames: bytes) -> Json:
        """Whether one picture shows a live person; `face_not_found` and its like are `unsure`. `frames`: further ones
        of the same selfie, in their order."""
        pictures = [decode(one, max_side=SELFIE_MAX_SIDE) for one in (data, *frames)]
        found = self.engines.faces.selfie(pictures[0])
        judged = judge_liveness(pictures, found, self.engines)
        if judged is None:
            codes = [finding.code for finding in found.findings]
            return {"decision": "unsure", "bona_fide_score": None, "threshold": None, "reasons": codes, "findings": []}
        return liveness_json(judged)

    def template(self, data: bytes) -> tuple[NDArray[np.float32] | None, str]:
        """The template of the most prominent face of a picture and `ok`, or None and the reason code."""
        return _template(self.engines.faces, data)

    def compare(self, one: bytes, other: bytes) -> Json:
        """How alike the faces of two pictures are; `similarity` None and `status` a reason code without two faces."""
        found = [self.template(data) for data in (one, other)]
        status = next((status for _, status in found if status != "ok"), "ok")
        first, second = (vector for vector, _ in found)
        alike = None if first is None or second is None else round(float(first @ second), 4)
        thresholds = self.engines.thresholds
        return {
            "similarity": alike,
            "status": status,
            "threshold": thresholds.match,
            "max_fmr": self.policy.max_fmr,
            "match": None if alike is None else alike >= thresholds.match,
        }

    def versions(self) -> dict[str, str]:
        """What made the answers: the house, the policy and the sha256 of every weight."""
        return dict(self.engines.versions)

    def warm(self) -> None:
        """Run every model and read every table once, so that the first person does not wait for it."""
        load_regions()
        blank = Picture(np.full((640, 1000, 3), 128, np.uint8), 1.0, 1000, 640, "PNG", "")
        self.engines.documents.read(blank)
        self.engines.faces.selfie(blank)


@dataclass(frozen=True, slots=True)
class TemplateMaker:
    """The jobs of `hecha calibrate`: one engine process over the faces alone."""

    faces: FaceEngine

    def template(self, data: bytes) -> tuple[NDArray[np.float32] | None, str]:
        """As `Engine.template`."""
        return _template(self.faces, data)

    def versions(self) -> dict[str, str]:
        """The sha256 of the weight that makes the templates."""
        return {"face_template": self.faces.model_sha256}


def _template(faces: Faces, data: bytes) -> tuple[NDArray[np.float32] | None, str]:
    picture = decode(data, max_side=SELFIE_MAX_SIDE)
    found = faces.subject(picture)
    if found.face is None:
        return None, found.findings[0].code
    return faces.template(picture.pixels, found.face).vector, "ok"


def _under_its_side(reading: DocumentReading) -> tuple[DocumentReading | None, DocumentReading | None]:
    """Front and back; neither where no document was found."""
    if reading.kind is None:
        return None, None
    return (None, reading) if reading.side is Side.BACK else (reading, None)


def _images(picture: Picture, reading: DocumentReading, *, card: bool, portrait: bool) -> Json:
    """What was asked for, as JPEG in Base64; None where it was not found."""
    asked: Json = {}
    if card:
        asked["card_image"] = jpeg_base64(rectified(picture, reading))
    if portrait:
        asked["portrait_image"] = jpeg_base64(reading.portrait)
    return asked


def _elapsed_ms(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 1)


def decode_captures(front: bytes, back: bytes, selfie: bytes | None, frames: tuple[bytes, ...] = ()) -> Captures:
    """The pictures of a case, decoded two at a time. Raises PictureError naming the first part that cannot be used."""
    selfies = () if selfie is None else (selfie, *frames)
    parts = [(front, DOCUMENT_MAX_SIDE, Role.FRONT), (back, DOCUMENT_MAX_SIDE, Role.BACK)]
    parts += [(one, SELFIE_MAX_SIDE, Role.SELFIE) for one in selfies]
    # `decode` silences warnings for the whole process: where two threads do, only this one puts them back as they were.
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=2) as both:
        pictures = list(both.map(lambda part: _decode(*part), parts))
    return Captures(pictures[0], pictures[1], pictures[2] if selfies else None, tuple(pictures[3:]))


def _decode(data: bytes, max_side: int, role: Role) -> Picture:
    try:
        return decode(data, max_side=max_side, fine=role is not Role.SELFIE)
    except PictureError as error:
        raise type(error)(error.detail, role=role.value) from error
