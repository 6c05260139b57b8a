"""Read place names against the table of regions: an address and an authority begin with names of a closed list.

A recogniser that was not sure and read a name nobody bears, one character off the only one that fits (西阳 for 酉阳,
within Chongqing), meant that one. What the table does not decide stays as it was read. Pure but for the table.
"""

from __future__ import annotations

from service.documents.places import first_name, near_districts, near_names, place_of_authority
from service.documents.regions import Region, Regions

SURE = 0.99
"""text_score from which a reading stands against the table: regions are renamed, and tables grow old."""
ALONE = 5
"""Characters of a name that is unmistakable without a province before it."""


def mended_address(text: str, text_score: float, regions: Regions) -> str:
    """The address with the names at its beginning as the table spells them, without a rest of the label (培山西省)."""
    if text_score >= SURE:
        return text
    labelled = not first_name(text, regions, ())[1] and len(first_name(text[1:], regions, ())[1]) > 2
    return _mended(text[1:] if labelled else text, regions)


def mended_authority(text: str, text_score: float, regions: Regions) -> str:
    """The same of an authority, and without a rest of the label before it (管和田市公安局)."""
    if text_score >= SURE or _known(text, regions):
        return text
    return text[1:] if _known(text[1:], regions) else _mended(text, regions)


def near_addresses(text: str, regions: Regions) -> tuple[str, ...]:
    """All that an address may mean whose first unknown name is one character off from names within the one before
    (山东省郭城县: 山东省郓城县, 山东省聊城县 ...); () where there is none."""
    outer: tuple[Region, ...] = ()
    done = 0
    while (found := first_name(text[done:], regions, outer))[0]:
        outer, done = found[0], done + len(found[1])
    near = near_names(text[done:], regions, outer) if outer else {}
    return tuple(text[:done] + name + text[done + len(name) :] for name in near)


def near_authorities(text: str, regions: Regions) -> tuple[str, ...]:
    """The same of an authority, whose first name has none before it."""
    if _known(text, regions):
        return near_districts(text, regions)
    near = near_addresses(text, regions) or tuple(name + text[len(name) :] for name in near_names(text, regions, ()))
    return tuple(one for one in near if _known(one, regions))


def _known(text: str, regions: Regions) -> bool:
    place = place_of_authority(text, regions)
    return place is not None and place.exact


def _mended(text: str, regions: Regions) -> str:
    outer: tuple[Region, ...] = ()
    done = ""
    while text:
        inner, form = first_name(text, regions, outer)
        if not inner:
            near = near_names(text, regions, outer)
            if len(near) != 1 or not (outer or len(next(iter(near))) >= ALONE):
                break
            form, inner = next(iter(near.items()))
        outer, done, text = inner, done + form, text[len(form) :]
    return done + text
