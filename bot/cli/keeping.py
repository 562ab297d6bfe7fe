"""`paper-round backup` and `restore`: copies of the database, made beside a running bot, put back without one."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.cli.errors import CommandError
from bot.cli.operating import database_file, load_settings
from bot.clock import SystemClock
from bot.database import StoreError, backup, lock
from bot.settings import Settings

_MEGABYTE = 1_000_000


def back_up(to: Path | None, config: Path | None) -> None:
    """Copies the database to a file, or into a folder under a name with the time in it; says where it is."""
    settings = load_settings(config)
    database = _file(settings, "pg_dump")
    if not database.is_file():
        raise CommandError(f"There is no database {database} to back up.")
    target = to if to is not None else backup.folder(settings.backup.folder, database)
    if to is None or target.is_dir() or not target.suffix:
        target = target / backup.name(SystemClock().now())
    try:
        made = backup.back_up(database, target)
    except StoreError as error:
        raise CommandError(str(error)) from error
    typer.echo(f"{made.path}: {_size(made)}, checked.")


def restore(copy: Path, config: Path | None, *, force: bool) -> None:
    """Puts a copy in the database's place, while no bot runs; what it replaces is kept beside it."""
    settings = load_settings(config)
    database = _file(settings, "pg_restore or psql")
    if database.exists() and not force:
        raise CommandError(
            f"There is a database {database} already. --force puts the copy in its place and keeps what is there"
            " under another name."
        )
    try:
        with lock.held(lock.database_lock(database)):
            made, aside = backup.put_back(copy, database, now=SystemClock().now())
    except lock.HeldByAnother as error:
        raise CommandError(f"A bot is running on the database {database}; stop it, then restore.") from error
    except StoreError as error:
        raise CommandError(str(error)) from error
    typer.echo(f"{made.path} is {copy} now: {_size(made)}, checked.")
    if aside is not None:
        typer.echo(f"What was there is kept as {aside}.")


def _file(settings: Settings, instead: str) -> Path:
    if settings.on_postgresql or (found := database_file(settings)) is None:
        raise CommandError(f"The database is on PostgreSQL, which has its own way: use {instead}.", code=2)
    return found


def _size(made: backup.Copy) -> str:
    answers, posts = made.rows.get("answers", 0), made.rows.get("deliveries", 0)
    return f"{made.size / _MEGABYTE:.1f} MB, {posts} deliveries, {answers} answers"
