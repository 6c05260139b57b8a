"""How a card is printed. Real cards vary little; a reader should not depend on even that, nor on this renderer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Press:
    """The standard layout, or one that is off by a little."""

    scale: float = 1.0
    """Factor on the size of letters."""
    tracking: float = 1.0
    """Factor on the distance from one character to the next."""
    shift: tuple[float, float] = (0.0, 0.0)
    """How far the print lies from its place, x and y in pixels of the clean card."""
    serif: bool = False
    """Values in the serif face."""
    address_columns: int = 11
    """Full-width characters a line of the address holds."""


def varied_press(rng: np.random.Generator) -> Press:
    """A layout as another printer, or another renderer, might have it."""
    return Press(
        scale=float(rng.uniform(0.9, 1.08)),
        tracking=float(rng.uniform(0.92, 1.02)),
        shift=(float(rng.uniform(-8, 8)), float(rng.uniform(-8, 8))),
        serif=bool(rng.random() < 0.3),
        address_columns=int(rng.integers(10, 12)),
    )
