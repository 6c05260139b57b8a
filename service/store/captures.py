"""The pictures of verifications that go step by step: which may be given, and those to decide on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from service.errors import CapturesMissing, CaseConflict, ConsentRequired, DuplicateSide, InternalError
from service.evidence import Role
from service.store.cases import FRAMES, Cases, Vault
from service.store.database import PICTURES, Transaction
from service.store.sessions import Session
from service.store.states import MOVES
from service.store.tables import CAPTURES

_TWINS = {"document_front": "document_back", "document_back": "document_front"}
_ROLES = {"document_front": Role.FRONT, "document_back": Role.BACK}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture's SHA-256 in hexadecimal, under the side it was given for."""

    side: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Capture:
    """A picture and what was said about it (JSON)."""

    shown: Shown
    picture: bytes = field(repr=False)
    judged: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A picture that is the one that was judged."""

    picture: bytes = field(repr=False)
    sha256: str


class Captures:
    """The pictures in the table `captures`; `service.store.moves` writes them."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def check(self, session: Session, tenant: str, shown: Shown) -> None:
        """Whether this picture may be given now. Raises DuplicateSide; of a selfie ConsentRequired, CaseConflict; of a
        further frame CapturesMissing too."""
        if shown.side in ("selfie", *FRAMES):
            _check_selfie(session, shown.side)
        self._check_twin(session, tenant, shown)

    def sealed(self, transaction: Transaction, tenant: str, case_id: str) -> dict[str, bytes]:
        """The pictures to decide on, by side, as they are stored: `opened` opens them when the transaction is over."""
        rows = transaction.execute(_PICTURES, {"case_id": case_id, "tenant": tenant})
        return {row.side: row.picture for row in rows}

    def opened(self, session: Session, sealed: Mapping[str, bytes]) -> dict[str, Pinned]:
        """The pictures, opened. Raises InternalError when one is not the one that was judged, CaseConflict when the
        verification ended meanwhile."""
        found = {}
        album = open_album(session)
        for side, content in sealed.items():
            picture = album.open(content, f"picture/{side}")
            found[side] = Pinned(picture, sha256(picture))
            if self._cases.picture_digest(album.tenant, found[side].sha256) != session.digests.get(side):
                raise InternalError("a picture is not the one that was judged")
        return found

    def _check_twin(self, session: Session, tenant: str, shown: Shown) -> None:
        """Front and back must differ, but for a picture that was given under the wrong side first."""
        twin = _TWINS.get(shown.side, "")
        if twin not in session.digests or session.digests[twin] != self._cases.picture_digest(tenant, shown.sha256):
            return
        found = json.loads(session.judged[twin]).get("findings", [])
        if "wrong_side" not in [finding["code"] for finding in found]:
            raise DuplicateSide(role=_ROLES[shown.side])


_PICTURES = (
    select(CAPTURES.c.side, CAPTURES.c.picture)
    .where(
        CAPTURES.c.case_id == bindparam("case_id"),
        CAPTURES.c.tenant == bindparam("tenant"),
        CAPTURES.c.picture.is_not(None),
    )
    .execution_options(**{PICTURES: True})
)


def sha256(picture: bytes) -> str:
    """What a step pins of a picture."""
    return hashlib.sha256(picture).hexdigest()


def open_album(session: Session) -> Vault:
    """What seals the pictures. Raises CaseConflict when the verification has ended."""
    if session.album is None:
        raise CaseConflict(fields=(("state", session.state.value),))
    return session.album


def _check_selfie(session: Session, side: str) -> None:
    if session.state not in MOVES["capture"]:
        return
    if not session.face:
        raise CaseConflict(fields=(("selfie", "not_asked_for"),))
    if not session.biometric_consent:
        raise ConsentRequired
    if side in FRAMES and "selfie" not in session.judged:
        raise CapturesMissing(fields=(("selfie", "missing"),))
