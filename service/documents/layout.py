"""Lines of text in the card's own directions: rows, left to right, top to bottom. Pure (numpy)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.documents.text import Quad, ReadLine

_MARKS = re.compile(r"样\s*本|樣\s*本|样\s*张|S?PEC[I1l]?[MN]E?N?|SAMPLE|仅供\S*|测试\S*", re.IGNORECASE)
"""What a specimen is stamped with; never a part of a value."""
OF_A_CARD = re.compile(r"姓名|性别|民族|出生|住址|公民身份|签发机关|有效期限|居民身份|中华人民|\d{17}|年\d{1,2}月")


_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
SURE = 0.95
"""text_score of a card's labels from which unsure lines are told from a poor picture."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line in upright coordinates: x along the text, y downward, in pixels of the picture it was read in."""

    text: str = field(repr=False)
    text_score: float
    quad: Quad = field(repr=False)
    left: float
    right: float
    middle: float
    """y of the centre."""
    height: float
    slope: float
    """How far y falls per pixel to the right, along this line."""
    as_seen: str = field(default="", repr=False)
    """See `ReadLine.as_seen`; the text itself where the engine was sure."""
    spots: tuple[float, ...] = field(default=(), repr=False)
    """See `ReadLine.spots`."""
    likely: tuple[float, ...] = field(default=(), repr=False)
    """See `ReadLine.likely`."""

    @property
    def em(self) -> float:
        """Roughly the width of one Chinese character: boxes are a third higher than their characters."""
        return self.height * 0.78


@dataclass(frozen=True, slots=True)
class Row:
    """Lines side by side, left to right."""

    lines: tuple[PlacedLine, ...]

    @property
    def text(self) -> str:
        """All of it, without spaces."""
        return "".join(line.text for line in self.lines)

    @property
    def text_score(self) -> float:
        """The lowest of its lines."""
        return min(line.text_score for line in self.lines)

    @property
    def middle(self) -> float:
        """y of its first line."""
        return self.lines[0].middle

    @property
    def height(self) -> float:
        """Of its highest line."""
        return max(line.height for line in self.lines)


def same_way_up(lines: Sequence[ReadLine]) -> list[list[ReadLine]]:
    """Lines by the direction they run in, the largest group first: a card may lie on print that runs another way."""
    rest = list(lines)
    groups: list[list[ReadLine]] = []
    while rest:
        edges = np.array([line.quad[1] - line.quad[0] for line in rest], np.float64)
        lengths = np.linalg.norm(edges, axis=1) + 1e-9
        likeness = (edges @ edges.T) / np.outer(lengths, lengths)
        alike = likeness > np.cos(np.deg2rad(25))
        leader = int((alike * lengths).sum(axis=1).argmax())
        groups.append([line for line, fits in zip(rest, alike[leader], strict=True) if fits])
        rest = [line for line, fits in zip(rest, alike[leader], strict=True) if not fits]
    return groups


def place(lines: Sequence[ReadLine]) -> list[PlacedLine]:
    """Turn the lines so that text runs to the right; spaces, specimen marks and other scripts removed."""
    cleaned = [(_cleaned(line.text), line) for line in lines]
    kept = _chinese([(text, line) for text, line in cleaned if text])
    if not kept:
        return []
    # A card may lie a little askew on a printed page: its own lines say which way is up, where they are known.
    leading = [line for text, line in kept if len(text) > 3 and OF_A_CARD.search(text)] or [line for _, line in kept]
    direction = np.array([line.quad[1] - line.quad[0] + line.quad[2] - line.quad[3] for line in leading]).sum(axis=0)
    direction = direction / (np.linalg.norm(direction) + 1e-9)
    turn = np.array((direction, (-direction[1], direction[0])), np.float64)
    return [_placed(text, line, turn) for text, line in kept]


def _cleaned(text: str) -> str:
    return re.sub(r"\s", "", _MARKS.sub("", text))


def _chinese(lines: list[tuple[str, ReadLine]]) -> list[tuple[str, ReadLine]]:
    """Without the lines of the script that a card of an autonomous region prints beside the Chinese.

    The recogniser knows no Tibetan, Uyghur or Mongolian: it answers with digits, Latin letters and the odd Chinese
    character, and is not sure of them. Where the card's own labels were read surely, such a line is none of its fields.
    """
    labels = [line.text_score for text, line in lines if OF_A_CARD.search(text)]
    if len(labels) < 2 or float(np.median(labels)) < SURE:
        return lines
    return [(text, line) for text, line in lines if not _nonsense(text, line.text_score)]


def _nonsense(text: str, text_score: float) -> bool:
    han = len(_HAN.findall(text))
    if re.search(r"\d{4}", text):
        return False  # a part of a number or of a date
    return text_score < (0.85 if han == 0 else 0.75 if 2 * han < len(text) else 0.3)


def _placed(text: str, line: ReadLine, turn: NDArray[np.float64]) -> PlacedLine:
    corners = line.quad.astype(np.float64) @ turn.T
    top_left, top_right, bottom_right, bottom_left = corners
    along = (top_right + bottom_right - top_left - bottom_left) / 2
    # The direction of a box of one or two characters is mostly noise.
    slope = float(along[1] / along[0]) if along[0] > 3 * np.linalg.norm(bottom_left - top_left) else 0.0
    return PlacedLine(
        text=text,
        text_score=line.text_score,
        quad=line.quad,
        left=float((top_left[0] + bottom_left[0]) / 2),
        right=float((top_right[0] + bottom_right[0]) / 2),
        middle=float(corners[:, 1].mean()),
        height=float(np.linalg.norm(bottom_left - top_left) + np.linalg.norm(bottom_right - top_right)) / 2,
        slope=slope,
        as_seen=text if line.as_seen is None else _cleaned(line.as_seen),
        spots=line.spots,
        likely=line.likely,
    )


def rows(lines: Sequence[PlacedLine]) -> list[Row]:
    """Lines at the same height joined, top to bottom."""
    groups: list[list[PlacedLine]] = []
    for line in sorted(lines, key=lambda one: one.left):
        fitting = [group for group in groups if _same_row(group[-1], line)]
        if fitting:
            min(fitting, key=lambda group: _drop(group[-1], line)).append(line)
        else:
            groups.append([line])
    return sorted((Row(tuple(group)) for group in groups), key=lambda row: row.middle)


def _drop(left: PlacedLine, right: PlacedLine) -> float:
    """How far `right` lies off the line that `left` continues to."""
    slope = max((left.slope, right.slope), key=abs)
    reach = (right.left + right.right) / 2 - (left.left + left.right) / 2
    return abs(right.middle - left.middle - slope * reach)


def _same_row(left: PlacedLine, right: PlacedLine) -> bool:
    # Labels are printed smaller than values; half of the smaller height keeps rows apart.
    return _drop(left, right) < 0.55 * min(left.height, right.height) + 0.1 * max(left.height, right.height)
