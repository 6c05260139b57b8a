"""Which face of a picture counts: the largest, the more so the nearer it is to the middle."""

from __future__ import annotations

from service.evidence import Face, Pixels

_LEAST_WEIGHT = 0.05
"""What a face at the edge keeps of its size; one in the middle keeps all of it."""


def prominence(face: Face, pixels: Pixels) -> float:
    """Face area in pixels, weighted by 1 in the middle of the picture, falling with the square of the distance from it.

    The weight is 3/4 half way to an edge and 0.05 at the edge itself.
    """
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = face.box
    across: float = ((x0 + x1) / width - 1.0) ** 2
    down: float = ((y0 + y1) / height - 1.0) ** 2
    return (x1 - x0) * (y1 - y0) * max(_LEAST_WEIGHT, 1.0 - across - down)


def by_prominence(faces: tuple[Face, ...], pixels: Pixels) -> tuple[Face, ...]:
    """The faces, the one that counts first. Ties keep the detector's order, so the answer is repeatable."""
    return tuple(sorted(faces, key=lambda face: prominence(face, pixels), reverse=True))
