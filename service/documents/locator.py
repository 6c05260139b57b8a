"""Where the card lies: outlines of the corner network and of contours, moved onto edges, and one trust for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.documents import locate
from service.documents.corner_model import Seen, card_agreement, corner_sureness, look, quads
from service.documents.locate import ASPECT, Proposal, clockwise
from service.documents.sides import FAR_REACHES, Fitted, copy_to_fit, fit_sides
from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

SURE = 0.85
"""An outline of this trust is taken; none after it is tried."""
OF_NETWORK, OF_CONTOURS = 4, 2
CUT_MISFIT = 0.08
"""Logarithm of the proportions: from here on a side on the picture's rim is where the picture ends, not the card."""
APART = 0.02
"""In longest sides of the picture: outlines nearer to each other are one."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds outlines of cards; never raises for a picture without one. `trust_weights`: the manifest's calibration."""

    session: Session
    trust_weights: Sequence[float]

    @classmethod
    def build(cls, weights: Weights, threads: int) -> Locator:
        """Open the corner model. Raises WeightMissing or WeightMismatch."""
        weight = weights.verified("corner_model")
        return cls(open_session(weight.path, threads), tuple(weight.calibration["trust_weights"]))

    def propose(self, pixels: Pixels, most: int = 2) -> list[Proposal]:
        """The best outlines of cards in a BGR picture (H, W, 3), best first. `trust` is the calibrated probability that
        the farthest corner is off by at most 1.5 % of the card's width."""
        copy, scale = copy_to_fit(pixels)
        seen = look(self.session, copy)
        found: list[Proposal] = []
        for fitted in candidates(copy, seen):
            trust = 0.0 if cut_off(fitted.quad, copy) else self._trust(seen, fitted)
            found.append(Proposal(clockwise(fitted.quad), trust))
            if found[-1].trust >= SURE:
                break
        found.sort(key=lambda one: -one.trust)
        return [Proposal((one.quad + 0.5) / np.float32(scale) - 0.5, one.trust) for one in _apart(found, copy)[:most]]

    def _trust(self, seen: Seen, fitted: Fitted) -> float:
        return float(1 / (1 + np.exp(-float(np.dot(self.trust_weights, (1.0, *signs(seen, fitted)))))))


def candidates(copy: Pixels, seen: Seen) -> Iterator[Fitted]:
    """Outlines moved onto edges, each made when it is asked for: the network's, the same from farther, contours'."""
    of_network = seen.to_picture(quads(seen, OF_NETWORK))
    yield from (fit_sides(copy, quad) for quad in of_network)
    yield from (fit_sides(copy, quad, FAR_REACHES) for quad in of_network)
    yield from (fit_sides(copy, clockwise(one.quad)) for one in locate.propose(copy, OF_CONTOURS))


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


def signs(seen: Seen, fitted: Fitted) -> NDArray[np.float64]:
    """What trust is made of, (10,): each higher for a better outline, but for `moved` and the misfits of shape."""
    corners = seen.to_canvas(fitted.quad)[None]
    sure = np.sort(corner_sureness(seen, corners)[0])
    sides = np.linalg.norm(np.roll(fitted.quad, -1, axis=0) - fitted.quad, axis=1) + 1e-6
    ratio = abs(float(np.log((sides[0] + sides[2]) / (sides[1] + sides[3]))))
    uneven = float(np.abs(np.log(sides[:2] / sides[2:])).max())
    # A tilt changes the proportions, but then opposite sides differ too: what misfits without that is another shape.
    misfit = abs(ratio - float(np.log(ASPECT)))
    support = np.sort(fitted.support)
    return np.array(
        (sure[0], sure[1:].mean(), card_agreement(seen, corners)[0], support[0], support[1], support[2:].mean(),
         min(fitted.moved, 0.15) * 10, misfit, uneven, min(misfit / (0.05 + uneven), 3.0))
    )  # fmt: skip


def _apart(found: list[Proposal], copy: Pixels) -> list[Proposal]:
    kept: list[Proposal] = []
    for one in found:
        if all(np.abs(one.quad - other.quad).max() > APART * max(copy.shape[:2]) for other in kept):
            kept.append(one)
    return kept
