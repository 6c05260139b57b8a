"""The PostgreSQL that tests talk to: HECHA_TEST_POSTGRES, wherever it answers, and always where CI says so."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg

SERVER = os.environ.get("HECHA_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


@cache
def databases() -> list[str]:
    """What to run on. On one's own machine without PostgreSQL the SQLite half is the suite; CI has both or fails."""
    return ["sqlite", *(["postgresql"] if os.environ.get("CI") == "true" or _answers() else [])]


@contextmanager
def database() -> Iterator[str]:
    """The name of a database that is gone afterwards."""
    name = f"hecha_test_{secrets.token_hex(8)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=5) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield name
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def url_of(name: str) -> str:
    """As SQLAlchemy has it."""
    return f"{SERVER.replace('postgresql://', 'postgresql+psycopg://')}/{name}"


def _answers() -> bool:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True
