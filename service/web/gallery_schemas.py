"""What comes in and goes out of galleries and blocklists, with examples."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from service.web.fields import Code, Strict, Time


class GallerySide(BaseModel):
    """Templates that a new face is compared with."""

    templates: int
    threshold: float = Field(description="The similarity at and above which a face counts as found.")
    fpir_bound: float = Field(
        description="The rate at which somebody who is not among them is found, as far as the calibration can vouch."
    )


class Gallery(BaseModel):
    """Whether a tenant keeps face templates."""

    open: bool
    opened_at: Time | None = None
    cases: GallerySide | None = None
    blocklist: GallerySide | None = None
    not_comparable: int = Field(default=0, description="Templates made by another face weight than the one in use.")
    most_templates: int | None = Field(default=None, description="Beyond it no further template is kept.")
    max_fpir: float | None = Field(default=None, description="As the policy wishes.")


class Blocking(Strict):
    """Why a face is blocked."""

    reason: Code = Field(description="A code of your own, without personal data.", examples=["forged_document"])


class BlocklistEntry(BaseModel):
    """A face on the blocklist, or one that was."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    case_id: str = Field(description="The case whose face it is; it may have been erased since.")
    reason: str
    created_at: Time
    added_by: str = Field(description="The id of the API key; `settings` for one of `HECHA_API_KEY`.")
    removed_at: Time | None
    removed_by: str | None


class Blocklist(BaseModel):
    """A page of the blocklist, the newest first."""

    entries: list[BlocklistEntry]
    next_cursor: str | None = Field(description="Null on the last page.")


GALLERY: dict[str, Any] = {
    "open": True,
    "opened_at": "2026-11-24T09:00:00.000Z",
    "cases": {"templates": 90, "threshold": 0.4752, "fpir_bound": 0.00896},
    "blocklist": {"templates": 4, "threshold": 0.4206, "fpir_bound": 0.00399},
    "not_comparable": 0,
    "most_templates": 1_000_000,
    "max_fpir": 0.01,
}
BLOCKING: dict[str, Any] = {"reason": "forged_document"}
ENTRY: dict[str, Any] = {
    "id": "fac_5Jm1yV0bQ2kTnX8sRw4LpA",
    "case_id": "ver_3q2-7wEuHhPsmRGXp0uVJg",
    "reason": "forged_document",
    "created_at": "2026-11-24T09:30:00.000Z",
    "added_by": "key_uB7x2LmQ9a0P",
    "removed_at": None,
    "removed_by": None,
}
