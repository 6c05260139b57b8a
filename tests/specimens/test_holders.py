from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from service.specimens.cases import Holder
from service.specimens.holders import lfw_holders, london_holders, strangers

SHARED = Path(os.environ.get("HECHA_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@pytest.mark.parametrize(("make", "name"), [(london_holders, "face_london_dev"), (lfw_holders, "face_lfw_dev")])
def test_every_holder_has_a_portrait_and_another_photo(make, name: str) -> None:
    assert (SHARED / name / "labels.csv").is_file(), f"{name} is not in HECHA_SHARED_DATA or ../shared/data"
    for holder in islice(make(SHARED / name), 3):
        assert holder.portrait.shape == (376, 300, 3)
        assert min(holder.selfie.shape[:2]) >= 500
        assert not np.array_equal(holder.selfie[:300, :300], holder.portrait[:300, :300])
        assert holder.identity not in repr(holder)
        assert holder.sex in ({"男", "女"} if name == "face_london_dev" else {None})


def test_strangers_are_others_and_alike_where_possible() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    holders = [Holder(name, picture, picture, group=group) for name, group in ("ax", "by", "cx", "dz")]
    assert [(own.identity, other.identity) for own, other in strangers(holders)] == [
        ("a", "c"), ("b", "c"), ("c", "a"), ("d", "a"),
    ]  # fmt: skip
