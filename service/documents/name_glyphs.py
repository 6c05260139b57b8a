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

from service.documents.attempt import Attempt, doubted
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
BIAS, OF_READING, OF_LIKENESS, OF_LEAD = 4.60, 0.88, -13.11, 34.44
"""Of the log odds that a character is the one read: the recogniser's own log odds, the likeness to that character, and
its lead over the most alike of all others. Fitted on photographed cards (evaluate_names odds). Blur takes likeness and
leaves the lead: at one lead, the less alike is the surer."""
LEAST_ODDS = -1.0
"""Log odds below which a name is doubted."""
OTHER_LEADS = 0.05
"""From this lead on the other character is named as one that may stand there."""
SURELY = 1e-5
CLOSE = 34
"""Pixels of a strip from one character to the next, at least, where it holds the name alone."""
PITCHES, OFF, HARDLY = (30, 60), 12, 0.05
"""Pixels of a strip from one character to the next; how far from its middle one is noticed, at most; the share of the
strip's mean ink that is none between two."""
APART, BEYOND, BETWEEN, INKED = 60, 46, 8, 0.5
"""Pixels of a strip from one character to the next, at most (two apart are 70 and more), and to the middle of what is
looked at beyond the last: its own ink ends OFF and half a character from where it was noticed. Half of what is looked
at there, or between two farther apart, and the share of the strip's deviation from which ink stands there."""


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
        bounds = [ord(one) for one in session.metadata["characters"]]
        runs = zip(bounds[::2], bounds[1::2], strict=True)
        characters = "".join(chr(one) for first, last in runs for one in range(first, last + 1))
        return cls(session, characters, {one: place for place, one in enumerate(characters)})

    def checked(self, best: Attempt, pixels: Pixels) -> Attempt:
        """The attempt, its name doubted where a character does not look like the one that was read. What it looks like
        is then among the variants. `pixels`: the picture, BGR."""
        name = best.side.fields.get("name")
        if name is None:
            return best
        looks, left_out = self.looks(name, best.lines, best.to_picture, pixels)
        if all(look.other is None for look in looks) and not left_out:
            return best
        meant = list(name.value)
        for look in looks:
            meant[look.place] = look.other or look.character
        variants = tuple(dict.fromkeys((*name.variants, "".join(meant))))
        named = replace(name, variants=tuple(one for one in variants if one != name.value))
        return doubted(replace(best, side=replace(best.side, fields={**best.side.fields, "name": named})), ["name"])

    def looks(
        self, name: SideField, lines: Sequence[PlacedLine], to_picture: Floats, pixels: Pixels
    ) -> tuple[list[Look], bool]:
        """How each character of a name looks that the network knows, last first; and whether ink stands between two
        that was not read. `to_picture`: from the `lines` to the picture."""
        found = [one for one in _written(name, lines) if one.character in self.classes]
        if not found:
            return [], False
        strips = {id(one.line): cut_strip(pixels, map_points(to_picture, one.line.quad)) for one in found}
        pitch, middles = _pitch(found, strips), _middles(found, strips)
        spots = [(strips[id(one.line)], middle) for one, middle in zip(found, middles, strict=True)]
        alike = self.alike([crop for strip, spot in spots for crop in _crops(strip, spot, pitch)])
        looks = [self._look(one, rows) for one, rows in zip(found, np.split(alike, len(found)), strict=True)]
        return looks, _left_out(found, strips)

    def alike(self, crops: Sequence[Glyph]) -> NDArray[np.float32]:
        """Cosines (N, classes), higher = more alike."""
        blob = np.array(crops, np.float32)[:, None]
        mean, deviation = blob.mean(axis=(2, 3), keepdims=True), blob.std(axis=(2, 3), keepdims=True)
        return self.session.run((blob - mean) / (deviation + 4))[0]

    def _look(self, one: _Character, alike: NDArray[np.float32]) -> Look:
        read = self.classes[one.character]
        to_read = alike[:, read].copy()
        alike[:, read] = -1
        nearest = alike.argmax(axis=1)
        leads = to_read - alike.max(axis=1)
        likely = float(np.clip(one.line.likely[one.place], SURELY, 1 - SURELY))
        rival = self.characters[nearest[leads.argmax()]]
        sure = log(likely / (1 - likely))
        return Look(one.character, one.of_name, sure, float(to_read.max()), float(leads.max()), rival)


@dataclass(frozen=True, slots=True)
class Look:
    """How one character of a name looks."""

    character: str = field(repr=False)
    """As read."""
    place: int
    """In the name."""
    sure: float
    """The recogniser's own log odds; higher is more certain."""
    likeness: float
    """Cosine to that character."""
    lead: float
    """By how much more than to the most alike of all others."""
    rival: str = field(repr=False)
    """That other."""

    @property
    def other(self) -> str | None:
        """None where the character looks as it was read, else what it surely looks like, or "" where that is open."""
        odds = BIAS + OF_READING * self.sure + OF_LIKENESS * self.likeness + OF_LEAD * self.lead
        if odds >= LEAST_ODDS:
            return None
        return self.rival if self.lead < -OTHER_LEADS else ""


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
    """Whether ink stands where a character was not read: between two as far apart as if it stood there, or beyond the
    first or the last (a label stands farther from it)."""
    looked_at: list[tuple[Pixels, float]] = []
    for strip, left, right in _neighbours(found, strips):
        if right - left > APART:
            looked_at.append((strip, (left + right) / 2))
    for one in found:
        strip = strips[id(one.line)]
        before, spot, after = np.array((-inf, *one.line.spots, inf))[one.place : one.place + 3] * strip.shape[1]
        if one.of_name == 0 and spot - before > 2 * BEYOND:
            looked_at.append((strip, spot - BEYOND))
        if after == inf:
            looked_at.append((strip, spot + BEYOND))
    return any(_inked(strip, middle) for strip, middle in looked_at)


def _inked(strip: Pixels, middle: float) -> bool:
    """Whether ink stands there, if the strip reaches so far."""
    start = round(middle) - BETWEEN
    part = strip[:, max(start, 0) : max(start + 2 * BETWEEN, 0)]
    return part.shape[1] >= BETWEEN and bool(part.std() > INKED * strip.std())


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
    """The row of places, `steps` apart by one pitch from the last, near those noticed, that has least ink between; the
    middle of all such rows where several have hardly any."""
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
    return np.asarray(places[cost <= cost.min() + HARDLY * ink.mean()].mean(axis=0), np.float64)


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
