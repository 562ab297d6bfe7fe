"""Keeping others away from what a transaction is about to decide on.

On SQLite there is nothing to do: one transaction writes at a time. On PostgreSQL they run side by side, and each
statement sees what was committed before it began (READ COMMITTED). So what a decision rests on is held before it
is read, and whoever wants to hold the same waits until the transaction has ended.

Widest first, which is the order they stand in here; where two transactions come to wait for each other all the
same, PostgreSQL ends one of them and the store runs that one again.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Executable, Select, bindparam, select, text

from bot.database.tables import deliveries, servers, subscriptions

_AUDIT: Final = text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")
_LIBRARY: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('paper-round library', :held))").bindparams(
    bindparam("held", type_=BigInteger)
)
_SERVER, _SUBSCRIPTION, _DELIVERY = (
    select(table.c.id).where(table.c.id == bindparam("held")).with_for_update(key_share=True)
    for table in (servers, subscriptions, deliveries)
)


def audit_list(connection: Connection) -> None:
    """Waits for those who write to the audit list, and lets nobody else: what is seen of it then has no gaps.

    An entry gets its id when it is written, which isn't the order in which entries are committed.
    """
    _hold(connection, _AUDIT)


def library(connection: Connection, owner_id: int) -> None:
    """Holds what a server, or all of them (SHARED), has of digests."""
    _hold(connection, _LIBRARY, owner_id)


def server(connection: Connection, server_id: int) -> None:
    """Holds a server's rounds, answers and standings, its seasons, documents and subscriptions as a whole."""
    _hold(connection, _SERVER, server_id)


def subscription(connection: Connection, subscription_id: int) -> None:
    """Holds when a subscription is due, what it gets next, and whether that has begun."""
    _hold(connection, _SUBSCRIPTION, subscription_id)


def delivery(connection: Connection, delivery_id: int) -> None:
    """Holds whether a delivery is finished."""
    _hold(connection, _DELIVERY, delivery_id)


def rows(connection: Connection, statement: Select[Any], values: dict[str, Any]) -> None:
    """Holds the rows that a statement selects for update, in the order of their ids: the same in each transaction.

    No new row that refers to them comes in meanwhile.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(statement, values)


def _hold(connection: Connection, statement: Executable, held: int | None = None) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(statement, {} if held is None else {"held": held})
