"""compare --pairs: each file once, each row kept, in order."""

from __future__ import annotations

import csv
import io
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from service.batch.pairs import compare_pairs
from service.errors import HechaError, ManifestInvalid, PictureCorrupt


class ToyPool:
    """Answers with the template its file spells, `-` = no face, `!` = corrupt."""

    processes = 2

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def submit(self, method: str, *args: object) -> Future[object]:
        assert method == "template"
        (data,) = args
        assert isinstance(data, bytes)
        self.seen.append(data)
        future: Future[object] = Future()
        if data == b"!":
            future.set_exception(PictureCorrupt())
        elif data == b"-":
            future.set_result((None, "face_not_found"))
        else:
            future.set_result((np.array([float(data), 1.0 - float(data)], np.float32), "ok"))
        return future


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("one", "1"), ("zero", "0"), ("faceless", "-"), ("broken", "!")):
        (tmp_path / name).write_text(content)
    return tmp_path


def run(folder: Path, text: str) -> tuple[list[dict[str, str]], ToyPool]:
    (folder / "pairs.csv").write_text(text, encoding="utf-8")
    pool = ToyPool()
    count = compare_pairs(folder / "pairs.csv", folder, folder / "out.csv", pool=pool, log=io.StringIO())
    with (folder / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == count
    return rows, pool


def test_every_row_is_kept_in_order_and_says_why_it_has_no_similarity(folder: Path) -> None:
    rows, pool = run(
        folder,
        "\ufefflabel,file_b,file_a\n1,one,one\n0,one,zero\n0,faceless,one\n0,one,broken\n0,absent,one\n",
    )
    assert [(row["similarity"], row["status"]) for row in rows] == [
        ("1.000000", "ok"),
        ("0.000000", "ok"),
        ("", "face_not_found"),
        ("", "picture_corrupt"),
        ("", "picture_missing"),
    ]
    assert (rows[1]["file_a"], rows[1]["file_b"]) == ("zero", "one")
    assert len(pool.seen) == 4, "each file is read once"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")])
def test_a_file_without_the_columns_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(ManifestInvalid):
        run(folder, text)


def test_a_pairs_file_that_is_not_there_is_a_named_error(folder: Path) -> None:
    with pytest.raises(HechaError) as caught:
        compare_pairs(folder / "none.csv", folder, folder / "out.csv", pool=ToyPool(), log=io.StringIO())
    assert caught.value.code == "manifest_invalid"
