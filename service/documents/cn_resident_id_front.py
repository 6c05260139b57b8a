"""The side with the portrait: name, sex, ethnicity, birth date, address, number. Pure.

Labels come merged with their values or apart, values in one box or in several: rows are joined before they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from service.documents.cn_number import number_is_valid
from service.documents.cn_resident_id_address import read_address, skips_a_line
from service.documents.cn_resident_id_labels import field_of, in_column, label_left, near
from service.documents.dates import birth_date
from service.documents.ethnicities import leading_ethnicity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row, rows
from service.documents.variants import MIDDLE_DOTS, other_readings

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "number")

NUMBER = re.compile(r"\d{17}[\dX]")
NUMBER_LABEL = re.compile(r"公民身份|民身份号|身份号码|身份证号|份号码")
_NAME_LABEL = re.compile(r"^(?:姓[名各者]|性名|娃名|姓)")
SEX_LABEL = re.compile(r"性别|性別|[别別](?=[男女])|^性\D?(?=[男女])")
_SEX = re.compile(r"(?:[别別]|^(?:性\D?)?)([男女])")
ETHNICITY_LABEL = re.compile(r"民[族旅簇放]|^族|(?<=[男女])[民族]")
BIRTH_LABEL = re.compile(r"^(?:出生|出|生)")
_BIRTH_ROW = re.compile(r"出生|\d{4}年|年\d{1,2}月|月\d{1,2}日|^(?:19|20)\d\d$")
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
        "name": _name(name, label_left(found), [row for row in found if row not in (name, sex, birth)]),
        "sex": _sex(sex),
        "ethnicity": _ethnicity(sex) or next((one for row in _above(found, birth) if (one := _ethnicity(row))), None),
        "birth_date": _birth(birth),
        "address": None if skips_a_line(found, sex, birth) else read_address(found, (name, sex, birth)),
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


def _name(row: Row | None, left: float | None, others: Sequence[Row]) -> SideField | None:
    if row is None:
        return None
    lines = _name_lines(near(row), others)
    labelled = left is not None and lines[0].left < left + 1.2 * lines[0].em
    label = in_column(lines, left) if labelled and left is not None else 0
    name, seen = (
        _unlabelled("".join(texts).translate(MIDDLE_DOTS), label)
        for texts in ([line.text for line in lines], [line.as_seen for line in lines])
    )
    found = field_of(name, lines)
    return replace(found, variants=other_readings(name, seen)) if found else None


def _unlabelled(text: str, length: int) -> str:
    """A name without its label: its first `length` characters where that was read as something else."""
    label = _NAME_LABEL.match(text)
    text = text[label.end() if label else length :]
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


def _sex(row: Row | None) -> SideField | None:
    match = _SEX.search(row.text) if row else None
    return field_of(match[1], row.lines) if row and match else None


def _ethnicity(row: Row | None) -> SideField | None:
    parts = ETHNICITY_LABEL.split(row.text, maxsplit=1) if row else []
    if row is None or len(parts) < 2:
        return None
    return field_of(leading_ethnicity(parts[1].removeprefix("族")) or "", row.lines)


def _above(found: Sequence[Row], birth: Row | None) -> Sequence[Row]:
    """The rows above the birth date. An address names ethnicities as well (积石山保安族东乡族撒拉族自治县)."""
    return found[: found.index(birth)] if birth else ()


def _birth(row: Row | None) -> SideField | None:
    if row is None:
        return None
    lines = near(row)
    return field_of(birth_date(BIRTH_LABEL.sub("", "".join(line.text for line in lines))) or "", lines)
