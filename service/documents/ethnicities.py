"""The closed list of ethnicities a card can name (GB 3304-1991), and how a reader's text maps to it. Pure."""

from __future__ import annotations

ETHNICITIES: tuple[str, ...] = tuple(
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺".split()
)

# The recogniser sometimes answers with the traditional form of a character it knows.
_TRADITIONAL = str.maketrans("漢維爾壯鮮滿僳東納頗達錫羅鄂溫獨龍倫門諾藏薩烏別傑斡魯撒", "汉维尔壮鲜满僳东纳颇达锡罗鄂温独龙伦门诺藏萨乌别杰斡鲁撒")


def ethnicity(text: str) -> str | None:
    """The one ethnicity that `text` names, without 族; None where it names none of them."""
    folded = text.strip().translate(_TRADITIONAL).removesuffix("族")
    return folded if folded in ETHNICITIES else None


def leading_ethnicity(text: str) -> str | None:
    """The longest ethnicity `text` begins with."""
    folded = text.strip().translate(_TRADITIONAL)
    return max((name for name in ETHNICITIES if folded.startswith(name)), key=len, default=None)
