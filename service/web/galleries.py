"""`/v1/gallery` and `/v1/blocklist`: whether a tenant keeps face templates, and which faces it blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.openapi.models import Example
from starlette.responses import Response

from service import errors
from service.errors import NotFound
from service.store import Caller, Transaction
from service.store.galleries import Kind
from service.web import examples, gallery_schemas
from service.web.access import Administering, PathId, Reviewing
from service.web.answers import Answer, Call
from service.web.cursors import cursor_of, place_of
from service.web.gallery_desk import GalleryDesk
from service.web.gallery_schemas import Blocking, Blocklist, BlocklistEntry, Gallery, GallerySide
from service.web.logs import Log
from service.web.once import Calling, OnceRoute

_PAGE = 100


@dataclass(frozen=True, slots=True)
class GalleryKeeper:
    """Opens and closes galleries, and keeps their blocklists."""

    desk: GalleryDesk
    log: Log

    def look(self, tenant: str) -> Gallery:
        """How the tenant's gallery stands."""
        with self.desk.store.reading() as transaction:
            return self._standing(transaction, tenant)

    def open(self, caller: Caller) -> Gallery:
        """Open it; one that is open stays as it is."""
        by, now = caller.key_id, self.desk.clock()
        with self.desk.store.transaction() as transaction:
            self.desk.store.galleries.open(transaction, caller.tenant, gallery_id=self.desk.new_id(), by=by, now=now)
        self.log(event="gallery", outcome="opened", key_id=by)
        return self.look(caller.tenant)

    def close(self, caller: Caller) -> None:
        """Destroy it."""
        with self.desk.store.transaction() as transaction:
            closed = self.desk.store.galleries.close(transaction, caller.tenant)
        self.desk.index.refresh(caller.tenant)
        if closed:
            self.log(event="gallery", outcome="closed", key_id=caller.key_id)

    def forget(self, caller: Caller, case_id: str) -> None:
        """Forget the template of a case. Raises NotFound."""
        with self.desk.store.transaction() as transaction:
            if not self.desk.store.galleries.forget(transaction, caller.tenant, case_id):
                raise NotFound
        self.desk.index.refresh(caller.tenant)

    def block(self, caller: Caller, case_id: str, reason: str, call: Call) -> Answer:
        """Put the face of a case on the blocklist. Raises NotFound, CaseConflict, GalleryUnreadable."""
        store = self.desk.store
        with store.transaction() as transaction:
            call.begin(transaction)
            store.cases.vault(transaction, caller.tenant, case_id)
            entry_id, by, now = self.desk.new_id(), caller.key_id, self.desk.clock()
            blocked = store.galleries.block(
                transaction, caller.tenant, case_id, entry_id=entry_id, reason=reason, by=by, now=now
            )
            told = BlocklistEntry.model_validate(blocked).model_dump_json().encode()
            answer = Answer(201, told, case_id=case_id)
            call.keep(transaction, answer)
        return answer

    def unblock(self, caller: Caller, entry_id: str) -> None:
        """Take an entry from the blocklist. Raises NotFound."""
        by, now = caller.key_id, self.desk.clock()
        with self.desk.store.transaction() as transaction:
            self.desk.store.galleries.unblock(transaction, caller.tenant, entry_id, by=by, now=now)
        self.desk.index.refresh(caller.tenant)

    def blocklist(self, tenant: str, cursor: str | None) -> Blocklist:
        """A page. Raises RequestInvalid for a cursor of somebody else's making."""
        before = place_of(cursor)
        with self.desk.store.reading() as transaction:
            found = self.desk.store.galleries.blocklist(transaction, tenant, before=before, limit=_PAGE + 1)
        last = found[_PAGE - 1] if len(found) > _PAGE else None
        return Blocklist(
            entries=[BlocklistEntry.model_validate(each) for each in found[:_PAGE]],
            next_cursor=None if last is None else cursor_of(last.created_at, last.id),
        )

    def _standing(self, transaction: Transaction, tenant: str) -> Gallery:
        opened = self.desk.store.galleries.find(transaction, tenant)
        if opened is None:
            return Gallery(open=False)
        weight = str(self.desk.rules.calibration().table["model_sha256"])
        counts = self.desk.store.galleries.counts(transaction, tenant)
        return Gallery(
            open=True,
            opened_at=opened.opened_at,
            cases=self._side(counts.get((Kind.CASE, weight), 0)),
            blocklist=self._side(counts.get((Kind.BLOCKED, weight), 0)),
            not_comparable=sum(count for (_, made_by), count in counts.items() if made_by != weight),
            most_templates=self.desk.rules.templates,
            max_fpir=self.desk.rules.max_fpir,
        )

    def _side(self, templates: int) -> GallerySide:
        found = self.desk.threshold(templates)
        return GallerySide(templates=templates, threshold=found.similarity, fpir_bound=float(f"{found.fpir_bound:.3g}"))


def build(keeper: GalleryKeeper) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["gallery"], route_class=OnceRoute)

    @router.get("/v1/gallery", responses=_STANDING)
    def get_gallery(caller: Administering) -> Gallery:
        """Whether the tenant keeps face templates, how many, and from which similarity on a face counts as found."""
        return keeper.look(caller.tenant)

    @router.put("/v1/gallery", responses=_STANDING)
    def open_gallery(caller: Administering) -> Gallery:
        """Keep the template of each case that passes, and compare each new face with them. The applicant must have
        agreed (`consent.gallery`); who did not is kept nowhere and sent to a person."""
        return keeper.open(caller)

    @router.delete("/v1/gallery", status_code=204, responses=_CLOSED)
    def close_gallery(caller: Administering) -> Response:
        """Keep nothing any more: every template and the whole blocklist are destroyed."""
        keeper.close(caller)
        return Response(status_code=204)

    @router.delete("/v1/verifications/{id}/template", status_code=204, responses=_FORGOTTEN)
    def forget_template(caller: Administering, id: PathId) -> Response:
        """Forget the template of a case whose applicant takes the consent to the gallery back; the verdict stays."""
        keeper.forget(caller, id)
        return Response(status_code=204)

    @router.post("/v1/verifications/{id}/blocklist", status_code=201, responses=_BLOCKED)
    def block_face(
        caller: Reviewing, call: Calling, id: PathId, wanted: Annotated[Blocking, Body(openapi_examples=_REQUEST)]
    ) -> Response:
        """Put the face of a case on the blocklist: who looks like it is sent to a person. The entry stays when the case
        is erased, until it is removed; a face that is on it already keeps its entry."""
        return keeper.block(caller, id, wanted.reason, call).response()

    @router.get("/v1/blocklist", responses=_LISTED)
    def list_blocklist(
        caller: Reviewing,
        cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    ) -> Blocklist:
        """Every entry, the newest first, a hundred a page; of those that were removed nothing is left but this line."""
        return keeper.blocklist(caller.tenant, cursor)

    @router.delete("/v1/blocklist/{id}", status_code=204, responses=_FORGOTTEN)
    def unblock_face(caller: Reviewing, id: PathId) -> Response:
        """Take a face from the blocklist: its template and key are destroyed."""
        keeper.unblock(caller, id)
        return Response(status_code=204)

    return router


_ANY = (errors.Unauthorized, errors.ScopeMissing, errors.InternalError, errors.StoreUnavailable)
_ONE = (*_ANY, errors.NotFound)
_ENGINE = (errors.NotReady, errors.EngineBusy, errors.EngineFailed)
_Answers = dict[int | str, dict[str, Any]]
_REQUEST: dict[str, Example] = {"blocking": {"value": gallery_schemas.BLOCKING}}
_STANDING: _Answers = {
    200: examples.answer("How the gallery stands", "Gallery", gallery_schemas.GALLERY),
    **examples.errors(*_ANY, *_ENGINE),
}
_CLOSED: _Answers = {204: {"description": "Nothing is kept"}, **examples.errors(*_ANY)}
_FORGOTTEN: _Answers = {204: {"description": "It is gone"}, **examples.errors(*_ONE)}
_BLOCKED: _Answers = {
    201: examples.answer("The entry", "BlocklistEntry", gallery_schemas.ENTRY, then=("unblock_face",)),
    **examples.errors(
        *_ONE,
        errors.CaseConflict,
        errors.RequestMalformed,
        errors.RequestTimeout,
        errors.RequestTooLarge,
        errors.ContentTypeUnsupported,
        errors.RequestInvalid,
        errors.GalleryUnreadable,
    ),
}
_LISTED: _Answers = {
    200: examples.answer(
        "A page",
        "Blocklist",
        {"entries": [gallery_schemas.ENTRY], "next_cursor": None},
        then=("unblock_face",),
        found_at="/entries/0/id",
    ),
    **examples.errors(*_ANY, errors.RequestInvalid),
}
