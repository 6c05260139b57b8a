"""A folder of pictures of travel documents with `labels.csv`: one row per picture, the zone's lines joined by `|`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels
from service.specimens.conditions import conditions
from service.specimens.fonts import Fonts
from service.specimens.photograph import encode_jpeg, photograph
from service.specimens.sample import sample_portraits
from service.specimens.travel_documents import ZoneFont, draw_document
from service.specimens.travellers import FORMATS, invent_traveller, misprinted

SMALL = {"small_scan": "scan", "small_photo": "photo", "small_rotated": "rotate90"}
"""Conditions after which the whole picture is kept only 300 to 600 pixels wide or high, as specimens on the web are."""
TRAVEL_CONDITIONS = (
    "scan", "photo", "tilt", "perspective", "rotate90", "rotate180", "rotate270", "blur", "shadow", "low_light", "jpeg",
    "webcam", *SMALL,
)  # fmt: skip
_COLUMNS = ("file", "condition", "mrz_format", "mrz", "number", "birth_date", "valid_until", "corners")


@dataclass(frozen=True, slots=True)
class TravelPlan:
    """What to write: each document under every condition; formats take turns."""

    documents: int
    conditions: Sequence[str]
    seed: int
    today: date
    faulty: bool = False
    """Whether each prints one wrong digit."""


def write_travel_folder(out: Path, plan: TravelPlan, assets: Path) -> int:
    """Answers how many pictures were written. `assets`: the folder `hecha models fetch` fills."""
    fonts, zone, portraits = Fonts.build(assets), ZoneFont.build(assets), sample_portraits(assets, 3)
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    for place in range(plan.documents):
        rng = np.random.default_rng((plan.seed, place, 9303))
        traveller = invent_traveller(rng, plan.today, list(FORMATS)[place % len(FORMATS)])
        if plan.faulty:
            traveller = misprinted(traveller, rng)
        card = draw_document(traveller, portraits[place % len(portraits)], fonts, zone, rng)
        for condition in plan.conditions:
            file = f"t{place:03d}_{traveller.format}_{condition}.jpg"
            content, corners = take(card, condition, np.random.default_rng((plan.seed, place, *file.encode())))
            (out / file).write_bytes(content)
            rows.append(
                {
                    "file": file,
                    "condition": condition,
                    "mrz_format": traveller.format,
                    "mrz": "|".join(traveller.lines),
                    "number": traveller.number,
                    "birth_date": traveller.birth_date.isoformat(),
                    "valid_until": traveller.valid_until.isoformat(),
                    "corners": " ".join(f"{value:.1f}" for value in corners.ravel()),
                }
            )
    with (out / "labels.csv").open("w", encoding="utf-8", newline="") as file_out:
        writer = csv.DictWriter(file_out, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def take(card: Pixels, condition: str, rng: np.random.Generator) -> tuple[bytes, NDArray[np.float32]]:
    """A JPEG of a drawn document under one of TRAVEL_CONDITIONS (KeyError for another), and the document's corners in
    it, (4, 2), from its own top left."""
    if condition not in SMALL:
        plain = photograph(card, _known(condition), rng)
        return plain.encode(), plain.quad
    taken = photograph(card, SMALL[condition], rng)
    shrink = float(rng.uniform(300, 600)) / max(taken.pixels.shape[:2])
    if condition != "small_scan":
        # A document fills only a part of a photograph; what is cut away would not be sent.
        shrink *= 1.25
    height, width = taken.pixels.shape[:2]
    size = (round(width * shrink), round(height * shrink))
    small = np.asarray(cv2.resize(taken.pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scale = np.array((size[0] / width, size[1] / height), np.float32)
    return encode_jpeg(small, int(rng.uniform(70, 94))), (taken.quad + 0.5) * scale - 0.5


def _known(condition: str) -> str:
    if condition not in conditions():
        raise KeyError(condition)
    return condition


def shrink_folder(folder: Path, out: Path, widths: Sequence[int]) -> int:
    """Copies of a labelled folder's pictures shrunk to each of `widths` (pixels), wider ones alone, with labels: the
    width is their `condition`. Answers how many were written. ValueError where a picture cannot be read."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    rows: list[dict[str, str]] = []
    for label in labels:
        pixels = cv2.imread(str(folder / label["file"]))
        if pixels is None:
            raise ValueError(f"{label['file']} cannot be read")
        for width in widths:
            scale = width / pixels.shape[1]
            if scale > 1:
                continue
            small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            name = f"{Path(label['file']).stem}_{width}.jpg"
            (out / name).write_bytes(encode_jpeg(np.asarray(small, dtype=np.uint8), 90))
            rows.append({"file": name, "condition": str(width), "mrz_format": label["mrz_format"], "mrz": label["mrz"]})
    with (out / "labels.csv").open("w", encoding="utf-8", newline="") as file_out:
        writer = csv.DictWriter(file_out, ("file", "condition", "mrz_format", "mrz"))
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)
