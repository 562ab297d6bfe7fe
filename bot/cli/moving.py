"""`paper-round database copy`: an SQLite database moved over to PostgreSQL, with a bar while it goes on."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import typer

from bot import logs
from bot.cli import progress
from bot.cli.errors import CommandError
from bot.cli.operating import load_settings, open_store
from bot.database import Store, StoreError, copying, lock
from bot.settings import Settings


def copy(source: Path, config: Path | None) -> None:
    """Copies the SQLite file into the database of the settings; says how much that was."""
    settings = load_settings(config)
    logs.configure(level="warning", form=settings.log.format, secrets=settings.secrets())
    if not settings.on_postgresql:
        raise CommandError("DATABASE_URL names no PostgreSQL database; name the one to copy into.", code=2)
    if not source.is_file():
        raise CommandError(f"There is no database {source} to copy.")
    with ExitStack() as stack:
        try:
            stack.enter_context(lock.held(lock.database_lock(source)))
            counts = asyncio.run(_copy(settings, source))
        except lock.HeldByAnother as error:
            raise CommandError(f"A bot is running on the database {source}; stop it, then copy.") from error
        except StoreError as error:
            raise CommandError(str(error)) from error
    typer.echo(f"{sum(counts.values()):,} rows of {len(counts)} tables copied and checked; {source} stays.")


async def _copy(settings: Settings, source: Path) -> dict[str, int]:
    async with Store.open(f"sqlite+aiosqlite:///{source}"):
        pass  # its tables are brought up to date
    async with open_store(settings) as store:
        with progress.bar() as bar:
            task = bar.add_task("Looking…", total=None)

            def show(table: str, done: int, total: int) -> None:
                bar.update(task, description=table, completed=done, total=total)

            return await store.write_unhurried(copying.copy, source, show)
