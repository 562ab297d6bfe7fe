"""The bot's client in this process on a local Discord over real sockets, its libraries' waits shrunk."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import discord.client
import discord.http
import discord.shard
from discord.webhook import async_
from sqlalchemy import Connection, insert, update

import bot.commands.sync
import bot.notices
from bot.client import PaperRound
from bot.database import Store
from bot.database.tables import servers
from bot.database.tables import subscriptions as orders
from bot.delivery import subscriptions
from bot.delivery.subscriptions import Subscription
from bot.settings import Settings
from tests.delivery.world import library
from tests.faults.stage import DAY, HOUR, SERIES
from tests.wire import Channel, Guild, Kind, LocalDiscord, Message, running

LONG: Final = "long"
"""A series with one digest, whose post takes three messages and whose paper takes several to read."""
NO_ANSWER: Final = 1.2
"""Seconds after which a request that gets no answer is given up; five minutes without this."""


class _Brisk:
    """asyncio, with a sleep that takes a two-hundredth of the time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    async def sleep(seconds: float, result: Any = None) -> Any:
        return await asyncio.sleep(seconds / 200, result)


@contextlib.contextmanager
def brisk() -> Iterator[None]:
    """While it is open, the waits between two tries take a two-hundredth of their time."""
    rooms: tuple[Any, ...] = (discord.http, discord.client, discord.shard, async_, bot.notices, bot.commands.sync)
    for room in rooms:
        room.asyncio = _Brisk()
    try:
        yield
    finally:
        for room in rooms:
            room.asyncio = asyncio


@dataclass
class Wired:
    """Everything together. Nothing runs in the background: `settle` does what ticker and courier would."""

    discord: LocalDiscord
    store: Store
    settings: Settings
    bot: PaperRound

    @property
    def now(self) -> dt.datetime:
        """The time, of all of them."""
        return self.discord.clock.now()

    async def place(self, kind: Kind = Kind.TEXT) -> Channel:
        """A channel in a server of its own."""
        guild = self.discord.add_guild(f"Lab {len(self.discord.world.guilds) + 1}")
        channel = self.discord.add_channel(guild, "papers", kind)
        await self.discord.until(lambda: self.bot.get_channel(channel.id))
        return channel

    async def subscribe(self, channel: Channel, **more: Any) -> int:
        """Subscribes a channel, which has been due for an hour; the subscription's id."""
        return (await self.store.write(subscribe, channel, self.now, **more)).id

    async def tick(self) -> None:
        """What is due is claimed, and all is sent that can be sent now."""
        await self.bot.ticker.tick()
        await self.bot.courier.drain()

    async def end(self, subscription_id: int) -> None:
        """Nothing more is due for it."""
        await self.store.write(_end, subscription_id, self.now)

    def posts(self, channel: Channel) -> list[Message]:
        """What the bot posted in a channel, or in a forum's posts, by itself."""
        places = [channel, *(self.discord.posts(channel) if channel.kind is Kind.FORUM else ())]
        found = [message for place in places for message in place.messages.values()]
        return [m for m in found if m.author is self.discord.world.bot and m.interaction is None]


def subscribe(connection: Connection, /, channel: Channel, now: dt.datetime, **more: Any) -> Subscription:
    """Writes a channel's server down and subscribes the channel, which has been due for an hour."""
    guild: Guild | None = channel.guild
    assert guild is not None
    if connection.execute(orders.select().where(orders.c.server_id == guild.id)).first() is None:
        connection.execute(servers.delete().where(servers.c.id == guild.id))
        connection.execute(insert(servers).values(id=guild.id, joined_at=now - DAY, zone="UTC"))
    terms: dict[str, Any] = {"series": SERIES, "zone": "UTC", "created_by": guild.owner.id}
    return subscriptions.create(
        connection,
        forum=channel.kind is Kind.FORUM,
        server_id=guild.id,
        channel_id=channel.id,
        local_time=(now - HOUR).time().replace(second=0, microsecond=0),
        now=now - 2 * HOUR,
        **(terms | more),
    )


def _end(connection: Connection, subscription_id: int, now: dt.datetime) -> None:
    values = {"ended_at": now, "next_due_at": None}
    connection.execute(update(orders).where(orders.c.id == subscription_id).values(**values))


@contextlib.asynccontextmanager
async def client(
    discord: LocalDiscord, store: Store, settings: Settings, *, heartbeat_timeout: float = 60.0
) -> AsyncIterator[PaperRound]:
    """A client that is connected. `heartbeat_timeout`: seconds without news until a connection counts as dead."""
    bot = PaperRound(settings=settings, store=store, clock=discord.clock)
    bot._connection.guild_ready_timeout = 0.05
    bot._connection.heartbeat_timeout = heartbeat_timeout
    login = bot.http.static_login

    async def log_in(token: str) -> Any:
        found = await login(token)
        session: Any = bot.http._HTTPClient__session  # type: ignore[attr-defined]
        session._timeout = aiohttp.ClientTimeout(total=NO_ANSWER)
        return found

    bot.http.static_login = log_in  # type: ignore[method-assign]
    async with running(bot, discord):
        yield bot


@contextlib.asynccontextmanager
async def wired(folder: Path, shipped: Path, *, check_schema: bool = False) -> AsyncIterator[Wired]:
    """A house in a folder, with a copy of the library of shipped documents and one long digest more."""
    path = Path(shutil.copy(shipped, folder / "paper-round.sqlite3"))
    settings = Settings(database=str(path), seeds=folder / "none")
    async with (
        LocalDiscord(limit_rates=False, check_schema=check_schema) as discord,
        Store.open(settings.database_url) as store,
    ):
        discord.world.answer_within = dt.timedelta(seconds=20)  # crowd.py is about the three seconds
        await store.write(library, 1, series=LONG, length=3 * 4_500)
        with brisk():
            async with client(discord, store, settings) as bot:
                yield Wired(discord, store, settings, bot)
