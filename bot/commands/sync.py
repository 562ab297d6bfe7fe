"""Tells Discord about the commands when their definition changed, and only then: it costs a rate limit."""

from __future__ import annotations

import hashlib
import json
import logging

import discord
from discord import app_commands
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database import Store
from bot.database.tables import state

log = logging.getLogger(__name__)

_NAME = "commands"


async def sync(tree: app_commands.CommandTree[discord.AutoShardedClient], store: Store) -> bool:
    """Sends the commands to Discord if they are not what it was last told; True if they were sent."""
    commands = [command.to_dict(tree) for command in tree.get_commands()]
    translator = type(tree.translator).__qualname__
    told = json.dumps([tree.client.application_id, translator, commands], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(told.encode()).hexdigest()
    if await store.read(_recall) == fingerprint:
        return False
    await tree.sync()
    await store.write(_remember, fingerprint)
    log.info("told Discord about %d commands", len(commands))
    return True


def _recall(connection: Connection) -> str | None:
    return connection.execute(select(state.c.value).where(state.c.name == _NAME)).scalar()


def _remember(connection: Connection, fingerprint: str) -> None:
    statement = insert(state).values(name=_NAME, value=fingerprint)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[state.c.name], set_={"value": statement.excluded.value})
    )
