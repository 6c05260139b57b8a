"""Traditional forms of characters that a resident card prints in their simplified form. Pure but for reading
the table once.

The recogniser knows both forms and, on small or blurred print, answers with the wrong one. Labels, ethnicities,
addresses and authorities are official texts in simplified characters and are folded. A name is its bearer's: there only
a reading in which the recogniser itself wavers between the two forms (`TORN`) follows the print; a sure one stays.
"""

from __future__ import annotations

from importlib.resources import files

_TABLE = files("service.documents").joinpath("data", "simplified.txt").read_text(encoding="utf-8")
SIMPLIFIED: dict[str, str] = {
    pair[0]: pair[1] for line in _TABLE.splitlines() if not line.startswith("#") for pair in line.split()
}
"""By the traditional form; only forms outside GB 2312, which no simplified text holds (but for a few in names)."""

MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙．.⋅･᛫‒﹒●", "·"))
"""What readers and keyboards make of the dot between the parts of a minority name (U+00B7)."""

_GROUPS = (
    "己已巳 未末 士土 日曰 干千于 人入 天夭 戊戌戍 佳住 侯候 治冶 冼洗 毫亳 沐沭 汨汩 薛薜 嬴羸赢 拨拔 "
    "辨辩辫 璧壁 卞卡 崇祟 茶荼 钧钓 晴睛 玫攻 祎袆 龘鱻 䶮龚 瀚瀞 免兔 历厉 玥钥 大太 王玉 刁刀 翟瞿 钟锺 旻昊 曌照 "
    "淼㵘 余馀 升昇 喆哲"
)
_FIRST: dict[str, str] = {one: group[0] for group in _GROUPS.split() for one in group}

_SELDOM = "曰日 夭天 祟崇 冶治 薜薛 羸嬴 袆祎 睛晴 攻玫 钓钧 鱻龘 入人 土士 住佳 钥玥 候侯 亳毫 荼茶 沭沐 兔免"
_SELDOM_FIRST, _SELDOM_LATER = "洗冼 干于 卡卞", "龚䶮"
"""Read, meant: characters that names hardly hold, at the first place and at the others, and those a reader takes them
for. `鱻` and `龚` are what it makes of 龘 and 䶮, which it does not or hardly knows."""

TORN = 0.02
"""Probability of the simplified form from which the recogniser counts as torn between the two."""


def folded(text: str) -> str:
    """The text with every traditional form in its simplified one."""
    return "".join(SIMPLIFIED.get(character, character) for character in text)


def other_readings(name: str, seen: str) -> tuple[str, ...]:
    """What a name as read may be on the card: as it was seen (traditional where the recogniser wavered), in simplified
    characters, with the likelier of two look-alikes. The name itself is not among them; most names have none."""
    simplified = folded(name)
    likelier = "".join(_likelier(one, place) for place, one in enumerate(simplified))
    return tuple(one for one in dict.fromkeys((seen, simplified, likelier)) if one != name)


def look_alike_key(name: str) -> str:
    """The same text for names that differ in traditional or look-alike characters alone."""
    return "".join(_FIRST.get(one, one) for one in folded(name))


def _likelier(character: str, place: int) -> str:
    pairs = f"{_SELDOM} {_SELDOM_LATER if place else _SELDOM_FIRST}".split()
    return next((pair[1] for pair in pairs if pair[0] == character), character)
