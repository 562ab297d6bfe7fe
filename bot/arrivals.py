"""Servers that the bot joins and leaves: it says once what to do next, and remembers since when it is gone."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from typing import Final

import discord
from sqlalchemy import Connection, bindparam, select, update

from bot import outgoing
from bot.clock import Clock
from bot.commands.services import remember_server, server
from bot.database import Store
from bot.database.shards import bounds, ours
from bot.database.tables import servers
from bot.delivery import subscriptions
from bot.language import Speech, speech
from bot.posts.message import Embed, Field, Message
from bot.posts.style import colour
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

_NEEDED: Final = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)
_LATELY: Final = dt.timedelta(days=1)
"""A server that was joined while the bot was down is welcomed if that is no longer ago than this."""

_KNOWN = select(servers.c.id)
_OURS = select(servers.c.id).where(ours(servers.c.id))
_HERE = _OURS.where(servers.c.left_at.is_(None))
_WELCOME = (
    update(servers)
    .where(servers.c.id == bindparam("server"), servers.c.welcomed_at.is_(None))
    .values(welcomed_at=bindparam("now"))
)


class Arrivals:
    """Answers to joining and leaving."""

    def __init__(self, client: discord.Client, store: Store, clock: Clock, shards: Shards = ALL) -> None:
        """`client` is the one that is logged in, and sees the servers of these `shards`."""
        self._client = client
        self._store = store
        self._clock = clock
        self._shards = shards

    async def joined(self, guild: discord.Guild) -> None:
        """Writes the server down and, the first time, says where it may what to do next."""
        now = self._clock.now()
        language = speech(guild.preferred_locale.value).language
        await self._store.write(_arrive, guild.id, language, now)
        channel = next(_places(guild), None)
        if channel is None or not await self._store.write(_claim_welcome, guild.id, now):
            return
        say = (await self._store.read(server, guild.id)).say
        try:
            await channel.send(**outgoing.arguments(welcome(say)))
        except discord.HTTPException as error:  # it isn't said again: twice is worse than not at all
            log.warning("a server could not be welcomed: %s", error, extra={"server": guild.id})

    async def left(self, server_id: int) -> None:
        """Ends the server's subscriptions softly, since nothing can be sent there; its data stays for a while."""
        now = self._clock.now()
        ended = await self._store.write(subscriptions.end_all, server_id, now=now)
        await self._store.write(remember_server, server_id, now, {"left_at": now})
        log.info("left a server", extra={"server": server_id, "subscriptions": ended})

    async def compare(self, guilds: Iterable[discord.Guild]) -> None:
        """Makes up for what happened while the bot was down; `guilds` are all it is in now."""
        by_id = {guild.id: guild for guild in guilds}
        if not by_id:
            return
        known, here = await self._store.read(_known, self._shards)
        for server_id in here - by_id.keys():
            await self.left(server_id)
        for server_id in by_id.keys() - here:
            guild = by_id[server_id]
            joined_at = guild.me.joined_at if guild.me is not None else None
            lately = joined_at is not None and self._clock.now() - joined_at <= _LATELY
            if server_id in known or lately:
                await self.joined(guild)


def welcome(say: Speech) -> Message:
    """What the bot says when it joins."""
    return Message(
        embeds=(
            Embed(
                title=say("Hello, I'm Paper Round"),
                description=say(
                    "I bring this server a digest of new research papers at a time you choose, and a quiz round "
                    "on it that everyone plays in private."
                ),
                colour=colour("deep-dive"),
                fields=(
                    Field(
                        say("Next, for admins"),
                        say(
                            "`/digest subscribe` in the channel that should get it: pick a series and a time. "
                            "`/digest doctor` says whether I'm allowed all I need."
                        ),
                    ),
                    Field(
                        say("For everyone"), say("`/help` says how to read and play, `/privacy show` what I keep.")
                    ),
                ),
            ),
        )
    )


def _places(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Where it may say something: the system channel, else the others from the top."""
    first = [guild.system_channel] if guild.system_channel is not None else []
    for channel in dict.fromkeys((*first, *guild.text_channels)):
        if channel.permissions_for(guild.me) >= _NEEDED:
            yield channel


def _arrive(connection: Connection, server_id: int, language: str, now: dt.datetime) -> None:
    if connection.execute(_KNOWN.where(servers.c.id == server_id)).first() is None:
        remember_server(connection, server_id, now, {"language": language})
    else:
        remember_server(connection, server_id, now, {"left_at": None})


def _claim_welcome(connection: Connection, server_id: int, now: dt.datetime) -> bool:
    return connection.execute(_WELCOME, {"server": server_id, "now": now}).rowcount == 1


def _known(connection: Connection, shards: Shards) -> tuple[set[int], set[int]]:
    """The servers of these shards that are written down, and those of them that the bot was in last."""
    known, here = (set(connection.execute(statement, bounds(shards)).scalars()) for statement in (_OURS, _HERE))
    return known, here
