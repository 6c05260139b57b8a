"""A selfie's template and its liveness are made side by side."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier
from typing import Any, cast

import numpy as np
import pytest

from service.evidence import Face, FaceCapture, Finding, PadDecision, PadResult, Picture, Template
from service.pipeline import Engines, see_selfie

FACE = Face((20, 20, 80, 80), np.zeros((5, 2), np.float32), 0.9)
PICTURE = Picture(np.zeros((100, 100, 3), np.uint8), 1.0, 100, 100, "PNG", "")
TEMPLATE = Template(np.ones(512, np.float32), "weight")
LIVE = PadResult(PadDecision.BONA_FIDE, 0.9, 0.5)


class Rooms:
    """Faces and liveness at once; `meet` is called in both."""

    def __init__(self, meet: Callable[[], Any], face: Face | None = FACE) -> None:
        self.meet, self.face = meet, face

    def selfie(self, picture: Picture) -> FaceCapture:
        return FaceCapture(self.face)

    def gated(self, picture: Picture, found: FaceCapture) -> FaceCapture:
        return FaceCapture(found.face, (Finding("face_dark"),))

    def template(self, pixels: object, face: Face) -> Template:
        self.meet()
        return TEMPLATE

    def assess(self, picture: Picture, face: Face, others: tuple[Face, ...] = ()) -> PadResult:
        self.meet()
        return LIVE


def engines(rooms: Rooms) -> Engines:
    return Engines(*(cast(Any, room) for room in (None, rooms, rooms, None, {})))


def test_template_and_liveness_are_made_at_once() -> None:
    # Each waits for the other: one after another they would never meet.
    seen = see_selfie([PICTURE], engines(Rooms(Barrier(2, timeout=20).wait)))
    assert (seen.template, seen.liveness) == (TEMPLATE, LIVE)
    assert [finding.code for finding in seen.capture.findings] == ["face_dark"]


def test_without_a_face_nothing_is_asked() -> None:
    seen = see_selfie([PICTURE], engines(Rooms(lambda: 1 / 0, face=None)))
    assert (seen.capture.face, seen.template, seen.liveness) == (None, None, None)


def test_an_error_beside_is_not_lost() -> None:
    class Broken(Rooms):
        def assess(self, picture: Picture, face: Face, others: tuple[Face, ...] = ()) -> PadResult:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        see_selfie([PICTURE], engines(Broken(lambda: None)))
