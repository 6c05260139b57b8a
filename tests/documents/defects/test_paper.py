"""A card on white paper has an edge, a copy of one has none."""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.alerts import LEAST_SHADOW
from service.documents.defects.paper import SHADOWED, edge_shadow
from service.evidence import Pixels

CARD = np.array([(300, 250), (1000, 260), (995, 705), (295, 695)], np.float32)


def sheet(paper: tuple[int, int, int] = (236, 238, 240), table: int = 90, margin: int = 90) -> Pixels:
    pixels = np.full((960, 1280, 3), table, np.uint8)
    low, high = CARD.min(axis=0).astype(int) - margin, CARD.max(axis=0).astype(int) + margin
    pixels[low[1] : high[1], low[0] : high[0]] = paper
    cv2.fillConvexPoly(pixels, CARD.astype(np.int32), (226, 214, 206))
    noise = np.random.default_rng(1).normal(0, 2.5, pixels.shape[:2])
    return np.asarray((pixels + noise[:, :, None]).clip(0, 255), np.uint8)


def edged(pixels: Pixels, shade: float) -> Pixels:
    line = np.zeros(pixels.shape[:2], np.float32)
    cv2.line(line, *(tuple(int(v) for v in corner) for corner in CARD[2:]), 1.0, 4)
    dark = 1 - shade * cv2.GaussianBlur(line, (0, 0), 1.0)
    return np.asarray(pixels * dark[:, :, None], np.uint8)


def test_a_copy_on_a_sheet_has_no_edge() -> None:
    assert edge_shadow(sheet(), CARD) < LEAST_SHADOW
    assert edge_shadow(sheet(), CARD + np.float32(5)) < LEAST_SHADOW


def test_a_card_on_a_sheet_throws_a_shadow_along_one_side() -> None:
    assert edge_shadow(edged(sheet(), 0.15), CARD) > 2 * LEAST_SHADOW


def test_what_lies_on_anything_else_is_not_judged() -> None:
    assert edge_shadow(sheet((150, 150, 150)), CARD) == SHADOWED
    assert edge_shadow(sheet((190, 215, 250)), CARD) == SHADOWED
    assert edge_shadow(sheet(margin=8), CARD) == SHADOWED


def test_where_all_is_white_nothing_is_told() -> None:
    assert edge_shadow(sheet(table=238), CARD) == SHADOWED
    within = CARD + np.float32(0.06) * (CARD.mean(axis=0) - CARD)
    assert edge_shadow(sheet(table=238), within, CARD) == SHADOWED


def test_where_all_is_paper_uneven_light_proves_a_camera() -> None:
    slope = np.linspace(1.0, 0.94, 1280)[None, :, None]
    assert edge_shadow(np.asarray(sheet(table=238) * slope, np.uint8), CARD) < LEAST_SHADOW
    assert edge_shadow(np.asarray(edged(sheet(table=238), 0.15) * slope, np.uint8), CARD) > 2 * LEAST_SHADOW


def test_what_lies_out_of_the_picture_is_not_judged() -> None:
    assert edge_shadow(sheet()[265:690], CARD - np.float32((0, 265))) == SHADOWED
