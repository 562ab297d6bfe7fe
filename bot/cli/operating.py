"""What the commands that touch the operator's database share: settings, logs, the database opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import settings
from bot.cli.errors import CommandError
from bot.database import Store, StoreError
from bot.settings import Settings, SettingsError


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
