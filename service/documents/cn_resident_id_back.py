"""The side with the emblem: issuing authority, valid from, valid until. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from service.documents.dates import validity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row, rows
from service.documents.place_names import mended_authority
from service.documents.regions import load_regions
from service.documents.variants import folded

BACK_FIELDS = ("authority", "valid_from", "valid_until")

_AUTHORITY_LABEL = re.compile(r"[签簽答筌茶][发發]机?[关開关闭]?|(?:^.)?[发發]机[关開]|^机关(?=.)")
VALIDITY_LABEL = re.compile(r"有?效?期限|有效期?")
_DATE = re.compile(r"\d{4}[.,。·]?\d{2}[.,。·]?\d{2}")
_HEADER = re.compile(r"居民身份|[中][华華]人民|人民共和")
_LATIN = re.compile(r"[A-Za-z0-9]+")
LABEL = len("签发机关")
_END = re.compile(r"[局处厅所队][()（）]?$")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def back_claim(lines: Sequence[PlacedLine]) -> float:
    """How surely this is the back, in [0, 1]: the share of its anchors that are there."""
    text = "\n".join(line.text for line in lines)
    anchors = (
        2 * bool(re.search(r"居民身份[证證]|民身份[证證]", text)),
        bool(re.search(r"[中][华華]人民|人民共和", text)),
        2 * bool(re.search(r"[签簽][发發]机|发机关", text)),
        bool(re.search(r"公安", text)),
        2 * bool(re.search(r"有效期|\d{4}\.\d{2}\.\d{2}-", text)),
    )
    return sum(anchors) / 8


def read_back(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Every field that was found."""
    found = rows(lines)
    dated = validity_row(found)
    fields = _validity(dated) if dated else {}
    authority = _authority(found, dated)
    return {"authority": authority, **fields} if authority else fields


def validity_row(found: Sequence[Row]) -> Row | None:
    """The row of the validity: labelled and dated, else dated, else labelled."""
    dated = [row for row in found if _DATE.search(row.text)]
    labelled = [row for row in found if VALIDITY_LABEL.search(row.text)]
    both = [row for row in dated if row in labelled]
    return next(iter((*both, *dated, *labelled)), None)


def _validity(row: Row) -> dict[str, SideField]:
    start, end = validity(VALIDITY_LABEL.sub("", row.text))
    quads = tuple(line.quad for line in row.lines)
    named = {"valid_from": start, "valid_until": end}
    return {name: SideField(value, row.text_score, quads) for name, value in named.items() if value}


def _authority(found: Sequence[Row], dated: Row | None) -> SideField | None:
    """One or two lines beside their label; the label stands at the first, or between the two."""
    labels = [line for row in found for line in row.lines if _AUTHORITY_LABEL.search(line.text)]
    if not labels:
        return None
    label = labels[0]
    # Rows may begin with print beside the card: what counts is where a line itself stands.
    dates = (
        [line for line in dated.lines if VALIDITY_LABEL.search(line.text) or _DATE.search(line.text)] if dated else []
    )
    below = dates[0].middle - 0.4 * dates[0].height if dates else label.middle + 2.5 * label.height
    top = label.middle - 1.6 * label.height
    lines = [
        line
        for row in found
        for line in row.lines
        if not any(line is one for one in dates) and top < line.middle < below
        # The column of the labels holds nothing else, unless it is the same in another script.
        if line is label or 2.5 * label.em < line.left - label.left < 21 * label.em
        # An authority's name has neither digits nor Latin letters: such a line is print of something else.
        if _CHINESE.search(line.text) and not _HEADER.search(line.text)
    ]
    if any(_broken(row, lines) for row in found):
        return None
    text = _AUTHORITY_LABEL.sub("", "".join(line.text for line in lines), count=1)
    text = folded(_LATIN.sub("", re.sub(r"[^\w·()（）]", "", text)))
    # Every issuing authority is a bureau or a part of one: without its end this is not its name.
    if not _END.search(text):
        return None
    # A label in a line of its own says nothing about its value.
    scores = [line.text_score for line in lines if len(line.text) > LABEL or line is not label]
    text_score = min(scores or [label.text_score])
    value = mended_authority(text, text_score, load_regions())
    return SideField(value, text_score, tuple(line.quad for line in lines), () if value == text else (text,))


def _broken(row: Row, lines: Sequence[PlacedLine]) -> bool:
    """Whether the name has a hole in this row: glare or a finger hid characters, and the rest is not the name."""
    parts = [line for line in row.lines if any(line is one for one in lines)]
    return any(
        right.left - left.right > 1.6 * right.em and not _AUTHORITY_LABEL.fullmatch(left.text)
        for left, right in pairwise(parts)
    )
