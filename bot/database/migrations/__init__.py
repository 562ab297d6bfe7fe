"""Brings a database's tables up to date, with Alembic; import it only when there is something to migrate."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.database.faults import StoreError
from bot.database.making import lock, revision
from bot.database.tables import metadata


def scripts() -> ScriptDirectory:
    """The migrations that come with this version of the bot."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return ScriptDirectory.from_config(config)


def check(at: str) -> None:
    """Raises StoreError if the migration `at` isn't known: a newer version of the bot made the database."""
    if at not in {script.revision for script in scripts().walk_revisions()}:
        raise StoreError(
            f"The database was made by a newer version of Paper Round (migration {at}); "
            "update the bot, or restore a backup."
        )


def upgrade(connection: Connection, to: str = "head") -> None:
    """Runs the missing migrations inside the transaction that `connection` is in.

    Raises StoreError if the database was made by a newer version of the bot.
    """
    directory = scripts()
    lock(connection)
    at = revision(connection)
    if at is not None:
        check(at)
    context = EnvironmentContext(
        Config(),
        directory,
        fn=lambda rev, _: directory._upgrade_revs(to, rev),  # noqa: SLF001  # what Alembic's own command does
        destination_rev=to,
    )
    with context:
        context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        context.run_migrations()
