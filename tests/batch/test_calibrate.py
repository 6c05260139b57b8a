"""`hecha calibrate`: from labelled pictures to a signed file and its plots."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from service.batch.calibrate import calibrate, lines, write
from service.batch.labelled import from_folder, from_pairs
from service.errors import ManifestInvalid
from service.faces.calibration import read_signed
from service.faces.rates import Rate

KEY = b"k" * 32


class OneByOne:
    """A pool whose template is a direction written in the picture's bytes: person, then shot."""

    processes = 2

    def submit(self, method: str, *args: object) -> Future[object]:
        assert method == "template"
        (data,) = args
        assert isinstance(data, bytes)
        future: Future[object] = Future()
        if data == b"no face":
            future.set_result((None, "face_not_found"))
            return future
        person, shot = (int(number) for number in data.split())
        vector = np.random.default_rng(person).normal(size=64) + 0.3 * np.random.default_rng(10_000 + shot).normal(
            size=64
        )
        future.set_result(((vector / np.linalg.norm(vector)).astype(np.float32), "ok"))
        return future


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "faces"
    for person in range(40):
        (root / f"p{person:02d}").mkdir(parents=True)
        for shot in range(2):
            (root / f"p{person:02d}" / f"{shot}.jpg").write_bytes(f"{person} {person * 2 + shot}".encode())
    (root / "p00" / "2.png").write_bytes(b"no face")
    (root / "groups.csv").write_text(
        "person,group\n" + "".join(f"p{n:02d},{'even' if n % 2 == 0 else 'odd'}\n" for n in range(40))
    )
    return root


def test_a_folder_of_people_becomes_a_signed_calibration(folder: Path, tmp_path: Path) -> None:
    data = from_folder(folder, pool=OneByOne(), log=io.StringIO())
    assert data.without_face == {"face_not_found": 1}
    table = calibrate(data, "ab", seed=1, day="2026-11-27")
    out = tmp_path / "out"
    out.mkdir()
    write(out, data, table, KEY)
    read = read_signed(out / "calibration.json", KEY)
    assert read.threshold(1e-2) == next(row["threshold"] for row in table["rates"] if row["max_fmr"] == 1e-2)
    by_rate = {row["max_fmr"]: row for row in table["rates"]}
    assert by_rate[1e-5]["threshold"] is None
    assert by_rate[1e-5]["pairs_needed"] == 1_000_000
    assert by_rate[1e-2]["mated_pairs"] == 40
    assert {group["name"] for group in table["groups"]} == {"even", "odd"}
    assert len(table["most_confused"]) == 20
    said = "\n".join(lines(table))
    assert "FMR 1e-05: not supported by 3120 pairs, 1000000 are needed" in said
    assert str(Rate(by_rate[1e-2]["false_matches"], by_rate[1e-2]["nonmated_pairs"])) in said
    for plot in ("det.svg", "histogram.svg"):
        drawn = ElementTree.fromstring((out / plot).read_text())  # noqa: S314 our own file
        assert len(drawn.findall("{*}polyline")) >= 1


def test_the_same_data_give_the_same_calibration(folder: Path) -> None:
    tables = [
        calibrate(from_folder(folder, pool=OneByOne(), log=io.StringIO()), "ab", seed=1, day="d") for _ in range(2)
    ]
    assert tables[0] == tables[1]


def test_a_pairs_file_with_and_without_people(folder: Path, tmp_path: Path) -> None:
    rows = ["file_a,file_b,same,person_a,person_b"]
    rows += [f"p{n:02d}/0.jpg,p{n:02d}/1.jpg,1,p{n:02d},p{n:02d}" for n in range(40)]
    rows += [f"p{a:02d}/0.jpg,p{b:02d}/1.jpg,0,p{a:02d},p{b:02d}" for a in range(40) for b in range(40) if a != b]
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("\n".join(rows) + "\n")
    named = from_pairs(pairs, folder, pool=OneByOne(), log=io.StringIO())
    assert len(named.people) == 40
    pairs.write_text("\n".join(",".join(row.split(",")[:3]) for row in rows) + "\n")
    bare = from_pairs(pairs, folder, pool=OneByOne(), log=io.StringIO())
    assert len(bare.people) == 80
    assert np.array_equal(bare.trials.similarities, named.trials.similarities)
    assert bare.trials.mated.sum() == named.trials.mated.sum() == 40


@pytest.mark.parametrize(
    "text", ["", "file_a,file_b\na,b\n", "file_a,file_b,same\na,b,yes\n", "file_a,file_b,same\nabsent,absent,1\n"]
)
def test_a_pairs_file_that_cannot_be_used_is_named(folder: Path, tmp_path: Path, text: str) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(text)
    with pytest.raises(ManifestInvalid):
        from_pairs(pairs, folder, pool=OneByOne(), log=io.StringIO())


def test_a_folder_without_people_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="two people"):
        from_folder(tmp_path, pool=OneByOne(), log=io.StringIO())
