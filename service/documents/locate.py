"""Where the card lies: quadrilaterals that could be its outline, best first. Proposals, to be proven by reading."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.outline import Floats, gradients, outlines, support
from service.documents.text import Quad
from service.evidence import Pixels
from service.runtime.image import shrink as smaller

ASPECT = 85.6 / 54.0
"""ISO/IEC 7810 ID-1."""
ASPECTS = (1.2, 2.05)
"""What perspective makes of it."""
SEARCH_SIDE = 480
"""Longest side in pixels of the copy the outline is looked for in."""


LEAST_TRUST = 0.55
"""From here on an outline is relied on."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`quad` in pixels of the picture, clockwise, its first edge a long one; `trust` in [0, 1], higher is better."""

    quad: Quad = field(repr=False)
    trust: float


def propose(pixels: Pixels, most: int = 2) -> list[Proposal]:
    """The best outlines of a card in a BGR picture (H, W, 3)."""
    height, width = pixels.shape[:2]
    shrink = min(1.0, SEARCH_SIDE / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    small = smaller(pixels, size)
    slopes = gradients(np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.uint8))
    steepness = np.asarray(cv2.magnitude(slopes[:, :, 0], slopes[:, :, 1]), dtype=np.float32)
    found = np.concatenate((_contour_quads(small, steepness), outlines(small, ASPECTS)))
    if not len(found):
        return []
    least = max(1.5, 0.08 * float(np.percentile(steepness, 99)))
    trusts = _trust(found, support(found, slopes, least))
    trusts = _prefer_whole(found, trusts)
    best = [place for place in np.argsort(-trusts) if trusts[place] > 0]
    apart = 0.03 * max(height, width)
    proposals: list[Proposal] = []
    for place in best[:30]:
        quad = clockwise(found[place]) / np.float32(shrink)
        if all(np.abs(quad - other.quad).max() > apart for other in proposals):
            proposals.append(Proposal(quad, float(trusts[place])))
        if len(proposals) == most:
            break
    return proposals


def whole_frame(pixels: Pixels, slack: float = 0.12) -> tuple[Quad, ...]:
    """The picture's own frame where it has the proportions of a card, as scans and cuttings have; else none. `slack`:
    the log of what its proportions may differ by."""
    height, width = pixels.shape[:2]
    if abs(np.log(max(height, width) / min(height, width) / ASPECT)) > slack:
        return ()
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return (clockwise(frame),)


def _contour_quads(small: Pixels, steepness: NDArray[np.float32]) -> Floats:
    quads = []
    for mask in _masks(small, steepness):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:3]:
            quad = _quadrilateral(np.asarray(contour, dtype=np.int32), mask.size)
            if quad is not None:
                quads.append(quad)
    return np.array(quads, np.float32).reshape(-1, 4, 2)


def _masks(small: Pixels, steepness: NDArray[np.float32]) -> list[NDArray[np.uint8]]:
    """Segmentations by different means; each finds cards the others miss."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    limit = float(np.percentile(steepness, 97)) + 1.0
    masks = [
        cv2.morphologyEx(((steepness > cut * limit) * 255).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
        for cut in (0.2, 0.45)
    ]
    rim = np.concatenate([part.reshape(-1, 3) for part in (lab[:8], lab[-8:], lab[:, :8], lab[:, -8:])])
    apart = cv2.split(cv2.absdiff(lab, np.broadcast_to(np.median(rim, axis=0).astype(np.uint8), lab.shape)))
    distance = cv2.max(cv2.max(apart[0], apart[1]), apart[2])
    for channel in (distance, lab[:, :, 0]):
        _, mask = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        masks.append(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)))
    return [np.asarray(mask, dtype=np.uint8) for mask in masks]


def _quadrilateral(contour: NDArray[np.int32], picture_area: int) -> Quad | None:
    hull = cv2.convexHull(contour)
    area = cv2.contourArea(hull)
    if area < 0.06 * picture_area:
        return None
    length = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.045, 0.06):
        corners = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(corners) == 4:
            quad = corners.reshape(4, 2).astype(np.float32)
            return quad if cv2.contourArea(quad) > 0.85 * area else None
    boxed = cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32)
    return boxed if area > 0.88 * cv2.contourArea(boxed) else None


def clockwise(quad: Quad) -> Quad:
    """Corners clockwise, starting so that the first edge is a long one and points rightward."""
    (ax, ay), (bx, by), (cx, cy) = quad[:3]
    if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) < 0:
        quad = quad[::-1]
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    if sides[0] + sides[2] < sides[1] + sides[3]:
        quad = np.roll(quad, -1, axis=0)
    edge = quad[1] - quad[0]
    backwards = edge[0] < 0 if abs(edge[0]) > 0.2 * abs(edge[1]) else edge[1] < 0
    return np.ascontiguousarray(np.roll(quad, 2, axis=0) if backwards else quad, dtype=np.float32)


def _trust(quads: Floats, supported: Floats) -> Floats:
    """How card-like: sides of the right proportion, equal opposite sides, an edge in the picture under each side."""
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2) + 1e-6
    aspect = np.abs(np.log((sides[:, 0] + sides[:, 2]) / (sides[:, 1] + sides[:, 3])))
    shape = 1 - np.abs(aspect - np.log(ASPECT)) / 0.35
    even = 1 - np.abs(np.log(sides[:, (0, 1)] / sides[:, (2, 3)])).max(axis=1) / 0.6
    least, mean = supported.min(axis=1), supported.mean(axis=1)
    trust = 0.2 * shape + 0.1 * even + 0.3 * least + 0.4 * mean
    return np.asarray(np.where((shape > 0) & (even > 0), trust, 0.0), dtype=np.float32)


def _prefer_whole(quads: Floats, trusts: Floats) -> Floats:
    """Portrait and card edges also make card-like shapes, inside the card: what is much smaller than the best loses."""
    area = np.array([cv2.contourArea(quad) for quad in quads], np.float32)
    largest = area[trusts > 0.85 * trusts.max()].max(initial=1.0)
    return np.asarray(np.where(trusts > 0, trusts * np.clip(np.sqrt(area / largest), 0.5, 1.0), 0.0), dtype=np.float32)
