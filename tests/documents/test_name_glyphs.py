"""Characters of a name that do not look as they were read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.documents.attempt import UNREAD, Attempt
from service.documents.kinds import SideField, SideReading
from service.documents.layout import PlacedLine
from service.documents.name_glyphs import NameGlyphs
from service.documents.reader import DocumentReader
from service.documents.text_recognizer import TextRecognizer
from service.evidence import DocumentField, Picture, Pixels, Side
from service.runtime.onnx import Session
from service.runtime.weights import Weights
from service.specimens.card import draw_front
from service.specimens.fonts import Fonts
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person, sample_portrait

EM, PITCH, LEFT, TOP = 36, 43, 30, 20
SURE = 0.995


@pytest.fixture(scope="module")
def names(weights: Weights) -> NameGlyphs:
    return NameGlyphs.build(weights, 1)


@pytest.fixture(scope="module")
def fonts(root: Path) -> Fonts:
    return Fonts.build(root / "models" / "assets")


@pytest.fixture(scope="module")
def reader(weights: Weights) -> DocumentReader:
    return DocumentReader.build(weights, 2)


def printed(text: str, fonts: Fonts) -> Pixels:
    image = Image.new("RGB", (LEFT * 2 + PITCH * len(text), TOP * 2 + 48), (225, 222, 214))
    for place, character in enumerate(text):
        spot = (LEFT + place * PITCH, TOP + 36)
        ImageDraw.Draw(image).text(spot, character, font=fonts.sans(EM), fill=(28, 26, 30), anchor="ls")
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def attempt(text: str, name: str, likely: float = SURE) -> Attempt:
    """The whole line `text` read from a picture that `printed` made, `name` in it."""
    width = PITCH * len(text)
    quad = np.array([(0, 0), (width, 0), (width, 48), (0, 48)], np.float32) + np.float32((LEFT - 4, TOP - 2))
    spots = tuple((place * PITCH + 4 + EM / 2 + 1) / width for place in range(len(text)))
    line = PlacedLine(text, SURE, quad, 0, width, 24, 48, 0.0, spots=spots, likely=(likely,) * len(text))
    side = SideReading("cn_resident_id", Side.FRONT, {"name": SideField(name, SURE, (quad,))}, True, 1.0)
    return Attempt("rectified", side, (line,), np.eye(3))


def of_name(checked: Attempt) -> SideField:
    return checked.side.fields["name"]


def test_every_character_has_a_class_of_its_own(names: NameGlyphs) -> None:
    assert len(set(names.characters)) == len(names.characters)
    assert {"王", "䶮", "龘", "㵘", "\U0002a917"} <= set(names.characters)
    crop = np.full((40, 40), 200, np.uint8)
    assert names.alike([crop]).shape == (1, len(names.characters))


@pytest.mark.parametrize("name", ["王建国", "欧阳静", "刘淼", "徐翀", "孙瀚", "龚雪"])
def test_a_name_that_looks_as_it_was_read(names: NameGlyphs, fonts: Fonts, name: str) -> None:
    whole = attempt(f"姓名{name}", name)
    assert names.checked(whole, printed(f"姓名{name}", fonts)) is whole


@pytest.mark.parametrize("off", [(9, 9, 9), (-9, -9, -9), (9, 0, -9), (-8, 8, -8)])
def test_characters_noticed_beside_their_middles_are_found_there(
    names: NameGlyphs, fonts: Fonts, off: tuple[int, ...]
) -> None:
    whole = attempt("顾玉凯", "顾玉凯")
    line = whole.lines[0]
    spots = tuple(spot + beside / (3 * PITCH) for spot, beside in zip(line.spots, off, strict=True))
    noticed = replace(whole, lines=(replace(line, spots=spots),))
    assert names.checked(noticed, printed("顾玉凯", fonts)) is noticed


@pytest.mark.parametrize(("on_card", "read"), [("王㵘", "王淼"), ("张龘", "张鱻"), ("陈瀞怡", "陈瀚怡")])
def test_a_sure_look_alike_is_doubted_and_what_is_printed_is_said(
    names: NameGlyphs, fonts: Fonts, on_card: str, read: str
) -> None:
    found = of_name(names.checked(attempt(f"姓名{read}", read), printed(f"姓名{on_card}", fonts)))
    assert (found.value, found.text_score) == (read, UNREAD)
    assert found.variants == (on_card,)


def test_a_right_character_that_was_hardly_read_and_hardly_seen_is_doubted_too(names: NameGlyphs, fonts: Fonts) -> None:
    dim = cv2.GaussianBlur(printed("王建国", fonts), (0, 0), 3.25)
    surely, hardly = (attempt("王建国", "王建国", likely=likely) for likely in (SURE, 1e-4))
    assert names.checked(surely, dim) is surely
    found = of_name(names.checked(hardly, dim))
    assert found.text_score == UNREAD
    assert not found.variants


def test_a_character_left_out_between_two(names: NameGlyphs, fonts: Fonts) -> None:
    whole = attempt("宋琎语", "宋琎语")
    line = whole.lines[0]
    short = replace(line, text="宋语", spots=line.spots[::2], likely=line.likely[::2])
    side = replace(whole.side, fields={"name": SideField("宋语", SURE, (line.quad,))})
    left_out = replace(whole, side=side, lines=(short,))
    assert of_name(names.checked(left_out, printed("宋琎语", fonts))).text_score == UNREAD
    assert names.checked(left_out, printed("宋　语", fonts)) is left_out


@pytest.mark.parametrize(("text", "kept"), [("宋琎", slice(2)), ("琎语", slice(1, 3))])
def test_a_character_left_out_at_an_end(names: NameGlyphs, fonts: Fonts, text: str, kept: slice) -> None:
    whole = attempt("宋琎语", text)
    line = whole.lines[0]
    short = replace(line, text=text, spots=line.spots[kept], likely=line.likely[kept])
    left_out = replace(whole, lines=(short,))
    assert of_name(names.checked(left_out, printed("宋琎语", fonts))).text_score == UNREAD
    blank = "".join(one if one in text else "\u3000" for one in "宋琎语")
    assert names.checked(left_out, printed(blank, fonts)) is left_out


def test_characters_far_apart_noticed_nearer(names: NameGlyphs, fonts: Fonts) -> None:
    wide = np.float32((56 / PITCH, 1))
    whole = attempt("谢健斌", "谢健斌")
    line = whole.lines[0]
    spots = tuple(spot + beside / (3 * 56) for spot, beside in zip(line.spots, (10, 0, -10), strict=True))
    far = replace(line, quad=line.quad * wide, spots=spots)
    side = replace(whole.side, fields={"name": SideField("谢健斌", SURE, (far.quad,))})
    drawn = replace(whole, side=side, lines=(far,))
    assert names.checked(drawn, cv2.resize(printed("谢健斌", fonts), None, fx=float(wide[0]), fy=1)) is drawn


def test_a_dot_between_two_parts_is_no_character_left_out(names: NameGlyphs, fonts: Fonts) -> None:
    whole = attempt("艾力·吐尔逊", "艾力·吐尔逊")
    assert names.checked(whole, printed("艾力·吐尔逊", fonts)) is whole


def test_a_name_grown_together_with_a_line_below_it(names: NameGlyphs, fonts: Fonts) -> None:
    whole = attempt("王建国", "王建国")
    tall = whole.lines[0].quad + np.array([(0, 0), (0, 0), (0, 26), (0, 26)], np.float32)
    side = replace(whole.side, fields={"name": SideField("王建国", SURE, (tall,))})
    grown = replace(whole, side=side, lines=(replace(whole.lines[0], quad=tall),))
    picture = cv2.copyMakeBorder(printed("王建国", fonts), 0, 30, 0, 0, cv2.BORDER_REPLICATE)
    cv2.putText(picture, "Vangz Gocinz", (LEFT, TOP + 68), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 26, 28), 2)
    assert names.checked(grown, picture) is grown


def test_a_line_that_does_not_say_where_its_characters_stand(names: NameGlyphs, fonts: Fonts) -> None:
    known = attempt("王淼", "王淼")
    silent = replace(known, lines=(replace(known.lines[0], spots=()),))
    silent = replace(
        silent, side=replace(silent.side, fields={"name": SideField("王淼", SURE, (silent.lines[0].quad,))})
    )
    assert names.checked(silent, printed("王㵘", fonts)) is silent


def test_characters_beside_the_name_are_not_of_it(names: NameGlyphs, fonts: Fonts) -> None:
    whole = attempt("王建国7", "王建国")
    assert names.checked(whole, printed("王建国㵘", fonts)) is whole


def test_the_likeliest_step_of_a_character_counts() -> None:
    steps = np.full((6, 3), 0.01, np.float32)
    steps[[0, 3], 0] = 0.9
    steps[[1, 2], 1] = 0.5, 0.97
    steps[[4, 5], 2] = 0.8, 0.6
    recognizer = TextRecognizer(Session(None, (), {}), ("", "王", "淼"), np.zeros(3, np.int64), {})
    assert recognizer.decode(steps).likely == pytest.approx((0.97, 0.8))


def read(reader: DocumentReader, name: str, fonts: Fonts, root: Path) -> DocumentField:
    card = draw_front(replace(sample_person(), name=name), sample_portrait(root / "models" / "assets"), fonts)
    pixels = photograph(card, "photo", np.random.default_rng(5)).pixels
    height, width = pixels.shape[:2]
    return reader.read(Picture(pixels, 1.0, width, height, "JPEG", "0" * 64)).fields["name"]


def test_a_whole_card(reader: DocumentReader, fonts: Fonts, root: Path) -> None:
    known, unknown = (read(reader, name, fonts, root) for name in ("欧阳静", "欧阳㵘"))
    assert (known.value, known.variants) == ("欧阳静", ())
    assert known.text_score > 0.95
    assert unknown.value != "欧阳㵘"
    assert unknown.text_score <= UNREAD
