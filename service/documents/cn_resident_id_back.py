"""The side with the emblem: issuing authority, valid from, valid until. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.documents.dates import validity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row, rows

BACK_FIELDS = ("authority", "valid_from", "valid_until")

_AUTHORITY_LABEL = re.compile(r"[签簽答筌][发發]机?[关開关闭]?|[发發]机[关開]|签发机|机关(?=.)")
_VALIDITY_LABEL = re.compile(r"有效期限?|效期限|期限")
_DATE = re.compile(r"\d{4}[.,。·]?\d{2}[.,。·]?\d{2}")


def back_claim(lines: Sequence[PlacedLine]) -> float:
    """How surely this is the back, in [0, 1]: the share of its anchors that are there."""
    text = "\n".join(line.text for line in lines)
    anchors = (
        2 * bool(re.search(r"居民身份[证證]|民身份证", text)),
        bool(re.search(r"中[华華]人民", text)),
        2 * bool(re.search(r"[签簽][发發]机|发机关", text)),
        bool(re.search(r"公安局", text)),
        2 * bool(re.search(r"有效期|\d{4}\.\d{2}\.\d{2}-", text)),
    )
    return sum(anchors) / 8


def read_back(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Every field that was found."""
    fields: dict[str, SideField] = {}
    found = rows(lines)
    dated = next((row for row in found if _VALIDITY_LABEL.search(row.text) and _DATE.search(row.text)), None)
    dated = dated or next((row for row in found if _DATE.search(row.text)), None)
    if dated:
        fields |= _validity(dated)
    if value := _authority(found, dated):
        fields["authority"] = value
    return fields


def _validity(row: Row) -> dict[str, SideField]:
    start, end = validity(_VALIDITY_LABEL.sub("", row.text))
    quads = tuple(line.quad for line in row.lines)
    named = {"valid_from": start, "valid_until": end}
    return {name: SideField(value, row.text_score, quads) for name, value in named.items() if value}


def _authority(found: Sequence[Row], dated: Row | None) -> SideField | None:
    labelled = next((row for row in found if _AUTHORITY_LABEL.search(row.text)), None)
    if labelled is None:
        return None
    label = next(line for line in labelled.lines if _AUTHORITY_LABEL.search(line.text)) if any(
        _AUTHORITY_LABEL.search(line.text) for line in labelled.lines
    ) else labelled.lines[0]
    below = dated.middle - 0.5 * dated.height if dated else labelled.middle + 3 * labelled.height
    top = labelled.middle - 1.9 * label.height
    lines: list[PlacedLine] = []
    for row in found:
        if top < row.middle < below and row is not dated:
            lines += [line for line in row.lines if line.left > label.left - label.em]
    lines = [line for line in lines if not re.search(r"居民身份|中[华華]人民", line.text)]
    text = _AUTHORITY_LABEL.sub("", "".join(line.text for line in lines), count=1)
    text = re.sub(r"[^\w·()（）]", "", text)
    return SideField(text, min(line.text_score for line in lines), tuple(line.quad for line in lines)) if text else None
