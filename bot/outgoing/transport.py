"""The courier's transport over a discord.py client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import discord

from bot.delivery.transport import Absent, Blocked
from bot.outgoing import finding, forums
from bot.outgoing.failures import FAILURES, sort
from bot.outgoing.spelling import arguments, changes
from bot.posts.message import Message

_PUBLISHED_ALREADY: Final = 40033
_THREAD_ALREADY: Final = 160004
_NO_REPLY: Final = 160002
_TOO_MANY_THREADS: Final = 160006
_ARCHIVED: Final = 50083

_FULL = (
    "This server has as many open threads as Discord allows, so I paused this subscription. Close some, then "
    "resume it with `/digest resume`."
)


class DiscordTransport:
    """bot.delivery.transport.Transport over a discord.py client, which needs to be connected."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, channel_id: int, message: Message, *, nonce: str) -> int:
        """Posts a message and answers its id; discord.py sends `enforce_nonce` along with the nonce.

        Where it may not reply (that takes Read Message History) it stands by itself.
        """
        channel = self._client.get_partial_messageable(channel_id)
        given = arguments(message)
        if message.reply_to is not None:
            given["reference"] = discord.MessageReference(
                message_id=message.reply_to, channel_id=channel_id, fail_if_not_exists=False
            )
        try:
            posted = await channel.send(**given, nonce=nonce)
        except FAILURES as error:
            if message.reply_to is not None and getattr(error, "code", None) == _NO_REPLY:
                return await self.send(channel_id, replace(message, reply_to=None), nonce=nonce)
            raise sort(error) from error
        return posted.id

    async def open_post(self, channel_id: int, message: Message, *, title: str, tags: Iterable[int]) -> int:
        """Makes a post in a forum and answers its id, which is the thread's and its first message's alike."""
        try:
            return await forums.open_post(self._client, channel_id, message, title=title, tags=tags)
        except FAILURES as error:
            if getattr(error, "code", None) == _TOO_MANY_THREADS:
                raise Blocked(_FULL) from error
            raise sort(error) from error

    async def find(self, channel_id: int, key: str, *, around: dt.datetime) -> int | Absent:
        """The id of our own message that carries `key`, first tried `around` (UTC)."""
        me = self._client.user
        try:
            channel = await self._channel(channel_id)
            if me is None:
                return Absent.UNREADABLE
            return await finding.find(me.id, channel, key, around=around)
        except (discord.Forbidden, discord.NotFound, discord.InvalidData):
            return Absent.UNREADABLE
        except FAILURES as error:
            raise sort(error) from error

    async def open_thread(self, channel_id: int, message_id: int, *, name: str) -> int:
        """Opens a thread on a message and answers its id, which is the message's."""
        try:
            channel = await self._channel(channel_id)
            thread = await channel.get_partial_message(message_id).create_thread(name=name)
        except FAILURES as error:
            if isinstance(error, discord.HTTPException) and error.code == _THREAD_ALREADY:
                return message_id
            raise sort(error) from error
        opened: int = thread.id
        return opened

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publishes a message of an announcement channel."""
        channel = self._client.get_partial_messageable(channel_id)
        try:
            await channel.get_partial_message(message_id).publish()
        except FAILURES as error:
            if not isinstance(error, discord.HTTPException) or error.code != _PUBLISHED_ALREADY:
                raise sort(error) from error

    async def edit(self, channel_id: int, message_id: int, message: Message) -> None:
        """Turns our own message into this one; where its thread is archived, that is opened for it meanwhile."""
        old = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        try:
            try:
                await old.edit(**changes(message))
            except discord.HTTPException as error:
                if error.code != _ARCHIVED:
                    raise
                await self._client.http.edit_channel(channel_id, archived=False)
                await old.edit(**changes(message))
                await self._client.http.edit_channel(channel_id, archived=True)
        except FAILURES as error:
            raise sort(error) from error

    async def reword(self, channel_id: int, message_id: int, content: str) -> None:
        """Changes the text above our own message; nobody is mentioned anew."""
        channel = self._client.get_partial_messageable(channel_id)
        try:
            nobody = discord.AllowedMentions.none()
            await channel.get_partial_message(message_id).edit(content=content, allowed_mentions=nobody)
        except FAILURES as error:
            raise sort(error) from error

    async def _channel(self, channel_id: int) -> Any:
        return self._client.get_channel(channel_id) or await self._client.fetch_channel(channel_id)
