"""An operator's labelled faces: a folder per person, or a file of pairs; compared through the engines."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from service.batch.pairs import Pool, templates_of
from service.errors import ManifestInvalid
from service.faces.trials import Trials, all_pairs

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_MAX_PICTURES = 3000
"""Every picture is compared with every other: 4.5 million pairs."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What was compared. `people`: the id behind each number of the trials. `without_face`: pictures left out, why."""

    trials: Trials
    people: tuple[str, ...] = field(repr=False)
    pictures: int
    without_face: dict[str, int]


def from_folder(folder: Path, *, pool: Pool, log: TextIO) -> Labelled:
    """`folder/<person>/<picture>`; `folder/groups.csv` (person,group) names groups, where there is one.

    Raises ManifestInvalid where there are fewer than two people or too many pictures.
    """
    files = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in _SUFFIXES)
    people = sorted({path.parent.name for path in files})
    if len(people) < 2:
        raise ManifestInvalid("The folder needs one folder of pictures for each of two people or more.")
    if len(files) > _MAX_PICTURES:
        raise ManifestInvalid(f"The folder may hold {_MAX_PICTURES} pictures at most.")
    groups = _groups(folder / "groups.csv")
    names = [str(path.relative_to(folder)) for path in files]
    found = templates_of(names, folder, pool, log)
    usable = [name for name in names if found[name][0] is not None]
    if not usable:
        raise ManifestInvalid("No picture of the folder shows a usable face.")
    owner = [Path(name).parts[0] for name in usable]
    numbers = np.array([people.index(person) for person in owner], np.int64)
    labels = np.array([groups.get(person, "") for person in owner])
    vectors = np.stack([vector for name in usable if (vector := found[name][0]) is not None])
    return Labelled(all_pairs(vectors, numbers, labels), tuple(people), len(names), _lost(found, names))


def from_pairs(path: Path, root: Path, *, pool: Pool, log: TextIO) -> Labelled:
    """CSV with `file_a,file_b,same` (1 or 0) and, better, `person_a,person_b`; `group` where both are of one.

    Without people every file counts as a person of its own, and a mated pair as one person. Raises ManifestInvalid.
    """
    rows = _rows(path)
    names = list(dict.fromkeys(name for row in rows for name in (row["file_a"], row["file_b"])))
    found = templates_of(names, root, pool, log)
    people: dict[str, int] = {}
    scored = []
    for row in rows:
        one, other = found[row["file_a"]][0], found[row["file_b"]][0]
        if one is None or other is None:
            continue
        owners = row.get("person_a") or row["file_a"], row.get("person_b") or row["file_b"]
        if row["same"] == "1":
            owners = owners[0], owners[0]
        a, b = (people.setdefault(owner, len(people)) for owner in owners)
        scored.append((float(one @ other), a, b, row.get("group") or ""))
    if not scored:
        raise ManifestInvalid("No pair of the file has two usable faces.")
    similarities, first, second, groups = zip(*scored, strict=True)
    trials = Trials(np.array(similarities, np.float32), np.array(first), np.array(second), np.array(groups))
    return Labelled(trials, tuple(people), len(names), _lost(found, names))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ManifestInvalid("The pairs file cannot be read as UTF-8 CSV.") from None
    if not rows or not {"file_a", "file_b", "same"} <= rows[0].keys():
        raise ManifestInvalid("The pairs file needs the columns file_a, file_b and same.")
    if any(row["same"] not in {"0", "1"} for row in rows):
        raise ManifestInvalid("The column same holds 1 (one person) or 0 (two people).")
    return rows


def _groups(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return {row["person"]: row["group"] for row in csv.DictReader(stream)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError):
        raise ManifestInvalid("groups.csv needs the columns person and group, in UTF-8.") from None


def _lost(found: Mapping[str, tuple[object, str]], names: list[str]) -> dict[str, int]:
    codes = [found[name][1] for name in names if found[name][0] is None]
    return {code: codes.count(code) for code in sorted(set(codes))}
