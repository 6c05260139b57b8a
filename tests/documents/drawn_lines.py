"""Lines of text as a reader would give them, written by hand: text, left, top, and the height of a character."""

from __future__ import annotations

import numpy as np

from service.documents.layout import PlacedLine, place
from service.documents.text import ReadLine


def width(text: str, em: float) -> float:
    return sum(em if ord(character) >= 0x2E80 else 0.56 * em for character in text)


def line(text: str, left: float, top: float, em: float = 32, text_score: float = 0.99) -> ReadLine:
    right, bottom = left + width(text, em) + 0.2 * em, top + 1.28 * em
    quad = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    return ReadLine(text, text_score, quad)


def turned(lines: list[ReadLine], degrees: float) -> list[ReadLine]:
    """All lines turned clockwise about the origin."""
    angle = np.deg2rad(degrees)
    matrix = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))], np.float32)
    return [ReadLine(one.text, one.text_score, one.quad @ matrix) for one in lines]


def placed(lines: list[ReadLine]) -> list[PlacedLine]:
    return place(lines)


FRONT = [
    line("姓名", 72, 76, 30), line("欧阳静", 182, 70, 40),
    line("性别", 72, 154, 30), line("女", 182, 152), line("民族", 292, 154, 30), line("汉", 386, 152),
    line("出生", 72, 232, 30), line("1990年3月7日", 182, 230),
    line("住址", 72, 310, 30), line("北京市东城区景山前街", 182, 308), line("4号院2单元101室", 182, 352),
    line("公民身份号码", 72, 540, 30), line("110101199003074581", 334, 534, 40),
    line("样本SPECIMEN", 650, 40),
]  # fmt: skip
"""110101199003074581 is a number made up, its check character right."""

BACK = [
    line("中华人民共和国", 352, 90, 62), line("居民身份证", 352, 180, 88),
    line("签发机关", 268, 470, 30), line("北京市公安局东城分局", 420, 468),
    line("有效期限", 268, 546, 30), line("2016.03.09-2036.03.09", 420, 544),
]  # fmt: skip
