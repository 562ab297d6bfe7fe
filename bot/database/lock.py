"""Being the only one: a lock that the machine gives back when its holder dies, however it dies.

For an SQLite file, and for a token on this machine, it is the lock of a file; in a database on PostgreSQL it is
the server's advisory locks. There, whoever has all shards keeps everybody else away, and whoever has some of them
keeps away whoever wants one of those, or counts them differently.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from bot.database.faults import StoreError
from bot.shards import Shards

log = logging.getLogger(__name__)

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
_PATIENCE = 0.5  # seconds: someone may just be looking whether it is held


class HeldByAnother(Exception):  # noqa: N818  # a happening, not a fault
    """Another process has the lock."""


def database_lock(database: Path) -> Path:
    """The file whose lock a bot holds while it runs on this SQLite file; it stays there, empty."""
    return database.with_name(database.name + ".lock")


def token_lock(token: str, shards: Shards | None, api_url: str | None = None) -> Path:
    """The file whose lock a bot holds on this machine while it is connected with this token and these shards,
    at Discord or at the address given.

    The token can't be told from its name.
    """
    named = hashlib.sha256(f"paper-round\0{token}\0{shards}\0{api_url}".encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"paper-round-{named}.lock"


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock. Raises HeldByAnother where another process keeps it, StoreError where it can't be had."""
    lock = FileLock(path, timeout=_PATIENCE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise HeldByAnother(str(path)) from error
    except (OSError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(
            f"the lock file {path} can't be used ({why}): let the bot's user write it and its folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether another process has the lock now."""
    if not path.exists():
        return False
    try:
        with held(path):
            return False
    except HeldByAnother:
        return True


def take(connection: Connection, shards: Shards) -> str | None:
    """Takes these shards for as long as a connection to PostgreSQL lasts; None: they are taken.

    Else none is, and the answer says who has them, to come after the database's name.
    """
    obstacle = _take(connection, shards)
    if obstacle is not None:
        connection.execute(_GIVE_BACK)
    return obstacle


def _take(connection: Connection, shards: Shards) -> str | None:
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
