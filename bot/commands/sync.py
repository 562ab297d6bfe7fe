"""Tells Discord about the commands when their definition changed, and only then: it costs a rate limit."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Final

import discord
from discord import app_commands
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot import outgoing
from bot.commands.translation import translated
from bot.database import Store
from bot.database.tables import state
from bot.delivery.transport import TryAgain

log = logging.getLogger(__name__)

_NAME = "commands"
_PAUSE: Final = 60.0
_LONGEST: Final = 3600.0


async def sync(tree: app_commands.CommandTree[discord.AutoShardedClient], store: Store) -> bool:
    """Sends the commands to Discord if they are not what it was last told; True if they were sent."""
    told = json.dumps([tree.client.application_id, await translated(tree)], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(told.encode()).hexdigest()
    if await store.read(_recall) == fingerprint:
        return False
    await tree.sync()
    await store.write(_remember, fingerprint)
    log.info("told Discord about %d commands", len(tree.get_commands()))
    return True


async def attempt(tree: app_commands.CommandTree[discord.AutoShardedClient], store: Store) -> bool:
    """As `sync`, but False where Discord can't hear of it now: the commands that it knows work meanwhile."""
    try:
        await sync(tree, store)
    except outgoing.FAILURES as error:
        if not isinstance(outgoing.sort(error), TryAgain):
            raise
        log.warning("Discord could not be told about the commands; I'll try again: %s", error)
        return False
    return True


async def persist(tree: app_commands.CommandTree[discord.AutoShardedClient], store: Store) -> None:
    """Goes on telling Discord about the commands until it has heard."""
    pause = _PAUSE
    try:
        while not await attempt(tree, store):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST)
    except Exception:
        log.exception("Discord could not be told about the commands")


def _recall(connection: Connection) -> str | None:
    return connection.execute(select(state.c.value).where(state.c.name == _NAME)).scalar()


def _remember(connection: Connection, fingerprint: str) -> None:
    statement = insert(state).values(name=_NAME, value=fingerprint)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[state.c.name], set_={"value": statement.excluded.value})
    )
