"""Find and read a machine readable zone anywhere in a picture, whichever way up (ICAO Doc 9303; issue 3).

Boxes of text that may be its lines are measured with the network itself: it says how large the characters are, which
way up they stand and how the line runs. Then every line is cut again, straight and at the network's own scale, read
several times a little differently, and all lines are solved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.mrz import ParsedMrz, parse
from service.documents.mrz_band import long_lines, stacked
from service.documents.mrz_glyphs import STEP, MrzGlyphs, cut
from service.documents.mrz_layout import ALPHABET, LAYOUTS, Layout
from service.documents.mrz_line import Chain, follow
from service.documents.mrz_solve import Solution, solve
from service.documents.mrz_track import LENGTHS, Measured, Track, guesses, likeliest, measured, of_box, straightened
from service.documents.text import Quad, TextReader
from service.evidence import Pixels

LOOK_SIDE = 960
"""Longest side in pixels that lines are looked for in; a smaller picture is enlarged to it first."""
MOST_ENLARGED = 3.0
MOST_TRIED = 6
"""Boxes that are asked for pitch and direction; the first that surely is a line of a zone answers for all."""
LEAST_INKED, SURELY_INKED = 1.0, 2.5
"""Nats a character from which a chain of places may be a line of a zone, and from which no other is looked at."""
LEGIBLE = 1.8
"""The same over all lines of a zone: below it other print was taken for one, or nothing of it is worth telling."""
APART = (2.1, 2.5, 2.9)
"""Pitches from one line to the next (Doc 9303: 2.5), where a line was not found as a box."""
VIEWS = ((0.0, 1.0), (-1.2, 1.0), (1.2, 1.0), (0.0, 0.93), (0.0, 1.07))
"""Pixels a strip is moved down by, and a factor on its height: a line is read once in each way and averaged."""


Line = tuple[Track, dict[int, Chain]]
"""A line that may be of a zone, read at every length of LENGTHS that it is long enough for."""


@dataclass(frozen=True, slots=True)
class ReadZone:
    """A zone as read. `quads`: one box a line, in pixels of the picture; `text_scores`: mean probability, by line."""

    parsed: ParsedMrz
    solution: Solution
    quads: tuple[Quad, ...] = field(repr=False)
    text_scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class MrzReader:
    """See the module."""

    text: TextReader
    glyphs: MrzGlyphs

    def read(self, pixels: Pixels) -> ReadZone | None:
        """The zone in a BGR picture, small print enlarged; None where there is none."""
        scale = float(np.clip(LOOK_SIDE / max(pixels.shape[:2]), 1.0, MOST_ENLARGED))
        large = _enlarged(pixels, scale)
        zone = self.among(large, self.text.find(large, LOOK_SIDE))
        return None if zone is None else replace(zone, quads=tuple(quad / np.float32(scale) for quad in zone.quads))

    def among(self, pixels: Pixels, boxes: Sequence[Quad]) -> ReadZone | None:
        """The zone among boxes of text found in a BGR picture; None where there is none."""
        return _best_zone(self.lines(pixels, boxes))

    def lines(self, pixels: Pixels, boxes: Sequence[Quad]) -> list[Line]:
        """What lines of a zone there are among boxes of text, top to bottom."""
        long = long_lines(boxes)
        tracks = self._tracks(pixels, likeliest(self.glyphs, pixels, stacked(long) or long)[:MOST_TRIED])
        return [(track, self._chains(pixels, track)) for track in tracks]

    def _tracks(self, pixels: Pixels, boxes: Sequence[Quad]) -> list[Track]:
        """The lines of a zone, straight, all the same way up, top to bottom."""
        first = self._first(pixels, boxes)
        if first is None:
            return []
        tracks = [_like(of_box(box, first.pitch[0]), first) for box in boxes]
        found = [one.track for one in measured(self.glyphs, pixels, tracks) if one.inked >= LEAST_INKED]
        found = [
            track if track is first else straightened(self.glyphs, pixels, track)
            for track in _apart([first, *found], first)
        ]
        for side in (-1, 1):
            if len(found) < 3 and (more := self._next(pixels, found[0 if side < 0 else -1], side)):
                found = _apart([*found, more], first)
        return found

    def _first(self, pixels: Pixels, boxes: Sequence[Quad]) -> Track | None:
        best: Measured | None = None
        for box in boxes:
            tracks = [of_box(box, pitch) for pitch in guesses(box)]
            both = [*tracks, *(track.turned() for track in tracks)]
            found = max(measured(self.glyphs, pixels, both), key=lambda one: one.favour)
            best = found if best is None or found.favour > best.favour else best
            if best.inked >= SURELY_INKED:
                break
        if best is None or best.inked < LEAST_INKED:
            return None
        return straightened(self.glyphs, pixels, best.track)

    def _next(self, pixels: Pixels, line: Track, side: int) -> Track | None:
        """The line above (-1) or below (1), where it was not found as a box."""
        tried = measured(self.glyphs, pixels, [line.moved(side * apart) for apart in APART])
        best = max(tried, key=lambda one: one.favour)
        return straightened(self.glyphs, pixels, best.track) if best.inked >= LEAST_INKED else None

    def _chains(self, pixels: Pixels, track: Track) -> dict[int, Chain]:
        """The line read in every way of VIEWS, by the lengths a line of a zone may have."""
        strips = [cut(pixels, track.quad(shift, tall), track.width) for shift, tall in VIEWS]
        columns = np.exp(np.mean([np.log(one + 1e-6) for one in self.glyphs.read(strips)], axis=0))
        columns /= columns.sum(axis=1, keepdims=True)
        return follow(columns, LENGTHS)


def _best_zone(lines: Sequence[Line]) -> ReadZone | None:
    """The format and the lines one below the other with most in favour of them."""
    best: tuple[float, Layout, list[tuple[Track, Chain]]] | None = None
    for layout in LAYOUTS:
        if layout.visa:
            continue
        for first in range(len(lines) - layout.lines + 1):
            chosen = [
                (track, chains[layout.length])
                for track, chains in lines[first : first + layout.lines]
                if layout.length in chains
            ]
            if len(chosen) < layout.lines:
                continue
            favour = sum(chain.inked * layout.length for _, chain in chosen)
            if favour / (layout.lines * layout.length) >= LEGIBLE and (best is None or favour > best[0]):
                best = (favour, layout, chosen)
    if best is None:
        return None
    _, layout, chosen = best
    visa = chosen[0][1].probabilities[0, ALPHABET.index("V")] > 0.5
    twin = next(
        (one for one in LAYOUTS if (one.lines, one.length, one.visa) == (layout.lines, layout.length, visa)), layout
    )
    return _read(twin, chosen)


def _read(layout: Layout, lines: Sequence[tuple[Track, Chain]]) -> ReadZone | None:
    solution = solve(layout, [chain.probabilities for _, chain in lines])
    parsed = parse(solution.lines)
    scores = [
        float(np.mean([row[ALPHABET.index(one)] for row, one in zip(chain.probabilities, text, strict=True)]))
        for (_, chain), text in zip(lines, solution.lines, strict=True)
    ]
    quads = tuple(_box(track, chain) for track, chain in lines)
    return None if parsed is None else ReadZone(parsed, solution, quads, tuple(scores))


def _box(track: Track, chain: Chain) -> Quad:
    """Around the characters themselves."""
    ends = [
        track.strip_x((column + 0.5 + shift) * STEP)
        for column, shift in ((chain.columns[0], -2), (chain.columns[-1], 2))
    ]
    up = [track.down * pitch * 0.6 for pitch in track.pitch]
    return np.array((ends[0] - up[0], ends[1] - up[1], ends[1] + up[1], ends[0] + up[0]), np.float32)


def _like(track: Track, other: Track) -> Track:
    """The same way up, and as long: the lines of a zone begin and end together."""
    track = track if float(track.along @ other.along) > 0 else track.turned()
    along, middle = other.along, (track.start + track.end) / 2
    start, end = (middle + along * float(along @ (point - middle)) for point in (other.start, other.end))
    own = track.along
    starts = min(float(own @ (track.start - middle)), float(own @ (start - middle)))
    ends = max(float(own @ (track.end - middle)), float(own @ (end - middle)))
    return Track(middle + own * starts, middle + own * ends, track.pitch)


def _apart(tracks: Sequence[Track], first: Track) -> list[Track]:
    """Top to bottom, each line once."""
    kept: list[Track] = []
    for track in tracks:
        if all(abs(_depth(track, first) - _depth(other, first)) > first.pitch[0] for other in kept):
            kept.append(track)
    return sorted(kept, key=lambda track: _depth(track, first))


def _depth(track: Track, first: Track) -> float:
    """How far below another line the middle of a line lies."""
    middle: NDArray[np.float64] = (track.start + track.end - first.start - first.end) / 2
    return float(first.down @ middle)


def _enlarged(pixels: Pixels, scale: float) -> Pixels:
    if scale <= 1.0:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
