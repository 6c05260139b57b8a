"""Every county there is, with addresses and with the names its bureau goes by: to measure the check of regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.documents.regions import MUNICIPALITIES, Regions, core

_ELSEWHERE = ("71", "81", "82", "83")
"""Taiwan, Hong Kong, Macau: no counties of theirs are known here."""


@dataclass(frozen=True, slots=True)
class County:
    """A county or district of today."""

    code: str
    addresses: tuple[str, ...]
    authorities: tuple[str, ...]


def counties(regions: Regions) -> Iterator[County]:
    """In the order of their codes."""
    today = {code: one.name for code, names in regions.by_code.items() for one in names if one.last is None}
    for code, name in sorted(today.items()):
        if not code.endswith("00") and code[:2] not in _ELSEWHERE:
            province, city = today.get(f"{code[:2]}0000", ""), today.get(f"{code[:4]}00", "")
            yield _county(code, name, province, "" if code[:2] in MUNICIPALITIES else city)


def _county(code: str, name: str, province: str, city: str) -> County:
    outer = city or province
    addresses = (f"{province}{city}{name}人民路1号", f"{outer}{name}人民路1号")
    if name.endswith("区") and not name.endswith("林区"):
        bureaus: tuple[str, ...] = (
            f"{outer}公安局{core(name)}分局",
            f"{outer}公安局{name}分局",
            f"{outer}{name}公安局",
        )
    else:
        bureaus = (f"{name}公安局", f"{outer}{name}公安局")
    return County(code, addresses, bureaus)
