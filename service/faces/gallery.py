"""One face against many: sign codes choose a short list, the templates themselves decide. Pure: numpy only.

A million templates of 512 values are answered in some 30 ms of one core and take 1.1 to 1.3 GB: 64 bytes of signs and
1,024 of float16 each, and room to grow (`scripts/bench_gallery`). faiss-cpu took 54 ms for the exact answer and 4 ms
for the signs alone: not worth a dependency. Who is found is a reason to look, never a refusal by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHORT_LIST = 2000
"""Of the nearest by signs, compared in full. Two templates of similarity 0.42 agree in 64 % of their signs, strangers
in 50 % +- 2.2 %: among a million, far fewer than these come as near."""
_CHUNK = 1 << 16
"""Rows at a time: what is scanned stays in the core's cache."""
_FIRST_CAPACITY = 1024


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the gallery. `similarity` = cosine in [-1, 1], higher is more alike."""

    id: str
    similarity: float


class Gallery:
    """Templates of one weight under ids. Not thread-safe."""

    def __init__(self, dimensions: int, model_sha256: str) -> None:
        if dimensions % 64:
            raise ValueError("the sign codes are words of 64 bits")
        self.model_sha256 = model_sha256
        self._codes = np.zeros((_FIRST_CAPACITY, dimensions // 64), np.uint64)
        self._halves = np.zeros((_FIRST_CAPACITY, dimensions), np.float16)
        self._ids: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def memory_bytes(self) -> int:
        """Of the templates and their codes."""
        return self._codes.nbytes + self._halves.nbytes

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """`vectors` float32 (n, D) of length 1. An id that is there already gets the new template."""
        for known in [one for one in ids if one in self._places]:
            self.remove(known)
        start, end = len(self._ids), len(self._ids) + len(ids)
        self._grow(end)
        self._codes[start:end] = _signs(vectors)
        self._halves[start:end] = vectors
        self._ids += ids
        self._places |= {name: start + place for place, name in enumerate(ids)}

    def template(self, name: str) -> NDArray[np.float32]:
        """The template kept under an id (KeyError), float32 (D,), to three digits."""
        return np.asarray(self._halves[self._places[name]], np.float32)

    def remove(self, name: str) -> bool:
        """Forget a template; answers whether it was there. Its bytes are overwritten."""
        place = self._places.pop(name, None)
        if place is None:
            return False
        last = len(self._ids) - 1
        if place != last:
            self._codes[place], self._halves[place] = self._codes[last], self._halves[last]
            self._ids[place] = self._ids[last]
            self._places[self._ids[place]] = place
        self._codes[last], self._halves[last] = 0, 0
        self._ids.pop()
        return True

    def search(self, vector: NDArray[np.float32], threshold: float, limit: int = 10) -> tuple[Candidate, ...]:
        """Those at least `threshold` alike to `vector` (float32 (D,), length 1), most alike first, `limit` at most."""
        near = self._short_list(_signs(vector[None])[0])
        similarities = self._halves[near].astype(np.float32) @ vector
        order = np.argsort(-similarities, kind="stable")[:limit]
        return tuple(
            Candidate(self._ids[near[place]], round(float(similarities[place]), 4))
            for place in order
            if similarities[place] >= threshold
        )

    def _short_list(self, code: NDArray[np.uint64]) -> NDArray[np.int64]:
        count = len(self._ids)
        if count <= _SHORT_LIST:
            return np.arange(count)
        apart = np.empty(count, np.uint16)
        for start in range(0, count, _CHUNK):
            differing = np.bitwise_xor(self._codes[start : min(start + _CHUNK, count)], code)
            bits = np.bitwise_count(differing)
            apart[start : start + len(bits)] = _sums(bits)
        return np.asarray(np.argpartition(apart, _SHORT_LIST)[:_SHORT_LIST], np.int64)

    def _grow(self, wanted: int) -> None:
        capacity = len(self._codes)
        if wanted <= capacity:
            return
        capacity = max(wanted, capacity + capacity // 16)
        # In place: nobody holds a view of them, and two copies would double the memory for a moment.
        self._codes.resize((capacity, self._codes.shape[1]), refcheck=False)
        self._halves.resize((capacity, self._halves.shape[1]), refcheck=False)


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """(n, D) -> (n, D / 64): one bit per value, set where it is positive."""
    return np.packbits(vectors > 0, axis=1).view(np.uint64)


def _sums(bits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """(n, words) -> (n,): the row sums."""
    total = bits[:, 0].astype(np.uint16)
    for word in range(1, bits.shape[1]):
        total += bits[:, word]
    return total
