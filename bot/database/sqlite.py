"""SQLite: its one writer, on a thread of its own, and the connections that read beside it (WAL).

The writer is synchronous: a transaction goes to its thread and back once, where a driver that is awaited
statement by statement goes there and back for each. What waits for the writer while it works is committed
together: one BEGIN IMMEDIATE, one COMMIT and one wait for the disk for all of it. Nobody hears of a transaction
before it is on the disk, and where one of them fails, or the commit does, nothing of all that is kept and each is
run again by itself, so that none meets another's trouble.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import aiosqlite
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_BUSY_TIMEOUT: Final = 2_000
"""Milliseconds another program's lock is waited for: within the three seconds that Discord gives a click."""
_IMPATIENT: Final = 50
"""The same once that was too short, until the lock is had again: those in the queue have waited already."""
_READERS: Final = 4
_TOGETHER: Final = 0.01
"""Seconds after which nothing more joins the transactions that are committed together."""


class Writer:
    """The one connection that writes, for those who wait on one event loop."""

    def __init__(
        self,
        url: URL,
        *,
        explained: Callable[[], AbstractContextManager[None]],
        spoils: Callable[[Exception], bool],
    ) -> None:
        """Nothing is opened before the first transaction.

        In `explained`, troubles with the database turn into StoreErrors; `spoils`: whether the connection that an
        error came from isn't to be used again.
        """
        self.engine = create_engine(
            url.set(drivername="sqlite"), connect_args=_arguments(), pool_size=1, max_overflow=0
        )
        """What the one connection is made by."""
        event.listen(self.engine, "connect", _prepare_writer)
        event.listen(self.engine, "begin", _begin_immediate)
        self._explained = explained
        self._spoils = spoils
        self._connection: Connection | None = None
        self._queue: queue.SimpleQueue[_Transaction | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def run(self, function: Callable[[Connection], Any]) -> asyncio.Future[Any]:
        """A transaction's outcome, once it is on the disk; it is begun in any case, and runs to its end.

        `function` is run again where it was run together with others that failed.
        """
        if not self._thread.is_alive():
            self._thread.start()
        # what is logged in there says what it is about
        context, future = contextvars.copy_context(), asyncio.get_running_loop().create_future()
        transaction = _Transaction(function, context, future)
        self._queue.put(transaction)
        return transaction.future

    async def close(self) -> None:
        """Ends the thread and closes the connection; nothing may be running any more."""
        self._queue.put(None)
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        """The thread's life."""
        while (first := self._queue.get()) is not None:
            self._serve(first)
        if self._connection is not None:
            self._connection.close()
        self.engine.dispose()

    def _serve(self, first: _Transaction) -> None:
        """Runs a transaction, and with it those that come to wait meanwhile."""
        run = [first]
        until = time.monotonic() + _TOGETHER
        try:
            with self._begun() as connection:
                first.run(connection)
                while time.monotonic() < until and (following := self._next()) is not None:
                    run.append(following)
                    following.run(connection)
        except BaseException as error:  # noqa: BLE001  # whoever waits is told, and the thread lives on
            if len(run) == 1:
                first.error = error
            else:
                for transaction in run:
                    self._serve_alone(transaction)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits there any more
            first.future.get_loop().call_soon_threadsafe(_tell, run)

    def _serve_alone(self, transaction: _Transaction) -> None:
        try:
            with self._begun() as connection:
                transaction.run(connection)
        except BaseException as error:  # noqa: BLE001  # whoever waits is told, and the thread lives on
            transaction.error = error

    def _next(self) -> _Transaction | None:
        """What waits now, if anything does."""
        try:
            waiting = self._queue.get_nowait()
        except queue.Empty:
            return None
        if waiting is None:
            self._queue.put(None)  # for the thread, whose end it is
        return waiting

    @contextlib.contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self._explained():
            if self._connection is None:
                self._connection = self.engine.connect()
            try:
                with self._connection.begin():
                    yield self._connection
            except (SQLAlchemyError, sqlite3.Error) as error:
                if self._spoils(error) or not _rolled_back(self._connection):
                    self._connection.invalidate()
                    self._connection = None
                raise


@dataclass(slots=True, eq=False)
class _Transaction:
    """What is to be run, and what came of it."""

    function: Callable[[Connection], Any]
    context: contextvars.Context
    future: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Runs it; what it raises goes through."""
        try:
            self.value = self.context.run(self.function, connection)
        except StopIteration as error:  # which no future takes
            raise RuntimeError("a transaction has run out of something") from error
        if not _in_transaction(connection):
            raise _rolled_back_by_itself()


def _in_transaction(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.in_transaction)


def _rolled_back_by_itself() -> sqlite3.OperationalError:
    """Where SQLite can't go on it ends the whole transaction, and whoever goes on all the same keeps nothing."""
    error = sqlite3.OperationalError("SQLite has ended a transaction by itself")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


def _tell(transactions: list[_Transaction]) -> None:
    """On the loop: whoever waits hears what came of it."""
    for transaction in transactions:
        if transaction.future.done():
            continue
        if transaction.error is not None:
            transaction.future.set_exception(transaction.error)
        else:
            transaction.future.set_result(transaction.value)


def reader(url: URL) -> AsyncEngine:
    """An engine whose connections only read, and see one moment for as long as a transaction lasts."""
    engine = create_async_engine(
        url,
        connect_args=_arguments() | {"async_creator_fn": _connect},
        pool_size=_READERS,
        max_overflow=0,
        pool_timeout=600,
    )
    event.listen(engine.sync_engine, "connect", _prepare_reader)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _arguments() -> dict[str, Any]:
    """The driver begins nothing by itself."""
    arguments: dict[str, Any] = {"isolation_level": None}
    if sys.version_info >= (3, 12):
        arguments["autocommit"] = sqlite3.LEGACY_TRANSACTION_CONTROL
    return arguments


async def _connect(*where: Any, **how: Any) -> aiosqlite.Connection:
    """A connection; where none can be had, the thread that was to serve it has ended before that is said."""
    connection = aiosqlite.connect(*where, **how)
    thread = connection._thread  # noqa: SLF001  # as SQLAlchemy reaches it
    thread.daemon = True
    try:
        return await connection
    except Exception:
        await asyncio.to_thread(thread.join)
        raise


def _prepare_writer(connection: Any, _: object) -> None:
    # FULL: what was acknowledged to a player survives a power cut
    _prepare(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def _prepare_reader(connection: Any, _: object) -> None:
    _prepare(connection, "query_only=ON")


def _prepare(connection: Any, *pragmas: str) -> None:
    """Sets a new connection up, or closes it: the pool forgets one that it can't begin with."""
    try:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_BUSY_TIMEOUT}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        connection.close()
        raise


def _begin_immediate(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except SQLAlchemyError:
        if not connection.invalidated:
            connection.info["impatient"] = True
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_IMPATIENT}")
        raise
    if connection.info.pop("impatient", False):
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_TIMEOUT}")


def _rolled_back(connection: Connection) -> bool:
    """Whether a connection is good for the next transaction: a commit that failed has ended nothing by itself."""
    try:
        connection.connection.rollback()
    except sqlite3.Error:
        return False
    return True


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
