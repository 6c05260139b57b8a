"""The frozen values that flow through one verification. Pure: standard library and numpy only.

Pictures are BGR uint8 arrays of shape (H, W, 3). Boxes are quadrilaterals of four (x, y) points in pixels of the
original picture (after its EXIF orientation), clockwise from the top-left corner *of the text or object*: on a card
photographed upside down the first point lies at the lower right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""BGR uint8, shape (H, W, 3)."""

Point = tuple[float, float]
Box = tuple[Point, Point, Point, Point]
"""Four (x, y) points in pixels of the original picture, clockwise from the object's own top left."""

DOCUMENT_KINDS = ("cn_resident_id", "passport", "mrz_card", "visa", "cn_permanent_resident", "cn_hmt_permit")
"""What `DocumentReading.kind` may say; one file each in `service/documents/`."""

LONG_TERM = "long-term"
"""The value of `valid_until` on a card without an end of validity (长期)."""


class Role(StrEnum):
    """What a capture shows, as the caller declares it."""

    FRONT = "front"
    BACK = "back"
    SELFIE = "selfie"


class Side(StrEnum):
    """The side of a card as read. The front of a Chinese card is the one with the portrait."""

    FRONT = "front"
    BACK = "back"


class CheckOutcome(StrEnum):
    """The answer to one question. `UNKNOWN` means the evidence is missing; it never approves."""

    PASS = "pass"  # noqa: S105 not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The end of a verification. `RETAKE` asks for a better picture; `REVIEW` asks for a person."""

    APPROVED = "approved"
    REVIEW = "review"
    DECLINED = "declined"
    RETAKE = "retake"


class PadDecision(StrEnum):
    """Presentation attack detection (ISO/IEC 30107-3)."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. `scale` = pixels of `pixels` per pixel of the original (<= 1.0)."""

    pixels: Pixels = field(repr=False)
    scale: float
    original_width: int
    original_height: int
    format: str
    sha256: str  # of the bytes as they arrived
    fine: Pixels | None = field(default=None, repr=False)
    """Luminance (H, W) in its own size, where that was asked for and `pixels` are smaller."""

    def to_original(self, points: NDArray[np.float32]) -> Box:
        """Map a (4, 2) quadrilateral in `pixels` to the original picture."""
        mapped = np.asarray(points, dtype=np.float64).reshape(4, 2) / self.scale
        a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in mapped)
        return (a, b, c, d)


@dataclass(frozen=True, slots=True)
class Measure:
    """What an alert was measured by: the quantity's name (its unit last), its value, and from where on it alarms."""

    name: str
    value: float
    threshold: float
    worse: str = "higher"  # `higher`: alarms at and above the threshold; `lower`: at and below it


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about a capture. `code` is a reason code of `service.reasons`."""

    code: str
    role: Role | None = None
    field: str | None = None
    box: Box | None = None
    """The region it speaks of; None = the whole picture."""
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One question with one answer. `measured` holds numbers and codes only, never personal data."""

    name: str
    outcome: CheckOutcome
    reasons: tuple[str, ...] = ()
    measured: Mapping[str, float | int | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text. `text_score` in [0, 1], higher is more certain. `box` as in the module docstring."""

    text: str = field(repr=False)
    text_score: float
    box: Box


@dataclass(frozen=True, slots=True)
class DocumentField:
    """A field as read. Dates are ISO 8601; `text_score` in [0, 1]: of its worst line, or less (`wording_score`)."""

    value: str = field(repr=False)
    text_score: float
    box: Box | None
    variants: tuple[str, ...] = field(default=(), repr=False)
    """What the print may also say. Of a name: its simplified or look-alike characters; `value` is what was read. Of an
    address or an authority: what was read, where `value` has a place's name as the table of regions spells it."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """A machine readable zone (ICAO 9303). `status` is `valid`, `invalid` or `ambiguous`.

    `format` is `TD1`, `TD2`, `TD3`, `MRVA` or `MRVB`. `lines` is the likeliest reading; where several satisfy every
    check digit and none is clearly likelier, `candidates` holds them, the likeliest first.
    """

    format: str
    lines: tuple[str, ...] = field(repr=False)
    status: str
    candidates: tuple[tuple[str, ...], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """What one picture of a document says. `kind` and `side` are None where no known document was found."""

    kind: str | None
    side: Side | None
    fields: Mapping[str, DocumentField] = field(repr=False)
    alerts: tuple[Finding, ...] = ()
    checks: tuple[Check, ...] = ()
    """Cross-checks within this one side (check character, birth date, sex ...)."""
    mrz: Mrz | None = None
    portrait: Pixels | None = field(default=None, repr=False)
    """The holder's printed face cut out of the card with a margin, upright; None on the back or if not located."""
    portrait_box: Box | None = None
    card_box: Box | None = None
    route: str = "none"
    """Which step of the cascade was kept: `rectified`, `whole`, `mrz` or `none`."""

    def value(self, name: str) -> str | None:
        """The value of a field, or None if it was not read."""
        found = self.fields.get(name)
        return None if found is None else found.value


CarrierMatch = Literal["match", "mismatch", "unknown"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the applicant typed; None = nothing. `carrier`: does it know the phone under that; None = was not asked."""

    name: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    carrier: CarrierMatch | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a `Picture`, in pixels of `Picture.pixels` (not of the original).

    `box` = x0, y0, x1, y1. `landmarks` = float32 (5, 2): left eye, right eye, nose, left and right mouth corner as seen
    in the picture. `detection_score` in [0, 1], higher is more certainly a face.
    """

    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32] = field(repr=False)
    detection_score: float

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes."""
        return float(np.linalg.norm(self.landmarks[1] - self.landmarks[0]))

    @property
    def turn(self) -> float:
        """How far the nose lies off the middle of the eyes, in eye distances along their line: 0 frontal, 1 profile."""
        left, right, nose = self.landmarks[:3]
        along = right - left
        return float(abs(np.dot(nose - (left + right) / 2, along)) / max(float(np.dot(along, along)), 1e-6))


@dataclass(frozen=True, slots=True)
class FaceCapture:
    """Looking for one face, `others` beside it. `findings`: why `face` is None, or what gates of quality it fails."""

    face: Face | None
    findings: tuple[Finding, ...] = ()
    faces_seen: int = 0
    others: tuple[Face, ...] = ()
    telling: bool = False  # passes its gates with room to spare: being unlike it speaks against a person


@dataclass(frozen=True, slots=True)
class Template:
    """Float32 unit vector, and the sha256 of the weight that made it."""

    vector: NDArray[np.float32] = field(repr=False)
    model_sha256: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reference (card portrait) against probe (selfie). `similarity` = cosine in [-1, 1], higher is more alike."""

    similarity: float
    threshold: float  # at and above it they are the same person, at a false match rate of `max_fmr`
    clear_nonmatch_threshold: float  # below it they are clearly two people
    max_fmr: float
    match: bool
    model_sha256: str
    certain_from: float | None = None  # they match whoever the threshold was fitted on; None = from the threshold
    fmr: tuple[float, float, float] | None = None  # how often two people are so alike, 95 % interval; None = unknown


@dataclass(frozen=True, slots=True)
class PadResult:
    """`bona_fide_score` in [0, 1], higher is more certainly a live person; None = not computed."""

    decision: PadDecision
    bona_fide_score: float | None
    threshold: float
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one verification knows before the decision; None = not to be had. Without `biometrics` nothing approves."""

    front: DocumentReading | None
    back: DocumentReading | None
    cross_checks: tuple[Check, ...]
    portrait: FaceCapture | None
    selfie: FaceCapture | None
    comparison: Comparison | None
    liveness: PadResult | None
    findings: tuple[Finding, ...]
    today: date
    phone_confirmed: bool | None = None
    biometrics: bool = True
    portrait_likeness: Measure | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What policy makes of the evidence. `reasons` are ordered, the deciding ones first."""

    verdict: Verdict
    reasons: tuple[Finding, ...]
    checks: tuple[Check, ...]
    policy_version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Evidence and decision of one verification; `versions` of the service, the policy and every weight (sha256)."""

    evidence: Evidence
    decision: Decision
    versions: Mapping[str, str]
    probe: Template | None = field(default=None, repr=False)  # of the selfie; no answer holds it
