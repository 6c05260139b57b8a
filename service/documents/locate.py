"""Where the card lies: quadrilaterals that could be its outline, best first. Proposals, to be proven by reading."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.evidence import Pixels

ASPECT = 85.6 / 54.0
"""ISO/IEC 7810 ID-1."""
SEARCH_SIDE = 480
"""Longest side in pixels of the copy the outline is looked for in."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`quad` in pixels of the picture, clockwise, its first edge a long one; `trust` in [0, 1], higher is better."""

    quad: Quad = field(repr=False)
    trust: float


def propose(pixels: Pixels, most: int = 2) -> list[Proposal]:
    """The best outlines of a card in a BGR picture (H, W, 3)."""
    height, width = pixels.shape[:2]
    shrink = min(1.0, SEARCH_SIDE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (5, 5), 0)
    edges = _edge_strength(small)
    found: list[Proposal] = []
    for mask in _masks(small, edges):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:3]:
            quad = _quadrilateral(contour, size[0] * size[1])
            if quad is not None and (trust := _trust(quad, edges)) > 0:
                found.append(Proposal((quad / np.float32(shrink)).astype(np.float32), trust))
    found.sort(key=lambda one: one.trust, reverse=True)
    return _apart(found, max(height, width))[:most]


def _edge_strength(small: Pixels) -> NDArray[np.float32]:
    """The largest gradient of the three channels, 0..1 of its own bright end."""
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1)
    strength = np.sqrt(across**2 + down**2).max(axis=2)
    return np.asarray(np.minimum(strength / (np.percentile(strength, 97) + 8.0), 1.0), dtype=np.float32)


def _masks(small: Pixels, edges: NDArray[np.float32]) -> list[NDArray[np.uint8]]:
    """Segmentations by different means; each finds cards the others miss."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    kernel = np.ones((7, 7), np.uint8)
    masks = [cv2.morphologyEx(((edges > cut) * 255).astype(np.uint8), cv2.MORPH_CLOSE, kernel) for cut in (0.2, 0.45)]
    border = np.concatenate([lab[:8].reshape(-1, 3), lab[-8:].reshape(-1, 3), lab[:, :8].reshape(-1, 3), lab[:, -8:].reshape(-1, 3)])
    distance = np.abs(lab.astype(np.int16) - np.median(border, axis=0).astype(np.int16)).max(axis=2).astype(np.uint8)
    for channel in (distance, lab[:, :, 0]):
        _, mask = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        masks.append(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)))
    return [np.asarray(mask, dtype=np.uint8) for mask in masks]


def _quadrilateral(contour: NDArray[np.int32], picture_area: int) -> Quad | None:
    hull = cv2.convexHull(contour)
    area = cv2.contourArea(hull)
    if area < 0.07 * picture_area:
        return None
    length = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.045, 0.06):
        corners = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(corners) == 4:
            quad = clockwise(corners.reshape(4, 2).astype(np.float32))
            return quad if cv2.contourArea(quad) > 0.85 * area else None
    boxed = clockwise(cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32))
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


def _trust(quad: Quad, edges: NDArray[np.float32]) -> float:
    """How card-like: sides of the right proportion, equal opposite sides, an edge in the picture under each side."""
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    aspect = (sides[0] + sides[2]) / (sides[1] + sides[3] + 1e-6)
    shape = 1 - abs(np.log(aspect / ASPECT)) / 0.35
    even = 1 - max(abs(np.log(sides[0] / sides[2])), abs(np.log(sides[1] / sides[3]))) / 0.6
    if shape <= 0 or even <= 0:
        return 0.0
    support = [_support(quad[place], quad[(place + 1) % 4], edges) for place in range(4)]
    return float(0.35 * shape + 0.15 * even + 0.25 * min(support) + 0.25 * np.mean(support))


def _support(start: NDArray[np.float32], end: NDArray[np.float32], edges: NDArray[np.float32]) -> float:
    """The mean of the strongest edge within two pixels of the side."""
    steps = np.linspace(0.06, 0.94, 48, dtype=np.float32)[:, None]
    along = start + steps * (end - start)
    normal = np.array((-(end - start)[1], (end - start)[0]), np.float32) / (np.linalg.norm(end - start) + 1e-6)
    values = []
    for offset in (-2, -1, 0, 1, 2):
        x, y = np.rint(along + offset * normal).astype(int).T
        values.append(edges[y.clip(0, edges.shape[0] - 1), x.clip(0, edges.shape[1] - 1)])
    return float(np.max(values, axis=0).mean())


def _apart(found: list[Proposal], longest: int) -> list[Proposal]:
    kept: list[Proposal] = []
    for one in found:
        if all(np.abs(one.quad - other.quad).max() > 0.03 * longest for other in kept):
            kept.append(one)
    return kept
