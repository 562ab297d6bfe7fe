"""The database: whether it can be read and written, is whole, has room, and has copies."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from bot.database import Store, StoreError, backup, lock
from bot.database.making import revision
from bot.database.store import HEAD
from bot.doctor.findings import Finding, Verdict

ROOM: Final = 200_000_000
"""Bytes that should be free on the database's disk."""
NO_ROOM: Final = 20_000_000
"""Bytes below which it may be full at any moment."""
_STALE: Final = 2.0
"""A backup is late when it is older than this many times the hours set."""


async def writable(store: Store) -> Finding:
    """Whether a transaction can be had; says no more than a player may know."""
    try:
        await store.write(_nothing)
    except StoreError:
        return Finding(
            "database",
            Verdict.WRONG,
            "The database can't be written right now: answers and deliveries wait.",
            "Whoever runs this bot sees why in its log, or with `paper-round doctor`.",
        )
    return Finding("database", Verdict.OK, "The database can be read and written.")


async def thorough(store: Store) -> list[Finding]:
    """All about the database, for operators; reads every page of it. It needn't be entered, and isn't made."""
    if store.path is not None and not store.path.is_file():
        return [
            Finding(
                "database",
                Verdict.LOOK,
                "There is no database {place} yet.",
                "The first start makes it; if there should be one, check the path in the settings.",
                {"place": store.place},
            )
        ]
    try:
        at = await store.read(revision)
        problems = [] if store.path is None else await store.read(_quick_check)
        mode = None if store.path is None else await store.read(_journal_mode)
        await store.write(_nothing)
    except StoreError as error:
        return [Finding("database", Verdict.WRONG, "{sentence}", values={"sentence": error})]
    found = [_version(at), *_state(store, problems, mode)]
    if store.path is not None:
        found += [room(store.path), _lock(store.path)]
    return found


def room(path: Path) -> Finding:
    """Whether the disk that a file is on has room for it to grow, and for a copy of it."""
    usage = shutil.disk_usage(path.parent)
    size = path.stat().st_size if path.exists() else 0
    values = {"free": f"{usage.free / 1e6:,.0f} MB", "size": f"{size / 1e6:,.0f} MB"}
    if usage.free >= max(ROOM, 2 * size):
        return Finding("disk", Verdict.OK, "{free} are free on the database's disk.", values=values)
    verdict = Verdict.WRONG if usage.free < NO_ROOM else Verdict.LOOK
    return Finding(
        "disk", verdict, "Only {free} are free beside a database of {size}.", "Make room on its disk.", values
    )


def backups(folder: Path, every_hours: float, now: dt.datetime) -> Finding:
    """Whether there are copies, and new enough ones. `now` is in UTC."""
    kept = backup.kept_in(folder)
    values: dict[str, object] = {"folder": folder, "number": len(kept)}
    if kept:
        values["hours"] = f"{(now - kept[-1][0]).total_seconds() / 3600:,.1f}"
    mend = "Set backup.every_hours, or have paper-round backup run daily."
    if not every_hours:
        sentence = "No backups are made on a schedule"
        sentence += "; the newest in {folder} is {hours} hours old." if kept else " and {folder} has none."
        return Finding("backups", Verdict.LOOK, sentence, mend, values)
    late = "Look for “backup” in the bot's log; it runs only while the bot does."
    if not kept:
        return Finding("backups", Verdict.LOOK, "There is no backup in {folder} yet.", late, values)
    if now - kept[-1][0] > dt.timedelta(hours=_STALE * every_hours + 1):
        return Finding("backups", Verdict.WRONG, "The newest backup is {hours} hours old.", late, values)
    return Finding("backups", Verdict.OK, "The newest of {number} backups is {hours} hours old.", values=values)


def _version(at: str | None) -> Finding:
    if at == HEAD:
        return Finding("tables", Verdict.OK, "The tables are those of this version.")
    if at is None:
        return Finding("tables", Verdict.OK, "There are no tables yet; the first start makes them.")
    return Finding(
        "tables",
        Verdict.LOOK,
        "The tables are those of migration {at}, this version's are of {head}.",
        "An older one is brought up to date at the next start, which keeps a copy; a newer one needs a newer bot.",
        {"at": at, "head": HEAD},
    )


def _state(store: Store, problems: list[str], mode: str | None) -> list[Finding]:
    values = {"place": store.place, "mode": mode, "problems": "; ".join(problems)}
    if problems:
        return [
            Finding(
                "database",
                Verdict.WRONG,
                "{place} is damaged: {problems}.",
                "Stop the bot, and restore a backup with paper-round restore.",
                values,
            )
        ]
    if mode not in (None, "wal"):
        return [
            Finding(
                "database",
                Verdict.LOOK,
                "{place} is whole, but its journal is {mode}, not wal.",
                "The next start sets it, unless the file system can't: then use a local disk.",
                values,
            )
        ]
    return [Finding("database", Verdict.OK, "{place} is whole, and can be read and written.", values=values)]


def _lock(path: Path) -> Finding:
    held = lock.is_held(lock.database_lock(path))
    return Finding("bot", Verdict.OK, "A bot is running on it." if held else "No bot is running on it now.")


def _nothing(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def _quick_check(connection: Connection) -> list[str]:
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
    return [] if found == ["ok"] else found


def _journal_mode(connection: Connection) -> str:
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
