"""Whether number, address and issuing authority speak of one region. Pure but for the table of regions.

Only address against authority can contradict each other: they are printed together. A number keeps the code of the
place where it was given for life, and codes are invented, merged and retired: of it there are hints only.
"""

from __future__ import annotations

from service.documents.cn_number import parse_number
from service.documents.places import (
    Place,
    common_level,
    differing_level,
    named_in_address,
    place_of_address,
    place_of_authority,
)
from service.documents.regions import Regions, load_regions
from service.documents.validity import Measured, issued
from service.evidence import Check, CheckOutcome, DocumentReading

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def region_checks(front: DocumentReading | None, back: DocumentReading | None) -> tuple[Check, ...]:
    """`region_code`, `authority_region`, `number_region`."""
    regions = load_regions()
    code = _code(front)
    address = _place(front, "address", regions)
    authority = _place(back, "authority", regions)
    return (
        _region_code(code, regions),
        _authority_region(front, back, address, authority),
        _number_region(code, address, authority, regions),
    )


def _region_code(code: str | None, regions: Regions) -> Check:
    if code is None:
        return Check("region_code", _UNKNOWN)
    status = regions.status(code)
    if status == "unknown":
        return Check("region_code", _FAIL, ("region_code_unknown",), {"status": status})
    return Check("region_code", _PASS, (), {"status": status})


def _authority_region(
    front: DocumentReading | None, back: DocumentReading | None, address: Place | None, authority: Place | None
) -> Check:
    """`measured` says on which level they agree or differ: `county`, `city`, `province`, or `name` of a part."""
    name = "authority_region"
    if front is None or back is None or "address" not in front.fields or "authority" not in back.fields:
        return Check(name, _UNKNOWN)
    read = min(front.fields["address"].text_score, back.fields["authority"].text_score)
    if address is None or authority is None:
        return Check(name, _UNKNOWN, ("authority_region_unknown",), {"text_score": read})
    start = issued(back)
    level = common_level(address, authority, start.year if start else None)
    if level is None and named_in_address(authority, address, front.fields["address"].value):
        level = "name"
    if level is None:
        measured: Measured = {"text_score": read, "differs": differing_level(address, authority)}
        return Check(name, _FAIL, ("authority_mismatch",), measured)
    return Check(name, _PASS, (), {"text_score": read, "agrees": level})


def _number_region(code: str | None, address: Place | None, authority: Place | None, regions: Regions) -> Check:
    """Against whichever of the two is known; most people live where they were born, many do not."""
    known = regions.by_code.get(code or "", ()) or regions.by_code.get(f"{(code or '')[:4]}00", ())
    others = {name: place for name, place in (("address", address), ("authority", authority)) if place}
    if not known or not others:
        return Check("number_region", _UNKNOWN)
    given = Place(known, exact=True)
    levels = {name: common_level(given, place, None) for name, place in others.items()}
    measured: Measured = {name: level or "differs" for name, level in levels.items()}
    if not any(levels.values()):
        return Check("number_region", _FAIL, ("number_region_differs",), measured)
    return Check("number_region", _PASS, (), measured)


def _code(front: DocumentReading | None) -> str | None:
    number = parse_number(front.value("number") or "") if front else None
    return number.text[:6] if number else None


def _place(reading: DocumentReading | None, name: str, regions: Regions) -> Place | None:
    text = reading.value(name) if reading else None
    if not text:
        return None
    return place_of_address(text, regions) if name == "address" else place_of_authority(text, regions)
