"""What the commands that touch the operator's database share: settings, logs, the database opened."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from bot import settings
from bot.cli.errors import CommandError
from bot.database import Store, StoreError, lock
from bot.settings import Settings, SettingsError

log = logging.getLogger(__name__)

_RUNNING = "Another Paper Round is running {what} already; stop it before you start one."


def load_settings(config: Path | None) -> Settings:
    """The operator's settings."""
    try:
        return settings.load(config)
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The operator's database, open."""
    try:
        store = Store.open(settings.database_url)
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error
    try:
        await store.__aenter__()
    except StoreError as error:
        raise CommandError(str(error)) from error
    try:
        yield store
    finally:
        await store.__aexit__()


@asynccontextmanager
async def open_store_alone(settings: Settings) -> AsyncIterator[Store]:
    """The operator's database, open; where it is a server's, no other bot has these shards. `alone` does files."""
    async with open_store(settings) as store:
        try:
            async with store.alone(settings.discord.held):
                yield store
        except lock.HeldByAnother as error:
            raise CommandError(_RUNNING.format(what=f"on the database {error}")) from error


def database_file(settings: Settings) -> Path | None:
    """The operator's database where it is an SQLite file; None on PostgreSQL."""
    try:
        return Store.open(settings.database_url).path
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error


@contextmanager
def alone(settings: Settings, token: str) -> Iterator[None]:
    """Makes sure that no other bot runs on this SQLite file, nor on this machine with this token and shards."""
    database, reached = database_file(settings), settings.discord
    with ExitStack() as locks:
        if database is not None:
            try:
                _take(locks, lock.database_lock(database), f"on the database {database}")
            except StoreError as error:
                raise CommandError(f"The database {database} can't be opened: {error}") from error
        try:
            _take(locks, lock.token_lock(token, reached.shards, reached.api_url), "here with the same token")
        except StoreError as error:  # another user's, left behind
            log.warning("whether another bot runs with this token can't be told: %s", error)
        yield


def _take(locks: ExitStack, place: Path, what: str) -> None:
    try:
        locks.enter_context(lock.held(place))
    except lock.HeldByAnother as error:
        raise CommandError(_RUNNING.format(what=what)) from error
