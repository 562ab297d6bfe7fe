"""What goes wrong with the database itself, as errors of ours: each says what, why and what to do.

StoreError
├── StoreBusy       another program holds it: nothing was kept, trying again helps
├── StoreFull       no room on the disk, or the database reached a limit
├── StoreReadOnly   its file or folder can't be written
├── StoreDamaged    its file isn't whole, or isn't a database
├── StoreMoved      its file was moved, deleted or replaced while it was open
└── StoreUnreachable  its disk fails, its server doesn't answer

Whichever is raised by a transaction: nothing of that transaction was kept.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StoreError(Exception):
    """The database can't be used; the message says which, why and what to do. For operators, not for players."""


class StoreBusy(StoreError):  # noqa: N818
    """Another program holds the database."""


class StoreFull(StoreError):  # noqa: N818
    """There is no room for more."""


class StoreReadOnly(StoreError):  # noqa: N818
    """The database's file or folder can't be written."""


class StoreDamaged(StoreError):  # noqa: N818
    """The database's file isn't whole, or isn't a database at all."""


class StoreMoved(StoreError):  # noqa: N818
    """The database's file isn't where it was opened."""


class StoreUnreachable(StoreError):  # noqa: N818
    """The disk or the database's server doesn't answer."""


_BUSY = (
    StoreBusy,
    "The database {where} is held by another program: {why}. End that program, or wait for it.",
)
_FULL = (
    StoreFull,
    "There is no room for the database {where}: {why}. Make room on its disk; the bot goes on by itself.",
)
_READ_ONLY = (
    StoreReadOnly,
    "The database {where} can't be written: {why}. Let the bot's user write the file and its folder.",
)
_DAMAGED = (
    StoreDamaged,
    "The database {where} is damaged: {why}. Stop the bot, and restore a backup with paper-round restore.",
)
_FAILING = (
    StoreUnreachable,
    "The database {where} can't be reached: {why}. Check the disk that it is on.",
)
_NO_OPEN = (
    StoreReadOnly,
    "The database {where} can't be opened: {why}. Check the path, its permissions and the disk.",
)
_NO_ANSWER = (
    StoreUnreachable,
    "The database {where} doesn't answer: {why}. Check that its server runs and lets the bot in.",
)

_KINDS = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _NO_OPEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _FAILING,
}


def explain(error: BaseException, where: object) -> StoreError | None:
    """What an error of the driver's means for whoever runs the bot; None: it is a bug, or the caller's own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        kind = _KINDS.get(code & 0xFF) if code is not None else None
    elif isinstance(error, (OperationalError, InterfaceError, PoolTimeout, OSError)):
        kind = _FAILING if isinstance(error, OSError) and error.filename else _NO_ANSWER
    else:
        kind = None
    if kind is None:
        return None
    made, sentence = kind
    return made(sentence.format(where=where, why=str(cause).rstrip(". ")))
