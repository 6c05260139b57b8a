"""Whether the characters of a name look as they were read: a small network of our own (models/cards/name_glyphs.md).

A recogniser answers with a confident look-alike for a character it does not know or hardly met. The network was shown
all characters alike, seldom ones as often, and knows those too that the recogniser does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from math import inf, log

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.attempt import UNREAD, Attempt
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine
from service.documents.text_recognizer import HEIGHT, cut_strip
from service.documents.upright import map_points
from service.documents.variants import MIDDLE_DOTS
from service.evidence import Pixels
from service.runtime.onnx import Session, open_session
from service.runtime.weights import Weights

Floats = NDArray[np.float64]
Glyph = NDArray[np.uint8]
"""Grey, (SIDE, SIDE), one character in the middle."""
SIDE, SEEN = 40, 44
"""Pixels of a crop as the network takes it, and as it is cut from a strip of the recogniser's height."""
AROUND = (-2, 2)
"""Pixels a character is cut beside its middle; the more alike crop counts."""
BIAS, OF_READING, OF_LIKENESS, OF_LEAD = 8.28, 0.68, -13.45, 24.38
"""Of the log odds that a character is the one read: the recogniser's own log odds, the likeness to that character, and
its lead over the most alike of all others. Fitted on a font the network was not trained on."""
LEAST_ODDS = 1.0
"""Log odds below which a name is doubted."""
OTHER_LEADS = 0.15
"""From this lead on the other character is named as one that may stand there."""
SURELY = 1e-5
CLOSE = 34
"""Pixels of a strip from one character to the next, at least, where it holds the name alone."""
PITCHES, OFF = (30, 46), 12
"""Pixels of a strip from one character to the next, and how far from its middle one is noticed, at most."""
APART, BETWEEN, INKED = 60, 8, 0.5
"""Pixels of a strip from one character to the next, at most (two apart are 70 and more); half of what is looked at
between them where it is more, and the share of the strip's deviation from which ink stands there."""


@dataclass(frozen=True, slots=True)
class NameGlyphs:
    """Characters in, doubts out. `characters` by class of the network."""

    session: Session
    characters: str = field(repr=False)
    classes: Mapping[str, int] = field(repr=False)

    @classmethod
    def build(cls, weights: Weights, threads: int) -> NameGlyphs:
        """Open the weight. Raises WeightMissing or WeightMismatch."""
        session = open_session(weights.verified("name_glyphs").path, threads)
        characters = session.metadata["characters"]
        return cls(session, characters, {one: place for place, one in enumerate(characters)})

    def checked(self, best: Attempt, pixels: Pixels) -> Attempt:
        """The attempt, its name doubted where a character does not look like the one that was read. What it looks like
        is then among the variants. `pixels`: the picture, BGR."""
        name = best.side.fields.get("name")
        found = [] if name is None else [one for one in _written(name, best.lines) if one.character in self.classes]
        if name is None or not found:
            return best
        strips = {id(one.line): cut_strip(pixels, map_points(best.to_picture, one.line.quad)) for one in found}
        pitch, middles = _pitch(found, strips), _middles(found, strips)
        spots = [(strips[id(one.line)], middle) for one, middle in zip(found, middles, strict=True)]
        alike = self.alike([crop for strip, spot in spots for crop in _crops(strip, spot, pitch)])
        others = [self._other(one, rows) for one, rows in zip(found, np.split(alike, len(found)), strict=True)]
        if all(other is None for other in others) and not _left_out(found, strips):
            return best
        meant = list(name.value)
        for one, other in zip(found, others, strict=True):
            meant[one.of_name] = other or one.character
        variants = tuple(dict.fromkeys((*name.variants, "".join(meant))))
        doubted = replace(
            name,
            text_score=min(name.text_score, UNREAD),
            variants=tuple(one for one in variants if one != name.value),
        )
        return replace(best, side=replace(best.side, fields={**best.side.fields, "name": doubted}))

    def alike(self, crops: Sequence[Glyph]) -> NDArray[np.float32]:
        """Cosines (N, classes), higher = more alike."""
        blob = np.array(crops, np.float32)[:, None]
        mean, deviation = blob.mean(axis=(2, 3), keepdims=True), blob.std(axis=(2, 3), keepdims=True)
        return self.session.run((blob - mean) / (deviation + 4))[0]

    def _other(self, one: _Character, alike: NDArray[np.float32]) -> str | None:
        """None where the character looks as it was read, else what it surely looks like, or "" where that is open."""
        read = self.classes[one.character]
        to_read = alike[:, read].copy()
        alike[:, read] = -1
        nearest = alike.argmax(axis=1)
        leads = to_read - alike.max(axis=1)
        likely = float(np.clip(one.line.likely[one.place], SURELY, 1 - SURELY))
        odds = BIAS + OF_READING * log(likely / (1 - likely)) + OF_LIKENESS * to_read.max() + OF_LEAD * leads.max()
        if odds >= LEAST_ODDS:
            return None
        return self.characters[nearest[leads.argmax()]] if leads.max() < -OTHER_LEADS else ""


@dataclass(frozen=True, slots=True)
class _Character:
    """One character of a name: its place in the name, its line, and its place there."""

    character: str = field(repr=False)
    of_name: int
    line: PlacedLine = field(repr=False)
    place: int


def _written(name: SideField, lines: Sequence[PlacedLine]) -> list[_Character]:
    """The characters of the name that were read one by one, last first: labels stand before them."""
    found: list[_Character] = []
    rest = len(name.value)
    for quad in reversed(name.quads):
        line = next((one for one in lines if one.quad is quad), None)
        if line is None or not len(line.spots) == len(line.likely) == len(line.text):
            return []
        for place in reversed(range(len(line.text))):
            if rest and line.text[place].translate(MIDDLE_DOTS) == name.value[rest - 1]:
                rest -= 1
                found.append(_Character(name.value[rest], rest, line, place))
    return found


def _left_out(found: Sequence[_Character], strips: Mapping[int, Pixels]) -> bool:
    """Whether ink stands between two characters as far apart as if one between them had not been read."""
    for strip, left, right in _neighbours(found, strips):
        middle = round((left + right) / 2)
        between = strip[:, middle - BETWEEN : middle + BETWEEN]
        if right - left > APART and between.std() > INKED * strip.std():
            return True
    return False


def _pitch(found: Sequence[_Character], strips: Mapping[int, Pixels]) -> float:
    """Pixels of a strip from one character of the name to the next; infinite where there is but one."""
    steps = [right - left for _, left, right in _neighbours(found, strips)]
    return float(np.median(steps)) if steps else inf


def _middles(found: Sequence[_Character], strips: Mapping[int, Pixels]) -> list[float]:
    """Where each character stands in its strip. The recogniser notices one anywhere from its first stroke to its last;
    characters of a name stand at one pitch, and between them there is no ink."""
    middles: list[float] = []
    for _, run in groupby(found, key=lambda one: id(one.line)):
        line = list(run)
        strip = strips[id(line[0].line)]
        noticed = np.array([one.line.spots[one.place] * strip.shape[1] for one in line])
        # A dot takes less room than a character.
        steps = np.array([line[0].of_name - one.of_name for one in line], np.float64)
        middles += noticed.tolist() if "·" in line[0].line.text else _evenly(strip, noticed, steps).tolist()
    return middles


def _evenly(strip: Pixels, noticed: Floats, steps: Floats) -> Floats:
    """The row of places, `steps` apart by one pitch from the last, near those noticed, that has least ink between."""
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY).astype(np.float32)
    ink = cv2.blur(np.maximum(np.median(grey) - grey, 0).mean(axis=0)[None, :], (3, 1))[0]
    between = np.append(steps - 0.5, steps[-1] + 0.5)
    last, pitch = np.meshgrid(np.arange(noticed[0] - OFF, noticed[0] + OFF + 1, 2), np.arange(*PITCHES))
    places = last[..., None] - steps * pitch[..., None]
    gaps = np.rint(last[..., None] - between * pitch[..., None]).astype(int).clip(0, len(ink) - 1)
    near = (np.abs(places - noticed) <= OFF).all(axis=-1)
    if not near.any():
        return noticed
    cost = np.where(near, ink[gaps].mean(axis=-1), np.inf)
    return np.asarray(places.reshape(-1, len(noticed))[cost.argmin()], np.float64)


def _neighbours(found: Sequence[_Character], strips: Mapping[int, Pixels]) -> Iterator[tuple[Pixels, float, float]]:
    """Their strip and the places in it of characters that follow each other, no dot between them."""
    for after, before in pairwise(found):
        if before.line is after.line and before.of_name + 1 == after.of_name:
            strip = strips[id(after.line)]
            yield strip, *(one.line.spots[one.place] * strip.shape[1] for one in (before, after))


def _crops(strip: Pixels, spot: float, pitch: float) -> list[Glyph]:
    """The character at `spot`, grey, cut a little to either side; also smaller, higher and lower where the strip
    holds more than the name: it has grown together with a line in another script."""
    half = SEEN // 2
    grey = cv2.copyMakeBorder(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), 0, 0, half + 4, half + 4, cv2.BORDER_REPLICATE)
    middle = spot + half + 4
    places = [(SEEN, HEIGHT / 2)]
    if pitch < CLOSE:
        side = max(round(pitch), SEEN // 2)
        places += [(side, y) for y in (side / 2, HEIGHT / 2, HEIGHT - side / 2)]
    cuts = [
        cv2.getRectSubPix(grey, (side, side), (middle + shift * side / SEEN, y))
        for side, y in places
        for shift in AROUND
    ]
    return [np.asarray(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8) for cut in cuts]
