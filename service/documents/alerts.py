"""What is wrong with a picture of a document, for the person with the camera and for the policy.

Each alert is one measurement of `service.documents.defects` held against one threshold. How the thresholds were set,
what they catch and what they miss: `models/cards/alerts.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from service.documents.attempt import Attempt, printed_outline
from service.documents.card_place import card_from_lines
from service.documents.cn_resident_id_back import BACK_FIELDS
from service.documents.cn_resident_id_front import FRONT_FIELDS
from service.documents.defects.border import at_frame, outside
from service.documents.defects.card_view import CardView, view_card
from service.documents.defects.colour import colour_spread
from service.documents.defects.corners import paper_corners
from service.documents.defects.cover import covered_characters
from service.documents.defects.glare import burnt_characters
from service.documents.defects.grain import grain_lost
from service.documents.defects.light import (
    bright_level,
    burnt_part,
    burnt_share,
    ground_level,
    ink_contrast,
)
from service.documents.defects.paper import edge_shadow
from service.documents.defects.screen import fine_grid_strength, grid_strength
from service.documents.defects.sharpness import edge_steepness, picture_steepness
from service.documents.defects.surroundings import Propose, flat_share, other_card
from service.documents.defects.wording import says_temporary, second_label, value_spots
from service.documents.guarded import closed_fields, guarded_fields
from service.documents.kinds import SideReading
from service.documents.text import Quad
from service.documents.upright import card_corners, map_points
from service.evidence import Finding, Measure, Picture, Pixels, Role, Side

CUT_SHARE = 0.035
"""A side of the card farther outside the picture than this share of the card's width means that a part is missing.
Below it lies no text, and what is known of the card's place is no better."""
CUT_BY_PRINT = 0.04
"""The same, where the print says where the card ends: fitted as if no card stood askew, it errs by up to 0.036."""
LINE_AT_FRAME = 0.02
"""In card widths; print keeps 0.056 from a card's own edges."""
LEAST_COLOUR = 0.035
LEAST_BURNT_COLOUR = 0.018
"""Where most of the card is burnt: of a genuine one the portrait, the emblem and the labels keep this and more."""
LEAST_GRID = 16.0
"""Screens that are resolved reach 17 to 20, the fine lines of a ground of another hand's drawing up to 15.6."""
LEAST_FINE_GRID = 8.0
"""What noise, sharpening and JPEG leave on cards of 12 megapixels, and on real pictures of faces, is below 6."""
LEAST_FLAT = 0.55
COVERED = 0.6
BURNT, BURNT_PORTRAIT = 0.65, 24.0
"""Characters hidden by light; a portrait covers eighty."""
DARK = 25.0
WASHED_OUT, MOSTLY_BURNT = 72.0, 0.5
UNREADABLE, DOUBTFUL, DOUBT = 4.2, 7.0, (0.93, 0.99)
"""Names are read wrong below the first steepness, and below the second where the recogniser is not sure either: the
text scores between which that comes on."""
NO_EDGE, ALL_BURNT = 8.0, 0.75
"""Of a picture in which no card, or nothing on it, could be measured."""
FEW_PIXELS = 280.0
"""Width of the card in pixels of the original; a character then has ten."""
LOST_GRAIN = 0.4
LEAST_SHADOW = 0.03
"""Cards on white paper have 0.1 and more along one side at least, a flat copy the noise of 0.01 to 0.02."""
WHITE_CORNERS = 0.04
"""The white of paper is 0.06 to 0.2 whiter than a card's ground; a square specimen has its ground there."""
LEAST_AREA = 400.0
"""Square pixels; what is smaller is no card that can be laid flat."""

TRUSTED = ("name", "authority")
"""The field of each side that no check character guards."""


def reading_alerts(
    picture: Picture,
    card: Quad | None,
    best: Attempt,
    propose: Propose,
    flat: Pixels | None = None,
) -> tuple[Finding, ...]:
    """Findings, the weighty ones first.

    `card`: its corners in `picture.pixels`, None where they are not known. `best`: how the picture was read. `propose`:
    finds outlines of cards. `flat`: the card laid flat, where that was done already.
    """
    side, lines, to_picture = best.side, best.lines, best.to_picture
    role = Role.FRONT if side.side is Side.FRONT else Role.BACK
    alerts = list(_of_reading(side, role, card))
    if says_temporary(lines, side.side):
        alerts.append(Finding("temporary_id", role))
    if card is None or cv2.contourArea(card.astype(np.float32)) < LEAST_AREA:
        alerts += _of_picture(picture, role)
    else:
        quads = {
            name: tuple(map_points(to_picture, quad) for quad in field.quads) for name, field in side.fields.items()
        }
        spots = {
            name: tuple(next((value_spots(line) for line in lines if line.quad is quad), ()) for quad in field.quads)
            for name, field in side.fields.items()
        }
        view = view_card(picture.pixels, card, side.side, quads, flat, spots)
        scores = {name: field.text_score for name, field in side.fields.items()}
        alerts = [
            *_of_border(view, picture, role, best),
            *_of_card(view, picture, role, side),
            *_of_sharpness(view, picture, role, scores),
            *alerts,
        ]
        labels = [map_points(to_picture, line.quad) for line in second_label(lines)]
        alerts += _of_company(view, picture, role, labels, propose)
        alerts += _of_copy(picture, role, card, best)
    if "name" in side.fields and side.fields["name"].variants:
        alerts.append(Finding("name_variant", role, "name"))
    return tuple(alerts)


def no_card_alerts(picture: Picture) -> tuple[Finding, ...]:
    """For a picture in which no document was found: that, and what may be the cause."""
    return (Finding("not_a_document"), *_of_picture(picture, None))


def _of_picture(picture: Picture, role: Role | None) -> Iterator[Finding]:
    """What is wrong with the whole picture, where no card can be measured."""
    level, burnt = bright_level(picture.pixels), burnt_part(picture.pixels)
    if level <= DARK:
        yield Finding("too_dark", role, measure=Measure("ground_level", level, DARK, "lower"))
    if burnt >= ALL_BURNT:
        yield Finding("too_bright", role, measure=Measure("burnt_share", burnt, ALL_BURNT))
    yield from _soft(picture, role)


def _soft(picture: Picture, role: Role | None) -> Iterator[Finding]:
    steepness = picture_steepness(picture.pixels)
    if steepness is not None and steepness <= NO_EDGE:
        yield Finding("blurred", role, measure=Measure("picture_steepness", steepness, NO_EDGE, "lower"))


def _of_reading(side: SideReading, role: Role, card: Quad | None) -> Iterator[Finding]:
    wanted = side.wanted or (FRONT_FIELDS if side.side is Side.FRONT else BACK_FIELDS)
    missing = [name for name in wanted if name not in side.fields]
    if card is None:
        # Without its labels nobody can tell whether the whole card is in the picture.
        yield Finding("fields_unreadable", role)
    if "number" in missing:
        yield Finding("number_unreadable", role, "number")
    if rest := [name for name in missing if name != "number"]:
        yield Finding("fields_unreadable", role, rest[0])


def _of_card(view: CardView, picture: Picture, role: Role, side: SideReading) -> Iterator[Finding]:
    box = picture.to_original(view.card)

    def alarm(code: str, name: str, value: float, threshold: float, worse: str = "higher") -> Iterator[Finding]:
        if value <= threshold if worse == "lower" else value >= threshold:
            yield Finding(code, role, None, box, Measure(name, value, threshold, worse))

    level = ground_level(view)
    yield from alarm("too_dark", "ground_level", level, DARK, "lower")
    burnt = burnt_share(view)
    if burnt >= MOSTLY_BURNT:
        contrast = ink_contrast(view)
        yield from alarm("too_bright", "ink_contrast", contrast, WASHED_OUT, "lower")
        if contrast > WASHED_OUT:
            yield from alarm("photocopy", "colour_spread", colour_spread(view), LEAST_BURNT_COLOUR, "lower")
    elif level > DARK:
        # Neither darkness nor light that has burnt everything leaves a colour to judge.
        yield from alarm("photocopy", "colour_spread", colour_spread(view), LEAST_COLOUR, "lower")
        if side.layout == "resident":
            yield from _of_fields(view, picture, role, side)
    grid = grid_strength(view)
    if grid < LEAST_GRID and picture.fine is not None:
        fine = fine_grid_strength(view, picture.fine)
        yield from alarm("screen_recapture", "fine_grid_strength", fine, LEAST_FINE_GRID)
    yield from alarm("screen_recapture", "grid_strength", grid, LEAST_GRID)
    yield from alarm("electronic_id", "flat_share", flat_share(view), LEAST_FLAT)


def _of_border(view: CardView, picture: Picture, role: Role, best: Attempt) -> Iterator[Finding]:
    """By the outline, and by the print: an outline found in what is left of a card may end anywhere.

    Print is believed where something is missing or stands at the picture's frame, as it nowhere does on a whole card.
    """
    lines = [map_points(best.to_picture, line.quad) for line in best.lines]
    cut = not best.side.complete or at_frame(lines, picture.pixels, LINE_AT_FRAME * view.width)
    printed = printed_outline(best) if cut else None
    for card, threshold in ((view.card, CUT_SHARE), (printed, CUT_BY_PRINT)):
        share = 0.0 if card is None else outside(card, picture.pixels)
        if card is not None and share >= threshold:
            yield Finding(
                "border_incomplete", role, None, picture.to_original(card), Measure("outside_share", share, threshold)
            )
            return


def _of_fields(view: CardView, picture: Picture, role: Role, side: SideReading) -> Iterator[Finding]:
    places, guarded = view.places, guarded_fields(side)
    burnt = burnt_characters(view, closed_fields(side))
    for code, name, found in (
        ("occluded", "covered_characters", covered_characters(view)),
        ("reflection", "burnt_characters", burnt),
    ):
        for field, value in found.items():
            if side.wanted and field not in (*side.wanted, "portrait"):
                continue  # a permit has no ethnicity
            threshold = COVERED if code == "occluded" else BURNT_PORTRAIT if field == "portrait" else BURNT
            # Light that has taken nothing of a field costs nobody another picture.
            if value >= threshold and not (code == "reflection" and field in guarded):
                box = picture.to_original(view.corners(places[field]))
                yield Finding(code, role, field, box, Measure(name, value, threshold))
    for field, share in grain_lost(view).items():
        if share >= LOST_GRAIN:
            box = picture.to_original(view.corners(places[field]))
            yield Finding("edited", role, field, box, Measure("grain_lost", share, LOST_GRAIN))


def least_steepness(text_score: float) -> float:
    """From which steepness of its letters down a picture is too blurred, by the least certain of its fields."""
    return float(np.interp(text_score, DOUBT, (DOUBTFUL, UNREADABLE)))


def _of_sharpness(view: CardView, picture: Picture, role: Role, text_scores: Mapping[str, float]) -> Iterator[Finding]:
    box = picture.to_original(view.card)
    width = view.width / picture.scale
    if width <= FEW_PIXELS:
        yield Finding("low_resolution", role, None, box, Measure("card_width_px", width, FEW_PIXELS, "lower"))
    steep = edge_steepness(view, TRUSTED) or edge_steepness(view, list(view.lines))
    if not steep:
        yield from _soft(picture, role)
        return
    value = float(np.median(list(steep.values())))
    unsure = min((score for name, score in text_scores.items() if name in (*TRUSTED, "address")), default=0.0)
    threshold = least_steepness(unsure)
    if value <= threshold:
        yield Finding("blurred", role, None, box, Measure("edge_steepness", value, threshold, "lower"))


def _of_company(
    view: CardView, picture: Picture, role: Role, labels: Sequence[Quad], propose: Propose
) -> Iterator[Finding]:
    """Another card: by its labels where the reading saw them, else by its outline."""
    beside = [quad for quad in labels if outside_card(quad, view.card)]
    other = beside[0] if beside else other_card(view, propose)
    if other is not None:
        yield Finding("several_documents", role, None, picture.to_original(other))


def _of_copy(picture: Picture, role: Role, card: Quad, best: Attempt) -> Iterator[Finding]:
    """A print of a card: where the card was found, which may be the sheet, and where its print says that it is."""
    outlines, number = [card], best.side.fields.get("number")
    quad = number.quads[0] if number and number.quads else None
    if best.side.layout == "resident" and (printed := card_from_lines(best.lines, best.side.side, quad)) is not None:
        outlines.append(map_points(best.to_picture @ printed, card_corners()))
    shadow, copy = min(((edge_shadow(picture.pixels, one, card), one) for one in outlines), key=lambda pair: pair[0])
    if shadow <= LEAST_SHADOW:
        measure = Measure("edge_shadow", shadow, LEAST_SHADOW, "lower")
        yield Finding("paper_copy", role, None, picture.to_original(copy), measure)
        return
    if (white := paper_corners(picture.pixels, card)) >= WHITE_CORNERS:
        measure = Measure("paper_corners", white, WHITE_CORNERS)
        yield Finding("paper_copy", role, None, picture.to_original(card), measure)


def outside_card(quad: Quad, card: Quad) -> bool:
    """Whether the middle of `quad` lies clearly beside the card."""
    middle = quad.mean(axis=0)
    across, down = card[1] - card[0], card[3] - card[0]
    place = np.linalg.solve(np.stack((across, down), axis=1).astype(np.float64), (middle - card[0]).astype(np.float64))
    return bool((place < -0.1).any() or (place > 1.1).any())
