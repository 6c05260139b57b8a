"""`hecha keys` on a store of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.cli import main

Keys = Callable[..., list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_STATE", str(tmp_path / "state"))


@pytest.fixture
def keys(capsys: pytest.CaptureFixture[str]) -> Keys:
    def run(*words: str) -> list[dict[str, Any]]:
        assert main(["keys", *words, "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_key_is_shown_once(keys: Keys) -> None:
    (made,) = keys("create", "--tenant", "shop", "--scopes", "read,verify")
    assert (made["tenant"], made["scopes"], made["key"][:6]) == ("shop", ["read", "verify"], "hecha_")
    assert len(made["key"]) >= 6 + 43
    (listed,) = keys("list")
    assert listed == {name: value for name, value in made.items() if name != "key"}


def test_a_key_is_replaced_with_an_overlap(keys: Keys) -> None:
    (old,) = keys("create", "--tenant", "shop", "--scopes", "admin", "--name", "till")
    (new,) = keys("create", "--replaces", old["id"], "--overlap-hours", "1")
    assert (new["tenant"], new["scopes"], new["name"]) == ("shop", ["admin"], "till")
    first, second = keys("list")
    assert first["ends_at"] > first["created_at"]
    assert second["ends_at"] is None


def test_a_revoked_key_has_ended(keys: Keys) -> None:
    (made,) = keys("create")
    assert made["ends_at"] is None
    (ended,) = keys("revoke", made["id"])
    assert ended["ends_at"] >= made["created_at"]


def test_keys_are_listed_by_tenant(keys: Keys) -> None:
    keys("create", "--tenant", "shop")
    assert [row["tenant"] for row in keys("list", "--tenant", "shop")] == ["shop"]
    assert keys("list", "--tenant", "other") == []


def test_a_person_reads_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "create", "--name", "till"]) == 0
    shown = capsys.readouterr().out
    assert "hecha_" in shown
    assert "not shown again" in shown
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert "till" in listed
    assert "hecha_" not in listed


@pytest.mark.parametrize("words", [("revoke", "key_x"), ("create", "--replaces", "key_x")])
def test_a_key_that_is_not_there(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", *words]) == 1
    assert "not_found" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [("--scopes", "everything"), ("--scopes", ""), ("--tenant", "../x"), ("--name", "a\nb"), ("--overlap-hours", "-1")],
)
def test_words_that_cannot_be(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["keys", "create", *words])
    assert caught.value.code == 2
