"""Which face of a picture counts: the largest, the more so the nearer it is to the middle."""

from __future__ import annotations

from service.evidence import Face, Pixels

_EDGE_WEIGHT = 0.25
"""What a face in the far corner keeps of its size; one in the middle keeps all of it."""


def prominence(face: Face, pixels: Pixels) -> float:
    """Face area in pixels, weighted by 1 in the middle of the picture falling to 0.25 at its corners."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = face.box
    across: float = ((x0 + x1) / width - 1.0) ** 2
    down: float = ((y0 + y1) / height - 1.0) ** 2
    nearness: float = max(0.0, 1.0 - (across + down) / 2.0)
    return (x1 - x0) * (y1 - y0) * (_EDGE_WEIGHT + (1.0 - _EDGE_WEIGHT) * nearness)


def by_prominence(faces: tuple[Face, ...], pixels: Pixels) -> tuple[Face, ...]:
    """The faces, the one that counts first. Ties keep the detector's order, so the answer is repeatable."""
    return tuple(sorted(faces, key=lambda face: prominence(face, pixels), reverse=True))
