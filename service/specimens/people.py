"""Invented people with valid data: number with its check character, legal validity, address, issuing authority."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from service.evidence import LONG_TERM
from service.specimens.names import ETHNICITIES, invent_name, words
from service.specimens.regions import Region, regions

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_STREETS = words(
    "人民 解放 中山 建设 和平 新华 文化 长江 黄河 胜利 友谊 光明 学府 科技 滨河 迎宾 凤凰 朝阳门内 南湖东 幸福"
)
_WAYS = words("路 街 大道 巷")
_ESTATES = words("锦绣花园 阳光小区 金色家园 翠湖苑 和谐家园 世纪城 东方明珠公寓 紫荆花园 银河湾 丽景嘉园")
_TOWNS = words("城关 太平 龙门 新街 石桥 双河 清水 大河家 永安 青山 白塔 三合")
_VILLAGES = words("东风 大墩 王家庄 李家湾 新民 下坪 桃园 上寨 红旗 河西 柳树沟 前进")


@dataclass(frozen=True, slots=True)
class Person:
    """What both sides of one card print. `valid_until` is None for 长期."""

    name: str = field(repr=False)
    sex: str
    ethnicity: str
    birth_date: date = field(repr=False)
    address: str = field(repr=False)
    number: str = field(repr=False)
    authority: str
    valid_from: date
    valid_until: date | None

    def front(self) -> dict[str, str]:
        """The fields of the front as `hecha read` names and writes them."""
        return {
            "name": self.name,
            "sex": self.sex,
            "ethnicity": self.ethnicity,
            "birth_date": self.birth_date.isoformat(),
            "address": self.address,
            "number": self.number,
        }

    def back(self) -> dict[str, str]:
        """The fields of the back as `hecha read` names and writes them."""
        return {
            "authority": self.authority,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else LONG_TERM,
        }


def invent_person(
    rng: np.random.Generator, today: date, ages: tuple[int, int] = (5, 90), sex: str | None = None
) -> Person:
    """A person whose card is valid on `today`. `ages` = lowest and highest age in years today; `sex` 男, 女 or any."""
    sex = sex or ("男" if rng.random() < 0.5 else "女")
    ethnicity = "汉" if rng.random() < 0.55 else ETHNICITIES[int(rng.integers(len(ETHNICITIES)))]
    places = regions()
    region = places[int(rng.integers(len(places)))]
    birth_date = _invent_birth_date(rng, today, ages)
    valid_from, valid_until = _invent_validity(rng, birth_date, today)
    return Person(
        name=invent_name(rng, sex, ethnicity),
        sex=sex,
        ethnicity=ethnicity,
        birth_date=birth_date,
        address=_invent_address(rng, region),
        number=_invent_number(rng, region, birth_date, sex),
        authority=region.authority,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def check_character(first_17: str) -> str:
    """GB 11643-1999: the 18th place, ISO 7064 MOD 11-2 over the first 17 digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True))
    return "10X98765432"[total % 11]


def age_on(birth_date: date, day: date) -> int:
    """Whole years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def validity_years(age_at_issue: int) -> int | None:
    """Resident Identity Card Law art. 5: under 16 five years, 16 to 25 ten, 26 to 45 twenty, from 46 on None."""
    if age_at_issue < 16:
        return 5
    if age_at_issue < 26:
        return 10
    return 20 if age_at_issue < 46 else None


def validity_end(birth_date: date, valid_from: date) -> date | None:
    """The end of a card issued on `valid_from`: the same month and day, or None for 长期."""
    years = validity_years(age_on(birth_date, valid_from))
    return None if years is None else valid_from.replace(year=valid_from.year + years)


def _invent_birth_date(rng: np.random.Generator, today: date, ages: tuple[int, int]) -> date:
    low, high = ages
    days = int(rng.integers(low * 365 + low // 4 + 1, (high + 1) * 365))
    return today - timedelta(days=days)


def _invent_validity(rng: np.random.Generator, birth_date: date, today: date) -> tuple[date, date | None]:
    """Issue days are tried until the card is valid today; none is on 29 February, which has no same day later."""
    first_cards = date(2004, 3, 29)
    earliest = max(first_cards, birth_date + timedelta(days=30))
    while True:
        valid_from = earliest + timedelta(days=int(rng.integers(max(1, (today - earliest).days))))
        if (valid_from.month, valid_from.day) == (2, 29):
            continue
        valid_until = validity_end(birth_date, valid_from)
        if valid_until is None or valid_until > today:
            return valid_from, valid_until


def _invent_number(rng: np.random.Generator, region: Region, birth_date: date, sex: str) -> str:
    order = 2 * int(rng.integers(1, 499)) + (1 if sex == "男" else 0)
    first_17 = f"{region.code}{birth_date:%Y%m%d}{order:03d}"
    return first_17 + check_character(first_17)


def _invent_address(rng: np.random.Generator, region: Region) -> str:
    """One to four lines of eleven characters."""

    def pick(choices: tuple[str, ...]) -> str:
        return choices[int(rng.integers(len(choices)))]

    house = int(rng.integers(1, 990))
    if region.rural:
        group = f"{int(rng.integers(1, 15))}组" if rng.random() < 0.6 else ""
        return f"{region.prefix}{pick(_TOWNS)}镇{pick(_VILLAGES)}村{group}{house}号"
    prefix = region.prefix if rng.random() < 0.9 else region.county
    street = f"{prefix}{pick(_STREETS)}{pick(_WAYS)}{house}号"
    if rng.random() < 0.25:
        return street
    flat = f"{int(rng.integers(1, 40))}栋" if rng.random() < 0.7 else f"{int(rng.integers(1, 40))}号楼"
    unit = f"{int(rng.integers(1, 7))}单元" if rng.random() < 0.7 else ""
    return f"{street}{pick(_ESTATES) if rng.random() < 0.5 else ''}{flat}{unit}{int(rng.integers(101, 2805))}室"
