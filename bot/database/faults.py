"""What goes wrong with the database itself, as errors of ours: each says what, why and what to do.

StoreError
├── StoreBusy       others hold it: nothing was kept, trying again helps
├── StoreFull       no room on the disk, or the database reached a limit
├── StoreReadOnly   its file or folder can't be written
├── StoreDamaged    its file isn't whole, or isn't a database
├── StoreMoved      its file was moved, deleted or replaced while it was open
└── StoreUnreachable  its disk fails, its server doesn't answer or doesn't let the bot in

Whichever is raised by a transaction: nothing of that transaction was kept. (Save where the connection to
PostgreSQL breaks at the very commit: nobody can know then, and what comes next looks at what is there.)
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.logs import Explained


class StoreError(Explained):
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
    "There is no room for the database {where}: {why}. Make room on its disk; a running bot goes on by itself.",
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

_SERVER_BUSY = (
    StoreBusy,
    "The database {where} is held by others: {why}. Wait for what else works on it, such as a dump's restore.",
)
_SERVER_FULL = (
    StoreFull,
    "There is no room for the database {where}: {why}. Make room on its server; a running bot goes on by itself.",
)
_TOO_LONG = (
    StoreUnreachable,
    "The database {where} ended what took too long: {why}. Look what keeps its server or this machine.",
)
_NO_CONNECTION = (
    StoreUnreachable,
    "The database {where} takes no more connections: {why}. Raise max_connections, or stop what else uses it.",
)
_NO_ENTRY = (
    StoreUnreachable,
    "The database {where} doesn't let the bot in: {why}. Check the user, the password and pg_hba.conf.",
)
_NOT_THERE = (
    StoreUnreachable,
    "There is no database {where}: {why}. Make it with createdb, or mend the name in DATABASE_URL.",
)
_SERVER_READ_ONLY = (
    StoreReadOnly,
    "The database {where} can't be written: {why}. Is it a standby, or set to read only?",
)
_NO_RIGHT = (
    StoreReadOnly,
    "The database {where} doesn't let the bot do that: {why}. Make the bot's user the owner of the database.",
)
_SERVER_DAMAGED = (
    StoreDamaged,
    "The database {where} is damaged: {why}. Stop the bot, and restore a dump with pg_restore.",
)

_STATES = {
    "08": _NO_ANSWER,
    "25006": _SERVER_READ_ONLY,
    "25P03": _TOO_LONG,
    "25P04": _TOO_LONG,
    "28": _NO_ENTRY,
    "3D000": _NOT_THERE,
    "40": _SERVER_BUSY,
    "42501": _NO_RIGHT,
    "53": _SERVER_FULL,
    "53300": _NO_CONNECTION,
    "55P03": _SERVER_BUSY,
    "57014": _TOO_LONG,
    "57P": _NO_ANSWER,
    "58": _NO_ANSWER,
    "XX001": _SERVER_DAMAGED,
    "XX002": _SERVER_DAMAGED,
}
"""By what PostgreSQL calls an error (SQLSTATE), or the beginning of that: the longest counts."""

_CROWDED = "53300"
_CROSSED = ("40001", "40P01")
"""Two transactions were in each other's way, and PostgreSQL has ended this one."""

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


def explain(error: BaseException, where: object, *, server: bool = False) -> StoreError | None:
    """What an error of the driver's means for whoever runs the bot; None: it is a bug, or the caller's own.

    `server`: the database is one of PostgreSQL's, not a file.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = _state(error)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        kind = _KINDS.get(code & 0xFF) if code is not None else None
    elif state is not None:
        kind = next((_STATES[state[:end]] for end in (5, 3, 2) if state[:end] in _STATES), None)
    elif isinstance(error, (OperationalError, InterfaceError, PoolTimeout, OSError)):
        kind = _FAILING if isinstance(error, OSError) and error.filename and not server else _NO_ANSWER
    else:
        kind = None
    if kind is None and isinstance(error, (DBAPIError, sqlite3.Error)) and error.__context__ is not None:
        # SQLite may have ended a transaction, and the last that is said of it is that a savepoint isn't there
        return explain(error.__context__, where, server=server)
    if kind is None:
        return None
    made, sentence = kind
    why = str(cause).partition("\n")[0].removeprefix(f"{type(cause)}: ").rstrip(". ")
    return made(sentence.format(where=where, why=why or "no answer in time"))


def troubled(error: BaseException) -> bool:
    """Whether the database itself is in trouble: the whole transaction is lost, and nobody goes on in it."""
    return isinstance(error, DBAPIError) and explain(error, "") is not None


def crossed(error: BaseException) -> bool:
    """Whether the transaction was in another's way, and only has to be run again."""
    return _state(error) in _CROSSED


def crowded(error: BaseException) -> bool:
    """Whether the server takes no more connections; those that there are go on."""
    return _state(error) == _CROWDED


def _state(error: BaseException) -> str | None:
    """What PostgreSQL calls an error, where it is one of its."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return state if isinstance(state, str) else None
