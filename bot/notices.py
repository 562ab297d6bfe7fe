"""Tells a server's admins that something needs them: in the notice channel, else whoever subscribed, directly."""

from __future__ import annotations

import logging

import discord

from bot.commands.services import server
from bot.database import Store
from bot.delivery import subscriptions

log = logging.getLogger(__name__)


class Notices:
    """Says a sentence where an admin of a server will see it. `/digest status` shows it in any case."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        """`client` is the one that is logged in."""
        self._client = client
        self._store = store

    async def tell(self, server_id: int, subscription_id: int, sentence: str) -> None:
        """Says `sentence`; where nobody can be reached, that is logged and nothing raised."""
        where = await self._store.read(server, server_id)
        kept = await self._store.read(subscriptions.load, subscription_id)
        guild = self._client.get_guild(server_id)
        text = where.say(
            "{series} in {channel}: {sentence}",
            series=kept.series,
            channel=f"<#{kept.channel_id}>",
            sentence=sentence,
        )
        if where.notice_channel_id is not None:
            channel = self._client.get_partial_messageable(where.notice_channel_id, guild_id=server_id)
            if await self._send(channel, text, server_id):
                return
        named = f"**{discord.utils.escape_markdown(guild.name)}** · {text}" if guild else text
        try:
            person = await self._client.create_dm(discord.Object(kept.created_by))
        except discord.HTTPException as error:
            log.warning("an admin can't be written to: %s", error, extra={"server": server_id})
            return
        await self._send(person, named, server_id)

    async def _send(self, where: discord.abc.Messageable, text: str, server_id: int) -> bool:
        try:
            await where.send(text[:2000], allowed_mentions=discord.AllowedMentions.none())
        except discord.HTTPException as error:
            log.warning("a notice could not be sent: %s", error, extra={"server": server_id})
            return False
        return True
