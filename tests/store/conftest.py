"""A real database for every test: SQLite always, PostgreSQL wherever it answers, and always where CI says so."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service import store
from service.store import Store

SERVER = os.environ.get("HECHA_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
MASTER_KEY = bytes(range(32))


def _postgres_answers() -> bool:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        # On a machine of one's own without PostgreSQL the SQLite half is the suite; CI must have both or fail.
        postgres = os.environ.get("CI") == "true" or _postgres_answers()
        metafunc.parametrize("database_url", ["sqlite", *(["postgresql"] if postgres else [])], indirect=True)


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The name of a database that is gone after the session."""
    name = f"hecha_test_{secrets.token_hex(8)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=5) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield name
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hecha.db"
    name = request.getfixturevalue("postgres_database")
    with psycopg.connect(f"{SERVER}/{name}", autocommit=True, connect_timeout=5) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return f"{SERVER.replace('postgresql://', 'postgresql+psycopg://')}/{name}"


@pytest.fixture
def opened(database_url: str) -> Iterator[Store]:
    """A store with its tables."""
    made = store.build(database_url, master_key=MASTER_KEY)
    yield made
    made.close()
