"""The database behind the store: SQLite or PostgreSQL by URL, one code path, and the only commit."""

from __future__ import annotations

import hashlib
import os
import select
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.exc import ArgumentError, DisconnectionError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.sql.selectable import TypedReturnsRows

from service.errors import InternalError, SettingsInvalid, StoreUnavailable

Transaction = Connection
"""An open transaction, as repositories take it."""

_HASTY = "hecha_hasty"
PICTURES = "hecha_pictures"
"""Execution option: PostgreSQL gives the rows in binary. As text a picture has two characters for each byte."""
_WAL_PAGES = 16_384
"""64 MB, where `tidy` was not called for long: whoever commits then has to move them all."""
_BUSY_TIMEOUT_S = 15
_RETRY_AFTER_S = 5


class Database:
    """`transaction()` is the only place that commits. `reader`: an engine whose connections cannot write."""

    def __init__(self, engine: Engine, reader: Engine) -> None:
        self._engine = engine
        self._hasty = engine.execution_options(**{_HASTY: True})
        self._reader = reader

    @property
    def engine(self) -> Engine:
        """For the migrations; everything else uses `transaction()` and `reading()`."""
        return self._engine

    @contextmanager
    def transaction(self, *, hasty: bool = False) -> Iterator[Transaction]:
        """All or nothing: commits at the end of the block, rolls back on any error.

        `hasty`: for a step of which nobody is told before a later transaction has committed. It does not wait for the
        disk: it outlives a killed process, and a machine without power may lose it, but never one after it alone.
        Raises StoreUnavailable when the database cannot do it; errors of the block's own pass through.
        """
        with _seam(), (self._hasty if hasty else self._engine).begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """For reading, without the writers' lock; nothing is committed. Each statement sees one state of things."""
        with _seam(), self._reader.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Raises StoreUnavailable when the database does not answer."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def serialise(self, transaction: Transaction, name: bytes) -> None:
        """Until the transaction ends, let no other transaction pass this line for the same name.

        SQLite's BEGIN IMMEDIATE already lets one writer in at a time.
        """
        if transaction.dialect.name == "postgresql":
            lock = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
            transaction.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

    def tidy(self) -> None:
        """Move what SQLite has written ahead into its file, so that no commit has to. Raises StoreUnavailable."""
        if self._engine.dialect.name == "sqlite":
            with _seam(), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
        self._reader.dispose()


@contextmanager
def unwiped(transaction: Transaction) -> Iterator[None]:
    """Within, SQLite frees pages without writing zeros over them: right only for what is sealed under a key that the
    same transaction destroys."""
    if transaction.dialect.name != "sqlite":
        yield
        return
    transaction.exec_driver_sql("PRAGMA secure_delete = OFF").close()
    try:
        yield
    finally:
        transaction.exec_driver_sql("PRAGMA secure_delete = ON").close()


def insert_new(transaction: Transaction, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless there is one with its key; on PostgreSQL after waiting for who is just inserting it."""
    return transaction.execute(_inserting(transaction.dialect.name, table), row).first() is not None


@cache
def _inserting(dialect: str, table: Table) -> TypedReturnsRows[Any]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)


@contextmanager
def _seam() -> Iterator[None]:
    """Driver errors end here. Their texts may hold values of a row, so neither text nor cause goes on."""
    try:
        yield
    except IntegrityError:
        raise InternalError("a row broke a constraint of the database") from None
    except (SQLAlchemyError, OSError):
        raise StoreUnavailable(retry_after_s=_RETRY_AFTER_S) from None


def connect(url: str) -> Database:
    """A database by SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://...`. Opens no connection yet.

    Raises SettingsInvalid for a URL that cannot be used, StoreUnavailable where SQLite's file cannot be made.
    """
    try:
        parsed = make_url(url)
        driver = parsed.drivername
    except ArgumentError:
        raise SettingsInvalid("the database URL cannot be read") from None  # it may hold a password: no echo
    if driver not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise SettingsInvalid("the database URL must begin with sqlite:/// or postgresql+psycopg://")
    sqlite = driver != "postgresql+psycopg"
    if sqlite:
        _make_private_file(parsed)
    try:
        engine = create_engine(parsed, hide_parameters=True, **_options(sqlite=sqlite, reading=False))
        reader = create_engine(parsed, hide_parameters=True, **_options(sqlite=sqlite, reading=True))
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise SettingsInvalid("the database driver cannot be loaded") from None
    if sqlite:
        _prepare_sqlite(engine, reading=False)
        _prepare_sqlite(reader, reading=True)
    else:
        _prepare_postgres(engine, reader)
    return Database(engine, reader)


def _make_private_file(url: URL) -> None:
    """SQLite would make its file readable by everybody the umask allows."""
    if url.database in (None, "", ":memory:"):
        raise SettingsInvalid("SQLite needs a file: sqlite:///path/to/hecha.db")
    try:
        path = Path(str(url.database))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        raise StoreUnavailable("the database file cannot be opened for writing") from None


def _options(*, sqlite: bool, reading: bool) -> dict[str, Any]:
    if sqlite:
        return {"connect_args": {"timeout": _BUSY_TIMEOUT_S}, "pool_timeout": _BUSY_TIMEOUT_S, "max_overflow": 40}
    return {
        # A hanging server must not hold a thread for ever.
        "pool_timeout": _BUSY_TIMEOUT_S,
        "max_overflow": 15,
        "connect_args": {
            "connect_timeout": 3,
            "options": f"-c statement_timeout={_BUSY_TIMEOUT_S}s -c lock_timeout={_BUSY_TIMEOUT_S}s"
            " -c idle_in_transaction_session_timeout=60s -c synchronous_commit=on -c timezone=UTC"
            f" -c default_transaction_read_only={'on' if reading else 'off'}",
        },
        # Spares reading BEGIN and ROLLBACK, two trips to the server.
        **({"isolation_level": "AUTOCOMMIT"} if reading else {}),
    }


def _prepare_sqlite(engine: Engine, *, reading: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY_TIMEOUT_S * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # erased keys and rows leave no bytes in the file
            f"wal_autocheckpoint = {_WAL_PAGES}",
            f"query_only = {'ON' if reading else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if reading:
            connection.exec_driver_sql("BEGIN")
            return
        # NORMAL may lose the last commits with the power.
        connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if _is_hasty(connection) else 'FULL'}")
        # Who writes takes the lock at once: a deferred transaction that writes late fails instead of waiting.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgres(engine: Engine, reader: Engine) -> None:
    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if _is_hasty(connection):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    for each in (engine, reader):
        event.listen(each, "do_execute", _execute)
        event.listen(each, "checkout", _check)


def _check(connection: Any, _record: Any, _proxy: Any) -> None:
    """A restarted server must cost no request. It has closed its ends, which is seen here without asking each time: on
    a connection that nobody uses nothing else ever comes in."""
    if connection.closed:
        raise DisconnectionError
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError


def _execute(cursor: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
    if not context.execution_options.get(PICTURES, False):
        return False  # as always
    cursor.execute(statement, parameters, binary=True)
    return True


def _is_hasty(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_HASTY, False))
