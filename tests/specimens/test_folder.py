from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from service.specimens.folder import COLUMNS, Plan, read_labels, write_folder
from service.specimens.fonts import Fonts
from tests.specimens.conftest import ASSETS, TODAY


def test_a_folder_holds_what_its_labels_say(tmp_path: Path) -> None:
    written = write_folder(tmp_path, Plan(2, ["clean", "photo"], 1, TODAY), ASSETS)
    labels = read_labels(tmp_path)
    assert written == len(labels) == 8
    assert tuple(labels[0]) == COLUMNS
    assert {path.name for path in tmp_path.glob("*.jpg")} == {label["file"] for label in labels}
    for label in labels:
        filled = {name for name in ("name", "number", "birth_date") if label[name]}
        assert bool(filled) == (label["side"] == "front")
        assert bool(label["authority"]) == (label["side"] == "back")
        assert len(label["quad"].split()) == 4


def test_a_smaller_run_is_a_part_of_a_larger_one(tmp_path: Path) -> None:
    write_folder(tmp_path / "small", Plan(1, ["photo"], 1, TODAY), ASSETS)
    write_folder(tmp_path / "large", Plan(2, ["scan", "photo"], 1, TODAY), ASSETS)
    for path in (tmp_path / "small").glob("*.jpg"):
        assert path.read_bytes() == (tmp_path / "large" / path.name).read_bytes()


def test_a_varied_folder_shows_the_same_people_printed_differently(tmp_path: Path) -> None:
    for name, varied in (("standard", False), ("varied", True)):
        write_folder(tmp_path / name, Plan(1, ["scan"], 1, TODAY, varied), ASSETS)
    standard, other = (read_labels(tmp_path / name) for name in ("standard", "varied"))
    assert standard == other
    for label in standard:
        file = label["file"]
        assert (tmp_path / "standard" / file).read_bytes() != (tmp_path / "varied" / file).read_bytes()


def test_missing_fonts_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"NotoSansSC-Regular\.otf"):
        Fonts.build(tmp_path)


def test_the_script_writes_a_folder_and_refuses_unknown_conditions(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "specimens"
    asked = [sys.executable, script, "--out", tmp_path / "out", "--people", "1", "--conditions"]
    done = subprocess.run([*asked, "scan"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:1]) == (0, "2"), done.stderr
    assert len(read_labels(tmp_path / "out")) == 2
    refused = subprocess.run([*asked, "nonesuch"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "nonesuch" in refused.stderr
