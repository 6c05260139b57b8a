"""A real database for every test: SQLite, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import SERVER, database, databases, url_of

from service import store
from service.store import Store

MASTER_KEY = bytes(range(32))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", databases(), indirect=True)


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The name of a database that is gone after the session."""
    with database() as name:
        yield name


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hecha.db"
    name = request.getfixturevalue("postgres_database")
    with psycopg.connect(f"{SERVER}/{name}", autocommit=True, connect_timeout=5) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url_of(name)


@pytest.fixture
def opened(database_url: str) -> Iterator[Store]:
    """A store with its tables."""
    made = store.build(database_url, master_key=MASTER_KEY)
    yield made
    made.close()
