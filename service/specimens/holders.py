"""Holders from the shared face sets (read in place, never copied into the project)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
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
    for identity, rows in _by_identity(folder).items():
        files = {row["expression"]: row["file"] for row in rows}
        if {"neutral", "smiling"} <= set(files):
            portrait = id_portrait(_load(folder / files["neutral"]), _LONDON_HEAD, cut_out=False)
            selfie = widen(_load(folder / files["smiling"]), sides=0.3, top=0.25)
            gender, ethnicity = rows[0]["gender"], rows[0]["ethnicity"]
            sex = {"male": "男", "female": "女"}.get(gender)
            yield Holder(identity, portrait, selfie, sex, f"{gender} {ethnicity}")


def lfw_holders(folder: Path) -> Iterator[Holder]:
    """`face_lfw_dev`: people with two photos or more, the first as the portrait. 250 × 250 news photos.

    The second is the selfie as it is, enlarged: it shows as much around the head as a telephone at arm's length.
    """
    for identity, rows in _by_identity(folder).items():
        if len(rows) >= 2:
            portrait = id_portrait(_load(folder / rows[0]["file"]), _LFW_HEAD, cut_out=False)
            photo = cv2.resize(_load(folder / rows[1]["file"]), (720, 720), interpolation=cv2.INTER_CUBIC)
            yield Holder(identity, portrait, np.asarray(photo, dtype=np.uint8))


def strangers(holders: Sequence[Holder]) -> list[tuple[Holder, Holder]]:
    """Everyone with somebody else, of the same group where there is one: the harder impostor."""
    pairs = []
    for place, holder in enumerate(holders):
        others = [*holders[place + 1 :], *holders[:place]]
        alike = [other for other in others if other.group == holder.group]
        pairs.append((holder, (alike or others)[0]))
    return pairs


def _by_identity(folder: Path) -> dict[str, list[dict[str, str]]]:
    photos: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            photos[row["identity"]].append(row)
    return dict(photos)


def _load(path: Path) -> Pixels:
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if photo is None:
        raise FileNotFoundError(f"a face picture of {path.parent.parent.name} cannot be read")
    return np.asarray(photo, dtype=np.uint8)
