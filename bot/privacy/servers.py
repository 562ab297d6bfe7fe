"""A server's data: all of it is removed, at once where an admin wants that, or some days after the bot left."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, false, insert, or_, select

from bot.database import holding
from bot.database.shards import bounds, ours
from bot.database.tables import audit, metadata, servers
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

ACT = "forget-server"
"""What the audit list calls it; it doesn't say which."""

_SERVER: ColumnElement[int] = bindparam("server")


def _belongs(table: Table) -> ColumnElement[bool]:
    """Whether a row belongs to the server: it names it, or a row that does."""
    if table is servers:
        return servers.c.id == _SERVER
    ways: list[ColumnElement[bool]] = [
        table.c[name] == _SERVER for name in ("server_id", "owner_id") if name in table.c
    ]
    for key in table.foreign_keys:
        parent: Any = key.column.table
        if parent is not servers:
            ways.append(key.parent.in_(select(key.column).where(_belongs(parent))))
    return or_(false(), *ways)


_REMOVE = tuple(delete(table).where(_belongs(table)) for table in reversed(metadata.sorted_tables))


def forget(connection: Connection, server_id: int, now: dt.datetime) -> None:
    """Removes all that is kept about a server and its players there: rows that name it, and what hangs on them."""
    holding.server(connection, server_id)
    for statement in _REMOVE:
        connection.execute(statement, {"server": server_id})
    connection.execute(insert(audit), {"act": ACT, "details": {}, "at": now})


_LEFT = (
    select(servers.c.id)
    .where(servers.c.left_at <= bindparam("before"), ours(servers.c.id))
    .order_by(servers.c.left_at)
    .limit(1)
)


def sweep(keep: dt.timedelta, shards: Shards = ALL) -> Callable[[Connection, dt.datetime], int | None]:
    """A chore for the ticker: forgets a server that the bot left longer ago than `keep`; which, or None.

    One of these shards.
    """

    def chore(connection: Connection, now: dt.datetime) -> int | None:
        left: int | None = connection.execute(_LEFT, {"before": now - keep, **bounds(shards)}).scalar()
        if left is not None:
            forget(connection, left, now)
            log.info("a server that was left is forgotten", extra={"server": left})
        return left

    return chore
