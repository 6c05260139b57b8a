"""The administrative regions of the People's Republic of China (GB/T 2260), current and retired, by code and by name.

The table is `data/regions.tsv`, made by `scripts/regions`. Pure but for reading that file once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from service.documents.ethnicities import ETHNICITIES

MUNICIPALITIES = ("11", "12", "31", "50")
"""Beijing, Tianjin, Shanghai, Chongqing: provinces that are one city."""

# A people of one character needs its 族 (长白朝鲜族自治县 is no county of the Bai), the others are written without too.
_PEOPLES = "|".join(f"{name}族?" if len(name) > 1 else f"{name}族" for name in (*ETHNICITIES, "各"))
_PEOPLE = re.compile(rf"(?:{_PEOPLES})+(?=自治[区州县旗]$|区$)")
_KIND = re.compile(r"(?:自治区|自治州|自治县|自治旗|特别行政区|林区|特区|新区|地区|[省市盟州县区旗])$")


@dataclass(frozen=True, slots=True)
class Region:
    """A name that a code had. `first`, `last`: years in force, None = not known (`last`: still in force)."""

    code: str
    """Six digits; zeros at the end for a province (`430000`) or a city, prefecture, league (`430100`)."""
    name: str
    first: int | None
    last: int | None

    def in_force(self, year: int) -> bool:
        """Whether the name may have been in force in a year."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)

    @property
    def core(self) -> str:
        """The name without its kind and peoples: 酉阳 of 酉阳土家族苗族自治县."""
        return core(self.name)


@dataclass(frozen=True, slots=True)
class Regions:
    """The whole table."""

    by_code: Mapping[str, tuple[Region, ...]] = field(repr=False)
    by_form: Mapping[str, tuple[Region, ...]] = field(repr=False)
    """By every way a name is written on a card."""
    by_name: Mapping[str, tuple[Region, ...]] = field(repr=False)
    """By the name itself, and by the name without its kind."""
    longest: int
    """Characters of the longest form."""

    def status(self, code: str) -> str:
        """`current`, `retired` or `unknown`, of the six digits a number begins with."""
        names = self.by_code.get(code, ())
        if any(one.last is None for one in names):
            return "current"
        return "retired" if names else "unknown"

    def today(self) -> dict[str, str]:
        """The names in force, by code."""
        return {code: one.name for code, names in self.by_code.items() for one in names if one.last is None}


def significant(code: str) -> str:
    """A code without the zeros that stand for the whole: 43 for Hunan, 4301 for Changsha, six digits for a county."""
    return code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def core(name: str) -> str:
    """A name without what kind of region it is; the name itself where nothing would remain."""
    short = _KIND.sub("", _PEOPLE.sub("", name))
    return short if len(short) > 1 else _KIND.sub("", name) if len(_KIND.sub("", name)) > 1 else name


@cache
def load_regions() -> Regions:
    """The table, read once."""
    by_code: dict[str, list[Region]] = defaultdict(list)
    by_form: dict[str, list[Region]] = defaultdict(list)
    by_name: dict[str, list[Region]] = defaultdict(list)
    text = files("service.documents").joinpath("data", "regions.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        code, name, first, last = line.split("\t")
        region = Region(code, name, int(first) if first else None, int(last) if last else None)
        by_code[code].append(region)
        for known_as in {region.name, region.core}:
            by_name[known_as].append(region)
        for form in _forms(region):
            by_form[form].append(region)
    return Regions(
        {code: tuple(found) for code, found in by_code.items()},
        {form: tuple(found) for form, found in by_form.items()},
        {name: tuple(found) for name, found in by_name.items()},
        max(len(form) for form in by_form),
    )


def _forms(region: Region) -> set[str]:
    """The name, the name without its peoples, and a province's short name (广西, 内蒙古)."""
    forms = {region.name}
    plain = core(region.name)
    if region.code.endswith("0000"):
        forms.add(plain)
    for kind, shorter in (("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")):
        if region.name.endswith(kind):
            forms |= {plain + kind, plain + shorter}
    return forms
