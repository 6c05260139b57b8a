"""Bring the tables up to date. Run at every start; nothing happens when they are."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from service.errors import SettingsInvalid
from service.store.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Apply all migrations up to `revision` in one transaction.

    Raises StoreUnavailable when the database does not answer, SettingsInvalid when the tables come from a newer
    version of the service.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    with database.transaction() as transaction:
        # Several processes may start at once; the first one builds, the others find it done.
        database.serialise(transaction, b"hecha migrations")
        config.attributes["connection"] = transaction
        try:
            command.upgrade(config, revision)
        except CommandError:
            raise SettingsInvalid("the database was made by a newer version of the service") from None
