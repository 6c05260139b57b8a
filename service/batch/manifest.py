"""The manifest of a batch: a CSV of `id,front,back,selfie`, read as a stream so that a million rows fit."""

from __future__ import annotations

import csv
import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from service.errors import ManifestInvalid

CAPTURES = ("front", "back", "selfie")


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `number` counts the rows from 1, without the header; `problem` says why it cannot be verified."""

    number: int
    id: str
    captures: tuple[Path, ...] = field(repr=False)
    """Front, back, selfie; empty where there is a problem."""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read through once: it can be parsed, and this is how long it is."""

    path: Path
    sha256: str
    rows: int
    repeated: frozenset[int]
    """Fingerprints of the ids that occur more than once."""

    @classmethod
    def scan(cls, path: Path) -> Manifest:
        """Raises ManifestInvalid if a column is missing or the file is not readable as UTF-8 CSV."""
        prints = array("Q", (_fingerprint(cells.get("id") or "") for cells in _records(path)))
        values, counts = np.unique(np.frombuffer(prints, np.uint64), return_counts=True)
        repeated = frozenset(int(value) for value in values[counts > 1])
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path, sha256, len(prints), repeated)

    def __iter__(self) -> Iterator[Row]:
        """Every row in order. Of several rows with one id the first stands, the others have a problem."""
        seen: set[int] = set()
        for number, cells in enumerate(_records(self.path), 1):
            row = self._row(number, cells)
            mark = _fingerprint(row.id)
            if row.problem is None and mark in self.repeated:
                if mark in seen:
                    row = Row(number, row.id, (), "An earlier row has the same id.")
                seen.add(mark)
            yield row

    def _row(self, number: int, cells: dict[str, str]) -> Row:
        name = cells.get("id") or ""
        if not name.strip():
            return Row(number, name, (), "The row has no id.")
        for role in CAPTURES:
            if not (cells.get(role) or "").strip():
                return Row(number, name, (), f"The row names no {role} picture.")
        return Row(number, name, tuple(self.path.parent / cells[role].strip() for role in CAPTURES))


def _fingerprint(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest())


def _records(path: Path) -> Iterator[dict[str, str]]:
    """The cells of each row by column; a short row lacks some."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in ("id", *CAPTURES) if column not in (reader.fieldnames or ())]
            if missing:
                raise ManifestInvalid(f"The manifest lacks the column {', '.join(missing)}.")
            yield from reader
    except OSError as error:
        raise ManifestInvalid("The manifest does not exist or cannot be read.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestInvalid("The manifest is not a CSV file in UTF-8.") from error
