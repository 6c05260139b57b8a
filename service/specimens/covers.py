"""Draw a mask, dark glasses or a hand over a face: regression tests for what is said of covered faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.evidence import Pixels

Mesh = NDArray[np.float32]
"""(468, 2) points of MediaPipe's face mesh in pixels of the picture."""

_JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
_HIGH = (340, 346, 347, 6, 118, 117, 111)
_MIDDLE = (345, 347, 329, 195, 100, 118, 116)
_LOW = (352, 280, 266, 4, 36, 50, 123)
_SKIN = (50, 280, 205, 425, 151)
_EYE_CORNERS = ((33, 133), (263, 362))


@dataclass(frozen=True, slots=True)
class Cloth:
    """What a mask is made of. `colour` BGR, None = the colour of the person's own skin; `edge`: points of its upper
    edge, right to left; `stripes`: across each other, of any width, direction and shade; `mouth`: one is printed on it;
    `wide`: how far beyond the jaw it reaches."""

    colour: tuple[int, int, int] | None
    edge: tuple[int, ...] = _MIDDLE
    pleats: bool = False
    pattern: bool = False
    stripes: bool = False
    mouth: bool = False
    wide: float = 1.03


CLOTHS = {
    "mask_blue": Cloth((215, 190, 150), pleats=True),
    "mask_white": Cloth((238, 238, 236), pleats=True),
    "mask_green": Cloth((150, 190, 140), pleats=True),
    "mask_black": Cloth((32, 30, 30)),
    "mask_red": Cloth((60, 50, 170)),
    "mask_skin_coloured": Cloth((150, 175, 215)),
    "mask_own_skin": Cloth(None),
    "mask_patterned": Cloth((120, 110, 105), pattern=True),
    "mask_striped": Cloth((150, 120, 90), stripes=True),
    "mask_white_low": Cloth((238, 238, 236), _LOW, pleats=True),
    "mask_black_high": Cloth((32, 30, 30), _HIGH),
    "mask_printed_mouth": Cloth(None, mouth=True),
    "scarf": Cloth((95, 70, 80), stripes=True, wide=1.35),
}
MOUTH_COVERS = (*CLOTHS, "hand_over_mouth")
EYE_COVERS = ("glasses_black", "glasses_tinted", "hand_over_eye")


def cover(pixels: Pixels, mesh: Mesh, name: str, rng: np.random.Generator) -> Pixels:
    """The BGR picture with `name` of MOUTH_COVERS or EYE_COVERS over the face (KeyError for another)."""
    if name in CLOTHS:
        return _mask(pixels, mesh, CLOTHS[name], rng)
    if name.startswith("glasses"):
        return _glasses(pixels, mesh, opacity={"glasses_black": 0.92, "glasses_tinted": 0.75}[name])
    at, length = {"hand_over_mouth": ((13, 14), 1.5), "hand_over_eye": ((33, 133), 1.1)}[name]
    return _hand(pixels, mesh, mesh[list(at)].mean(axis=0), length, rng)


def _mask(pixels: Pixels, mesh: Mesh, cloth: Cloth, rng: np.random.Generator) -> Pixels:
    outline = mesh[[*_JAW, *cloth.edge]]
    outline = outline.mean(axis=0) + cloth.wide * (outline - outline.mean(axis=0))
    eyes = _eyes(mesh)
    alpha = _filled(pixels, outline, 0.012 * eyes)
    # The face's own light and shade lies on the cloth.
    light = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 0.25 * eyes)
    inside = alpha[:, :, 0] > 0.5
    middle = float(np.median(light[inside])) if inside.any() else 128.0
    dimmed = min(1.0, 0.35 + middle / 170)
    shade = (light / max(middle, 1.0)) ** 0.8 * dimmed
    colour = _skin(pixels, mesh) / dimmed if cloth.colour is None else np.array(cloth.colour, np.float32)
    painted = np.broadcast_to(colour, pixels.shape) * shade[:, :, None]
    if cloth.pleats:
        painted = painted * (1 - 0.10 * _waves(pixels, mesh, eyes))[:, :, None]
    if cloth.pattern:
        blobs = rng.normal(0, 1, (24, 24)).astype(np.float32)
        size = (pixels.shape[1], pixels.shape[0])
        painted = painted * (1 + 0.35 * cv2.resize(blobs, size, interpolation=cv2.INTER_CUBIC))[:, :, None]
    if cloth.stripes:
        painted = painted * _stripes(pixels, eyes, rng)
    covered = _blend(pixels, painted + rng.normal(0, 2, pixels.shape), alpha)
    return _printed_mouth(covered, mesh, eyes) if cloth.mouth else covered


def _printed_mouth(pixels: Pixels, mesh: Mesh, eyes: float) -> Pixels:
    """Red lips with a dark line between them where the mouth is."""
    (x, y), along = mesh[[13, 14]].mean(axis=0), mesh[291] - mesh[61]
    angle, wide = float(np.degrees(np.arctan2(along[1], along[0]))), 0.3 * eyes
    for tall, shade in ((0.11 * eyes, (0.75, 0.7, 1.0)), (0.012 * eyes, (0.35, 0.3, 0.4))):
        axes = (round(wide), max(1, round(tall)))
        shape = np.array(
            cv2.ellipse2Poly((round(float(x)), round(float(y))), axes, round(angle), 0, 360, 6), np.float32
        )
        pixels = _blend(pixels, pixels * np.array(shade), _filled(pixels, shape, 0.01 * eyes))
    return pixels


def _skin(pixels: Pixels, mesh: Mesh) -> NDArray[np.float32]:
    """The colour of the person's skin, BGR."""
    height, width = pixels.shape[:2]
    seen = [pixels[min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)] for x, y in mesh[list(_SKIN)]]
    return np.asarray(np.median(np.array(seen, np.float32), axis=0), np.float32)


def _stripes(pixels: Pixels, eyes: float, rng: np.random.Generator) -> NDArray[np.float32]:
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.12, 0.4) * eyes
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    along = (columns * np.cos(angle) + rows * np.sin(angle)) / period
    across = (rows * np.cos(angle) - columns * np.sin(angle)) / period
    crossed = ((np.sin(2 * np.pi * along) > 0).astype(np.float32) + (np.sin(2 * np.pi * across) > 0)) / 2
    return np.asarray(1 + crossed[:, :, None] * rng.uniform(-0.8, 0.6, 3), np.float32)


def _waves(pixels: Pixels, mesh: Mesh, eyes: float) -> NDArray[np.float32]:
    down = (mesh[152] - mesh[10]) / np.linalg.norm(mesh[152] - mesh[10])
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    along = (columns * down[0] + rows * down[1]) / eyes
    return np.asarray(np.clip(np.sin(along * 7 * np.pi) - 0.6, 0, 1) / 0.4, np.float32)


def _glasses(pixels: Pixels, mesh: Mesh, opacity: float) -> Pixels:
    eyes = _eyes(mesh)
    along = mesh[263] - mesh[33]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    down = (mesh[152] - mesh[10]) / np.linalg.norm(mesh[152] - mesh[10])
    out = pixels
    for outer, inner in _EYE_CORNERS:
        x, y = (mesh[outer] + mesh[inner]) / 2 + 0.05 * eyes * down
        lens = np.array(cv2.ellipse2Poly((round(float(x)), round(float(y))), (round(0.42 * eyes), round(0.32 * eyes)),
                                round(angle), 0, 360, 6), np.float32)  # fmt: skip
        alpha = _filled(out, lens, 0.01 * eyes) * opacity
        out = _blend(out, np.full(pixels.shape, 21.0), alpha)
    return out


def _hand(pixels: Pixels, mesh: Mesh, centre: NDArray[np.float32], length: float, rng: np.random.Generator) -> Pixels:
    """Four fingers of the person's own skin, side by side."""
    eyes = _eyes(mesh)
    height, width = pixels.shape[:2]
    skin = _skin(pixels, mesh)
    angle = np.radians(rng.uniform(-25, 25))
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    thick = 0.24 * eyes
    out = pixels
    for place in (-1.5, -0.5, 0.5, 1.5):
        x, y = centre + across * thick * place + along * rng.uniform(-0.1, 0.1) * eyes
        u = (columns - x) * along[0] + (rows - y) * along[1]
        v = (columns - x) * across[0] + (rows - y) * across[1]
        beyond = np.maximum(np.abs(u) - (length * eyes - thick) / 2, 0)
        away = np.hypot(beyond, v) / (thick / 2)
        shade = 1.08 - 0.35 * np.clip(away, 0, 1) ** 3
        out = _blend(out, skin * shade[:, :, None], np.clip((1.05 - away) / 0.1, 0, 1)[:, :, None])
    return out


def _eyes(mesh: Mesh) -> float:
    """Pixels between the outer corners of the eyes."""
    return float(np.linalg.norm(mesh[33] - mesh[263]))


def _filled(pixels: Pixels, outline: NDArray[np.float32], soft: float) -> NDArray[np.float32]:
    area = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(area, [np.round(outline * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(area.astype(np.float32) / 255, (0, 0), max(soft, 0.3)), np.float32)[:, :, None]


def _blend(under: Pixels, over: NDArray[Any], alpha: NDArray[Any]) -> Pixels:
    return np.asarray(np.clip(under * (1 - alpha) + over * alpha, 0, 255), np.uint8)
