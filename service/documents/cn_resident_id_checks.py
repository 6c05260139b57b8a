"""What the front says about itself: check character, birth date and sex against the number. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from service.documents.cn_number import CnNumber, parse_number
from service.documents.kinds import SideField
from service.evidence import Check, CheckOutcome

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def front_checks(fields: Mapping[str, SideField]) -> tuple[Check, ...]:
    """Three checks; UNKNOWN where a field they rest on is missing."""
    number = parse_number(fields["number"].value) if "number" in fields else None
    return (_check_character(number, fields), _birth_date(number, fields), _sex(number, fields))


def _check_character(number: CnNumber | None, fields: Mapping[str, SideField]) -> Check:
    if number is None:
        return Check("check_character", _UNKNOWN)
    measured = _measured(fields, "number")
    if not number.check_character_right:
        return Check("check_character", _FAIL, ("check_character_wrong",), measured)
    return Check("check_character", _PASS, (), measured)


def _birth_date(number: CnNumber | None, fields: Mapping[str, SideField]) -> Check:
    if number is None:
        return Check("birth_date", _UNKNOWN)
    if number.born is None:
        return Check("birth_date", _FAIL, ("birth_date_impossible",), _measured(fields, "number"))
    if "birth_date" not in fields:
        return Check("birth_date", _UNKNOWN)
    measured = _measured(fields, "number", "birth_date")
    if fields["birth_date"].value != number.born.isoformat():
        return Check("birth_date", _FAIL, ("birth_date_mismatch",), measured)
    return Check("birth_date", _PASS, (), measured)


def _sex(number: CnNumber | None, fields: Mapping[str, SideField]) -> Check:
    if number is None or "sex" not in fields:
        return Check("sex", _UNKNOWN)
    measured = _measured(fields, "number", "sex")
    if fields["sex"].value != number.sex:
        return Check("sex", _FAIL, ("sex_mismatch",), measured)
    return Check("sex", _PASS, (), measured)


def _measured(fields: Mapping[str, SideField], *names: str) -> dict[str, float | int | str | bool]:
    return {"text_score": round(min(fields[name].text_score for name in names), 4)}
