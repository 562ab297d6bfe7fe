"""PostgreSQL: how its server is connected to, and how long that may keep anybody waiting.

A way to the server can break without a word: a firewall restarts, a machine loses its power. On this side a
statement then gets no answer, so none is waited for longer than ANSWER. On the server the old session is still
there, with all that it holds: in the middle of a transaction the server ends it after STANDSTILL, otherwise once
the machine on the other side hasn't been heard of for a minute. Whoever waits for what it holds waits a little
longer than that, so they still get it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import URL, NullPool, event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.database.faults import crowded

CONNECTIONS = 10
"""How many a process has to a server at most, for its transactions."""
ANSWER = 180.0
"""Seconds that a statement may take: the longest recounts the standings of all who answered a question."""
STANDSTILL = 30.0
"""Seconds that a transaction may lie still between two statements, and a lock's holder with it."""
HELD = 40.0
"""Seconds that something is waited for which another transaction holds."""
_CONNECT: Final = 10.0
"""Seconds to connect within."""
_SESSION: Final = {
    "application_name": "paper-round",
    "jit": "off",  # to compile our short statements takes longer than to run them
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_CROWDED: Final = 1.5
"""Seconds that a connection is waited for where the server takes no more: within what Discord gives a click."""
_BETWEEN: Final = 0.02


def pool(url: URL) -> AsyncEngine:
    """Connections for the bot's everyday transactions, which get stuck nowhere."""
    engine = create_async_engine(
        url,
        connect_args=_arguments(
            ANSWER,
            idle_in_transaction_session_timeout=_milliseconds(STANDSTILL),
            lock_timeout=_milliseconds(HELD),
        ),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_use_lifo=True,
    )
    event.listen(engine.sync_engine, "handle_error", _give_up_all)
    event.listen(engine.sync_engine, "close", _end)
    return engine


async def close(connections: AsyncEngine) -> None:
    """Closes a pool's connections side by side, since one that is dead takes a moment.

    Each call closes what the others have left, one after the other.
    """
    await asyncio.gather(*(connections.dispose() for _ in range(CONNECTIONS)))


def unhurried(url: URL) -> AsyncEngine:
    """A connection for what may take hours, such as a migration."""
    engine = create_async_engine(
        url,
        connect_args=_arguments(
            None, idle_in_transaction_session_timeout="0", lock_timeout="0", statement_timeout="0"
        ),
        poolclass=NullPool,
    )
    event.listen(engine.sync_engine, "close", _end)
    return engine


def session(url: URL, name: str, *, answer: float) -> AsyncEngine:
    """A connection without transactions, that the server knows by `name` and has to answer within seconds."""
    engine = create_async_engine(
        url,
        connect_args=_arguments(answer, application_name=name),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    event.listen(engine.sync_engine, "close", _end)
    return engine


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection; where the server takes no more, one that others here are done with, if that is soon."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _CROWDED
    while True:
        try:
            connection = await engine.connect()
            break
        except Exception as error:
            if not crowded(error) or loop.time() > until:
                raise
        await asyncio.sleep(_BETWEEN)
    try:
        yield connection
    finally:
        await connection.close()


def _arguments(answer: float | None, **settings: str) -> dict[str, Any]:
    return {"timeout": _CONNECT, "command_timeout": answer, "server_settings": _SESSION | settings}


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def _give_up_all(context: ExceptionContext) -> None:
    """Where one connection gives no answer, none from before is used again: SQLAlchemy gives up that one alone."""
    if isinstance(context.original_exception, TimeoutError):
        context.invalidate_pool_on_disconnect = True


def _end(connection: AsyncAdapt_asyncpg_connection, _: object) -> None:
    """Waits two seconds at most for the server's goodbye; closing alone may wait for ever."""
    connection.terminate()
