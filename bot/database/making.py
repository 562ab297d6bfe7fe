"""Makes the tables of a new database as they are now, without the migrations that led there, and without Alembic.

Importing Alembic and running them would be a quarter of a first start; a test holds that both come to the same.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, select, text

from bot.database.tables import metadata

_version = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def revision(connection: Connection) -> str | None:
    """The migration this database is at; None where it has no tables yet."""
    if not connection.dialect.has_table(connection, _version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def lock(connection: Connection) -> None:
    """Until the transaction ends, nobody else changes the tables: of processes that start at once, one does."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('paper-round migrations', 0))"))


def make(connection: Connection, head: str) -> None:
    """Makes all tables, at the migration `head`, unless another process was quicker."""
    lock(connection)
    if revision(connection) is None:
        metadata.create_all(connection, checkfirst=False)
        _version.create(connection)
        connection.execute(insert(_version), {"version_num": head})
