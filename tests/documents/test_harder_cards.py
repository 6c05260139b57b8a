"""Cards that are harder to read than most, drawn and photographed: long names, other scripts, long addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.documents.reader import DocumentReader
from service.evidence import Picture, Pixels
from service.runtime.weights import Weights
from service.specimens.card import draw_back, draw_front
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person, sample_portrait


@pytest.fixture(scope="module")
def reader(root: Path) -> DocumentReader:
    return DocumentReader.build(Weights.build(root / "models"), 2)


def read(reader: DocumentReader, card: Pixels, seed: int = 3) -> dict[str, str]:
    pixels = photograph(card, "photo", np.random.default_rng(seed)).pixels
    height, width = pixels.shape[:2]
    reading = reader.read(Picture(pixels, 1.0, width, height, "JPEG", "0" * 64))
    return {name: found.value for name, found in reading.fields.items()}


@pytest.mark.parametrize(
    ("name", "ethnicity"),
    [
        ("马力", "东乡"),
        ("欧阳静怡", "高山"),
        ("阿依古丽·买买提", "维吾尔"),
        ("古力娜扎尔·拜合提亚尔", "柯尔克孜"),
        ("古力娜扎尔·拜合提亚尔·阿卜杜外力·吾买尔江·买买提", "乌孜别克"),
    ],
)
def test_names_short_and_long(reader: DocumentReader, assets: Path, name: str, ethnicity: str) -> None:
    person = replace(sample_person(), name=name, ethnicity=ethnicity)
    assert read(reader, draw_front(person, sample_portrait(assets), Fonts.build(assets))) == person.front()


@pytest.mark.parametrize(
    "address",
    ["新疆喀什市", "甘肃省积石山保安族东乡族撒拉族自治县大河家镇大墩村3组128号院内东侧第二排平房"],
    ids=["one line", "four lines"],
)
def test_addresses_short_and_long(reader: DocumentReader, assets: Path, address: str) -> None:
    person = replace(sample_person(), address=address)
    assert read(reader, draw_front(person, sample_portrait(assets), Fonts.build(assets)))["address"] == address


def test_authorities_of_two_lines_and_no_end(reader: DocumentReader, assets: Path) -> None:
    person = replace(
        sample_person(),
        authority="积石山保安族东乡族撒拉族自治县公安局",
        valid_from=date(2009, 2, 17),
        valid_until=None,
    )
    back = draw_back(person, Fonts.build(assets))
    assert read(reader, back) == person.back()
    seen = photograph(back, "webcam", np.random.default_rng(3))
    height, width = seen.pixels.shape[:2]
    reading = reader.read(Picture(seen.pixels, 1.0, width, height, "JPEG", "0" * 64))
    # The label stands higher beside two lines: no reason to move the card.
    assert np.abs(np.array(reading.card_box) - seen.quad).max() < 0.02 * width
    assert "occluded" not in [one.code for one in reading.alerts]


def test_an_address_grown_together_with_the_portrait_keeps_its_first_line(reader: DocumentReader, assets: Path) -> None:
    person = replace(sample_person(), address="甘肃省临夏回族自治州临夏县龙门镇王家庄村2组725号")
    card = draw_front(person, sample_portrait(assets), Fonts.build(assets))
    cv2.line(card, (560, 328), (660, 328), (40, 40, 40), 8)
    assert read(reader, card)["address"].startswith("甘肃省临夏回族自治州临")


FRONT_ZHUANG = [
    ("Mingzcoh  Veiz Mingzyenj", 182, 66), ("Singqbied  Sai   Minzcuz  Bouxcuengh", 182, 144),
    ("Seng  1968 bi 3 nyied 16 hauh", 182, 221), ("Diegyouq  Nanzningz Si Cinghsiu Gih", 182, 301),
    ("Gunghminz Sonhfwnh Hauma", 334, 527),
]  # fmt: skip
BACK_ZHUANG = [
    ("Cunghvaz Yinzminz Gunghozgoz", 352, 78), ("Gihminz Sonhfwnh Cwng", 352, 176),
    ("Gihgvanh Fatcwng", 268, 462), ("Geizhanh Miz Yauq", 268, 540),
]  # fmt: skip


def printed_too(card: Pixels, lines: list[tuple[str, int, int]], fonts: Fonts) -> Pixels:
    """The card with small lines of another script above its own (left, baseline)."""
    image = Image.fromarray(np.ascontiguousarray(card[:, :, ::-1]))
    draw = ImageDraw.Draw(image)
    for text, left, baseline in lines:
        draw.text((left, baseline), text, font=fonts.sans(18), fill=(52, 50, 54), anchor="ls")
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def test_a_card_of_guangxi_reads_as_any_other(reader: DocumentReader, assets: Path) -> None:
    fonts = Fonts.build(assets)
    person = replace(sample_person(), ethnicity="壮", address="广西壮族自治区南宁市青秀区民族大道106号8栋2单元301室")
    front = printed_too(draw_front(person, sample_portrait(assets), fonts), FRONT_ZHUANG, fonts)
    assert read(reader, front) == person.front()
    back = printed_too(draw_back(person, fonts), BACK_ZHUANG, fonts)
    assert read(reader, back) == person.back()
