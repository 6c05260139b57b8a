"""The visual zone of a travel document: labelled values in Chinese and English, and what they say about the MRZ. Pure.

Labels stand above, before or in one box with their values (Doc 9303-3 asks for English, French or Spanish beside the
State's own language). Only the Latin letters and the Chinese of labels are known here; a value is taken as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from math import inf

from service.documents.kinds import SideField
from service.documents.layout import PlacedLine
from service.evidence import Check, CheckOutcome

_LABELS = {
    "name_native": r"姓名",
    "number": r"护照号码?|護照號碼|证件号码|證件號碼|(?:PASSPORT|DOCUMENT|CARD|ID)N(?:[O0R]|UM)",
    "surname": r"^姓/?SURNAME|^SURNAME|^姓$|姓氏|^FAMILYNAME|^NOM$",
    "given_names": r"^名/?GIVENNAMES?|^GIVENNAMES?|^名$|^FORENAMES?|FIRSTNAME",
    "birth_date": r"出生日期|DATE[O0]FBIRTH|BIRTHDATE",
    "valid_from": r"[签簽][发發]日期|發照日期|DATE[O0]FISSUE|VALIDFR[O0]M|ISSUEDATE",
    "valid_until": r"有效期至|有效日期|效期截止|有效期限|DATE[O0]FEXPIR|EXPIRYDATE|VALIDUNTIL|DATE[O0]FEXPIRATION",
    "sex": r"性[别別]|^SEX",
    "nationality": r"国籍|國籍|^NATI[O0]NALITY",
    "birth_place": r"出生地|PLACE[O0]FBIRTH",
    "authority": r"[签簽][发發][机機][关關]|AUTH[O0]RITY(?:\W*(?:L\W?)?AUT[O0]RIT[EÉ])?",
}
_ANY_LABEL = re.compile(
    "|".join(_LABELS.values())
    + r"|国家码|COUNTRYC[O0]DE|^TYPE|签发地点|PLACE[O0]FISSUE|SIGNATURE|AUT[O0]RIT[EÉ]|/(?:NOM|PRÉNOM|DATE|SEXE|LIEU)"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("JAN GEN ENE", "FEB FEV FÉV", "MAR", "APR AVR ABR", "MAY MAI MAJ MAG", "JUN", "JUL", "AUG AOU AGO", "SEP SET",
         "OCT OKT OTT", "NOV", "DEC DEZ DIC DÉC"), start=1)
    for name in names.split()
}  # fmt: skip
_WORDED = re.compile(r"(?<!\d)(\d{1,2})[ .\-/]?([A-ZÉ]{3})[A-Z.]*(?:/[A-ZÉÛ]{3,4})?[ .\-/]?(\d{4}|\d{2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{2})[./\- ](\d{2})[./\- ](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[./\-年](\d{1,2})[./\-月](\d{1,2})(?!\d)")
_ALIKE = str.maketrans("OQDIZSBG", "00012586")
"""Letters read for digits and digits for letters: such a difference is one of reading, not of the document."""
_DIGITS_AS_LETTERS = str.maketrans("01258", "OIZSB")
_LONG = {"Ä": "AE", "Å": "AA", "Æ": "AE", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "ẞ": "SS", "Þ": "TH", "Ð": "D",
         "Ñ": "N", "Ł": "L", "Đ": "D", "Ĳ": "IJ", "Ħ": "H", "Ŧ": "T", "Ŋ": "N", "İ": "I", "Ə": "E"}  # fmt: skip
_SHORT = _LONG | {"Ä": "A", "Å": "A", "Ö": "O", "Ø": "O", "Ü": "UXX", "Ñ": "NXX"}
_NAMES = ("surname", "given_names")
_SAME_NAME = 0.6
MOST_OTHER, LEAST_NAME = 2, 4
"""Letters in which a name misspelt differs, and how many of its letters there must be for each."""
LEAST_SAME = 3
"""Values that must be seen on both, where an ambiguous zone leaves some out."""
CERTAIN, SURE = 0.9, 0.97
"""text_score from which a labelled value may contradict the zone, and one that is told by its likeness alone."""


def labelled(lines: Sequence[PlacedLine]) -> dict[str, SideField]:
    """Values by the names of _LABELS; dates are ISO 8601."""
    found: dict[str, SideField] = {}
    for name, pattern in _LABELS.items():
        for line in lines:
            match = re.search(pattern, line.text.upper())
            value = _value(name, line, match.end(), lines) if match else None
            if value is not None:
                found[name] = value
                break
    return found


def dates(text: str) -> set[tuple[int, int, int]]:
    """Every date a line may mean, as year (two digits), month, day."""
    upper = text.upper()
    found = {
        (int(year) % 100, _MONTHS[month], int(day)) for day, month, year in _WORDED.findall(upper) if month in _MONTHS
    }
    found |= {(int(year) % 100, int(month), int(day)) for year, month, day in _YEAR_FIRST.findall(upper)}
    for first, second, year in _DAY_FIRST.findall(upper):
        found |= {(int(year) % 100, int(second), int(first)), (int(year) % 100, int(first), int(second))}
    return {one for one in found if 1 <= one[1] <= 12 and 1 <= one[2] <= 31}


def matches(fields: Mapping[str, SideField], lines: Sequence[PlacedLine]) -> Check:
    """`mrz_matches_visual`: PASS where surname, number and both dates (those the zone gave) are in the visual zone too.

    FAIL where a value with a label, or what is nearly a name of the zone, was read surely and is another one; UNKNOWN
    where too little could be read.
    """
    days = set().union(*(dates(line.text) for line in lines)) if lines else set()
    plain = [_plain(line.text) for line in lines]
    same = {
        name: _day(fields[name].value) in days
        if name in ("birth_date", "valid_until")
        else any(_plain(fields[name].value) in text for text in plain)
        for name in ("number", "birth_date", "valid_until")
        if name in fields
    }
    same |= {name: any(_named(fields[name].value, line.text) for line in lines) for name in _NAMES if name in fields}
    printed = labelled(lines)
    if "sex" in fields and (sex := _sex(printed)):
        same["sex"] = sex == fields["sex"].value
    differing = [name for name, value in printed.items() if _differs(name, value, fields, same)]
    differing += [name for name in _NAMES if not same.get(name, True) and _misspelt(fields[name], lines)]
    measured: dict[str, float | int | str | bool] = {f"{name}_same": value for name, value in same.items()}
    if differing:
        return Check("mrz_matches_visual", CheckOutcome.FAIL, ("mrz_visual_mismatch",), measured)
    needed = [same[name] for name in ("number", "birth_date", "valid_until", "surname") if name in same]
    if len(needed) >= LEAST_SAME and all(needed):
        return Check("mrz_matches_visual", CheckOutcome.PASS, (), measured)
    return Check("mrz_matches_visual", CheckOutcome.UNKNOWN, (), measured)


def _differs(name: str, value: SideField, fields: Mapping[str, SideField], same: Mapping[str, bool]) -> bool:
    if same.get(name, True) or value.text_score < CERTAIN:
        return False
    if name == "number":
        read, printed = _plain(value.value), _plain(fields[name].value)
        # A number of another length is most likely cut, or another number of the document.
        return len(read) == len(printed)
    if name in _NAMES:
        # Of a name in two lines one is read, and names of the zone are cut where they are too long.
        part, whole = value.value, fields[name].value
        if _named(part, whole) or any(_named(other.value, part) for other in fields.values()):
            return False
        likeness = max(SequenceMatcher(None, one, _letters(whole)).ratio() for one in _spellings(part))
        return likeness < _SAME_NAME
    return name == "sex" or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value.value))


def _sex(printed: Mapping[str, SideField]) -> str | None:
    """`M` or `F` as Doc 9303-4 has it, alone or after the State's own word and a stroke."""
    match = re.search(r"(?:^|/)([MF])$", printed["sex"].value.upper()) if "sex" in printed else None
    return match[1] if match else None


def _misspelt(name: SideField, lines: Sequence[PlacedLine]) -> bool:
    """Whether a line in capitals that was read surely is this name but for one letter or two, whatever its label.

    A letter more or less is a sign that the reader lost (`Æ`), or a transliteration of the State's own.
    """
    said = _letters(name.value)
    most = min(MOST_OTHER, len(said) // LEAST_NAME)
    return any(
        0 < sum(a != b for a, b in zip(said, spelling, strict=True)) <= most
        for line in lines
        if line.text_score >= SURE and line.text.isupper()
        for spelling in _spellings(line.text)
        if len(spelling) == len(said)
    )


def _named(name: str, text: str) -> bool:
    """Whether a name of the zone stands in a text, in one of the ways its letters may be transliterated."""
    said = _letters(name)
    return bool(said) and any(said in spelling for spelling in _spellings(text))


def _spellings(text: str) -> set[str]:
    """What Doc 9303-3 (6) makes of a printed text: letters with signs written out, or without their signs."""
    upper = text.upper().translate(_DIGITS_AS_LETTERS)
    return {_letters("".join(table.get(letter, letter) for letter in upper)) for table in (_LONG, {}, _SHORT)}


def _letters(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.upper())
    return re.sub(r"[^A-Z]", "", bare)


def _value(name: str, label: PlacedLine, end: int, lines: Sequence[PlacedLine]) -> SideField | None:
    rest = re.sub(r"^[^:：]*?/[A-Za-zÀ-ÿ'’. ]+", "", label.text[end:]) if "/" in label.text[end:] else label.text[end:]
    own = _read_as(name, rest.strip(" :：/.-"))
    if own:
        return SideField(own, label.text_score, (label.quad,))
    for line in sorted(_beside(label, lines), key=lambda one: _distance(label, one)):
        if not _ANY_LABEL.search(line.text.upper()) and (value := _read_as(name, line.text)):
            return SideField(value, line.text_score, (line.quad,))
    return None


def _beside(label: PlacedLine, lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """What stands below the label's beginning, before the next label there, or right of its end."""
    below, right = [], []
    for line in lines:
        drop = line.middle - label.middle
        if 0.3 * label.height < drop < 3.2 * label.height and abs(line.left - label.left) < 2.5 * label.height:
            below.append(line)
        elif line is not label and abs(drop) < 0.5 * label.height and 0 <= line.left - label.right < 6 * label.height:
            right.append(line)
    labels = [line.middle for line in below if _ANY_LABEL.search(line.text.upper())]
    return [*right, *(line for line in below if line.middle < min(labels, default=inf))]


def _distance(label: PlacedLine, line: PlacedLine) -> float:
    return abs(line.middle - label.middle) + 0.5 * min(abs(line.left - label.left), abs(line.left - label.right))


def _read_as(name: str, text: str) -> str | None:
    if name in ("birth_date", "valid_from", "valid_until"):
        match = _YEAR_FIRST.search(text)
        if match:
            return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}"
        worded = _WORDED.search(text.upper())
        if worded and worded[2] in _MONTHS and len(worded[3]) == 4:
            return f"{worded[3]}-{_MONTHS[worded[2]]:02d}-{int(worded[1]):02d}"
        numeric = _DAY_FIRST.search(text)
        return f"{numeric[3]}-{numeric[2]}-{numeric[1]}" if numeric and int(numeric[2]) <= 12 else None
    if name == "number":
        match = re.fullmatch(r"[A-Z]{0,3}\d[A-Z0-9]{4,11}|[A-Z0-9]{6,12}", text.upper())
        return match[0] if match and re.search(r"\d", match[0]) else None
    if name == "name_native":
        match = re.search(r"^[\u3400-\u9fff·]{2,25}", text)
        return match[0] if match else None
    return text if len(text) > (0 if name == "sex" else 1) else None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper()).translate(_ALIKE)


def _day(iso: str) -> tuple[int, int, int] | None:
    parts = iso.split("-")
    return (int(parts[0]) % 100, int(parts[1]), int(parts[2])) if len(parts) == 3 else None
