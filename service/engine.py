"""What one engine process serves: bytes in, JSON-ready answers out. One job at a time, models loaded once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from service.errors import PictureError
from service.evidence import Face, Picture, Role
from service.pipeline import Captures, Engines, verify
from service.policy import Policy
from service.report import Json, liveness_json, outcome_json, reading_json
from service.runtime.image import decode

DOCUMENT_MAX_SIDE = 2000
SELFIE_MAX_SIDE = 1280
"""Longest side in pixels that documents and selfies are decoded to."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The methods are the jobs of `runtime.pool`; each raises HechaError leaves only."""

    engines: Engines
    policy: Policy

    def verify(self, front: bytes, back: bytes, selfie: bytes, today: date, phone_confirmed: bool | None) -> Json:
        """One verdict. Raises PictureError naming the part whose bytes cannot be used."""
        captures = Captures(
            _decode(front, DOCUMENT_MAX_SIDE, Role.FRONT),
            _decode(back, DOCUMENT_MAX_SIDE, Role.BACK),
            _decode(selfie, SELFIE_MAX_SIDE, Role.SELFIE),
        )
        return outcome_json(verify(captures, self.engines, self.policy, today, phone_confirmed))

    def read(self, data: bytes, kind: str | None = None, today: date | None = None) -> Json:
        """One picture of a document. `kind`: the one asked for; another has the alert `kind_mismatch`."""
        started = time.perf_counter()
        picture = decode(data, max_side=DOCUMENT_MAX_SIDE)
        answer = reading_json(self.engines.documents.read(picture, kind=kind, today=today))
        answer["elapsed_ms"] = round(1000 * (time.perf_counter() - started), 1)
        return answer

    def liveness(self, data: bytes) -> Json:
        """Whether one picture shows a live person; `face_not_found` and its like are `unsure`."""
        picture = decode(data, max_side=SELFIE_MAX_SIDE)
        found = self.engines.faces.selfie(picture)
        if found.face is None:
            codes = [finding.code for finding in found.findings]
            return {"decision": "unsure", "bona_fide_score": None, "threshold": None, "reasons": codes}
        return liveness_json(self.engines.liveness.assess(picture.pixels, found.face))

    def template(self, data: bytes) -> tuple[NDArray[np.float32] | None, str]:
        """The template of the most prominent face of a picture and `ok`, or None and the reason code."""
        picture = decode(data, max_side=SELFIE_MAX_SIDE)
        face, status = self._face(picture)
        if face is None:
            return None, status
        return self.engines.faces.template(picture.pixels, face).vector, status

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
        """Run every model once, so that the first person does not wait for it."""
        blank = Picture(np.full((640, 1000, 3), 128, np.uint8), 1.0, 1000, 640, "PNG", "")
        self.engines.documents.read(blank)
        self.engines.faces.selfie(blank)

    def _face(self, picture: Picture) -> tuple[Face | None, str]:
        found = self.engines.faces.subject(picture)
        return found.face, "ok" if found.face else found.findings[0].code


def _decode(data: bytes, max_side: int, role: Role) -> Picture:
    try:
        return decode(data, max_side=max_side)
    except PictureError as error:
        raise type(error)(error.detail, role=role.value) from error
