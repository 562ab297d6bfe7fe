"""Copies of an SQLite database: made beside a running bot, checked, put back. Plain functions that block.

A copy is one file that is whole by itself. It is made and checked under another name and renamed when it is good,
so whatever has the name of a backup is one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.database.faults import StoreBusy, StoreDamaged, StoreError, explain

_NAME: Final = re.compile(r"paper-round-(\d{8}T\d{6}Z)\.sqlite3")
_SQLITE: Final = b"SQLite format 3\0"
"""What every SQLite file begins with."""
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_BESIDE: Final = ("-wal", "-shm")
_PATIENCE: Final = 10.0  # seconds that another program's lock is waited for


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was checked."""

    path: Path
    size: int
    """Bytes."""
    rows: dict[str, int]
    """How many each table has."""


def stamp(now: dt.datetime) -> str:
    """A moment as it stands in a backup's name, in UTC, to the second."""
    return now.astimezone(dt.UTC).strftime(_STAMP)


def name(now: dt.datetime) -> str:
    """A backup's name: `paper-round-20260302T070000Z.sqlite3`."""
    return f"paper-round-{stamp(now)}.sqlite3"


def folder(chosen: Path | None, database: Path) -> Path:
    """Where a database's backups go: the folder in the settings, else `backups` beside it."""
    return chosen if chosen is not None else database.parent / "backups"


def kept_in(folder: Path) -> list[tuple[dt.datetime, Path]]:
    """The backups in a folder, oldest first, by the moment (UTC) in their names."""
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            if match := _NAME.fullmatch(path.name):
                with contextlib.suppress(ValueError):
                    found.append((dt.datetime.strptime(match[1], _STAMP).replace(tzinfo=dt.UTC), path))
    return sorted(found)


def prune(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` backups of a folder, and says which."""
    gone = [path for _, path in kept_in(folder)[:-keep]] if keep > 0 else []
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def back_up(database: Path, to: Path) -> Copy:
    """Copies a database, in use or not, to the new file `to`, and checks the copy against what it was made of.

    Raises StoreError, and then leaves nothing behind; a file that is there already is never overwritten.
    """
    with _told(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        with _partial(to) as partial:
            rows = _copy(database, partial)
            if to.exists():
                raise StoreError(f"{to} is there already; a backup never overwrites a file.")
            _put(partial, to)
        return Copy(to, to.stat().st_size, rows)


def before_migration(database: Path, to: str) -> Path:
    """A checked copy beside the database, made before its tables are changed to those of migration `to`."""
    moment = stamp(dt.datetime.now(dt.UTC))
    place = database.with_name(f"{database.stem}-before-{to}-{moment}{database.suffix}")
    return place if place.exists() else back_up(database, place).path


def check(path: Path) -> dict[str, int]:
    """Opens a copy, checks that it is whole and a database of ours, and counts each table's rows.

    Raises StoreError.
    """
    if not path.is_file():
        raise StoreError(f"There is no file {path}.")
    with _told(path), path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise StoreError(f"{path} is no backup, since it is no SQLite database; name another file.")
    with _told(path), _opened(path) as connection:
        _check_whole(connection, path)
        rows = _rows(connection)
        if "alembic_version" not in rows:
            raise StoreError(f"{path} is a database, but not one of Paper Round.")
        return rows


def put_back(copy: Path, database: Path, *, now: dt.datetime) -> tuple[Copy, Path | None]:
    """Puts a checked copy in the database's place, and keeps what it replaces beside it under another name.

    Call it only while nobody has the database open. Answers the database, and where the old one is now.
    Raises StoreError; then the database is as it was.
    """
    check(copy)
    if database.exists() and copy.samefile(database):
        raise StoreError(f"{copy} is the database itself.")
    with _told(database):
        database.parent.mkdir(parents=True, exist_ok=True)
        with _partial(database) as partial:
            rows = _copy(copy, partial)
            aside = _set_aside(database, now) if database.exists() else None
            _put(partial, database)
        return Copy(database, database.stat().st_size, rows), aside


def _copy(source: Path, target: Path) -> dict[str, int]:
    """One moment of `source` as the file `target`, checked; each table's rows."""
    with _opened(source) as original, _opened(target, make=True) as copied:
        original.execute("BEGIN")
        expected = _rows(original)  # begins the reading, so the copy is of this very moment
        original.backup(copied)
        original.execute("ROLLBACK")
        copied.execute("PRAGMA journal_mode=DELETE")
        copied.execute("PRAGMA synchronous=FULL")
    with _opened(target) as copied:
        _check_whole(copied, source)
        if _rows(copied) != expected:
            raise StoreDamaged(f"The copy of {source} doesn't hold what it was made of; nothing was kept.")
    with contextlib.suppress(OSError):
        shutil.copymode(source, target)
    return expected


def _set_aside(database: Path, now: dt.datetime) -> Path:
    """Keeps the database under another name as well, with nothing left in files beside it. Raises StoreError."""
    aside = database.with_name(f"{database.stem}-replaced-{stamp(now)}{database.suffix}")
    try:
        with _opened(database) as connection:
            connection.execute("PRAGMA busy_timeout=1000")
            connection.execute("PRAGMA journal_mode=DELETE")  # refused while anyone else has it open
    except sqlite3.Error as error:
        found = explain(error, database)
        if isinstance(found, StoreBusy):
            raise StoreBusy(f"The database {database} is in use; stop what uses it, then restore.") from error
        for end in _BESIDE:  # damaged: kept as it is
            beside = database.with_name(database.name + end)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + end))
    try:
        os.link(database, aside)
    except OSError:  # a file system without links
        shutil.copy2(database, aside)
    return aside


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    if problems != ["ok"]:
        raise StoreDamaged(f"{path} is damaged: {'; '.join(problems)}.")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StoreDamaged(f"{path} is damaged: some of its rows belong to rows that aren't there.")


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for (table,) in tables}


@contextlib.contextmanager
def _opened(path: Path, *, make: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that is closed at the end and makes no file unless told to."""
    address = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
    connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A name beside `path` to work under; what is left there at the end is removed."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
    finally:
        for end in ("", "-journal", *_BESIDE):
            partial.with_name(partial.name + end).unlink(missing_ok=True)


def _put(partial: Path, to: Path) -> None:
    """Renames, so that it holds through a power cut."""
    partial.replace(to)
    if os.name == "posix":
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _told(where: Path) -> Iterator[None]:
    """The driver's and the disk's errors as StoreErrors."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise explain(error, where) or StoreError(f"{where} can't be used: {error}.") from error
