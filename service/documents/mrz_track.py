"""Lay a strip exactly along a line of a machine readable zone, the network saying where the line runs. (numpy, cv2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from service.documents.mrz_glyphs import PITCH, STEP, Columns, MrzGlyphs, cut
from service.documents.mrz_line import Chain, follow
from service.documents.text import Quad
from service.evidence import Pixels

LENGTHS = (30, 36, 44)
"""Characters of a line, by format."""
MARGIN = 3.0
"""Characters of room before and after a line."""
ENDS = 8.0
"""Characters between the lengths of two formats."""
BOX_BY_PITCH = 1.5
"""Height of a box around a line by the distance of its characters."""
LONGEST = 72
"""Characters' room: nothing longer is a line of a zone."""
SHIFTS = (-6.0, -3.0, 0.0, 3.0, 6.0)
"""Pixels of a strip that the line is looked for above and below its middle."""
PARTS = 8
MIDDLE = 16
"""Characters in the middle of a box that are looked at first."""
LEAST_MIDDLE = 0.5
"""Nats a character from which the middle of a box may be of a zone."""
LEAST_BEND = 0.1
"""Logarithm of the ratio of the pitch at both ends from which a line is taken to run into the depth."""


@dataclass(frozen=True, slots=True)
class Track:
    """The middle of a line from `start` to `end`, with room at both, in pixels of the picture. `pitch`: from one
    character to the next, at the start and at the end."""

    start: NDArray[np.float64] = field(repr=False)
    end: NDArray[np.float64] = field(repr=False)
    pitch: tuple[float, float]

    @property
    def along(self) -> NDArray[np.float64]:
        """Unit vector in reading direction."""
        edge = self.end - self.start
        return np.asarray(edge / (np.linalg.norm(edge) + 1e-9), dtype=np.float64)

    @property
    def down(self) -> NDArray[np.float64]:
        """Unit vector towards the next line."""
        return np.array((-self.along[1], self.along[0]))

    @property
    def width(self) -> int:
        """Of its strip, in pixels."""
        mean = (self.pitch[0] + self.pitch[1]) / 2
        places = min(LONGEST, float(np.linalg.norm(self.end - self.start)) / mean)
        return max(STEP * 8, round(places * PITCH / STEP) * STEP)

    def quad(self, shift: float = 0.0, tall: float = 1.0) -> Quad:
        """The place of the strip, moved down by `shift` pixels of the strip, its height multiplied by `tall`."""
        reach = [self.down * pitch for pitch in self.pitch]
        middle = [point + one * shift / PITCH for point, one in zip((self.start, self.end), reach, strict=True)]
        up = [point - one * tall for point, one in zip(middle, reach, strict=True)]
        low = [point + one * tall for point, one in zip(middle, reach, strict=True)]
        return np.array((up[0], up[1], low[1], low[0]), np.float32)

    def moved(self, lines: float) -> Track:
        """The same, `lines` characters' pitches further down."""
        start, end = (self.down * pitch * lines for pitch in self.pitch)
        return replace(self, start=self.start + start, end=self.end + end)

    def longer(self) -> Track:
        """The same, with room for ENDS more characters at both ends."""
        reach = [self.along * pitch * ENDS for pitch in self.pitch]
        return replace(self, start=self.start - reach[0], end=self.end + reach[1])

    def turned(self) -> Track:
        """The same, read the other way up."""
        return Track(self.end, self.start, (self.pitch[1], self.pitch[0]))

    def strip_x(self, x: float) -> NDArray[np.float64]:
        """The point of the middle line at `x` pixels of the strip, perspective in the pitch taken into account."""
        share = x / self.width
        first, last = self.pitch
        # The middle of a strip is where its diagonals meet, nearer to the end that is the farther one.
        bent = share * first / ((1 - share) * last + share * first)
        return np.asarray(self.start + (self.end - self.start) * bent, dtype=np.float64)


def of_box(quad: Quad, pitch: float) -> Track:
    """A track along a box of text, its characters `pitch` apart."""
    points = quad.astype(np.float64)
    start, end = (points[0] + points[3]) / 2, (points[1] + points[2]) / 2
    along = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    return Track(start - along * MARGIN * pitch, end + along * MARGIN * pitch, (pitch, pitch))


def guesses(quad: Quad) -> list[float]:
    """Pitches that the box of a line may have: by its height, and by its length for each format."""
    by_height = float(np.linalg.norm(quad[3] - quad[0])) / BOX_BY_PITCH
    length = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    fitting = [pitch for count in LENGTHS if 0.45 < (pitch := length / (count + 0.6)) / by_height < 1.7]
    return fitting if any(abs(pitch / by_height - 1) < 0.1 for pitch in fitting) else [*fitting, by_height]


def likeliest(glyphs: MrzGlyphs, pixels: Pixels, boxes: Sequence[Quad]) -> list[Quad]:
    """The boxes by how surely their middle is of a zone, the surest first; none where none is."""
    tried = [(place, of_middle(box, pitch)) for place, box in enumerate(boxes) for pitch in guesses(box)]
    tried += [(place, track.turned()) for place, track in tried]
    read = glyphs.read([cut(pixels, track.quad(), track.width) for _, track in tried])
    best = [-9.0] * len(boxes)
    for (place, _), columns in zip(tried, read, strict=True):
        for chain in follow(columns, (MIDDLE - 4,)).values():
            best[place] = max(best[place], chain.inked)
    order = sorted(range(len(boxes)), key=lambda place: -best[place])
    return [boxes[place] for place in order if best[place] >= LEAST_MIDDLE]


def of_middle(quad: Quad, pitch: float) -> Track:
    """A track along the middle MIDDLE characters of a box."""
    whole = of_box(quad, pitch)
    middle = (whole.start + whole.end) / 2
    reach = whole.along * pitch * MIDDLE / 2
    return Track(middle - reach, middle + reach, (pitch, pitch))


@dataclass(frozen=True, slots=True)
class Measured:
    """A track, its ends and pitch corrected, and how surely a line of a zone runs along it."""

    inked: float
    """Nats a character, see `Chain.inked`."""
    favour: float
    """Nats for the whole line."""
    track: Track


def measured(glyphs: MrzGlyphs, pixels: Pixels, tracks: Sequence[Track]) -> list[Measured]:
    """One answer a track."""
    strips = [cut(pixels, track.quad(), track.width) for track in tracks]
    return [_measured(track, columns) for track, columns in zip(tracks, glyphs.read(strips), strict=True)]


def _measured(track: Track, columns: Columns) -> Measured:
    chain = best_chain(columns)
    if chain is None:
        return Measured(-9.0, -9.0, track)
    return Measured(chain.inked, chain.inked * len(chain.columns), fitted(track, chain))


def best_chain(columns: Columns) -> Chain | None:
    """The chain of a format's length with most in favour of it."""
    return max(follow(columns, LENGTHS).values(), key=lambda one: one.inked * len(one.columns), default=None)


def fitted(track: Track, chain: Chain) -> Track:
    """The track from MARGIN characters before the chain to MARGIN after it, the pitch as the chain has it."""
    places = np.arange(len(chain.columns))
    x = (chain.columns + 0.5) * STEP
    ends = (-MARGIN - 0.5, len(places) - 0.5 + MARGIN)
    # In perspective the places lie on a parabola, nearly; on most pictures its bend is nothing but the columns' width.
    bent = np.polynomial.Polynomial.fit(places, x, 2)
    slopes = [float(np.clip(bent.deriv()(place), 0.7 * PITCH, 1.4 * PITCH)) for place in ends]
    straight = abs(np.log(slopes[1] / slopes[0])) < LEAST_BEND
    curve = np.polynomial.Polynomial.fit(places, x, 1) if straight else bent
    start, end = (track.strip_x(float(np.clip(curve(place), -60, track.width + 60))) for place in ends)
    length = float(np.linalg.norm(end - start)) / (len(places) + 2 * MARGIN)
    tilt = track.pitch[1] / track.pitch[0] * (1.0 if straight else slopes[1] / slopes[0])
    tilt = float(np.clip(tilt, 0.8, 1.25)) ** 0.5
    return Track(start, end, (length / tilt, length * tilt))


def straightened(glyphs: MrzGlyphs, pixels: Pixels, track: Track) -> Track:
    """The track turned and moved to where the network reads most surely, part by part along the line."""
    strips = [cut(pixels, track.quad(shift), track.width) for shift in SHIFTS]
    read = glyphs.read(strips)
    # How surely a column holds a character, by shift and part.
    sure = np.stack([(columns[:, 1:].max(axis=1)) for columns in read])
    parts = np.array_split(np.arange(sure.shape[1]), PARTS)
    by_part = np.stack([sure[:, part].mean(axis=1) for part in parts], axis=1)
    weight = by_part**3
    shift = (weight * np.array(SHIFTS)[:, None]).sum(axis=0) / (weight.sum(axis=0) + 1e-9)
    middle = np.array([part.mean() for part in parts]) / sure.shape[1]
    line = np.polynomial.Polynomial.fit(middle, shift, 1, w=by_part.max(axis=0) + 1e-3)
    start, end = (
        track.down * pitch * float(np.clip(line(at), -8, 8)) / PITCH
        for at, pitch in zip((0, 1), track.pitch, strict=True)
    )
    moved = replace(track, start=track.start + start, end=track.end + end)
    # At a wrong pitch the ends were lost: only now is it known where they are.
    return max(measured(glyphs, pixels, [moved, track, moved.longer()]), key=lambda one: one.favour).track
