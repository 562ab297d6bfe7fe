"""Tells a server's admins that something needs them: in the notice channel, else whoever subscribed, directly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import discord

from bot import outgoing
from bot.commands.services import server
from bot.database import Store
from bot.delivery import subscriptions
from bot.delivery.errand import NONCE_HOLDS
from bot.delivery.ledger import new_nonce
from bot.delivery.transport import Failure, TryAgain
from bot.posts.markdown import bold, escape_line

log = logging.getLogger(__name__)

T = TypeVar("T")

_PAUSES: Final = (1.0, 5.0, 20.0, 60.0)
"""Seconds until a notice is tried again; all together less than its nonce holds."""
_LONGEST: Final = 900.0
"""Seconds that are waited at most because Discord asks for it."""


class Notices:
    """Says a sentence where an admin of a server will see it. `/digest status` shows it in any case."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        """`client` is the one that is logged in."""
        self._client = client
        self._store = store

    async def tell(
        self, server_id: int, subscription_id: int, sentence: str, channel_id: int | None = None
    ) -> None:
        """Says `sentence`, which is in English, in the server's language.

        It is about the subscription, or where one is given about what goes to the channel beside that.
        Where nobody can be reached, that is logged and nothing raised.
        """
        where = await self._store.read(server, server_id)
        kept = await self._store.read(subscriptions.load, subscription_id)
        guild = self._client.get_guild(server_id)
        said = where.say.kept(sentence)
        if channel_id is not None:
            text = where.say("{channel}: {sentence}", channel=f"<#{channel_id}>", sentence=said)
        else:
            text = where.say(
                "{series} in {channel}: {sentence}",
                series=escape_line(kept.series),
                channel=f"<#{kept.channel_id}>",
                sentence=said,
            )
        if where.notice_channel_id is not None:
            channel = self._client.get_partial_messageable(where.notice_channel_id, guild_id=server_id)
            if await self._send(channel, text, server_id):
                return
        named = f"{bold(guild.name)} · {text}" if guild else text
        try:
            person = await _patiently(lambda: self._client.create_dm(discord.Object(kept.created_by)))
        except Failure as error:
            log.warning("an admin can't be written to: %s", error, extra={"server": server_id})
            return
        await self._send(person, named, server_id)

    async def _send(self, where: discord.abc.Messageable, text: str, server_id: int) -> bool:
        nobody, nonce = discord.AllowedMentions.none(), new_nonce()
        try:
            await _patiently(lambda: where.send(text[:2000], allowed_mentions=nobody, nonce=nonce))
        except Failure as error:
            log.warning("a notice could not be sent: %s", error, extra={"server": server_id})
            return False
        return True


async def _patiently(request: Callable[[], Awaitable[T]]) -> T:
    """Makes a request again while its trouble passes, for as long as that can't double it. Raises a Failure."""
    loop = asyncio.get_running_loop()
    began, doubtful = loop.time(), False
    for pause in (*_PAUSES, None):
        try:
            return await request()
        except outgoing.FAILURES as error:
            failure = outgoing.sort(error)
            if pause is None or not isinstance(failure, TryAgain):
                raise failure from error
            doubtful = doubtful or failure.doubtful
            wait = max(pause, min(failure.after or 0.0, _LONGEST))
            if doubtful and loop.time() + wait - began > NONCE_HOLDS.total_seconds():
                raise failure from error
        await asyncio.sleep(wait)
    raise AssertionError
