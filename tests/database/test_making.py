"""A new database has the tables that all migrations come to, whichever made them."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.database import Store, StoreError, migrations
from bot.database.making import make, revision
from bot.database.store import HEAD
from bot.database.tables import metadata
from tests.conftest import Fresh

_ON_POSTGRESQL = (
    """
    SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
)
_REFERENCE = re.compile(r"^(?:CONSTRAINT \S+ )?FOREIGN KEY ?\((\w+)\) (REFERENCES .*)")


def made(connection: Connection) -> set[tuple[str, ...]]:
    """All that is in the database but rows, in the database's own words."""
    if connection.dialect.name != "sqlite":
        return {tuple(map(str, row)) for query in _ON_POSTGRESQL for row in connection.execute(text(query))}
    rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {
        (name, part) for kind, name, sql in rows for part in (_parts(sql) if kind == "table" else [words(sql)])
    }


def _parts(sql: str) -> Iterator[str]:
    """A table's columns, constraints and kind, in no order; a column's reference stands by itself."""
    inner, kind = sql[sql.index("(") + 1 : sql.rindex(")")], sql[sql.rindex(")") + 1 :]
    yield words(kind)
    for part in map(words, re.split(r",(?![^(]*\))", inner)):
        column, reference = part.partition(" REFERENCES ")[::2]
        if found := _REFERENCE.match(part):
            yield f"{found[1]} {found[2]}"
        elif reference:
            yield column
            yield f"{column.split()[0]} REFERENCES {reference}"
        else:
            yield part


def words(sql: str) -> str:
    return " ".join(sql.split())


def clear(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    assert made(connection) == set()


def at_head(connection: Connection) -> set[tuple[str, ...]]:
    assert revision(connection) == HEAD == migrations.scripts().get_current_head()
    assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    return made(connection)


async def test_a_new_database_is_made_as_the_migrations_would(store: Store) -> None:
    def both(connection: Connection) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        clear(connection)
        migrations.upgrade(connection)
        migrated = at_head(connection)
        clear(connection)
        make(connection, HEAD)
        return migrated, at_head(connection)

    migrated, new = await store.write(both)
    assert len(new) > 200
    assert new == migrated


async def test_of_several_that_start_at_once_one_makes_the_tables(fresh: Fresh) -> None:
    async def start(url: str) -> None:
        async with Store.open(url) as store:
            assert await store.read(revision) == HEAD

    async with fresh() as url:
        async with Store.open(url) as store:
            await store.write(clear)
        await asyncio.gather(*(start(url) for _ in range(4)))


async def test_tables_that_are_no_bots_are_left_alone(fresh: Fresh) -> None:
    def others(connection: Connection) -> None:
        clear(connection)
        connection.execute(text("CREATE TABLE servers (name TEXT)"))

    def back(connection: Connection) -> None:
        connection.execute(text("DROP TABLE servers"))
        make(connection, HEAD)

    async with fresh() as url, Store.open(url) as store:
        await store.write(others)
        with pytest.raises(StoreError, match="can't be opened"):
            async with Store.open(url):
                pass
        await store.write(back)  # for the next test
