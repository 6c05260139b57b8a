"""Where the card lies: outlines of the corner network and of contours, moved onto edges, and one trust for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents import locate
from service.documents.corner_model import Seen, card_agreement, corner_sureness, look, quads
from service.documents.locate import ASPECT, LEAST_TRUST, Proposal, clockwise
from service.documents.side_model import Floats, copy_to_look, find_sides
from service.documents.sides import NEAR_REACHES, copy_to_fit, fit_sides
from service.documents.text import Quad
from service.documents.upright import card_corners, map_points
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

SURE = 0.85
"""An outline of this trust is taken; none after it is tried."""
OF_NETWORK, OF_CONTOURS = 8, 2
CUT_MISFIT = 0.08
"""Logarithm of the proportions: from here on a side on the picture's rim is where the picture ends, not the card."""
APART = 0.02
"""In longest sides of the picture: outlines nearer to each other are one."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds outlines of cards; never raises for a picture without one. `trust_weights`: the manifest's calibration."""

    session: Session
    sides: Session
    trust_weights: Sequence[float]

    @classmethod
    def build(cls, weights: Weights, threads: int) -> Locator:
        """Open the corner and the side model. Raises WeightMissing or WeightMismatch."""
        corners, sides = weights.verified("corner_model"), weights.verified("side_model")
        trust_weights = tuple(sides.calibration["trust_weights"])
        return cls(open_session(corners.path, threads), open_session(sides.path, threads), trust_weights)

    def propose(self, pixels: Pixels, most: int = 2) -> list[Proposal]:
        """The best outlines of cards in a BGR picture (H, W, 3), best first. `trust` is the calibrated probability that
        the farthest corner is off by at most 1.5 % of the card's width."""
        copy, scale = copy_to_fit(pixels)
        seen = look(self.session, copy)
        moved: list[OnEdges] = []
        found: list[Proposal] = []
        for one in candidates(copy, seen, self.sides):
            moved.append(one)
            found.append(self._proposal(copy, seen, one))
            if found[-1].trust >= SURE:
                break
        if all(one.trust < LEAST_TRUST for one in found):
            # A corner too far away for one move may be within the next.
            found += [self._proposal(copy, seen, one) for one in moved_again(copy, self.sides, moved)]
        found.sort(key=lambda one: -one.trust)
        return [Proposal(resized(one.quad, 1 / scale), one.trust) for one in _apart(found, copy)[:most]]

    def onto_edges(self, pixels: Pixels, card: NDArray[np.float64]) -> NDArray[np.float64]:
        """The 3 x 3 map from the flat card to a BGR picture, known roughly, from print, which tells nothing of
        perspective: as the edges near it have it, where they are trusted, else as it was."""
        copy, scale = copy_to_fit(pixels)
        rough = resized(map_points(card, card_corners()), scale)
        one = _move(copy, self.sides, *copy_to_look(copy), rough)
        if self._trust(copy, look(self.session, copy), one) < LEAST_TRUST:
            return card
        corners = resized(one.quad, 1 / scale)
        return np.asarray(cv2.getPerspectiveTransform(card_corners().astype(np.float32), corners), dtype=np.float64)

    def _proposal(self, copy: Pixels, seen: Seen, one: OnEdges) -> Proposal:
        return Proposal(clockwise(one.quad), self._trust(copy, seen, one))

    def _trust(self, copy: Pixels, seen: Seen, one: OnEdges) -> float:
        if cut_off(one.quad, copy):
            return 0.0
        return float(1 / (1 + np.exp(-float(np.dot(self.trust_weights, (1.0, *signs(seen, one)))))))


@dataclass(frozen=True, slots=True)
class OnEdges:
    """An outline moved onto edges, clockwise. `sure` and `support` (4,), both in [0, 1], higher is better: how sure the
    side model is of each side, and the share of it that lies on an edge. `moved`: the farthest corner's way / width."""

    quad: Quad = field(repr=False)
    sure: Floats
    support: Floats
    moved: float


def candidates(copy: Pixels, seen: Seen, sides: Session) -> Iterator[OnEdges]:
    """Outlines moved onto edges, each made when it is asked for: the network's, the picture's frame, then contours'."""
    small, scale = copy_to_look(copy)
    yield from (_move(copy, sides, small, scale, quad) for quad in seen.to_picture(quads(seen, OF_NETWORK)))
    yield from (_move(copy, sides, small, scale, quad, stay=True) for quad in locate.whole_frame(copy))
    yield from (_move(copy, sides, small, scale, clockwise(one.quad)) for one in locate.propose(copy, OF_CONTOURS))


def moved_again(copy: Pixels, sides: Session, moved: Sequence[OnEdges]) -> Iterator[OnEdges]:
    """The same outlines after another move each; the way is that of both."""
    small, scale = copy_to_look(copy)
    for one in moved:
        again = _move(copy, sides, small, scale, one.quad)
        yield replace(again, moved=one.moved + again.moved)


def _move(copy: Pixels, sides: Session, small: Pixels, scale: float, quad: Quad, *, stay: bool = False) -> OnEdges:
    rough, sure = find_sides(sides, small, resized(quad, scale), stay=stay)
    fitted = fit_sides(copy, resized(rough, 1 / scale), NEAR_REACHES)
    width = max(8.0, float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[1])))
    return OnEdges(fitted.quad, sure, fitted.support, float(np.linalg.norm(fitted.quad - quad, axis=1).max()) / width)


def resized(quad: Quad, scale: float) -> Quad:
    """Where points lie after a picture was resized: centres of pixels are whole numbers."""
    return np.asarray((quad + np.float32(0.5)) * np.float32(scale) - np.float32(0.5), dtype=np.float32)


def cut_off(quad: Quad, copy: Pixels) -> bool:
    """Whether a side lies on the picture's rim and the outline is not of a card's proportions: only a part is seen."""
    rim = np.array(copy.shape[1::-1], np.float32) - 1
    near = 0.01 * float(rim.max())
    low, high = quad < near, quad > rim - near
    after_low, after_high = np.roll(low, -1, axis=0), np.roll(high, -1, axis=0)
    on_rim = bool(((low & after_low) | (high & after_high)).any())
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1) + 1e-6
    ratio = abs(float(np.log((sides[0] + sides[2]) / (sides[1] + sides[3]))))
    return on_rim and abs(ratio - float(np.log(ASPECT))) > CUT_MISFIT


def signs(seen: Seen, fitted: OnEdges) -> NDArray[np.float64]:
    """What trust is made of, (14,): each higher for a better outline, but for `moved` and the misfits of shape."""
    corners = seen.to_canvas(fitted.quad)[None]
    corner = np.sort(corner_sureness(seen, corners)[0])
    inside = card_agreement(seen, corners)[0]
    sides = np.linalg.norm(np.roll(fitted.quad, -1, axis=0) - fitted.quad, axis=1) + 1e-6
    ratio = abs(float(np.log((sides[0] + sides[2]) / (sides[1] + sides[3]))))
    uneven = float(np.abs(np.log(sides[:2] / sides[2:])).max())
    support, sure = np.sort(fitted.support), np.sort(fitted.sure)
    # Many things have four sharp sides, and a card is seen in many a wrong outline: both together are rare.
    return np.array(
        (corner[0], corner[1:].mean(), inside, support[0], support[1], support[2:].mean(),
         sure[0], sure[1], sure[2:].mean(), sure[0] * inside, sure[0] * support[0],
         min(fitted.moved, 0.15) * 10, abs(ratio - float(np.log(ASPECT))), uneven)
    )  # fmt: skip


def _apart(found: list[Proposal], copy: Pixels) -> list[Proposal]:
    kept: list[Proposal] = []
    for one in found:
        if all(np.abs(one.quad - other.quad).max() > APART * max(copy.shape[:2]) for other in kept):
            kept.append(one)
    return kept
