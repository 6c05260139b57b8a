"""The operator's secrets: from the settings, or generated once into the state folder in development."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from service.errors import SettingsInvalid
from service.settings import Settings

if TYPE_CHECKING:
    from service.store import Store

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """`master_key` wraps the data keys; `api_keys` admit callers. `generated` = made here, for development only."""

    master_key: bytes = field(repr=False)
    api_keys: tuple[str, ...] = field(repr=False)
    generated: bool


def load_secrets(settings: Settings) -> Secrets:
    """Raises SettingsInvalid when the master key is missing in production, or a key is too short to be one.

    Without a key of the settings only those of `hecha keys` admit.
    """
    master = settings.master_key.get_secret_value()
    api = tuple(key for key in (k.strip() for k in settings.api_key.get_secret_value().split(",")) if key)
    if any(len(key) < 24 for key in api):
        raise SettingsInvalid("HECHA_API_KEY: a key needs at least 24 characters")
    if master and (api or settings.mode == "production"):
        return Secrets(_master(master), api, generated=False)
    if settings.mode == "production":
        raise SettingsInvalid("HECHA_MASTER_KEY: required in production mode")
    made = _development_keys(settings.state / "development-keys.json")
    return Secrets(_master(master or made["master_key"]), api or (made["api_key"],), generated=True)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The settings' database, for a command. Raises SettingsInvalid, StoreUnavailable."""
    from service import store as stores  # few commands need it

    with closing(stores.build(settings.database, master_key=load_secrets(settings).master_key)) as store:
        yield store


def _master(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingsInvalid(f"HECHA_MASTER_KEY: {_KEY_BYTES} bytes in hex are required")
    return key


def _development_keys(path: Path) -> dict[str, str]:
    if path.is_file():
        keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return keys
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {"api_key": f"dev_{secrets.token_urlsafe(24)}", "master_key": secrets.token_hex(_KEY_BYTES)}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(keys, stream)
    return keys
