"""What light has all but burnt is read once more, and only ever added."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from service.documents.evened import adds, evened
from service.documents.kinds import SideField, SideReading
from service.evidence import Side

READ = {
    "name": "苏明远",
    "sex": "男",
    "birth_date": "1968-03-16",
    "address": "北京朝阳区路128号",
    "number": "110105196803160412",
}


def side(changed: dict[str, str | None] | None = None, text_score: float = 0.99) -> SideReading:
    read = {name: value for name, value in {**READ, **(changed or {})}.items() if value}
    fields = {name: SideField(value, text_score, ()) for name, value in read.items()}
    return SideReading("cn_resident_id", Side.FRONT, fields, True, 1.0)


def test_faint_strokes_are_given_back_their_contrast_and_the_rest_is_left() -> None:
    card = np.full((540, 856, 3), 215, np.uint8)
    card[100:130, 100:400:10] = 60
    card[240:300, 80:420] = 254
    card[260:290, 100:250:10] = 248
    again = evened(card, np.eye(3))
    assert int(np.ptp(again[265:285, 110:240])) > 60
    assert int(np.ptp(again[265:285, 300:400])) < 20
    assert np.array_equal(again[:170], card[:170])


def test_a_card_half_as_large_is_evened_too() -> None:
    card = np.full((540, 856, 3), 254, np.uint8)
    card[260:290, 100:250:12] = 246
    small = np.asarray(cv2.resize(card, (428, 270), interpolation=cv2.INTER_AREA), np.uint8)
    assert int(np.ptp(evened(small, np.diag((0.5, 0.5, 1.0)))[133:142, 60:120])) > 60


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"address": "北京市朝阳区光明路128号"}),
        ({}, {"ethnicity": "汉"}),
        ({"birth_date": None}, {}),
    ],
    ids=["a longer address", "an ethnicity", "a birth date that the number proves"],
)
def test_what_is_sure_or_proven_is_added(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    assert adds(side(before), side(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({}, {"address": "北京朝阳区光明路129号"}),
        ({}, {"address": "北京市朝阳区光明路128号", "name": "苏明"}),
        ({"name": "苏远"}, {}),
        ({"name": None}, {}),
        ({"address": None}, {}),
        ({"birth_date": None}, {"birth_date": "1968-03-10"}),
        ({}, {"address": "北京市朝阳区光明路128号", "sex": None}),
    ],
    ids=[
        "nothing",
        "other words",
        "another name",
        "a longer name",
        "a name",
        "an address anew",
        "an unproven date",
        "a field lost",
    ],
)
def test_nothing_else_is(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    assert not adds(side(before), side(after))


def test_a_line_that_was_read_twice_is_not_added() -> None:
    def lines(*tops: int) -> SideReading:
        quads = tuple(np.array([(0, y), (300, y), (300, y + 30), (0, y + 30)], np.float32) for y in tops)
        again = side({"address": "北京市朝阳区光明路128号"})
        address = replace(again.fields["address"], quads=quads)
        return replace(again, fields={**again.fields, "address": address})

    assert adds(side(), lines(0, 36))
    assert not adds(side(), lines(0, 15))


def test_what_is_not_sure_is_not_added() -> None:
    assert not adds(side(), side({"address": "北京市朝阳区光明路128号"}, text_score=0.9))
