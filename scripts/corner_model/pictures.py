"""Pictures with known corners for the corner model, drawn straight at the size it sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cards import TD3_HEIGHT, WIDTH, invented, specimen
from grounds import SIDE, Floats, Pixels, blob, colour, texture

from service.specimens.fonts import Fonts
from service.specimens.sample import sample_portraits

CANVASES = ((192, 144), (144, 192), (192, 112), (112, 192), (192, 192))
"""Width, height of what the model sees."""
SHARES = (0.44, 0.26, 0.12, 0.08, 0.10)
CONTENT, MARGIN = 176, 6
"""As `service/documents/corner_model.py` lays a picture: its longest side, and the least margin around it."""
FINER = 2
"""Pixels drawn for each pixel kept."""
NOWHERE = np.full((2, 4, 2), -1e4, np.float32)


@dataclass(frozen=True, slots=True)
class Stock:
    """Textures and card faces made once; a picture combines them."""

    textures: list[Pixels]
    cards: list[Pixels]
    noise: Floats

    @classmethod
    def build(cls, assets: Path, seed: int, textures: int, cards: int) -> Stock:
        font = str(assets / "NotoSansSC-Regular.otf")
        grounds = [texture(np.random.default_rng((seed, 1, place)), font) for place in range(textures)]
        fonts, portraits = Fonts.build(assets), sample_portraits(assets, 3)
        faces = []
        for place in range(cards):
            rng = np.random.default_rng((seed, 2, place))
            faces.append(specimen(rng, fonts, portraits) if place % 2 else invented(rng, font, tall=place % 16 == 0))
        noise = np.random.default_rng((seed, 3)).standard_normal((1100, 1100), dtype=np.float32)
        return cls(grounds, faces, noise)


@dataclass(slots=True)
class Example:
    """`pixels` BGR of a canvas; `quads` (2, 4, 2) in canvas pixels, NOWHERE where there is no card."""

    pixels: Pixels
    quads: Floats


def draw(stock: Stock, canvas: tuple[int, int], rng: np.random.Generator) -> Example:
    """One picture."""
    width, height = _content(canvas, rng)
    pixels, quads = shoot(stock, (width * FINER, height * FINER), rng)
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    small = _lose(small, rng)
    laid = np.full((canvas[1], canvas[0], 3), 128, np.uint8)
    left, top = (canvas[0] - width) // 2, (canvas[1] - height) // 2
    laid[top : top + height, left : left + width] = small
    # Pixel centres: a drawing position p of the fine picture lies at (p + 0.5) / FINER - 0.5 of the small one.
    moved = (quads + 0.5) / FINER - 0.5 + np.float32((left, top))
    return Example(laid, np.where(quads < -1e3, NOWHERE, moved).astype(np.float32))


def shoot(
    stock: Stock, size: tuple[int, int], rng: np.random.Generator, without: float = 0.07
) -> tuple[Pixels, Floats]:
    """A picture of any size, and the corners (2, 4, 2) in it, clockwise from each card's own top left. `without`: the
    share of pictures in which there is no card."""
    pixels = _scene(stock, size, rng)
    quads = NOWHERE.copy()
    present = rng.random() > without
    if present:
        quads[0] = _place(size, rng)
        _lay_card(pixels, stock, quads[0], rng)
        if rng.random() < 0.05:
            other = _beside(quads[0], size, rng)
            if other is not None:
                quads[1] = other
                _lay_card(pixels, stock, other, rng)
        _cover(pixels, quads[0], rng)
    elif rng.random() < 0.4:
        _hand(pixels, _place(size, rng), rng)
    return _expose(_light(pixels, quads[0] if present else None, rng), stock, rng), quads


def _content(canvas: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    long, short = CONTENT, min(canvas) - 2 * MARGIN
    if canvas[0] != canvas[1]:
        short = int(rng.integers(short - 15, short + 1)) if rng.random() < 0.4 else short
    short = min(short, CONTENT)
    return (long, short) if canvas[0] >= canvas[1] else (short, long)


def _scene(stock: Stock, size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    pixels = _surface(stock, size, rng)
    if rng.random() < 0.25:  # a table's edge, a wall, a sheet of paper under the card
        other = _surface(stock, size, rng)
        pixels = _over(pixels, other, _half(size, rng), rng)
    for _ in range(int(rng.choice((0, 1, 2, 4), p=(0.4, 0.25, 0.2, 0.15)))):
        _thing(pixels, stock, rng)
    return pixels


def _surface(stock: Stock, size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    ground = stock.textures[int(rng.integers(len(stock.textures)))]
    turned = cv2.getRotationMatrix2D(
        (SIDE / 2, SIDE / 2), rng.uniform(0, 360), np.exp(rng.uniform(np.log(0.3), np.log(2.2)))
    )
    turned[:, 2] += np.array(size) / 2 - SIDE / 2 + rng.uniform(-100, 100, 2)
    pixels = cv2.warpAffine(ground, turned, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    gain = rng.uniform(0.6, 1.3) * (1 + rng.uniform(-0.12, 0.12, 3))
    return cv2.multiply(pixels, (*gain, 0.0)) if rng.random() < 0.7 else pixels


def _half(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """A mask of one side of a straight line, or of a large sheet."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    centre = rng.uniform(0.1, 0.9, 2) * size
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        middle = centre + 750 * np.array((-np.sin(angle), np.cos(angle)))
        box = cv2.boxPoints((tuple(middle), (3000, 1500), float(np.rad2deg(angle))))
    else:
        box = cv2.boxPoints((tuple(centre), tuple(rng.uniform(0.6, 1.6, 2) * max(size)), rng.uniform(0, 180)))
    cv2.fillPoly(mask, [box.astype(np.int32)], 255, cv2.LINE_AA)
    return mask


def _over(under: Pixels, top: Pixels, mask: Pixels, rng: np.random.Generator, shadow: float = 0.6) -> Pixels:
    """`top` where the mask is, over its shadow."""
    if rng.random() < shadow:
        under = _shadowed(under, mask, rng)
    alpha = mask.astype(np.float32) / 255
    return cv2.blendLinear(top, under, alpha, 1 - alpha)


def _shadowed(under: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    reach = rng.uniform(0.5, 9) * max(under.shape[:2]) / (CONTENT * FINER)
    shift = np.float32([(1, 0, rng.normal(0, reach)), (0, 1, rng.normal(0, reach))])
    small = cv2.resize(mask, (mask.shape[1] // 2, mask.shape[0] // 2), interpolation=cv2.INTER_AREA)
    shade = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.4, reach / 2 * rng.uniform(0.3, 1.5))), mask.shape[::-1])
    factor = 1 - rng.uniform(0.1, 0.8) / 255 * cv2.warpAffine(shade, shift, mask.shape[::-1]).astype(np.float32)
    return cv2.multiply(under, cv2.merge([factor] * 3), dtype=cv2.CV_8U)


def _thing(pixels: Pixels, stock: Stock, rng: np.random.Generator) -> None:
    """A book, phone, sheet, pen, cup, coin, cable: in place."""
    size = pixels.shape[1::-1]
    kind = rng.random()
    tone = colour(rng, 70)
    mask = np.zeros(pixels.shape[:2], np.uint8)
    centre = rng.uniform(0, 1, 2) * size
    if kind < 0.55:
        sides = rng.uniform(0.15, 0.9) * max(size) * np.array((1, rng.choice((0.45, 0.55, 0.63, 0.71, 1.0))))
        box = cv2.boxPoints((tuple(centre), tuple(sides), rng.uniform(0, 180)))
        cv2.fillPoly(mask, [box.astype(np.int32)], 255, cv2.LINE_AA)
    elif kind < 0.75:
        ends = rng.uniform(-0.2, 1.2, (2, 2)) * size
        cv2.line(
            mask, tuple(ends[0].astype(int)), tuple(ends[1].astype(int)), 255, int(rng.integers(3, 26)), cv2.LINE_AA
        )
    elif kind < 0.9:
        axes = rng.uniform(0.03, 0.3) * max(size) * np.array((1, rng.uniform(0.6, 1)))
        cv2.ellipse(
            mask,
            tuple(centre.astype(int)),
            tuple(axes.astype(int) + 1),
            rng.uniform(0, 180),
            0,
            360,
            255,
            -1,
            cv2.LINE_AA,
        )
    else:
        points = np.cumsum(rng.normal(0, 60, (12, 2)), axis=0) + centre
        cv2.polylines(mask, [points.astype(np.int32)], False, 255, int(rng.integers(2, 9)), cv2.LINE_AA)
    top = np.empty_like(pixels)
    top[:] = tone
    if rng.random() < 0.4:
        top = _surface(stock, size, rng)
    pixels[:] = _over(pixels, top, mask, rng)
    if kind < 0.55 and rng.random() < 0.5:  # an inner frame: a screen in its bezel, a picture on a cover
        inner = (box - box.mean(axis=0)) * rng.uniform(0.6, 0.95, 2) + box.mean(axis=0)
        cv2.fillPoly(pixels, [inner.astype(np.int32)], tuple(float(v) for v in colour(rng, 70)), cv2.LINE_AA)


def _place(size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Corners clockwise from the card's own top left, in pixels of the fine picture."""
    if rng.random() < 0.08:  # a scan: the card is the picture
        flat = np.float32([(0, 0), (size[0], 0), size, (0, size[1])]) - 0.5
        grown = (flat - flat.mean(axis=0)) * rng.uniform(0.97, 1.02, 2) + flat.mean(axis=0)
        turned = int(rng.integers(2)) * 2 + (1 if size[1] > size[0] else 0)
        return np.roll(grown, turned, axis=0).astype(np.float32)
    half_high = 0.5 * (88 / 125 if rng.random() < 0.04 else rng.uniform(0.62, 0.642))
    model = np.array([(-0.5, -half_high, 0), (0.5, -half_high, 0), (0.5, half_high, 0), (-0.5, half_high, 0)])
    angle = rng.choice((0, 90, 180, 270)) + rng.normal(0, 9) if rng.random() < 0.6 else rng.uniform(0, 360)
    lean = np.deg2rad(abs(rng.normal(0, 14)) if rng.random() < 0.7 else rng.uniform(0, 40))
    axis, distance = rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 4)
    points = model @ _turn_z(axis) @ _turn_x(lean) @ _turn_z(np.deg2rad(angle) - axis)
    flat = points[:, :2] * distance / (distance + points[:, 2:])
    flat += rng.uniform(-1, 1, (4, 2)) * rng.choice((0.0, 0.0, 0.03, 0.08))
    reach = flat.max(axis=0) - flat.min(axis=0)
    share = rng.uniform(0.55, 1.0) if rng.random() < 0.7 else rng.uniform(0.3, 0.6)
    flat *= share * min(np.array(size) / reach)
    reach = flat.max(axis=0) - flat.min(axis=0)
    slack = np.array(size) - reach
    spot = slack * rng.uniform(0, 1, 2)
    if rng.random() < 0.14:  # cut by the picture's edge
        spot += rng.choice((-1, 0, 1), 2) * rng.uniform(0, 0.1) * max(size) + rng.normal(0, 0.01, 2) * max(size)
    return (flat - flat.min(axis=0) + spot).astype(np.float32)


def _turn_z(angle: float) -> np.ndarray:
    return np.array(((np.cos(angle), np.sin(angle), 0), (-np.sin(angle), np.cos(angle), 0), (0, 0, 1)))


def _turn_x(angle: float) -> np.ndarray:
    return np.array(((1, 0, 0), (0, np.cos(angle), np.sin(angle)), (0, -np.sin(angle), np.cos(angle))))


def _beside(quad: Floats, size: tuple[int, int], rng: np.random.Generator) -> Floats | None:
    """A second card next to the first, if it fits."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(mask, [quad.astype(np.int32)], 1)
    for _ in range(6):
        shift = rng.uniform(-0.5, 0.5, 2) * size
        turned = (quad - quad.mean(axis=0)) @ _turn_z(rng.normal(0, 0.2))[:2, :2] + quad.mean(axis=0) + shift
        inside = (turned > -4).all() and (turned < np.array(size) + 4).all()
        if inside and cv2.intersectConvexConvex(quad, turned.astype(np.float32))[0] <= 0:
            return turned.astype(np.float32)
    return None


def _lay_card(pixels: Pixels, stock: Stock, quad: Floats, rng: np.random.Generator) -> None:
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    aspect = (sides[0] + sides[2]) / (sides[1] + sides[3])
    card = stock.cards[int(rng.integers(len(stock.cards)))]
    if card.shape[0] == TD3_HEIGHT and aspect > 1.5:
        card = stock.cards[1]
    card = _tinged(card, rng)
    if rng.random() < 0.24:
        _blend_in(pixels, card, rng)
    wide = float(max(sides[0], sides[2]))
    if wide < 0.75 * WIDTH:
        card = cv2.resize(card, None, fx=1.1 * wide / WIDTH, fy=1.1 * wide / WIDTH, interpolation=cv2.INTER_AREA)
    mask = _rounded(card.shape[1], card.shape[0], rng.choice((0.0, 0.02, 0.037, 0.037, 0.037, 0.045)))
    _edge(card, mask, rng)
    high, across = card.shape[:2]
    corners = np.float32([(0, 0), (across, 0), (across, high), (0, high)]) - 0.5
    matrix = cv2.getPerspectiveTransform(corners, quad)
    size = pixels.shape[1::-1]
    seen = cv2.warpPerspective(card, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shape = cv2.warpPerspective(mask, matrix, size, flags=cv2.INTER_LINEAR)
    pixels[:] = _over(pixels, seen, shape, rng, shadow=0.65)


def _blend_in(pixels: Pixels, card: Pixels, rng: np.random.Generator) -> None:
    """A ground of the card's own tone, white on white; its print is as strong as it was, or fainter. In place."""
    kept = rng.uniform(0.05, 1.0)
    near = np.array(cv2.mean(card)[:3]) + rng.normal(0, 9) + rng.normal(0, 3, 3)
    shift = near - kept * np.median(pixels[::7, ::7], axis=(0, 1))
    pixels[:] = cv2.add(cv2.convertScaleAbs(pixels, alpha=kept), (*shift, 0.0))


def _tinged(card: Pixels, rng: np.random.Generator) -> Pixels:
    if rng.random() < 0.06:  # a photocopy
        grey = cv2.cvtColor(card, cv2.COLOR_BGR2GRAY)
        card = cv2.merge([cv2.convertScaleAbs(grey, alpha=rng.uniform(0.9, 1.4), beta=rng.uniform(-30, 20))] * 3)
    gain = rng.uniform(0.75, 1.12) * (1 + rng.uniform(-0.07, 0.07, 3))
    return cv2.multiply(card, (*gain, 0.0))


def _edge(card: Pixels, mask: Pixels, rng: np.random.Generator) -> None:
    """The cut edge of the plastic, brighter or darker than the print; a white rim of laminate. In place."""
    if rng.random() < 0.45:
        return
    wide = int(rng.integers(1, 3)) if rng.random() < 0.7 else int(rng.integers(2, 10))
    outline, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    tone = np.clip(rng.choice((30, 90, 200, 235, 250)) + rng.normal(0, 8, 3), 0, 255)
    cv2.drawContours(card, outline, -1, tuple(float(v) for v in tone), wide)


def _rounded(width: int, height: int, share: float) -> Pixels:
    radius = round(width * share)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return mask


def _cover(pixels: Pixels, quad: Floats, rng: np.random.Generator) -> None:
    """Fingers over the edges, things lying partly on the card. In place."""
    if rng.random() < 0.32:
        _hand(pixels, quad, rng)
    if rng.random() < 0.07:
        side = int(rng.integers(4))
        spot = quad[side] + (quad[(side + 1) % 4] - quad[side]) * rng.random()
        long = float(np.linalg.norm(quad[1] - quad[0]))
        blob(pixels, spot + rng.normal(0, 0.05 * long, 2), rng.uniform(0.03, 0.12) * long, colour(rng, 60), rng)


def _hand(pixels: Pixels, quad: Floats, rng: np.random.Generator) -> None:
    """One to four fingers from outside, reaching some way over one side, perhaps a thumb over the other."""
    skin = np.clip(np.array((0.55, 0.7, 1.0)) * rng.uniform(60, 235) * (1 + rng.normal(0, 0.05, 3)), 0, 255)
    centre, long = quad.mean(axis=0), float(np.linalg.norm(quad[1] - quad[0]))
    for side in rng.permutation(4)[: 1 + int(rng.random() < 0.5)]:
        start, end = quad[side], quad[(side + 1) % 4]
        outward = (start + end) / 2 - centre
        outward /= np.linalg.norm(outward) + 1e-6
        first = rng.uniform(0.0, 0.8)
        for finger in range(int(rng.choice((1, 1, 2, 3, 4)))):
            along = first + finger * rng.uniform(0.16, 0.22)
            wide = rng.uniform(0.08, 0.2) * long
            tip = start + (end - start) * min(along, 1.02) - outward * (rng.uniform(0.0, 0.14) * long - wide / 2)
            root = tip + (outward + rng.normal(0, 0.35, 2)) * long
            shade = skin * rng.uniform(0.85, 1.1)
            for share, light in ((1.0, 0.72), (0.84, 0.93), (0.5, 1.04)):
                tone = tuple(float(v) for v in np.clip(shade * light, 0, 255))
                cv2.line(
                    pixels, tuple(np.int32(tip)), tuple(np.int32(root)), tone, max(1, int(wide * share)), cv2.LINE_AA
                )


def _light(pixels: Pixels, quad: Floats | None, rng: np.random.Generator) -> Pixels:
    """Unequal light, hard and soft shadows, colour, glare."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:60, 0:80].astype(np.float32) / np.float32([[[60]], [[80]]]) - 0.5
    factor = np.full((60, 80), rng.uniform(0.75, 1.15) if rng.random() < 0.82 else rng.uniform(0.2, 0.6), np.float32)
    for _ in range(int(rng.integers(0, 3))):
        angle = rng.uniform(0, 2 * np.pi)
        across = (x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-0.35, 0.35)) * np.exp(rng.uniform(0.5, 5))
        factor *= 1 - rng.uniform(0, 0.6) / (1 + np.exp(-np.clip(across, -30, 30)))
    cast = (factor[:, :, None] * (1 + rng.uniform(-0.1, 0.1, 3))).astype(np.float32)
    lit = cv2.multiply(pixels, cv2.resize(cast, (width, height)), dtype=cv2.CV_8U)
    for _ in range(int(rng.choice((0, 1, 2), p=(0.6, 0.28, 0.12)))):
        spot = rng.uniform(-0.45, 0.45, 2) if quad is None or rng.random() < 0.3 else (
            rng.dirichlet(np.ones(4)) @ quad / (width, height) - 0.5)  # fmt: skip
        angle, wide, high = rng.uniform(0, np.pi), rng.uniform(0.03, 0.25), rng.uniform(0.02, 0.1)
        u = ((x - spot[0]) * np.cos(angle) + (y - spot[1]) * np.sin(angle)) / wide
        v = ((y - spot[1]) * np.cos(angle) - (x - spot[0]) * np.sin(angle)) / high
        glow = (rng.uniform(40, 330) * np.exp(-((u * u + v * v) ** rng.uniform(0.6, 1.6)))).astype(np.float32)
        lit = cv2.add(lit, cv2.merge([cv2.resize(glow, (width, height))] * 3), dtype=cv2.CV_8U)
    return lit


def _expose(pixels: Pixels, stock: Stock, rng: np.random.Generator) -> Pixels:
    """Focus, shake, noise of the sensor."""
    grown = max(pixels.shape[:2]) / (CONTENT * FINER)
    if rng.random() < 0.5:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 2.2) * grown)
    if rng.random() < 0.15:
        length, angle = int(rng.integers(3, 11)), rng.uniform(0, np.pi)
        kernel = np.zeros((13, 13), np.float32)
        reach = np.array((np.cos(angle), np.sin(angle))) * length / 2
        cv2.line(kernel, tuple(np.int32(6 - reach)), tuple(np.int32(6 + reach)), 1.0, 1)
        pixels = cv2.filter2D(pixels, -1, kernel / kernel.sum())
    if rng.random() < 0.5:
        left, top = np.minimum(rng.integers(0, 560, 2), np.array(stock.noise.shape) - pixels.shape[1::-1])
        grain = stock.noise[top : top + pixels.shape[0], left : left + pixels.shape[1]] * np.float32(rng.uniform(1, 14))
        pixels = cv2.add(pixels, cv2.merge([grain] * 3), dtype=cv2.CV_8U)
    return pixels


def _lose(small: Pixels, rng: np.random.Generator) -> Pixels:
    """What is left of tones after a camera's curve and a JPEG."""
    if rng.random() < 0.3:
        curve = (255 * (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.3))).clip(0, 255).astype(np.uint8)
        small = cv2.LUT(small, curve)
    if rng.random() < 0.05:
        small = cv2.merge([cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)] * 3)
    if rng.random() < 0.3:
        done, code = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])
        small = cv2.imdecode(code, cv2.IMREAD_COLOR) if done else small
    return small
