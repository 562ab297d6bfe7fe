"""Turns at identifying, for processes that share the shards.

Of the shards whose numbers have the same remainder by Discord's `max_concurrency`, one may identify in five
seconds, whichever process has it. When the last one did stands in the database, by its clock: machines' differ.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

import aiohttp
import discord
from sqlalchemy import Connection, Float, Text, cast, extract, func, or_
from sqlalchemy.dialects.postgresql import insert

from bot.database import Store, StoreError
from bot.database.tables import state

log = logging.getLogger(__name__)

APART: Final = 5.5
"""Seconds from one turn to the next: Discord counts five from what arrives there, which may be late or early."""
_LOOK: Final = 0.5
_TROUBLE: Final = 5.0
"""Seconds until the database is asked again, or again after trouble with it."""

_NOW = cast(extract("epoch", func.clock_timestamp()), Float)
_SINCE = _NOW - cast(state.c.value, Float)
_TAKE = (
    insert(state)
    .values(value=cast(_NOW, Text))
    .on_conflict_do_update(
        index_elements=[state.c.name],
        set_={"value": cast(_NOW, Text)},
        where=or_(_SINCE >= APART, _SINCE < 0),  # before: that clock was set back
    )
    .returning(state.c.name)
)


class Turns:
    """Waits for a shard's turn."""

    def __init__(self, client: discord.AutoShardedClient, store: Store) -> None:
        """`store` is on PostgreSQL."""
        self._client = client
        self._store = store
        self._buckets: int | None = None
        self._early: set[int] = set()

    async def wait_early(self, shard: int) -> None:
        """As `wait`, which then comes back at once, for a shard that isn't connected yet.

        discord.py takes a connection for dead on which a shard waits a minute. Where Discord can't say how many
        identify side by side, it comes back: then the shard waits connected, where discord.py tries again.
        A turn that was had for a connection which then failed is too old to identify in.
        """
        self._early.discard(shard)
        with contextlib.suppress(discord.DiscordException, aiohttp.ClientError, OSError):
            await self.wait(shard)
            self._early.add(shard)

    async def wait(self, shard: int) -> None:
        """Comes back when this shard may identify, at once. Raises discord.GatewayNotFound."""
        if shard in self._early:
            self._early.remove(shard)
            return
        if self._buckets is None:
            self._buckets = (await self._client.fetch_session_start_limits()).max_concurrency
        while not await self._try(shard % self._buckets):
            pass

    async def _try(self, bucket: int) -> bool:
        """Takes the turn, or waits a little where it can't be had."""
        pause = _LOOK
        try:
            if await self._store.write(take, bucket):
                return True
        except StoreError as error:
            log.warning("whose turn it is to connect can't be looked up; I'll look again: %s", error)
            pause = _TROUBLE
        await asyncio.sleep(pause)
        return False


def take(connection: Connection, bucket: int) -> bool:
    """Takes the turn of the shards with this remainder, where the last one was long enough ago; whether it did."""
    return connection.execute(_TAKE, {"name": f"identified {bucket}"}).first() is not None
