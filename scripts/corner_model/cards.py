"""Card faces the corner model is trained on: specimens of the resident identity card, and cards that never were."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
from grounds import Pixels, blob, colour, letters, octaves
from PIL import Image, ImageDraw, ImageFont

from service.specimens.card import draw_back, draw_front
from service.specimens.fonts import Fonts
from service.specimens.people import invent_person
from service.specimens.press import varied_press

WIDTH, HEIGHT = 640, 404
TD3_HEIGHT = 451
"""The data page of a passport, 125 x 88 mm, at the same width."""


def specimen(rng: np.random.Generator, fonts: Fonts, portraits: list[Pixels]) -> Pixels:
    """A side of the resident identity card in the project's own drawing, another portrait in most of them."""
    press, person = varied_press(rng), invent_person(rng, date(2026, 11, 24))
    if rng.random() < 0.45:
        card = draw_back(person, fonts, press)
    else:
        portrait = portraits[int(rng.integers(len(portraits)))] if rng.random() < 0.4 else mannequin(rng)
        card = draw_front(person, portrait, fonts, press)
    return cv2.resize(card, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def mannequin(rng: np.random.Generator) -> Pixels:
    """A head and shoulders as a child would paint them, BGR (376, 300, 3)."""
    wall = np.clip(rng.uniform(170, 250) + rng.normal(0, 12, 3), 0, 255)
    pixels = np.empty((376, 300, 3), np.uint8)
    pixels[:] = wall
    skin = np.array((110, 145, 205)) * rng.uniform(0.4, 1.15)
    coat, hair = colour(rng), colour(rng) * 0.4
    cv2.ellipse(
        pixels, (150, 400), (int(rng.uniform(110, 160)), 130), 0, 0, 360, tuple(map(float, coat)), -1, cv2.LINE_AA
    )
    cv2.ellipse(pixels, (150, 160), (90, 120), 0, 0, 360, tuple(map(float, hair)), -1, cv2.LINE_AA)
    cv2.ellipse(pixels, (150, 185), (72, 98), 0, 0, 360, tuple(map(float, np.minimum(skin, 255))), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(pixels, (0, 0), 4)


def invented(rng: np.random.Generator, font: str, tall: bool = False) -> Pixels:
    """A card of no State: ground, bands, portrait, lines, MRZ, chip, emblem, bar code, each there or not."""
    height = TD3_HEIGHT if tall else HEIGHT
    pixels = _ground(rng, height)
    _furniture(pixels, rng)
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    draw = ImageDraw.Draw(image)
    _print(draw, rng, font, height)
    if tall or rng.random() < 0.35:
        _mrz(draw, rng, font, height)
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def _ground(rng: np.random.Generator, height: int) -> Pixels:
    one, two = (np.clip(rng.uniform(120, 252) + rng.normal(0, 22, 3), 0, 255) for _ in range(2))
    if rng.random() < 0.2:
        one, two = colour(rng, 70), colour(rng, 70)
    slope = (
        np.linspace(0, 1, WIDTH)[None, :, None] * rng.random() + np.linspace(0, 1, height)[:, None, None] * rng.random()
    )
    pixels = (
        one * (1 - slope / 2) + two * slope / 2 + octaves(rng, WIDTH, 3, 3, 0.6)[:height, :, None] * rng.uniform(0, 8)
    )
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    x = np.arange(0, WIDTH + 8, 8)
    tone = tuple(float(v) for v in np.clip(one - rng.uniform(8, 50), 0, 255))
    if rng.random() < 0.6:
        for line in range(-4, int(rng.integers(10, 60))):
            y = line * rng.uniform(8, 12) + 12 * np.sin(x / rng.uniform(30, 90) + line * 0.3)
            cv2.polylines(pixels, [np.stack((x, y), 1).astype(np.int32)], False, tone, 1, cv2.LINE_AA)
    return pixels


def _furniture(pixels: Pixels, rng: np.random.Generator) -> None:
    height = pixels.shape[0]
    if rng.random() < 0.35:
        wide = int(rng.uniform(0.06, 0.24) * height)
        part = pixels[:wide] if rng.random() < 0.7 else pixels[-wide:]
        part[:] = colour(rng, 70)
    if rng.random() < 0.7:
        tall = int(rng.uniform(0.35, 0.72) * height)
        wide, top = int(tall * 0.79), int(rng.uniform(0.08, 0.25) * height)
        left = int(rng.uniform(0.03, 0.1) * WIDTH) if rng.random() < 0.6 else int(rng.uniform(0.6, 0.68) * WIDTH)
        left = min(left, WIDTH - wide - 6)
        pixels[top : top + tall, left : left + wide] = cv2.resize(mannequin(rng), (wide, tall))
    for _ in range(int(rng.integers(0, 4))):
        blob(pixels, rng.uniform((40, 40), (WIDTH - 40, height - 40)), rng.uniform(12, 60), colour(rng, 80), rng)
    if rng.random() < 0.15:
        pixels[int(0.1 * height) : int(0.3 * height)] = (30, 30, 30)  # a magnetic stripe
    if rng.random() < 0.12:
        for left in range(60, WIDTH - 60, 7):
            pixels[int(0.55 * height) : int(0.75 * height), left : left + int(rng.integers(1, 6))] = (20, 20, 20)


def _print(draw: ImageDraw.ImageDraw, rng: np.random.Generator, font: str, height: int) -> None:
    left = rng.uniform(0.05, 0.4) * WIDTH
    y = rng.uniform(0.03, 0.25) * height
    ink = tuple(int(v) for v in rng.uniform(0, 90, 3))
    chinese = rng.random() < 0.5
    while y < height * rng.uniform(0.6, 0.95):
        size = int(rng.choice((13, 18, 24, 34), p=(0.3, 0.4, 0.22, 0.08)))
        face = ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)
        draw.text((left, y), letters(rng, int(rng.integers(3, 24)), chinese), font=face, fill=ink)
        y += size * rng.uniform(1.2, 2.4)


def _mrz(draw: ImageDraw.ImageDraw, rng: np.random.Generator, font: str, height: int) -> None:
    lines, columns = ((2, 44), (3, 30), (2, 36))[int(rng.integers(3))]
    face = ImageFont.truetype(font, int(WIDTH / columns * 1.25), layout_engine=ImageFont.Layout.BASIC)
    for line in range(lines):
        text = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUVXYZ0123456789<<<<<<<<<"), columns))
        for place, character in enumerate(text):
            draw.text(
                (14 + place * (WIDTH - 30) / columns, height - (lines - line) * 34 - 6),
                character,
                font=face,
                fill=(25, 25, 30),
            )
