"""The one seam through which the database is read and written.

A transaction is a plain function over a `Connection`, run whole, so nothing slow and nothing of Discord's can
slip inside it. It is shielded from cancellation: a task that is cancelled in the middle leaves no open
transaction behind, the transaction goes on to its end.

On SQLite one connection writes and a few others read beside it; transactions that wait at the same time are
committed together: see bot.database.sqlite.

On PostgreSQL several write at a time, in this process and in others (READ COMMITTED): what a decision rests on is
held first, see bot.database.holding, and a transaction that PostgreSQL ends because it crossed another is run
again. None waits for ever, whatever becomes of the server or the way to it: see bot.database.postgresql.

So on both a function may be run more than once before it is kept, and does nothing but work on its connection.
Whoever reads sees one moment on both.

What is wrong with the database itself (locked, full, damaged, moved away, not answering) is raised as a StoreError
of bot.database.faults; nothing of that transaction was kept, and the next one finds the database as it is then,
without a restart.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import postgresql, sqlite
from bot.database.faults import StoreBusy, StoreError, StoreFull, StoreMoved, crossed, explain
from bot.database.holder import Holder
from bot.database.making import make, revision
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

HEAD = "0008"
"""The newest migration: what the tables in bot.database.tables look like."""

_TRIES = 5
"""So many times a transaction is run that crosses others."""


class Store:
    """An open database. Open it with `async with Store.open(url) as store`."""

    def __init__(self, url: URL) -> None:
        """Use `Store.open`."""
        self.url = url
        self.path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        """The database's file; None on PostgreSQL."""
        self._running: set[asyncio.Future[Any]] = set()
        self._identity: tuple[int, int] | None = None
        self._writer: sqlite.Writer | AsyncEngine
        if self.path is not None:
            self._writer = sqlite.Writer(url, explained=self._explained, spoils=self._spoils)
            self._reader = sqlite.reader(url)
        else:
            self._writer = postgresql.pool(url)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @classmethod
    def open(cls, url: str) -> Self:
        """A store on `url`, a SQLAlchemy URL such as `sqlite+aiosqlite:///data/paper-round.sqlite3`.

        Nothing is opened before `async with` enters it.
        """
        return cls(make_url(url))

    @property
    def place(self) -> str:
        """Where the database is, for people: its file, or its address without the password."""
        return str(self.path) if self.path is not None else self.url.render_as_string(hide_password=True)

    @property
    def waiting(self) -> int:
        """Transactions that were begun or wait for their turn."""
        return len(self._running)

    async def __aenter__(self) -> Self:
        """Opens the database, makes it where there is none, and brings its tables up to date.

        A copy of one that was made by an older version is left beside it first. Raises StoreError where any of
        that can't be done.
        """
        try:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            at = await self.write(revision)
            if at is None:
                await self.write_unhurried(make, HEAD)
            elif at != HEAD:
                await self._migrate(at)
        except StoreError:
            await self._dispose()
            raise
        except (SQLAlchemyError, OSError) as error:
            await self._dispose()
            raise StoreError(
                f"The database {self.place} can't be opened: {error}. Check the path, the permissions, the disk."
            ) from error
        except BaseException:
            await self._dispose()
            raise
        self._identity = self._look()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Waits for the transactions under way and closes the database."""
        if self._running:
            await asyncio.wait(self._running)
        await self._dispose()

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs `function` in a transaction that may write, and commits; an exception rolls it back."""
        if isinstance(self._writer, sqlite.Writer):
            return await self._kept(self._writer.run(partial(_turned, function, args, kwargs)))
        return await self._run_again(self._writer, function, *args, **kwargs)

    async def write_unhurried(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `write`, for what may take hours: PostgreSQL's limits of bot.database.postgresql aren't set on it."""
        if isinstance(self._writer, sqlite.Writer):
            return await self.write(function, *args, **kwargs)
        return await self._run_again(postgresql.unhurried(self.url), function, *args, **kwargs)

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs `function` in a transaction that only reads, beside any writer."""
        return await self._run(self._reader, function, *args, **kwargs)

    @asynccontextmanager
    async def alone(self, shards: Shards = ALL) -> AsyncIterator[None]:
        """Keeps other bots away from these shards in a database on PostgreSQL; for a file, see bot.database.lock.

        Raises HeldByAnother where another one has one of them: see bot.database.holder.
        """
        if isinstance(self._writer, sqlite.Writer):
            yield
            return
        async with Holder(self.url, shards, place=self.place, explained=self._explained):
            yield

    async def _run_again(
        self,
        engine: AsyncEngine,
        function: Callable[Concatenate[Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a transaction, and again where it crossed another."""
        for _ in range(_TRIES - 1):
            try:
                return await self._run(engine, function, *args, **kwargs)
            except StoreError as error:
                if error.__cause__ is None or not crossed(error.__cause__):
                    raise
        return await self._run(engine, function, *args, **kwargs)

    async def _run(
        self,
        engine: AsyncEngine,
        function: Callable[Concatenate[Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        async def transaction() -> T:
            with self._explained():
                async with postgresql.connected(engine) as connection:
                    try:
                        async with connection.begin():
                            return await connection.run_sync(function, *args, **kwargs)
                    except (SQLAlchemyError, sqlite3.Error) as error:
                        if self._spoils(error):
                            await connection.invalidate()
                        raise

        return await self._kept(asyncio.create_task(transaction()))

    async def _kept(self, transaction: asyncio.Future[T]) -> T:
        """Waits for a transaction, which goes on to its end even where the waiter is cancelled."""
        self._running.add(transaction)
        transaction.add_done_callback(self._forget)
        return await asyncio.shield(transaction)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Troubles with the database in here are StoreErrors."""
        self._check_place()
        try:
            yield
        except Exception as error:  # asyncpg's own, too, where there is no connection to be had
            found = self._explain(error)
            if found is None:
                raise
            raise found from error

    def _spoils(self, error: Exception) -> bool:
        """Whether the connection that this happened on isn't to be used again."""
        found = self._explain(error)
        return found is not None and not isinstance(found, (StoreBusy, StoreFull))

    def _explain(self, error: Exception) -> StoreError | None:
        return explain(error, self.place, server=self.path is None)

    def _check_place(self) -> None:
        """Raises StoreMoved where what is written now would go to a file that nobody finds again."""
        if self._identity is not None and (found := self._look()) != self._identity:
            what = "isn't where it was opened" if found is None else "was replaced by another file"
            raise StoreMoved(
                f"The database {self.place} {what}. Put it back, or restart the bot to go on with what is there."
            )

    def _look(self) -> tuple[int, int] | None:
        if self.path is None:
            return None
        try:
            found = os.stat(self.path)  # noqa: PTH116  # at every transaction, and twice as fast
        except OSError:
            return None
        return found.st_dev, found.st_ino

    async def _migrate(self, at: str) -> None:
        """Brings an older version's tables up to date; the database is copied first."""
        from bot.database import migrations  # Alembic takes a quarter of a second to import

        migrations.check(at)
        if self.path is not None:
            from bot.database import backup

            kept = await asyncio.to_thread(backup.before_migration, self.path, HEAD)
            log.info("an older version's database; a copy is kept", extra={"copy": kept})
        await self.write_unhurried(migrations.upgrade)

    def _forget(self, transaction: asyncio.Future[Any]) -> None:
        self._running.discard(transaction)
        if not transaction.cancelled():
            transaction.exception()  # seen: whoever waited has it, and a cancelled waiter doesn't care

    async def _dispose(self) -> None:
        if isinstance(self._writer, sqlite.Writer):
            await self._reader.dispose()
            await self._writer.close()
        else:  # they share their connections
            await postgresql.close(self._writer)


def _turned(function: Callable[..., T], args: Any, kwargs: Any, connection: Connection) -> T:
    """Calls a function whose connection comes last to be known."""
    return function(connection, *args, **kwargs)
