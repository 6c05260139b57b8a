"""What the web room asks of the rest of the house. `main` hands it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from service.evidence import Claim, Role, Template


class Verifier(Protocol):
    """Makes a verdict of three pictures."""

    def verify(
        self,
        front: bytes,
        back: bytes,
        selfie: bytes | None,
        *,
        today: date | None,
        phone_confirmed: bool | None,
        claim: Claim | None,
        frames: Sequence[bytes] = (),
        take_template: Callable[[Template | None], None] | None = None,
    ) -> dict[str, Any]:
        """The verdict as JSON-ready values, the same object as `hecha verify --json`.

        The pictures are the bytes as uploaded; without a `selfie` no face is looked for. `frames`: further ones of the
        selfie, in the order they were taken. `today` None = the day of the clock; `phone_confirmed` None = the case has
        no phone; `claim` None = the applicant typed neither name nor number. `take_template` is given the selfie's
        template, None where it has no face; nobody else gets it. Blocks until the verdict is there.
        Raises errors of `service.errors`: a PictureError (with `role`) where no verdict can be made of a picture,
        EngineBusy with `retry_after_s`, EngineFailed.
        """
        ...

    def judge(self, picture: bytes, role: Role) -> dict[str, Any]:
        """What is wrong with one picture: `accepted` (nothing asks for another one), `findings` as in a verdict's
        `reasons`, `fields` by name (empty for a selfie); errors as for `verify`."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller who shows a document asks; see `web.schemas.DocumentOptions`."""

    today: date | None = None
    kind: str | None = None
    card_image: bool = False
    portrait_image: bool = False


class Reader(Protocol):
    """Reads a document."""

    def read_document(self, front: bytes | None, back: bytes | None, wish: Wish) -> dict[str, Any]:
        """What one or two pictures say, as JSON-ready values; errors as for `Verifier.verify`."""
        ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether verifications can be made now. `parts` says it for each part by name (`weights`, `engines`, ...)."""

    ready: bool
    parts: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost, in bytes, seconds and numbers."""

    picture_bytes: int = 10 * 1024 * 1024
    options_bytes: int = 4 * 1024
    upload_bytes: int = 3 * 10 * 1024 * 1024 + 64 * 1024
    """The whole body of a request with pictures, the further frames of a selfie among them."""
    frames: int = 4
    """Further frames of a selfie."""
    body_bytes: int = 16 * 1024
    """The whole body of any other request."""
    body_deadline_s: float = 120.0
    """The whole body must have arrived by then."""
    body_grace_s: float = 10.0
    """So long a body may arrive at any rate; afterwards `body_bytes_per_s` on average is the least."""
    body_bytes_per_s: int = 8 * 1024
    uploads: int = 32
    """Requests with pictures in hand at once, from the first byte to the answer."""
