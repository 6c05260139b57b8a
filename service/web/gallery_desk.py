"""A selfie's way through its tenant's gallery, where the tenant opened one: asked for, searched, kept.

What is found sends a case to a person and never refuses one. All of it happens in the transaction of the verdict, one
verdict of a tenant at a time: of two cases that show one face at once, the second finds the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.evidence import Claim, Template
from service.faces.calibration import Calibration
from service.faces.identification import SearchThreshold, search_threshold
from service.store import Store, Transaction
from service.store.galleries import Kept, Kind
from service.web import sandbox
from service.web.gallery_index import GalleryIndex, Searcher, bytes_of
from service.web.gallery_verdict import Found, Searched, not_searched, worth_keeping


@dataclass(frozen=True, slots=True)
class GalleryRules:
    """What the operator wants of galleries; `max_fpir` and `max_fmr` as in the policy."""

    max_fpir: float
    max_fmr: float
    calibration: Callable[[], Calibration]
    """Of the weight that makes the templates. Raises NotReady while the engines start."""
    templates: int = 1_000_000
    """As many a tenant may keep, and all tenants together have in memory."""


@dataclass(frozen=True, slots=True)
class GalleryDesk:
    """Over the galleries of all tenants."""

    store: Store
    rules: GalleryRules
    index: GalleryIndex
    clock: Callable[[], datetime]
    new_id: Callable[[], str] = field(repr=False)

    def passage(self, tenant: str, claim: Claim | None, *, consented: bool) -> Passage | None:
        """The way of a verification with a selfie; None where the tenant opened no gallery, or nothing is judged.

        `consented`: to being kept and compared with others.
        """
        if sandbox.forced(tenant, claim):
            return None
        with self.store.reading() as transaction:
            opened = self.store.galleries.find(transaction, tenant)
        return None if opened is None else Passage(self, tenant, consented)

    def warm(self, tenant: str, template: Template) -> None:
        """Bring the gallery and the calibration into memory, so that no transaction waits for them. Raises
        GalleryUnreadable."""
        self.rules.calibration()
        with self.store.reading() as transaction:
            opened = self.store.galleries.find(transaction, tenant)
            if opened is not None:
                with self.index.upto(transaction, tenant, opened, template):
                    pass

    def search(self, transaction: Transaction, tenant: str, searcher: Searcher, number: str | None) -> Found:
        """Who is as alike as the wished rate allows, among the tenant's cases and on its blocklist."""
        cases, blocked = (self._search(searcher, kind) for kind in (Kind.CASE, Kind.BLOCKED))
        ids = [each.id for each in (*cases.found, *blocked.found)]
        kept = self.store.galleries.found(transaction, tenant, ids)
        digest = self.store.galleries.number_digest(tenant, number)
        known = frozenset(each.id for each in kept.values() if digest is not None and each.number_digest == digest)
        return Found(cases, blocked, kept, known, searcher.not_comparable, self.rules.max_fpir)

    def threshold(self, templates: int) -> SearchThreshold:
        """For a search among so many."""
        return search_threshold(self.rules.calibration(), self.rules.max_fpir, self.rules.max_fmr, templates)

    def _search(self, searcher: Searcher, kind: Kind) -> Searched:
        templates = searcher.count(kind)
        threshold = self.threshold(templates)
        return Searched(threshold, templates, searcher.search(kind, threshold.similarity))


@dataclass(slots=True)
class Passage:
    """One verification that meets a gallery."""

    desk: GalleryDesk
    tenant: str
    consented: bool
    template: Template | None = field(default=None, repr=False)
    _worth_keeping: bool = False

    @property
    def taker(self) -> Callable[[Template | None], None] | None:
        """For the verifier: takes the selfie's template, None where it has no face. None = nobody may have it."""
        return self._take if self.consented else None

    def judged(self, transaction: Transaction, verdict: dict[str, Any], number: str | None) -> dict[str, Any]:
        """The verdict with what the gallery says. `number`: of the document, as read. Raises GalleryUnreadable."""
        opened = self.desk.store.galleries.locked(transaction, self.tenant)
        if opened is None:
            return verdict
        if self.template is None:
            return not_searched(verdict, consented=self.consented)
        with self.desk.index.upto(transaction, self.tenant, opened, self.template) as searcher:
            found = self.desk.search(transaction, self.tenant, searcher, number)
            room = searcher.count(Kind.CASE) + searcher.not_comparable < self.desk.rules.templates
        verdict = found.add_to(verdict)
        self._worth_keeping = room and worth_keeping(verdict)
        verdict["gallery"]["kept"] = self._worth_keeping
        return verdict

    def keep(self, transaction: Transaction, case_id: str, number: str | None) -> None:
        """Keep the template of a case that is written by now, where `judged` said so."""
        if self.template is None or not self._worth_keeping:
            return
        store, sha256 = self.desk.store, self.template.model_sha256
        digest = store.galleries.number_digest(self.tenant, number)
        kept = Kept(self.desk.new_id(), Kind.CASE, case_id, sha256, bytes_of(self.template), digest)
        key = store.cases.vault(transaction, self.tenant, case_id).key
        store.galleries.keep(transaction, self.tenant, key, kept, now=self.desk.clock())

    def _take(self, template: Template | None) -> None:
        self.template = template
        if template is not None:
            self.desk.warm(self.tenant, template)
