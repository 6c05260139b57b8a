"""Each measurement on a good card and on a card with its defect; thresholds are those of `alerts`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.documents import alerts
from service.documents.defects.border import outside
from service.documents.defects.card_view import CardView
from service.documents.defects.colour import colour_spread
from service.documents.defects.cover import covered_characters
from service.documents.defects.glare import burnt_characters
from service.documents.defects.grain import grain_lost
from service.documents.defects.light import burnt_share, ground_level, ink_contrast
from service.documents.defects.paper import edge_shadow
from service.documents.defects.screen import grid_strength
from service.documents.defects.sharpness import edge_steepness, picture_steepness
from service.documents.defects.surroundings import Propose, flat_share, other_card
from service.documents.locate import Proposal
from service.documents.locator import Locator
from service.evidence import Pixels, Side
from service.runtime.weights import Weights
from service.specimens.defects import Spoilt, Subject, spoil
from service.specimens.fonts import Fonts
from service.specimens.photograph import Photograph

View = Callable[[Pixels, np.ndarray, Side], CardView]
Taken = Callable[[Side, str], Photograph]
GOOD = ("photo", "shadow", "low_light", "jpeg")
SIDES = list(Side)


@pytest.fixture(scope="module")
def spoilt(subjects: dict[Side, Subject], fonts: Fonts) -> Callable[[str, int, Side], Spoilt]:
    return lambda defect, level, side: spoil(
        defect, level, subjects[side], fonts, np.random.default_rng((3, level, *defect.encode()))
    )


Make = Callable[[str, int, Side], Spoilt]


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator.build(Weights.build(Path(__file__).resolve().parents[3] / "models"), threads=1)


@pytest.mark.parametrize("condition", GOOD)
@pytest.mark.parametrize("side", SIDES)
def test_a_good_card_alarms_nothing(view: View, taken: Taken, locator: Locator, side: Side, condition: str) -> None:
    photo = taken(side, condition)
    card = view(photo.pixels, photo.quad, side)
    assert colour_spread(card) > 2 * alerts.LEAST_COLOUR
    assert grid_strength(card) < alerts.LEAST_GRID
    assert max(covered_characters(card).values()) < alerts.COVERED
    assert max(burnt_characters(card).values()) < alerts.BURNT
    assert burnt_share(card) < alerts.MOSTLY_BURNT
    assert ground_level(card) > alerts.DARK
    assert min(edge_steepness(card, list(card.lines)).values()) > alerts.UNREADABLE
    assert max(grain_lost(card).values(), default=0.0) < alerts.LOST_GRAIN
    assert outside(card.card, photo.pixels) < alerts.CUT_SHARE
    assert flat_share(card) < alerts.LEAST_FLAT
    assert other_card(card, locator.propose) is None
    assert edge_shadow(photo.pixels, card.card) > alerts.LEAST_SHADOW


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("level", [1, 3])
def test_a_grey_copy_has_one_hue(view: View, spoilt: Make, side: Side, level: int) -> None:
    copy = spoilt("photocopy", level, side)
    assert copy.card is not None
    assert colour_spread(view(copy.pixels, copy.card, side)) < alerts.LEAST_COLOUR


def test_a_grey_copy_under_coloured_light_has_one_hue(view: View, spoilt: Make) -> None:
    copy = spoilt("photocopy", 2, Side.FRONT)
    assert copy.card is not None
    lit = (copy.pixels * np.array((0.6, 0.85, 1.0))).astype(np.uint8)
    assert colour_spread(view(lit, copy.card, Side.FRONT)) < alerts.LEAST_COLOUR


@pytest.mark.parametrize("side", SIDES)
def test_a_screen_shows_its_grid(view: View, spoilt: Make, side: Side) -> None:
    shown = spoilt("screen_recapture", 3, side)
    assert shown.card is not None
    assert grid_strength(view(shown.pixels, shown.card, side)) > alerts.LEAST_GRID


@pytest.mark.parametrize("period", [7.0, 8.5])
def test_wavy_lines_printed_on_the_card_are_no_grid(view: View, taken: Taken, period: float) -> None:
    """Guilloche, far stronger than a card has it, on everything but the portrait."""
    photo = taken(Side.FRONT, "photo")
    flat = np.array([(0, 0), (1011, 0), (1011, 638), (0, 638)], np.float32)
    y, x = np.mgrid[0:638, 0:1011].astype(np.float32)
    lines = 10 * np.sin(2 * np.pi * (y + 18 * np.sin(x / 90)) / period)
    lines[92:468, 636:936] = 0
    matrix = cv2.getPerspectiveTransform(flat, photo.quad)
    laid = cv2.warpPerspective(lines.astype(np.float32), matrix, photo.pixels.shape[1::-1])
    printed = np.clip(photo.pixels + laid[:, :, None], 0, 255).astype(np.uint8)
    assert grid_strength(view(printed, photo.quad, Side.FRONT)) < alerts.LEAST_GRID


def test_a_picture_smaller_than_a_tile_has_no_grid_to_find(view: View) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    quad = np.array([(5, 5), (115, 5), (115, 80), (5, 80)], np.float32)
    assert grid_strength(view(pixels, quad, Side.BACK)) == 0.0


@pytest.mark.parametrize("level", [2, 3])
@pytest.mark.parametrize("side", SIDES)
def test_the_covered_field_is_named(view: View, spoilt: Make, side: Side, level: int) -> None:
    hidden = spoilt("occluded", level, side)
    assert hidden.card is not None
    found = covered_characters(view(hidden.pixels, hidden.card, side))
    assert "portrait" not in found
    if hidden.field_name != "portrait":
        assert max(found, key=lambda name: found[name]) == hidden.field_name
        assert found[hidden.field_name] > alerts.COVERED


@pytest.mark.parametrize("level", [1, 2, 3])
def test_paper_over_the_end_of_running_text_is_seen(view: View, spoilt: Make, level: int) -> None:
    hidden = spoilt("paper_at_end", level, Side.FRONT)
    assert hidden.card is not None
    assert hidden.field_name is not None
    assert covered_characters(view(hidden.pixels, hidden.card, Side.FRONT))[hidden.field_name] > alerts.COVERED


@pytest.mark.parametrize("side", SIDES)
def test_the_burnt_field_is_named(view: View, spoilt: Make, side: Side) -> None:
    lit = spoilt("reflection", 3, side)
    assert lit.card is not None
    assert lit.field_name is not None
    found = burnt_characters(view(lit.pixels, lit.card, side))
    assert found[lit.field_name] > alerts.BURNT


@pytest.mark.parametrize("side", SIDES)
def test_blur_takes_the_edges(view: View, taken: Taken, spoilt: Make, side: Side) -> None:
    names = ("name", "authority")
    sharp, soft = taken(side, "photo"), spoilt("blurred", 3, side)
    assert soft.card is not None
    before = edge_steepness(view(sharp.pixels, sharp.quad, side), names)
    after = edge_steepness(view(soft.pixels, soft.card, side), names)
    assert min(before.values()) > alerts.DOUBTFUL > max(after.values())


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0, 135.0])
def test_motion_in_any_direction_counts_as_blur(view: View, taken: Taken, degrees: float) -> None:
    photo = taken(Side.FRONT, "clean")
    kernel = np.zeros((31, 31), np.float32)
    reach = 13 * np.array((np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))))
    start, end = (tuple(round(float(v)) for v in 15 + sign * reach) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1)
    moved = np.asarray(cv2.filter2D(photo.pixels, -1, kernel / kernel.sum()), dtype=np.uint8)
    assert edge_steepness(view(moved, photo.quad, Side.FRONT), ["name"])["name"] < alerts.DOUBTFUL


def test_light(view: View, spoilt: Make) -> None:
    for side in Side:
        dark, bright = spoilt("too_dark", 2, side), spoilt("too_bright", 2, side)
        assert dark.card is not None
        assert bright.card is not None
        assert ground_level(view(dark.pixels, dark.card, side)) < alerts.DARK
        burnt = view(bright.pixels, bright.card, side)
        assert burnt_share(burnt) > alerts.MOSTLY_BURNT
        assert ink_contrast(burnt) < alerts.WASHED_OUT


@pytest.mark.parametrize("level", [2, 3])
def test_a_cut_card_reaches_out_of_the_picture(spoilt: Make, level: int) -> None:
    cut = spoilt("border_incomplete", level, Side.BACK)
    assert cut.card is not None
    assert outside(cut.card, cut.pixels) > alerts.CUT_SHARE


@pytest.mark.parametrize("side", SIDES)
def test_a_screenshot_is_flat_around_the_card(view: View, spoilt: Make, side: Side) -> None:
    shot = spoilt("electronic_id", 3, side)
    assert shot.card is not None
    assert flat_share(view(shot.pixels, shot.card, side)) > alerts.LEAST_FLAT


def test_a_scan_on_plain_white_is_no_screenshot(view: View, taken: Taken) -> None:
    photo = taken(Side.FRONT, "clean")
    tall = cv2.copyMakeBorder(photo.pixels, 900, 900, 0, 0, cv2.BORDER_CONSTANT, value=(250, 250, 250))
    moved = photo.quad + np.array((0, 900), np.float32)
    assert flat_share(view(np.asarray(tall, np.uint8), moved, Side.FRONT)) == 0.0


def test_paper_under_a_camera_that_smooths_its_grain_away_is_no_screenshot(view: View, taken: Taken) -> None:
    """Light falls off from one side to the other, so that the surface has as many greys as a screen has not."""
    photo = taken(Side.FRONT, "clean")
    height, width = photo.pixels.shape[:2]
    across = np.linspace(236, 180, 2 * width).round().astype(np.uint8)
    paper = np.repeat(np.repeat(across[None, :, None], height, axis=0), 3, axis=2)
    paper[:, :width] = photo.pixels
    assert flat_share(view(np.asarray(paper, np.uint8), photo.quad, Side.FRONT)) < alerts.LEAST_FLAT


@pytest.mark.parametrize("level", [2, 3])
def test_the_other_card_is_found(view: View, spoilt: Make, locator: Locator, level: int) -> None:
    both = spoilt("several_documents", level, Side.FRONT)
    assert both.card is not None
    assert both.region is not None
    found = other_card(view(both.pixels, both.card, Side.FRONT), locator.propose)
    assert found is not None
    assert np.abs(found.mean(axis=0) - both.region.mean(axis=0)).max() < 0.1 * np.ptp(both.region[:, 0])


def test_an_outline_that_is_not_trusted_is_another_card_where_its_rows_are(view: View, spoilt: Make) -> None:
    both = spoilt("several_documents", 3, Side.FRONT)
    assert both.card is not None
    assert both.region is not None
    card, elsewhere = view(both.pixels, both.card, Side.FRONT), both.region - np.array((0, 300), np.float32)
    # Proposed in a copy of another size.
    size = both.pixels.shape[1::-1]

    def doubted(quad: np.ndarray) -> Propose:
        return lambda copy: (Proposal(quad * np.float32(copy.shape[1] / size[0]), 0.0),)

    assert other_card(card, doubted(both.region)) is not None
    assert other_card(card, doubted(elsewhere)) is None


def test_what_was_laid_over_a_picture_lacks_its_noise(view: View, subjects: dict[Side, Subject], fonts: Fonts) -> None:
    """Weak by nature: some edits are seen (these are), and no other field is blamed in any."""
    seen: list[str] = []
    for seed in range(6):
        edited = spoil("edited", 3, subjects[Side.FRONT], fonts, np.random.default_rng(seed))
        assert edited.card is not None
        decoded = cv2.imdecode(np.frombuffer(edited.encode(), np.uint8), cv2.IMREAD_COLOR)
        lost = grain_lost(view(np.asarray(decoded, np.uint8), edited.card, Side.FRONT))
        blamed = [name for name, share in lost.items() if share > alerts.LOST_GRAIN]
        assert blamed in ([], [edited.field_name])
        seen += blamed
    assert set(seen) == {"number"}


@pytest.mark.parametrize("seed", [18, 19])
def test_an_edit_is_seen_where_there_is_little_noise(
    view: View, subjects: dict[Side, Subject], fonts: Fonts, seed: int
) -> None:
    edited = spoil("edited", 2, subjects[Side.BACK], fonts, np.random.default_rng(seed))
    assert edited.card is not None
    decoded = cv2.imdecode(np.frombuffer(edited.encode(), np.uint8), cv2.IMREAD_COLOR)
    assert grain_lost(view(np.asarray(decoded, np.uint8), edited.card, Side.BACK))["valid_until"] > alerts.LOST_GRAIN


def test_a_picture_without_noise_or_burnt_out_shows_no_edit(view: View, taken: Taken) -> None:
    scan = taken(Side.FRONT, "clean")
    assert max(grain_lost(view(scan.pixels, scan.quad, Side.FRONT)).values(), default=0.0) < alerts.LOST_GRAIN
    lit = taken(Side.FRONT, "low_light")
    burnt = cv2.add(lit.pixels, np.full_like(lit.pixels, 200))
    assert not grain_lost(view(np.asarray(burnt, np.uint8), lit.quad, Side.FRONT))


def test_a_blank_picture_has_nothing_to_be_sharp() -> None:
    assert picture_steepness(np.full((400, 600, 3), 120, np.uint8)) is None


def test_a_soft_picture_has_no_edges(taken: Taken) -> None:
    pixels = taken(Side.FRONT, "clean").pixels
    sharp, soft = picture_steepness(pixels), picture_steepness(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 12)))
    assert sharp is not None
    assert soft is not None
    assert sharp > alerts.NO_EDGE > soft


@pytest.mark.parametrize("edge", range(4), ids=["left", "right", "top", "bottom"])
def test_an_outline_that_ends_with_the_picture_lacks_a_part(edge: int) -> None:
    pixels = np.zeros((720, 1000, 3), np.uint8)
    (x0, y0, x1, y1), lost = (72, 90, 928, 630), 86
    x0, x1 = (1, x1 - 71 - lost) if edge == 0 else (x0 + 71 + lost, 999) if edge == 1 else (x0, x1)
    y0, y1 = (0, y1 - 90 - lost) if edge == 2 else (y0 + 90 + lost, 719) if edge == 3 else (y0, y1)
    card = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
    assert outside(card, pixels) == pytest.approx(0.1, abs=0.01)
    beside = card + np.float32(9 if edge in (0, 2) else -9)
    assert outside(beside, pixels) == 0


def test_a_picture_that_is_all_card_lacks_nothing() -> None:
    frame = np.array([(0, 0), (1010, 0), (1010, 600), (0, 600)], np.float32)
    assert outside(frame, np.zeros((601, 1011, 3), np.uint8)) == 0


def test_a_card_cut_askew_by_the_frame_keeps_its_slope() -> None:
    pixels = np.zeros((800, 1400, 3), np.uint8)
    cut = np.array([(150, -3), (1030, 25), (1010, 522), (130, 480)], np.float32)
    assert outside(cut, pixels) == pytest.approx(1 / 1.586 - 487 / 880, abs=0.02)
    assert outside(cut + np.float32((0, 30)), pixels) == 0
