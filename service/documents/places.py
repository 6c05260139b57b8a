"""Which region an address, an issuing authority and a number name, and whether they can be the same. Pure.

Both sides of a card are printed together, so that the authority is the one of the address. Texts differ all the same:
provinces are left out, peoples too, bureaus are called by a district's short name, by a street or by what they are for,
and keep the names of counties that have merged. So a text gives *every* region it can mean, one that names none gives
None, and two texts contradict each other only where no pair of their regions can be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.documents.regions import MUNICIPALITIES, Region, Regions, core, significant

_DISTRICT = re.compile(r"^(.{2,}?)(?:公安)?分局")
_SEEN_OF_ADDRESS = 30
"""Characters of an address in which the name of a bureau may turn up (a town, a former county)."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a text can mean: regions, one for each; all on one level as far as the text goes."""

    regions: tuple[Region, ...]
    exact: bool
    """False where a character had to be overlooked to find them."""
    names: tuple[str, ...] = field(default=(), repr=False)
    """The finest names the text gives, without their kind."""

    @property
    def stems(self) -> set[str]:
        """The codes without their zeros."""
        return {significant(region.code) for region in self.regions}


def place_of_address(text: str, regions: Regions) -> Place | None:
    """Province, city and county an address begins with, each of which may be missing."""
    found, exact, _ = _chain(text, regions)
    return Place(found, exact, tuple({one.core for one in found})) if found else None


def place_of_authority(text: str, regions: Regions) -> Place | None:
    """The region of a bureau; None for those of railways, forests, farms and the like, and for what is no bureau."""
    # 公安县 is a county: the bureau is what ends with 局, where one does.
    stem, _, rest = text.partition("公安局" if "公安局" in text else "公安")
    found, exact, left = _chain(stem.removesuffix("局"), regions)
    if not found or left:
        return None
    names = tuple({one.core for one in found})
    if not (district := _DISTRICT.match(rest)):
        return Place(found, exact, names)
    name = core(district[1])
    return Place(_within(regions.by_name.get(name, ()), found) or found, exact, (name,))


def near_districts(text: str, regions: Regions) -> tuple[str, ...]:
    """The authority with each name of a district that its own, which no district of its city bears, is one character
    off (拉萨市公安局城美分局: 城关). Many bureaus are called after no district: none of these need be meant."""
    stem, _, rest = text.partition("公安局")
    found, _, left = _chain(stem, regions)
    district = _DISTRICT.match(rest)
    if not found or left or district is None:
        return ()
    name, start = district[1], len(text) - len(rest)
    known = [one for one, bearers in regions.by_name.items() if len(one) == len(name) and _within(bearers, found)]
    near = [] if name in known else [one for one in known if _one_off(one, name)]
    return tuple(text[:start] + one + rest[len(name) :] for one in near)


def _one_off(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=False)) == 1


def common_level(one: Place, other: Place, year: int | None) -> str | None:
    """The finest level on which two texts agree: `county`, `city`, `province`; None where they cannot be one.

    `year`: of issue. Counties of one city contradict each other only where both were in force then; before and after,
    a bureau of that name belonged to something else.
    """
    nested = {min(a, b, key=len) for a in one.stems for b in other.stems if a.startswith(b) or b.startswith(a)}
    if nested:
        return _level(max(nested, key=len))
    pairs = [(a, b) for a in one.regions for b in other.regions if _city(a.code) == _city(b.code)]
    if not pairs:
        return None
    if any(a.core == b.core for a, b in pairs):
        return "county"
    sure = one.exact and other.exact and year is not None
    return None if sure and all(_in_force(place, year) for place in (one, other)) else "city"


def _in_force(place: Place, year: int | None) -> bool:
    return year is not None and any(region.in_force(year) for region in place.regions)


def named_in_address(authority: Place, address: Place, text: str) -> bool:
    """Whether the bureau bears the name of something in the address, in the same province: a town that became a
    district, a county that merged."""
    provinces = {one.code[:2] for one in authority.regions} & {one.code[:2] for one in address.regions}
    return bool(provinces) and any(len(name) > 1 and name in text[:_SEEN_OF_ADDRESS] for name in authority.names)


def differing_level(one: Place, other: Place) -> str:
    """The coarsest level on which two texts that cannot be one differ."""
    if not {a.code[:2] for a in one.regions} & {b.code[:2] for b in other.regions}:
        return "province"
    cities = {_city(a.code) for a in one.regions} & {_city(b.code) for b in other.regions}
    return "county" if cities else "city"


def _level(stem: str) -> str:
    return {2: "province", 4: "city", 6: "county"}[len(stem)]


def _city(code: str) -> str:
    return code[:2] if code[:2] in MUNICIPALITIES else code[:4]


def _chain(text: str, regions: Regions) -> tuple[tuple[Region, ...], bool, str]:
    """The regions of the names a text begins with, from the outermost inward; whether all are exact; what is left."""
    found: tuple[Region, ...] = ()
    exact = True
    while text and not (found and all(len(significant(one.code)) == 6 for one in found)):
        inner, form = first_name(text, regions, found)
        if not inner:
            near = near_names(text, regions, found)
            inner, form = tuple(one for known in near.values() for one in known), next(iter(near), "")
            exact = exact and not inner
        if not inner:
            break
        found, text = inner, text[len(form) :]
    return found, exact, text


def first_name(text: str, regions: Regions, outer: tuple[Region, ...]) -> tuple[tuple[Region, ...], str]:
    """The longest name a text begins with that lies within `outer`, its regions first."""
    for length in range(min(regions.longest, len(text)), 1, -1):
        inner = _within(regions.by_form.get(text[:length], ()), outer)
        if inner:
            return inner, text[:length]
    return (), ""


def near_names(text: str, regions: Regions, outer: tuple[Region, ...]) -> dict[str, tuple[Region, ...]]:
    """The longest names, and their regions within `outer`, that a text begins with but for one character, which is not
    the kind at the end: estates and streets are called after districts."""
    found: dict[str, tuple[Region, ...]] = {}
    for form, known in regions.by_form.items():
        length = len(form)
        if not 3 <= length <= len(text) or form[-1] != text[length - 1]:
            continue
        if _one_off(form, text) and (inner := _within(known, outer)):
            found[form] = inner
    longest = max(map(len, found), default=0)
    return {form: inner for form, inner in found.items() if len(form) == longest}


def _within(known: Iterable[Region], outer: tuple[Region, ...]) -> tuple[Region, ...]:
    if not outer:
        return tuple(known)
    stems = {significant(one.code) for one in outer}
    return tuple(
        one for one in known if any(one.code.startswith(stem) and significant(one.code) != stem for stem in stems)
    )
