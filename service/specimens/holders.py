"""Holders from the shared face sets (read in place, never copied into the project)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from service.evidence import Pixels
from service.specimens.cases import Holder
from service.specimens.portraits import id_portrait, widen

# Crown to chin, ear to ear, as every picture of each set is framed.
_LONDON_HEAD, _LFW_HEAD = (158, 92, 342, 402), (76, 52, 174, 188)


def london_holders(folder: Path) -> Iterator[Holder]:
    """`face_london_dev`: the neutral photo as the portrait, the smiling one as the selfie. 500 × 500 studio photos."""
    photos = _by_identity(folder, "expression")
    for identity, files in photos.items():
        if {"neutral", "smiling"} <= set(files):
            portrait = id_portrait(_load(folder / files["neutral"]), _LONDON_HEAD, cut_out=False)
            yield Holder(identity, portrait, widen(_load(folder / files["smiling"]), sides=0.3, top=0.25))


def lfw_holders(folder: Path) -> Iterator[Holder]:
    """`face_lfw_dev`: people with two photos or more, the first as the portrait. 250 × 250 news photos."""
    for identity, files in _by_identity(folder, "file").items():
        if len(files) >= 2:
            first, second = list(files)[:2]
            portrait = id_portrait(_load(folder / first), _LFW_HEAD)
            photo = cv2.resize(_load(folder / second), (500, 500), interpolation=cv2.INTER_CUBIC)
            yield Holder(identity, portrait, widen(np.asarray(photo, dtype=np.uint8), sides=0.3, top=0.25))


def _by_identity(folder: Path, key: str) -> dict[str, dict[str, str]]:
    photos: dict[str, dict[str, str]] = defaultdict(dict)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            photos[row["identity"]][row[key]] = row["file"]
    return dict(photos)


def _load(path: Path) -> Pixels:
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if photo is None:
        raise FileNotFoundError(f"a face picture of {path.parent.parent.name} cannot be read")
    return np.asarray(photo, dtype=np.uint8)
