"""Read one line of text: PP-OCRv6 recognition and the decoding of its CTC output (Graves et al., ICML 2006)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad
from service.documents.variants import SIMPLIFIED, TORN
from service.evidence import Pixels
from service.runtime.onnx import Session

HEIGHT = 48
SHORTEST, SAFE_SHORTEST = 160, 320
"""The network was trained on strips padded to 320. Narrower ones are read in half the time and mostly as well: only
where it is not certain, the strip is read again at the width it knows."""
CERTAIN = 0.97
LONGEST = 1600
STEP = 32


class Decoded(NamedTuple):
    """One line; see `ReadLine`."""

    text: str
    text_score: float
    as_seen: str | None = None
    spots: tuple[float, ...] = ()
    likely: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRecognizer:
    """Strips in, text out."""

    session: Session
    characters: tuple[str, ...] = field(repr=False)
    """By class; class 0 is the blank."""
    simplified: NDArray[np.int64] = field(repr=False)
    """By class: the class of the simplified form of a traditional character, 0 for all others."""
    places: Mapping[str, int] = field(repr=False)
    """The classes by character."""

    @classmethod
    def build(cls, session: Session) -> TextRecognizer:
        """The alphabet lies in the weight's metadata, one character a line; blank first and space last are implied."""
        characters = ("", *session.metadata["character"].splitlines(), " ")
        places = {character: place for place, character in enumerate(characters)}
        simplified = np.array([places.get(SIMPLIFIED.get(one, ""), 0) for one in characters], np.int64)
        return cls(session, characters, simplified, places)

    def read(self, strips: Sequence[Pixels]) -> list[Decoded]:
        """Texts of strips made by `cut_strip`; those padded to the same width run together."""
        texts = self.read_padded(strips, SHORTEST)
        unsure = [
            place
            for place, found in enumerate(texts)
            if found.text_score < CERTAIN and strips[place].shape[1] < SAFE_SHORTEST - STEP
        ]
        for place, text in zip(unsure, self.read_padded([strips[p] for p in unsure], SAFE_SHORTEST), strict=True):
            texts[place] = text
        return texts

    def read_padded(self, strips: Sequence[Pixels], shortest: int) -> list[Decoded]:
        """Texts of strips, each padded to `shortest` pixels or more, read once."""
        widths = [padded_width(strip.shape[1], shortest) for strip in strips]
        texts: list[Decoded] = [Decoded("", 0.0)] * len(strips)
        for width in sorted(set(widths)):
            places = [place for place, of_strip in enumerate(widths) if of_strip == width]
            # Larger batches are slower on a CPU: they leave its cache.
            for start in range(0, len(places), 2):
                chosen = places[start : start + 2]
                output = self.session.run(_blob([strips[place] for place in chosen], width))[0]
                for place, probabilities in zip(chosen, output, strict=True):
                    found = self.decode(probabilities)
                    stretch = width / strips[place].shape[1]
                    texts[place] = found._replace(spots=tuple(spot * stretch for spot in found.spots))
        return texts

    def read_restricted(self, strip: Pixels, alphabet: str) -> Decoded:
        """The text of one strip, all other characters ruled out; those that the network does not know as well."""
        alphabet = "".join(character for character in alphabet if character in self.places)
        allowed = [0, *(self.places[character] for character in alphabet)]
        output = self.session.run(_blob([strip], padded_width(strip.shape[1], SAFE_SHORTEST)))[0][0][:, allowed]
        best = output.argmax(axis=1)
        return _collapse(best, output[np.arange(len(best)), best], ("", *alphabet))

    def decode(self, probabilities: NDArray[np.float32]) -> Decoded:
        """The text of one CTC output (steps, classes)."""
        best = probabilities.argmax(axis=1)
        likely = probabilities[np.arange(len(best)), best]
        seen = _collapse(best, likely, self.characters).text
        for step in np.flatnonzero(self.simplified[best]):
            simplified = self.simplified[best[step]]
            if (other := probabilities[step, simplified]) >= TORN:
                best[step], likely[step] = simplified, likely[step] + other
        found = _collapse(best, likely, self.characters)
        return found if seen == found.text else found._replace(as_seen=seen)


def padded_width(width: int, shortest: int) -> int:
    """The width a strip is padded to: few different ones, so that strips can share a run."""
    return max(shortest, -(-width // STEP) * STEP)


def cut_strip(pixels: Pixels, quad: Quad) -> Pixels:
    """The line inside `quad`, turned upright, HEIGHT pixels high (BGR)."""
    across = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    down = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    width = int(np.clip(np.ceil(HEIGHT * across / max(float(down), 1.0)), 8, LONGEST))
    flat = np.array([(0, 0), (width, 0), (width, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), flat)
    strip = cv2.warpPerspective(pixels, matrix, (width, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, dtype=np.uint8)


def squeeze(strip: Pixels, share: float) -> Pixels:
    """The strip, made narrower to `share` of its width: the network's time goes with the width."""
    if share == 1.0:
        return strip
    size = (max(8, round(strip.shape[1] * share)), HEIGHT)
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _blob(strips: Sequence[Pixels], width: int) -> NDArray[np.float32]:
    # Padding is 0 after normalisation.
    blob = np.zeros((len(strips), 3, HEIGHT, width), np.float32)
    for place, strip in enumerate(strips):
        blob[place, :, :, : strip.shape[1]] = cv2.dnn.blobFromImage(strip, 1 / 127.5, mean=(127.5, 127.5, 127.5))[0]
    return blob


def _collapse(best: NDArray[np.int64], likely: NDArray[np.float32], characters: Sequence[str]) -> Decoded:
    """The likeliest class of each step, repeats and blanks removed. The score is the mean over all but spaces.

    `spots`: the step of each character but spaces as a share of all steps; `likely`: its highest probability in a step.
    """
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    text = [characters[index] for index in best[kept].tolist()]
    scores = [score for character, score in zip(text, likely[kept].tolist(), strict=True) if character != " "]
    steps = zip(text, np.flatnonzero(kept).tolist(), strict=True)
    spots = tuple((step + 0.5) / len(best) for character, step in steps if character != " ")
    highest = tuple(one for character, one in zip(text, _highest(best, likely, kept), strict=True) if character != " ")
    return Decoded("".join(text), sum(scores) / len(scores) if scores else 0.0, None, spots, highest)


def _highest(best: NDArray[np.int64], likely: NDArray[np.float32], kept: NDArray[np.bool_]) -> list[float]:
    """Of each run of one class that is kept: a character's first step is often its least certain."""
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    found: list[float] = np.maximum.reduceat(likely, starts)[kept[starts]].tolist()
    return found
