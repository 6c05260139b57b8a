"""Invented names as cards carry them: two to four characters, minority names with ·, and rare characters."""

from __future__ import annotations

import numpy as np


def words(text: str) -> tuple[str, ...]:
    """A list as a person writes it: parted by spaces."""
    return tuple(text.split())


DOTTED = frozenset(("维吾尔", "哈萨克", "柯尔克孜", "乌孜别克", "塔塔尔", "塔吉克"))
"""Peoples whose names are written as given name · father's name."""

ETHNICITIES: tuple[str, ...] = words(
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
"""The 56, as printed on a card (GB/T 3304, without 族)."""

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_COMPOUND = words("欧阳 上官 司马 诸葛 慕容 司徒 皇甫 东方 尉迟 令狐")
_MALE = "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建国志文海博翔峰亮成永东晨泽瑞轩辰睿一天子铭诚锦"
_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂英丹萍红玉兰洁梅琳晶妍茜秋珊莎婷雪慧莹倩佳欣怡雅梦瑶诗涵子涵语嫣可一思彤若曦锦稷蓉"
_RARE = "翀赟旻曌喆堃昇珺瑄煜祎玥翎淼垚犇骁鋆璟翯彧韫珩筱芃晔烨旖琬邈嫄䶮骉㛃"
_DOTTED_MALE = words(
    "买买提 阿卜杜拉 吐尔逊 艾力 玉素甫 库尔班 热合曼 叶尔肯 巴合提 木拉提 阿迪力 依明 努尔兰 艾尼瓦尔"
)
_DOTTED_FEMALE = words("阿依古丽 热依汗 古丽娜尔 帕提古丽 阿依努尔 玛依拉 茹仙古丽 祖丽胡玛尔 迪丽努尔")
_TIBETAN = words("扎西 次仁 卓玛 旦增 格桑 央金 多吉 尼玛 拉姆 平措 德吉 白玛")


def invent_name(rng: np.random.Generator, sex: str, ethnicity: str) -> str:
    """A name that fits sex (男 or 女) and ethnicity; about one in ten of the others holds a rare character."""
    if ethnicity in DOTTED:
        given = _pick(rng, _DOTTED_MALE if sex == "男" else _DOTTED_FEMALE)
        return f"{given}·{_pick(rng, _DOTTED_MALE)}"
    if ethnicity in ("藏", "门巴", "珞巴"):
        return _pick(rng, _TIBETAN) + _pick(rng, _TIBETAN)
    surname = _pick(rng, _COMPOUND) if rng.random() < 0.08 else _pick(rng, _SURNAMES)
    length = 1 if rng.random() < 0.25 else 2
    given = "".join(_pick(rng, _MALE if sex == "男" else _FEMALE) for _ in range(length))
    if rng.random() < 0.1:
        given = given[:-1] + _pick(rng, _RARE)
    return surname + given


def _pick(rng: np.random.Generator, choices: str | tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
