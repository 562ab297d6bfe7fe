"""Being the only one: a lock that the machine gives back when its holder dies, however it dies.

For an SQLite file, and for a token on this machine, it is the lock of a file; in a database on PostgreSQL see
bot.database.holder.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from bot.database.faults import StoreError
from bot.shards import Shards

log = logging.getLogger(__name__)

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
