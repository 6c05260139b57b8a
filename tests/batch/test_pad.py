"""Labelled pictures are counted by species and subject; what cannot be used is named, never counted as caught."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from service.batch.pad import END, START, Judged, judge_pictures, report, write_card
from service.errors import ManifestInvalid, PictureCorrupt


class SayingPool:
    """Answers the decision a picture's bytes name."""

    processes = 2

    def submit(self, method: str, *args: object) -> Future[object]:
        assert method == "liveness"
        future: Future[object] = Future()
        said = bytes(args[0]).decode()  # type: ignore[call-overload]
        if said == "broken":
            future.set_exception(PictureCorrupt("no picture"))
        else:
            future.set_result({"decision": said, "reasons": [] if said == "bona_fide" else ["moire"]})
        return future


def labelled(folder: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    lines = ["file,label,attack,subject"]
    for place, (said, label, attack, subject) in enumerate(rows):
        (folder / f"{place}.jpg").write_bytes(said.encode())
        lines.append(f"{place}.jpg,{label},{attack},{subject}")
    labels = folder / "labels.csv"
    labels.write_text("\n".join(lines), encoding="utf-8")
    return labels


def test_rates_by_species_and_subject(tmp_path: Path) -> None:
    rows = [("bona_fide", "real", "", "ann")] * 3 + [("unsure", "real", "", "ben"), ("broken", "real", "", "ben")]
    rows += [
        ("attack", "spoof", "print", "ann"),
        ("bona_fide", "spoof", "print", "cid"),
        ("unsure", "spoof", "mask", "cid"),
    ]
    judged = judge_pictures(labelled(tmp_path, rows), tmp_path, SayingPool())
    assert [one.decision for one in judged] == [said if said != "broken" else "error" for said, *_ in rows]
    table = report(judged)
    assert "| picture bona fide | all | 4 | 3 | 0 | 1 | BPCER 1/4 = 25 % [0.631, 80.6] | moire 1 |" in table
    assert "|  | ben | 1 | 0 | 0 | 1 | BPCER 1/1" in table
    assert "| picture print | all | 2 | 1 | 1 | 0 | APCER 1/2 = 50 %" in table
    assert "| picture mask | all | 1 | 0 | 0 | 1 | APCER 0/1 = 0 % [0, 97.5]" in table
    assert "| picture | worst species: print | 2 | | | | APCER 1/2" in table
    assert "Not used: picture_corrupt 1." in table


def test_a_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    labels = labelled(tmp_path, [("attack", "spoof", "print", "ann")])
    (tmp_path / "0.jpg").unlink()
    assert judge_pictures(labels, tmp_path, SayingPool())[0].decision == "error"


@pytest.mark.parametrize("text", ["file,label,subject\n", "file,label,attack,subject\na.jpg,maybe,,x\n"])
def test_labels_that_say_too_little_are_refused(tmp_path: Path, text: str) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestInvalid):
        judge_pictures(labels, tmp_path, SayingPool())


def test_the_card_keeps_what_stands_around_the_table(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"before\n{START}old\n{END}after\n", encoding="utf-8")
    write_card(card, "hecha evaluate pad", report([Judged("picture", "", "ann", "bona_fide")]))
    text = card.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "BPCER 0/1" in text
    assert "old" not in text
    card.write_text("nothing to fill", encoding="utf-8")
    with pytest.raises(ManifestInvalid):
        write_card(card, "x", "y")
