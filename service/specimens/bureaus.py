"""Every county there is, with addresses and with the names its bureau goes by: to measure the check of regions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_CITIES_OF_THEIR_OWN = ("11", "12", "31", "50")
"""Beijing, Tianjin, Shanghai, Chongqing."""
_ELSEWHERE = ("71", "81", "82", "83")
"""Taiwan, Hong Kong, Macau: no counties of theirs are known here."""


@dataclass(frozen=True, slots=True)
class County:
    """A county or district of today."""

    code: str
    addresses: tuple[str, ...]
    authorities: tuple[str, ...]


def counties(today: Mapping[str, str], short: Callable[[str], str]) -> Iterator[County]:
    """In the order of their codes. `today`: names by code; `short`: a name without what kind of region it is."""
    for code, name in sorted(today.items()):
        if not code.endswith("00") and code[:2] not in _ELSEWHERE:
            province, city = today.get(f"{code[:2]}0000", ""), today.get(f"{code[:4]}00", "")
            yield _county(code, name, province, "" if code[:2] in _CITIES_OF_THEIR_OWN else city, short)


def _county(code: str, name: str, province: str, city: str, short: Callable[[str], str]) -> County:
    outer = city or province
    addresses = (f"{province}{city}{name}人民路1号", f"{outer}{name}人民路1号")
    if name.endswith("区") and not name.endswith("林区"):
        bureaus: tuple[str, ...] = (
            f"{outer}公安局{short(name)}分局",
            f"{outer}公安局{name}分局",
            f"{outer}{name}公安局",
        )
    else:
        bureaus = (f"{name}公安局", f"{outer}{name}公安局")
    return County(code, addresses, bureaus)
