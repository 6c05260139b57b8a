"""Secrets and settings: generated in development, required in production, never echoed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.errors import SettingsInvalid
from service.secrets import load_secrets
from service.settings import Settings, load_settings

MASTER = "ab" * 32
API = "a-key-of-at-least-24-chars, another-key-of-24-or-more"


def settings(state: Path, **values: object) -> Settings:
    return Settings(state=state, **values)  # type: ignore[arg-type]


def test_development_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_secrets(settings(tmp_path / "state"))
    assert first == load_secrets(settings(tmp_path / "state"))
    assert first.generated
    assert len(first.master_key) == 32
    mode = stat.S_IMODE((tmp_path / "state" / "development-keys.json").stat().st_mode)
    assert mode == 0o600
    assert first.api_keys[0] not in repr(first)


def test_given_keys_are_used_as_they_are(tmp_path: Path) -> None:
    found = load_secrets(settings(tmp_path, master_key=SecretStr(MASTER), api_key=SecretStr(API)))
    assert found.master_key == bytes.fromhex(MASTER)
    assert found.api_keys == tuple(API.split(", "))
    assert not found.generated
    assert list(tmp_path.iterdir()) == []


def test_production_needs_no_key_in_the_settings(tmp_path: Path) -> None:
    found = load_secrets(settings(tmp_path, mode="production", master_key=SecretStr(MASTER)))
    assert (found.api_keys, found.generated) == ((), False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"mode": "production"}, "HECHA_MASTER_KEY"),
        ({"mode": "production", "api_key": SecretStr(API)}, "HECHA_MASTER_KEY"),
        ({"master_key": SecretStr("abcd"), "api_key": SecretStr(API)}, "HECHA_MASTER_KEY"),
        ({"api_key": SecretStr("short")}, "HECHA_API_KEY"),
    ],
)
def test_missing_or_weak_keys_are_refused_by_name(tmp_path: Path, values: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsInvalid, match=named) as caught:
        load_secrets(settings(tmp_path, **values))
    assert "short" not in str(caught.value)


def test_a_wrong_setting_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_ENGINES", "plenty")
    with pytest.raises(SettingsInvalid, match="HECHA_ENGINES") as caught:
        load_settings()
    assert "plenty" not in str(caught.value)
