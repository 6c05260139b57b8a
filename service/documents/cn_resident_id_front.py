"""The side with the portrait: name, sex, ethnicity, birth date, address, number. Pure.

Labels come merged with their values or apart, values in one box or in several: rows are joined before they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from service.documents.cn_number import number_is_valid
from service.documents.dates import birth_date
from service.documents.ethnicities import leading_ethnicity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row, rows
from service.documents.place_names import mended_address
from service.documents.regions import load_regions
from service.documents.variants import MIDDLE_DOTS, folded, other_readings

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "number")

NUMBER = re.compile(r"\d{17}[\dX]")
NUMBER_LABEL = re.compile(r"公民身份|民身份号|身份号码|身份证号|份号码")
_NAME_LABEL = re.compile(r"^(?:姓[名各者]|性名|娃名|姓)")
SEX_LABEL = re.compile(r"性别|性別|[别別](?=[男女])|^性(?=[男女])")
_SEX = re.compile(r"(?:[别別]|^性?)([男女])")
ETHNICITY_LABEL = re.compile(r"民[族旅簇放]|^族|(?<=[男女])[民族]")
BIRTH_LABEL = re.compile(r"^(?:出生|出|生)")
_BIRTH_ROW = re.compile(r"出生|\d{4}年|年\d{1,2}月|月\d{1,2}日|^(?:19|20)\d\d$")
_ADDRESS_LABEL = re.compile(r"^(?:[住佳往注仕任][址扯趾]|\D址|[住佳往注](?=.)|址)")
_LABEL = re.compile(r"姓.|.名|住.|.址|出.|.生|性.|.别|民.|.族")
_OF_NUMBER = re.compile(r"\d{6}")
"""A number of which a part is hidden stays below the address, and is not of it."""
_LATIN = re.compile(r"[A-Za-z]{4,}")
FIRST_GAP, NEXT_GAP = 1.4, 0.85
"""Of the way from sex to birth date, the way on to the address, and from one of its lines to the next, at most. Cards
have 1.03 and 0.55, with a line missing 1.6 and 1.1."""
LABEL_COLUMN = 2.3
"""In characters of a name, from the left of the labels: 名 ends before it, a name begins behind it (their middles stand
at 1.3 and 3.3)."""
_STOPS = "，,.。、：:；;·-"
_NOT_OF_NAMES = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇·]")


def front_claim(lines: Sequence[PlacedLine]) -> float:
    """How surely this is the front, in [0, 1]: the share of its anchors that are there."""
    text = "\n".join(line.text for line in lines)
    anchors = (
        bool(re.search(r"姓名", text)),
        bool(re.search(r"性别|民族", text)),
        bool(re.search(r"出生|\d{4}年\d{1,2}月", text)),
        bool(re.search(r"住址", text)),
        2 * bool(NUMBER_LABEL.search(text)),
        2 * bool(NUMBER.search(text)),
    )
    return sum(anchors) / 8


def read_front(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Every field that was found."""
    number, above = _number(lines)
    found = rows(_left_block(above))
    birth = birth_row(found)
    sex = sex_row(found, birth)
    name = _name_row(found, sex, birth)
    fields = {
        "name": _name(name, _label_left(found), [row for row in found if row not in (name, sex, birth)]),
        "sex": _sex(sex),
        "ethnicity": _ethnicity(sex) or next((one for row in _above(found, birth) if (one := _ethnicity(row))), None),
        "birth_date": _birth(birth),
        "address": None if _skips_a_line(found, sex, birth) else _address(found, (name, sex, birth)),
        "number": number,
    }
    return {key: value for key, value in fields.items() if value}


def left_rows(lines: Sequence[PlacedLine]) -> list[Row]:
    """The rows left of the portrait and above the number, top to bottom."""
    return rows(_left_block(_number(lines)[1]))


def birth_row(found: Sequence[Row]) -> Row | None:
    """The row of the birth date."""
    return next((row for row in found if _BIRTH_ROW.search(row.text)), None)


def sex_row(found: Sequence[Row], birth: Row | None) -> Row | None:
    """The row of sex and ethnicity."""
    labelled = [row for row in found if row is not birth and SEX_LABEL.search(row.text)]
    return labelled[0] if labelled else next((row for row in found if ETHNICITY_LABEL.search(row.text)), None)


def _number(lines: Sequence[PlacedLine]) -> tuple[SideField | None, list[PlacedLine]]:
    """The number (of several, the one whose check character is right), and the lines above it."""
    found: list[tuple[bool, float, SideField, PlacedLine]] = []
    for line in lines:
        if match := NUMBER.search(line.text.upper().replace("×", "X")):
            value = SideField(match[0], line.text_score, (line.quad,))
            found.append((number_is_valid(match[0]), line.text_score, value, line))
    if found:
        _, _, value, line = max(found, key=lambda one: one[:2])
        return value, _higher(lines, line)
    # Beside the label of a number that was not read, pieces of it may stand.
    label = next((line for line in lines if NUMBER_LABEL.search(line.text)), None)
    return None, _higher(lines, label) if label else list(lines)


def _higher(lines: Sequence[PlacedLine], line: PlacedLine) -> list[PlacedLine]:
    """Those above `line`, without labels of the number."""
    above = [one for one in lines if one is not line and one.middle < _level(line, one) - 0.4 * line.height]
    return [one for one in above if not NUMBER_LABEL.search(one.text)]


def _level(line: PlacedLine, other: PlacedLine) -> float:
    """y of `line` continued to the place of `other`."""
    return line.middle + line.slope * ((other.left + other.right) / 2 - (line.left + line.right) / 2)


def _left_block(above: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Without what is printed on or beside the portrait, and without text around the card."""
    anchors = [line for line in above if re.match(r"姓名|性别|民族|出生|住址|\d{4}年", line.text)]
    if not anchors:
        return list(above)
    left = min(line.left for line in anchors)
    em = sorted(line.em for line in anchors)[len(anchors) // 2]
    top = min(line.middle for line in anchors) - 5 * em
    # From its labels to the portrait the card is about fifteen characters wide.
    return [line for line in above if -1.5 * em < line.left - left < 15.5 * em and line.middle > top]


def _name_row(found: Sequence[Row], sex: Row | None, birth: Row | None) -> Row | None:
    labelled = next((row for row in found if re.match(r"姓名|性名|娃名", row.text)), None)
    below = sex or birth
    if labelled or below is None:
        return labelled
    before = [
        row
        for row in found
        if row not in (sex, birth)
        and row.middle < below.middle - 0.5 * row.height
        # What begins farther right stands above the portrait.
        and row.lines[0].left < below.lines[0].left + 7 * row.lines[0].em
    ]
    return before[-1] if before else None


def _name(row: Row | None, label_left: float | None, others: Sequence[Row]) -> SideField | None:
    if row is None:
        return None
    lines = _name_lines(near(row), others)
    in_column = label_left is not None and lines[0].left < label_left + 1.2 * lines[0].em
    label = _in_column(lines, label_left) if in_column and label_left is not None else 0
    name, seen = (
        _unlabelled("".join(texts).translate(MIDDLE_DOTS), label)
        for texts in ([line.text for line in lines], [line.as_seen for line in lines])
    )
    found = _field(name, lines)
    return replace(found, variants=other_readings(name, seen)) if found else None


def _in_column(lines: Sequence[PlacedLine], label_left: float) -> int:
    """How many characters stand in the column of the labels. The recogniser may have left out one of the label's: where
    it does not say where they stand, both are taken for read."""
    if any(len(line.spots) != len(line.text) for line in lines):
        return 2
    end = label_left + LABEL_COLUMN * max(line.em for line in lines)
    return sum(line.left + spot * (line.right - line.left) < end for line in lines for spot in line.spots)


def _unlabelled(text: str, in_column: int) -> str:
    """A name without its label. What stands in the column of the labels is the label, however it was read."""
    label = _NAME_LABEL.match(text)
    text = text[label.end() if label else in_column :]
    return _NOT_OF_NAMES.sub("", text).strip("·")


def _name_lines(lines: tuple[PlacedLine, ...], others: Sequence[Row]) -> tuple[PlacedLine, ...]:
    """With the second line of a long name: 姓名 stands at the first, at the second or between the two."""
    label, value = lines[0], lines[-1]
    if not re.match("姓名", label.text):
        return lines
    # Read with its label, which stands lower or higher, the value's line is that much taller.
    least = 0.6 if value is label else 0.75
    more = [
        line
        for row in others
        for line in near(row)
        if 0.4 * label.height < abs(line.middle - value.middle) < 1.2 * value.height
        and abs(line.middle - label.middle) < 1.2 * label.height
        and line.left > label.left + 2 * label.em
        and least < line.height / value.height < 1.33
        and not _NOT_OF_NAMES.search(line.text.translate(MIDDLE_DOTS))
    ][:1]
    apart = lines[1:] if re.fullmatch("姓名", label.text) else lines
    head = lines[: len(lines) - len(apart)]
    return (*head, *sorted((*apart, *more), key=lambda line: line.middle if more else 0.0))


def _label_left(found: Sequence[Row]) -> float | None:
    """Where the column of labels begins, from the labels below the name that were read."""
    lefts = [line.left for row in found for line in row.lines if re.match(r"性别|出生|住址", line.text)]
    return float(sorted(lefts)[len(lefts) // 2]) if lefts else None


def near(row: Row) -> tuple[PlacedLine, ...]:
    """The row up to the first wide gap: beyond it lies the portrait."""
    kept = [row.lines[0]]
    for line in row.lines[1:]:
        if line.left - kept[-1].right > 4.5 * max(line.em, kept[-1].em):
            break
        kept.append(line)
    return tuple(kept)


def _sex(row: Row | None) -> SideField | None:
    match = _SEX.search(row.text) if row else None
    return _field(match[1], row.lines) if row and match else None


def _ethnicity(row: Row | None) -> SideField | None:
    parts = ETHNICITY_LABEL.split(row.text, maxsplit=1) if row else []
    if row is None or len(parts) < 2:
        return None
    return _field(leading_ethnicity(parts[1].removeprefix("族")) or "", row.lines)


def _above(found: Sequence[Row], birth: Row | None) -> Sequence[Row]:
    """The rows above the birth date. An address names ethnicities as well (积石山保安族东乡族撒拉族自治县)."""
    return found[: found.index(birth)] if birth else ()


def _birth(row: Row | None) -> SideField | None:
    if row is None:
        return None
    lines = near(row)
    return _field(birth_date(BIRTH_LABEL.sub("", "".join(line.text for line in lines))) or "", lines)


def _skips_a_line(found: Sequence[Row], sex: Row | None, birth: Row | None) -> bool:
    """Whether between the birth date and the end of the address there is room for a line that was not read: one that
    has grown together with the portrait, say. The rest would pass for the whole."""
    if sex is None or birth is None:
        return False
    pitch = birth.middle - sex.middle
    below = [row for row in found if row.middle > birth.middle + 0.3 * pitch and _of_address(row)]
    levels = [birth.middle, *(row.middle for row in below)]
    gaps = [after - before for before, after in pairwise(levels)]
    return bool(gaps) and (gaps[0] > FIRST_GAP * pitch or any(gap > NEXT_GAP * pitch for gap in gaps[1:]))


def _of_address(row: Row) -> bool:
    """Whether a row can be a line of an address: Zhuang beside the number's label is none, nor is the number."""
    return bool(_LATIN.sub("", row.text)) and not _OF_NUMBER.match(row.text)


def _address(found: Sequence[Row], others: tuple[Row | None, ...]) -> SideField | None:
    last = max((row.middle + 0.5 * row.height for row in others if row), default=None)
    block = [row for row in found if last is None or row.middle > last]
    labelled = [place for place, row in enumerate(block) if _ADDRESS_LABEL.match(row.text)]
    if not labelled and last is None:
        return None
    block = block[labelled[0] if labelled else 0 :]
    lines = [line for row in block for line in near(row) if not _OF_NUMBER.match(line.text)]
    if labelled:
        lines = [line for line in lines if line is lines[0] or line.left > lines[0].left + 1.2 * lines[0].em]
    if not lines:
        return None
    text = _ADDRESS_LABEL.sub("", "".join(line.text for line in lines), count=1)
    # A label without its first line: the rest would pass for the whole.
    headless = bool(labelled) and not _ADDRESS_LABEL.sub("", block[0].text + " ", count=1).strip()
    if headless or _broken(block):
        return None
    address = _field(folded(_LATIN.sub("", text)).lstrip(_STOPS), lines)
    return _with_known_places(address) if address else None


def _with_known_places(address: SideField) -> SideField:
    value = mended_address(address.value, address.text_score, load_regions())
    return address if value == address.value else replace(address, value=value, variants=(address.value,))


def _broken(block: Sequence[Row]) -> bool:
    """Whether a line of an address has a hole: glare or a finger hid characters, and the rest is not the address."""
    for row in block:
        for left, right in pairwise(row.lines):
            if not _ADDRESS_LABEL.fullmatch(left.text) and right.left - left.right > 1.6 * right.em:
                return True
    return False


def _field(value: str, lines: Sequence[PlacedLine]) -> SideField | None:
    if not value:
        return None
    # A label in a line of its own says nothing about its value.
    scores = [line.text_score for line in lines if not _LABEL.fullmatch(line.text)]
    return SideField(value, min(scores or [line.text_score for line in lines]), tuple(line.quad for line in lines))
