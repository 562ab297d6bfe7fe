"""Shards held in a database on PostgreSQL, by the server's advisory locks, for as long as this process lives.

Whoever has all shards keeps everybody else away, and whoever has some of them keeps away whoever wants one of
those, or counts them differently. A session of its own has them, so the server gives them back when the process
ends, however it ends. Where the server itself was restarted they are taken again, or the process learns that
another was faster. Where only the way to it broke, the server may still have the old session: that is ended first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from types import TracebackType
from typing import Final

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import postgresql
from bot.database.faults import StoreBusy, StoreError
from bot.database.lock import HeldByAnother
from bot.shards import Shards

log = logging.getLogger(__name__)

EVERY: Final = 15.0
"""Seconds between two looks whether the session is still there."""
ANSWER: Final = 10.0
"""Seconds that the server may take to say so."""
_TROUBLE: Final = (StoreError, SQLAlchemyError, OSError)
_PATIENCE: Final = (0.0, 0.3, 0.7)
"""Seconds before each try: a server needs a moment to see that a process was killed."""
_RUNS = "hashtextextended('paper-round runs here', 0)"
_COUNT, _SHARD = 1_885_696_563, 1_885_696_564
"""What sets our pairs of numbers apart from others'."""
_TAKE_ALL = text(f"SELECT pg_try_advisory_lock({_RUNS})")
_TAKE_PART = text(f"SELECT pg_try_advisory_lock_shared({_RUNS})")
_TAKE_COUNT = text(f"SELECT pg_try_advisory_lock_shared({_COUNT}, :count)")
_COUNTED_OTHERWISE = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND classid = {_COUNT} AND CAST(objid AS bigint) <> :count"
)
_TAKE_SHARDS = text(
    f"SELECT bool_and(pg_try_advisory_lock({_SHARD}, shard))"
    " FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS shard"
)
_GIVE_BACK = text("SELECT pg_advisory_unlock_all()")
_END_FORMER = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
)


class Holder:
    """Has these shards while it is entered.

    Raises HeldByAnother where another process has one of them: on entering, or out of what is done meanwhile,
    which is cancelled.
    """

    def __init__(
        self,
        url: URL,
        shards: Shards,
        *,
        place: str,
        explained: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`place` is what people call the database; in `explained` troubles with it turn into StoreErrors."""
        self._name = f"paper-round has {shards} ({secrets.token_hex(8)})"
        self._engine = postgresql.session(url, self._name, answer=ANSWER)
        self._shards = shards
        self._place = place
        self._explained = explained
        self._session: AsyncConnection | None = None
        self._inside: asyncio.Task[object] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._ousted: HeldByAnother | None = None

    async def __aenter__(self) -> None:
        """Takes them. Raises HeldByAnother or StoreError."""
        await self._take()
        self._inside = asyncio.current_task()
        self._watching = asyncio.create_task(self._watch(), name="holding shards")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives them back."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._let_go()
        if self._ousted is not None and kind is asyncio.CancelledError and self._inside is not None:
            self._inside.uncancel()
            raise self._ousted from None

    async def _take(self) -> None:
        """Takes the shards, in a new session. Raises HeldByAnother or StoreError; there is no session then."""
        async with AsyncExitStack() as unless_taken:
            unless_taken.push_async_callback(self._let_go)
            with self._explained():
                self._session = await self._engine.connect()
                for wait in _PATIENCE:
                    await asyncio.sleep(wait)
                    former = (await self._session.execute(_END_FORMER, {"name": self._name})).all()
                    obstacle = await self._session.run_sync(_try, self._shards)
                    if obstacle is None:
                        unless_taken.pop_all()
                        return
                    await self._session.execute(_GIVE_BACK)
            if former:
                raise StoreBusy(
                    f"The database {self._place} hasn't ended the bot's former session yet; I'll look again."
                )
            raise HeldByAnother(f"{self._place}{obstacle}")

    async def _let_go(self) -> None:
        if self._session is None:
            return
        session, self._session = self._session, None
        await session.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                if await self._is_there():
                    continue
                await self._let_go()
                await self._take()
                log.warning("the lock on the database was lost, and is taken again")
            except HeldByAnother as error:
                self._ousted = error
                if self._inside is not None:
                    self._inside.cancel()
                return
            except _TROUBLE as error:
                log.warning("the lock on the database is lost until that answers: %s", error)

    async def _is_there(self) -> bool:
        """Whether the session lives, and with it what it has taken."""
        if self._session is None:
            return False
        with contextlib.suppress(*_TROUBLE), self._explained():
            await self._session.execute(text("SELECT 1"))
            return True
        return False


def _try(connection: Connection, shards: Shards) -> str | None:
    """Takes these shards for as long as a session lasts; None: they are taken.

    Else some may be, and the answer says who has the others, to come after the database's name.
    """
    count = {"count": shards.count}
    if shards.whole:
        return None if connection.execute(_TAKE_ALL).scalar_one() else ""
    if not connection.execute(_TAKE_PART).scalar_one():
        return " with all shards"
    connection.execute(_TAKE_COUNT, count)  # first, so that of two that come at once one sees the other at least
    if connection.execute(_COUNTED_OTHERWISE, count).scalar_one():
        return " with another number of shards"
    if not connection.execute(_TAKE_SHARDS, {"first": shards.first, "last": shards.last}).scalar_one():
        return f" with one of the shards {shards}"
    return None
