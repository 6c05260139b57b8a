"""The galleries that were searched lately, in memory: loaded at the first search, brought up to date at every one.

The database decides what is there: each search first takes in what changed since, whoever changed it, and the clerk
does so between searches, so that what was forgotten leaves the memory of every process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from service.evidence import Template
from service.faces.gallery import Candidate, Gallery
from service.store import Store, Transaction
from service.store.galleries import Change, Kept, Kind, Opened

MOST_FOUND = 500
"""Of one search. One person may be there many times, but hardly so often."""


@dataclass(slots=True)
class _Index:
    """One tenant's templates of one weight."""

    gallery_id: str
    model_sha256: str
    dimensions: int
    sequence: int = 0
    sides: dict[Kind, Gallery] = field(init=False)
    others: set[str] = field(default_factory=set)
    """Templates of another weight: nothing can be compared with them."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.sides = {kind: Gallery(self.dimensions, self.model_sha256) for kind in Kind}

    @property
    def templates(self) -> int:
        return sum(len(side) for side in self.sides.values())

    def take(self, changes: Sequence[Change]) -> None:
        for gone in (change.id for change in changes if change.kept is None):
            self.others.discard(gone)
            for side in self.sides.values():
                side.remove(gone)
        came = [change.kept for change in changes if change.kept is not None]
        self.others.update(kept.id for kept in came if kept.model_sha256 != self.model_sha256)
        for kind, side in self.sides.items():
            own = [kept for kept in came if kept.kind is kind and kept.model_sha256 == self.model_sha256]
            if own:
                side.add([kept.id for kept in own], np.stack([vector_of(kept) for kept in own]))


class GalleryIndex:
    """Every tenant's. Holds `most` templates in all: beyond it the one not searched for longest is forgotten."""

    def __init__(self, store: Store, most: int) -> None:
        self.most = most
        self._store = store
        self._indexes: OrderedDict[str, _Index] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def upto(self, transaction: Transaction, tenant: str, opened: Opened, probe: Template) -> Iterator[Searcher]:
        """The tenant's gallery as it stands in the transaction, for this thread alone. Raises GalleryUnreadable."""
        index = self._of(tenant, opened, probe)
        with index.lock:
            self._catch_up(transaction, tenant, index, opened)
            yield Searcher(index, probe)
        self._make_room(tenant)

    def refresh(self, tenant: str) -> None:
        """Take in what changed in a gallery that is in memory; forget one that is closed."""
        index = self._indexes.get(tenant)
        if index is None:
            return
        with self._store.reading() as transaction:
            opened = self._store.galleries.find(transaction, tenant)
            if opened is None or opened.id != index.gallery_id:
                self._drop(tenant)
                return
            with index.lock:
                self._catch_up(transaction, tenant, index, opened)

    def refresh_all(self) -> None:
        """As `refresh`, of each."""
        for tenant in list(self._indexes):
            self.refresh(tenant)

    def _of(self, tenant: str, opened: Opened, probe: Template) -> _Index:
        with self._lock:
            index = self._indexes.get(tenant)
            if index is None or (index.gallery_id, index.model_sha256) != (opened.id, probe.model_sha256):
                index = self._indexes[tenant] = _Index(opened.id, probe.model_sha256, len(probe.vector))
            self._indexes.move_to_end(tenant)
            return index

    def _catch_up(self, transaction: Transaction, tenant: str, index: _Index, opened: Opened) -> None:
        if opened.sequence <= index.sequence:
            return
        for changes in self._store.galleries.changes(transaction, tenant, index.sequence, opened.sequence):
            index.take(changes)
        index.sequence = opened.sequence

    def _make_room(self, tenant: str) -> None:
        with self._lock:
            while sum(each.templates for each in self._indexes.values()) > self.most and len(self._indexes) > 1:
                oldest = next(name for name in self._indexes if name != tenant)
                del self._indexes[oldest]

    def _drop(self, tenant: str) -> None:
        with self._lock:
            self._indexes.pop(tenant, None)


@dataclass(frozen=True, slots=True)
class Searcher:
    """One face's look into a gallery."""

    _index: _Index
    _probe: Template

    def count(self, kind: Kind) -> int:
        """Templates that can be compared with."""
        return len(self._index.sides[kind])

    @property
    def not_comparable(self) -> int:
        """Templates of another weight."""
        return len(self._index.others)

    def search(self, kind: Kind, threshold: float) -> tuple[Candidate, ...]:
        """Those at least so alike, by template id, the most alike first."""
        return self._index.sides[kind].search(self._probe.vector, threshold, MOST_FOUND)


def vector_of(kept: Kept) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """float32 (D,)."""
    return np.frombuffer(kept.vector, "<f2").astype(np.float32)


def bytes_of(template: Template) -> bytes:
    """As `Kept.vector` has it."""
    return template.vector.astype("<f2").tobytes()
