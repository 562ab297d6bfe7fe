"""Moves an SQLite database over to PostgreSQL: all rows in one transaction, held against what they came from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, Table, Text, create_engine, func, insert, select, text

from bot.database.columns import Json
from bot.database.faults import StoreDamaged, StoreError
from bot.database.tables import metadata

_AT_ONCE: Final = 500
"""Rows in one statement."""
_MODULUS: Final = 1_000_003
"""What numbers are summed by, since Discord's ids soon add up to more than SQLite counts."""

Progress = Callable[[str, int, int], None]
"""Told of a table, how many of its rows are copied and how many it has."""


def copy(connection: Connection, source: Path, on_progress: Progress) -> dict[str, int]:
    """Copies an SQLite file, whose tables are those of this version, into the empty tables of `connection`.

    How many rows each table has. Raises StoreError, and the transaction is to be rolled back then.
    """
    tables = metadata.sorted_tables
    for table in tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(f"There is something in the table {table.name} already; copy into an empty database.")
    engine = create_engine(f"sqlite:///file:{source.absolute()}?mode=ro&uri=true")
    try:
        with engine.connect() as original:
            original.exec_driver_sql("BEGIN")  # one moment of it, whatever is written there meanwhile
            counts = {table.name: _copy_table(original, connection, table, on_progress) for table in tables}
            for table in tables:
                if _sums(original, table) != _sums(connection, table):
                    raise StoreDamaged(f"The copy of the table {table.name} isn't what it was made of.")
    finally:
        engine.dispose()
    return counts


def _copy_table(original: Connection, connection: Connection, table: Table, on_progress: Progress) -> int:
    total: int = original.execute(select(func.count()).select_from(table)).scalar_one()
    done = 0
    on_progress(table.name, done, total)
    for rows in original.execute(select(table)).partitions(_AT_ONCE):
        connection.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001
        done += len(rows)
        on_progress(table.name, done, total)
    if table.autoincrement_column is not None:  # the next id comes after those that were copied
        name = table.autoincrement_column.name
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'),"
                f' coalesce(max("{name}"), 1), max("{name}") IS NOT NULL) FROM "{table.name}"'
            )
        )
    return done


def _sums(connection: Connection, table: Table) -> tuple[Any, ...]:
    """How many rows, how many values in each column, and what numbers and the lengths of texts add up to."""
    asked: list[Any] = [func.count()]
    for column in table.c:
        asked.append(func.count(column))
        if isinstance(column.type, (Integer, BigInteger)):
            asked.append(func.coalesce(func.sum(column % _MODULUS), 0))
        elif isinstance(column.type, (Text, Json)):
            asked.append(func.coalesce(func.sum(func.length(column)), 0))
    return tuple(int(value) for value in connection.execute(select(*asked).select_from(table)).one())
