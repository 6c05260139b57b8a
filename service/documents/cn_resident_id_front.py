"""The side with the portrait: name, sex, ethnicity, birth date, address, number. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.documents.cn_number import number_is_valid
from service.documents.dates import birth_date
from service.documents.ethnicities import leading_ethnicity
from service.documents.kinds import SideField
from service.documents.layout import PlacedLine, Row, rows

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "number")

_NUMBER = re.compile(r"\d{17}[\dXx]")
_NUMBER_PART = re.compile(r"\d{6,}[\dXx]?$|\d{12,}")
_NUMBER_LABEL = re.compile(r"[公么]?民?身[份分]证?号?[码碼]?|公民|号码$")
_NAME_LABEL = re.compile(r"^(姓名|姓|性名|娃名|姓各|名(?=..))")
_SEX = re.compile(r"[性姓]?别?([男女])")
_SEX_LABEL = re.compile(r"性别|性別|[性别別](?=[男女])")
_ETHNICITY_LABEL = re.compile(r"民族|民旅|民簇|[民族](?=.{1,4}$)")
_BIRTH_LABEL = re.compile(r"^(出生|出|生)")
_BIRTH_ROW = re.compile(r"\d{4}年?\d{1,2}月|年\d{1,2}月|月\d{1,2}日|出生")
_ADDRESS_LABEL = re.compile(r"^[住佳往注仕任位][址让扯趾社]?(?=.)|^[住佳往注仕任]?[址扯趾]")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙．.⋅", "·"))


def front_claim(lines: Sequence[PlacedLine]) -> float:
    """How surely this is the front, in [0, 1]: the share of its anchors that are there."""
    text = "\n".join(line.text for line in lines)
    anchors = (
        bool(re.search(r"姓名", text)),
        bool(re.search(r"性别|民族", text)),
        bool(re.search(r"出生|\d{4}年\d{1,2}月", text)),
        bool(re.search(r"住址", text)),
        2 * bool(re.search(r"公民身份|身份号码|身份证号", text)),
        2 * bool(_NUMBER.search(text)),
    )
    return sum(anchors) / 8


def read_front(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Every field that was found."""
    fields: dict[str, SideField] = {}
    number = _number(lines)
    above = list(lines)
    if number:
        fields["number"], line = number
        above = [one for one in lines if one is not line and one.middle < _level(line, one) - 0.4 * line.height]
    found = rows(_left_block(above, lines))
    birth = next((row for row in found if _is_birth(row)), None)
    sex = next((row for row in found if row is not birth and _SEX_LABEL.search(row.text)), None)
    sex = sex or next((row for row in found if "民族" in row.text), None)
    name = _name_row(found, sex, birth)
    if name and (value := _name(name)):
        fields["name"] = value
    fields |= _sex_and_ethnicity(sex)
    if birth and (value := _birth(birth)):
        fields["birth_date"] = value
    if value := _address(found, (name, sex, birth)):
        fields["address"] = value
    return fields


def _level(line: PlacedLine, other: PlacedLine) -> float:
    """y of `line` continued to the place of `other`."""
    return line.middle + line.slope * ((other.left + other.right) / 2 - (line.left + line.right) / 2)


def _number(lines: Sequence[PlacedLine]) -> tuple[SideField, PlacedLine] | None:
    """The line that holds an 18-place number; of several, one whose check character is right."""
    found = []
    for line in lines:
        text = line.text.replace("×", "X").replace("x", "X")
        if match := _NUMBER.search(text):
            field = SideField(match[0], line.text_score, (line.quad,))
            found.append((number_is_valid(match[0]), line.text_score, field, line))
    if not found:
        return None
    _, _, field, line = max(found, key=lambda one: one[:2])
    return field, line


def _left_block(above: Sequence[PlacedLine], lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Without what is printed on or beside the portrait, and without text around the card."""
    anchors = [line for line in above if re.match(r"姓名|性别|民族|出生|住址|\d{4}年", line.text)]
    if not anchors:
        return [line for line in above if not _NUMBER_LABEL.search(line.text)]
    left = min(line.left for line in anchors)
    em = sorted(line.em for line in anchors)[len(anchors) // 2]
    # The left block of the card is about fifteen characters wide, its rows lie within nine characters of the anchors.
    top = min(line.middle for line in anchors) - 5 * em
    return [
        line
        for line in above
        if line.left > left - 1.5 * em
        and line.left < left + 15.5 * em
        and line.middle > top
        and not re.search(r"公民身份|身份号码|民身份号", line.text)
    ]


def _is_birth(row: Row) -> bool:
    return bool(_BIRTH_ROW.search(row.text)) and bool(re.search(r"\d", row.text))


def _name_row(found: Sequence[Row], sex: Row | None, birth: Row | None) -> Row | None:
    labelled = next((row for row in found if re.match(r"姓名|性名|娃名", row.text)), None)
    if labelled:
        return labelled
    below = sex or birth
    before = [row for row in found if below is None or row.middle < below.middle - 0.5 * row.height]
    before = [row for row in before if row not in (sex, birth)]
    return before[-1] if before and below else None


def _name(row: Row) -> SideField | None:
    lines = _near(row)
    text = "".join(line.text for line in lines).translate(_MIDDLE_DOTS)
    text = _NAME_LABEL.sub("", text)
    text = re.sub(r"[^\w·]|[\dA-Za-z_]", "", text).strip("·")
    return _field(text, lines) if text else None


def _near(row: Row) -> tuple[PlacedLine, ...]:
    """The row up to the first wide gap: beyond it lies the portrait."""
    kept = [row.lines[0]]
    for line in row.lines[1:]:
        if line.left - kept[-1].right > 4.5 * max(line.em, kept[-1].em):
            break
        kept.append(line)
    return tuple(kept)


def _sex_and_ethnicity(row: Row | None) -> dict[str, SideField]:
    fields: dict[str, SideField] = {}
    if row is None:
        return fields
    text = row.text
    if match := re.search(r"(?:性别|性別|别|別|^性|^)([男女])", text):
        fields["sex"] = _field(match[1], row.lines)
    parts = re.split(r"民族|民旅|民簇|族(?=.)|民(?=.)", text, maxsplit=1)
    if len(parts) == 2 and (named := leading_ethnicity(parts[1].lstrip("族"))):
        fields["ethnicity"] = _field(named, row.lines)
    return fields


def _birth(row: Row) -> SideField | None:
    lines = _near(row)
    text = _BIRTH_LABEL.sub("", "".join(line.text for line in lines))
    text = text.replace("O", "0").replace("l", "1").replace("I", "1").replace("曰", "日").replace("目", "日")
    value = birth_date(text)
    return _field(value, lines) if value else None


def _address(found: Sequence[Row], others: tuple[Row | None, ...]) -> SideField | None:
    last = max((row.middle + 0.5 * row.height for row in others if row), default=None)
    block = [row for row in found if last is None or row.middle > last]
    start = next((place for place, row in enumerate(block) if re.match(r"[住佳往注仕任][址扯趾]|[住佳往]|址", row.text)), None)
    if start is None and last is None:
        return None
    lines = [line for row in block[start or 0 :] for line in _near(row)]
    if not lines:
        return None
    text = "".join(line.text for line in lines)
    text = re.sub(r"^(?:[住佳往注仕任][址扯趾]|[住佳往](?=.)|址)", "", text)
    return _field(text, [line for line in lines]) if text else None


def _field(value: str, lines: Sequence[PlacedLine]) -> SideField:
    return SideField(value, min(line.text_score for line in lines), tuple(line.quad for line in lines))
