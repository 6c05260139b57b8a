"""The named conditions a specimen is photographed under."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Condition:
    """How one picture is taken. A span is the lowest and highest value; one is drawn for each picture.

    Lengths in pixels of the finished picture are given for a card 856 pixels wide and scale with the card.
    """

    name: str
    size: tuple[int, int] = (1280, 960)
    """Width, height of the picture."""
    card_share: Span = (0.6, 0.78)
    """Width of the card in the picture / width of the picture (of the upright card)."""
    tilt_degrees: Span = (0.0, 3.0)
    """Either way."""
    perspective: Span = (0.0, 0.02)
    """How far a corner leaves its place, in card widths."""
    rotation: int = 0
    """Degrees clockwise, a multiple of 90."""
    blur: Span = (0.3, 0.7)
    """Gaussian sigma, pixels."""
    motion: Span = (0.0, 0.0)
    """Length of the streak, pixels."""
    glare: Span = (0.0, 0.0)
    """0 = none, 1 = a burnt-out spot."""
    shadow: Span = (0.0, 0.15)
    """0 = none, 1 = black."""
    light: Span = (0.88, 1.05)
    """Factor on the brightness."""
    noise: Span = (1.0, 3.0)
    """Sensor noise, sigma in grey levels."""
    jpeg_quality: Span = (86, 94)
    detail: Span = (1.0, 1.0)
    """Pixels kept of a line before it is stretched to its size again (a cheap camera)."""
    staged: bool = True
    """Lies somewhere with a background and perhaps a finger; else on plain white."""


def conditions() -> dict[str, Condition]:
    """All conditions by name, in a fixed order."""
    return {condition.name: condition for condition in _table()}


def _table() -> tuple[Condition, ...]:
    none = (0.0, 0.0)
    return (
        Condition("scan", (1011, 638), (1.0, 1.0), none, none, 0, none, none, none, none, (1, 1), none, staged=False),
        Condition("clean", (1280, 860), (0.8, 0.9), none, none, 0, none, none, none, none, (1, 1), none, staged=False),
        Condition("photo"),
        Condition("tilt", tilt_degrees=(8.0, 22.0), card_share=(0.55, 0.7)),
        Condition("perspective", perspective=(0.05, 0.11)),
        Condition("rotate90", rotation=90, size=(960, 1280), card_share=(0.78, 1.0)),
        Condition("rotate180", rotation=180),
        Condition("rotate270", rotation=270, size=(960, 1280), card_share=(0.78, 1.0)),
        Condition("blur", blur=(1.6, 2.4)),
        Condition("motion_blur", motion=(5.0, 9.0)),
        Condition("glare", glare=(0.55, 0.95)),
        Condition("shadow", shadow=(0.4, 0.65)),
        Condition("low_light", light=(0.22, 0.4), noise=(4.0, 8.0)),
        Condition("jpeg", jpeg_quality=(22, 40)),
        Condition("low_resolution", size=(640, 480), card_share=(0.7, 0.85)),
        Condition("mp12", size=(4000, 3000), card_share=(0.55, 0.75), noise=(2.0, 4.0)),
        Condition("webcam", size=(1280, 720), card_share=(0.45, 0.58), blur=(0.7, 1.1), noise=(3.0, 6.0),
                  detail=(0.75, 0.9), jpeg_quality=(60, 80), light=(0.75, 1.1)),
        Condition("hard", tilt_degrees=(4.0, 14.0), perspective=(0.02, 0.07), blur=(0.9, 1.5), shadow=(0.2, 0.45),
                  glare=(0.0, 0.5), light=(0.5, 0.9), noise=(3.0, 6.0), jpeg_quality=(45, 70), card_share=(0.55, 0.7)),
    )  # fmt: skip
