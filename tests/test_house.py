"""The house rules: what is promised is documented, every weight has its papers, nothing leaks into the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import HechaError, leaves
from service.policy import KEYS
from service.reasons import REASONS
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANIFEST = tomllib.loads((ROOT / "models" / "manifest.toml").read_text(encoding="utf-8"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
MAX_FILE_LINES = 300
LONG_TABLES = {"errors.py"}
"""Closed tables that read better whole."""
MAX_FUNCTION_LINES = 60
RESULT_WORDS = {"score", "confidence"}


def tracked(*patterns: str) -> list[Path]:
    """Files git tracks or would track; outside a checkout, every file that is not generated."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def modules() -> list[Path]:
    return sorted((ROOT / "service").rglob("*.py"))


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`HECHA_{name.upper()}`" in README
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("error", leaves(), ids=lambda error: error.code)
def test_every_error_code_is_documented(error: type[HechaError]) -> None:
    assert f"`{error.code}`" in README
    assert (error.__doc__ or "").strip().endswith(".")


def test_error_codes_are_unique_and_drawn_in_the_tree() -> None:
    codes = [error.code for error in leaves()]
    assert len(codes) == len(set(codes))
    tree = (ROOT / "service" / "errors.py").read_text(encoding="utf-8").split('"""')[1]
    drawn = set(re.findall(r"(\w+) +(\w+) +(\d{3})", tree))
    assert drawn == {(error.__name__, error.code, str(error.status)) for error in leaves()}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_code_is_documented(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("key", sorted(f"{table}.{key}" for table, keys in KEYS.items() for key in keys))
def test_every_policy_key_is_documented(key: str) -> None:
    assert f"`{key}`" in README


def test_every_reason_code_is_used() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in modules() if path.name != "reasons.py")
    unused = [code for code in REASONS if f'"{code}"' not in sources]
    assert unused == []


@pytest.mark.parametrize("name", sorted(MANIFEST["weights"]))
def test_every_weight_has_its_papers(name: str) -> None:
    weight = MANIFEST["weights"][name]
    assert re.fullmatch(r"[0-9a-f]{64}", weight["sha256"])
    assert weight["licence"]
    assert isinstance(weight["commercial_use"], bool)
    assert {"size", "colour", "mean", "scale", "alignment"} <= set(weight["input"])
    card = (ROOT / "models" / "cards" / f"{name}.md").read_text(encoding="utf-8")
    assert weight["sha256"][:8] in card
    assert weight["package"] in card


def test_models_holds_data_only() -> None:
    assert not list((ROOT / "models").rglob("*.py"))


def test_no_forbidden_module_names() -> None:
    found = [path for path in modules() if {path.stem, *path.relative_to(ROOT).parts[:-1]} & FORBIDDEN_NAMES]
    assert found == []


def test_files_keep_to_their_size() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    long = {path.name: n for path, n in lengths.items() if n > MAX_FILE_LINES and path.name not in LONG_TABLES}
    assert long == {}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_functions_keep_to_their_size() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": length
        for path in modules()
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_scores_say_their_direction() -> None:
    """A field called `score` or `confidence` does not say which way is better."""
    bare = [
        f"{path.relative_to(ROOT)}:{node.target.id}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in RESULT_WORDS
    ]
    assert bare == []


def test_only_one_door_to_each_model_runtime() -> None:
    doors = {"onnxruntime": "onnx.py", "ai_edge_litert": "litert.py"}
    for runtime, door in doors.items():
        users = [p for p in modules() if re.search(rf"^\s*(import|from) {runtime}\b", p.read_text("utf-8"), re.M)]
        assert [p.name for p in users] == [door]


def test_no_path_of_a_machine_no_registry_no_large_file() -> None:
    host = "|".join(("pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\.(org|com)"))
    forbidden = re.compile(rf"(^|[^\w./])/(work|root|farm)/|{host}")
    for path in tracked():
        assert path.stat().st_size <= 2**20, path
        text = path.read_bytes().decode("utf-8", errors="ignore")
        assert not forbidden.search(text), path


def test_the_lock_has_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        pinned = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==", text, re.M)
        assert len(pinned) > 20
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "opencv-python-headless" not in text


def test_no_pictures_of_people_are_tracked() -> None:
    assert [p for p in tracked() if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}] == []


def test_no_weights_of_others_are_tracked() -> None:
    """Only what this project trained itself is committed."""
    own = {ROOT / "models" / row["member"] for row in MANIFEST["weights"].values() if row["registry"] == "repository"}
    assert {p for p in tracked() if p.suffix.lower() in {".onnx", ".tflite"}} == own


def test_the_first_screen_of_the_readme_holds_exactly_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:60])
    assert re.findall(r"^\$? ?(\./scripts/\w+)", first_screen, re.M) == ["./scripts/serve", "./scripts/test"]
