"""Our own messages, looked for by the key that they carry: in a channel's or a thread's history, or as the first
messages of a forum's posts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import discord

from bot.delivery.transport import Absent

_MARGIN: Final = dt.timedelta(minutes=15)
"""How far this machine's clock and Discord's may be apart when a message is looked for."""
_LEAST: Final = 200
"""Messages or archived posts looked through in any case, however old: the clock may have been wrong altogether."""
_MOST: Final = 2_000
"""Messages or archived posts looked through at most."""
_LEAST_OPENED: Final = 25
"""Of our own posts in a forum so many are opened in any case, the newest first."""


async def find(me: int, channel: Any, key: str, *, around: dt.datetime) -> int | Absent:
    """The id of our own (`me`'s) message that carries `key`, first tried `around` (UTC).

    Raises what a request of discord.py's raises.
    """
    if not _readable(channel):
        return Absent.UNREADABLE
    looking = _among_posts if isinstance(channel, discord.ForumChannel) else _in_history
    return await looking(me, channel, key, around - _MARGIN)


async def _in_history(me: int, channel: Any, key: str, since: dt.datetime) -> int | Absent:
    seen = 0
    async for message in channel.history(limit=_MOST):
        if _is_ours(message, me, key):
            return int(message.id)
        seen += 1
        if seen >= _LEAST and message.created_at < since:
            return Absent.NOT_FOUND
    return Absent.NOT_FOUND if seen < _MOST else Absent.UNREADABLE


async def _among_posts(me: int, forum: discord.ForumChannel, key: str, since: dt.datetime) -> int | Absent:
    """Looks at the first messages of our posts; a post has the id of its first message.

    The list of archived posts goes by when they were archived, which is never before they were made.
    """
    active = [thread for thread in await forum.guild.active_threads() if thread.parent_id == forum.id]
    archived: list[discord.Thread] = []
    async for thread in forum.archived_threads(limit=_MOST):
        archived.append(thread)
        if len(archived) >= _LEAST and thread.archive_timestamp < since:
            break
    ours = sorted((thread for thread in (*active, *archived) if thread.owner_id == me), key=lambda one: -one.id)
    for place, thread in enumerate(ours):
        if place >= _LEAST_OPENED and discord.utils.snowflake_time(thread.id) < since:
            break
        try:
            first = await thread.fetch_message(thread.id)
        except discord.NotFound:  # somebody deleted it
            continue
        if _is_ours(first, me, key):
            return thread.id
    return Absent.NOT_FOUND if len(archived) < _MOST else Absent.UNREADABLE


def _readable(channel: Any) -> bool:
    """Whether the channel's history can be read: without the permission Discord answers an empty one."""
    guild = getattr(channel, "guild", None)
    if guild is None or guild.me is None:
        return False
    try:
        allowed = channel.permissions_for(guild.me)
    except discord.ClientException:  # a thread whose channel isn't known
        return False
    return bool(allowed.view_channel and allowed.read_message_history)


def _is_ours(message: discord.Message, me: int, key: str) -> bool:
    return message.author.id == me and any(key in text for text in _marks(message))


def _marks(message: discord.Message) -> Iterator[str]:
    """Where the key of a message can stand."""
    for row in message.components:
        for child in getattr(row, "children", ()):
            if custom_id := getattr(child, "custom_id", None):
                yield custom_id
    for embed in message.embeds:
        if embed.footer.text:
            yield embed.footer.text
