"""Composed messages to what discord.py sends, and the courier's transport over a discord.py client.

`arguments` and `changes` spell a Message for discord.py's `send…` and `edit…`. Their views are stopped, so that
discord.py's view store keeps nothing: clicks are answered from what stands in their custom_ids.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import aiohttp
import discord
from discord import ui

from bot.delivery.channels import GONE
from bot.delivery.transport import Absent, Blocked, Failure, Gone, Rejected, TryAgain
from bot.posts.message import Button, Embed, Menu, Message

_MARGIN: Final = dt.timedelta(minutes=15)
"""How far this machine's clock and Discord's may be apart when a message is looked for."""
_LEAST: Final = 200
"""Messages looked through in any case, however old: the clock may have been wrong altogether."""
_MOST: Final = 2_000
"""Messages looked through at most."""
_LONG: Final = 300.0
"""Seconds to wait where whatever answers isn't Discord, or doesn't know the bot."""

_UNKNOWN_MESSAGE: Final = 10008
_PUBLISHED_ALREADY: Final = 40033
_THREAD_ALREADY: Final = 160004
_NO_REPLY: Final = 160002

_PASSES = frozenset(
    {
        20016,  # slow mode
        20022,  # announcements are written to too fast
        20028,  # the channel is written to too fast
        20029,  # the server is written to too fast
        40062,  # a service is overloaded
        130000,  # the API is overloaded
    }
)
_NOT_ALLOWED = (
    "I'm not allowed to post in the channel, so I paused this subscription. Allow me View Channel, Send Messages, "
    "Embed Links and Attach Files there, then resume it with /digest resume."
)
_CONTENT_REFUSED = (
    "This server's rules for content (AutoMod or a filter) refused the digest, so I paused this subscription. "
    "Make an exception for me or pass over the digest with /digest skip, then resume it with /digest resume."
)
_WRONG_CHANNEL = (
    "Channels of that kind take no posts of mine, so I paused this subscription. Subscribe a text or announcement "
    "channel, and unsubscribe it."
)
_THREAD_CLOSED = (
    "The thread is archived or locked, so I paused this subscription. Open it again, then resume the subscription "
    "with /digest resume."
)
_REFUSED = (
    "Discord refuses my posts in the channel, so I paused this subscription. Check what I'm allowed to do there, "
    "then resume it with /digest resume."
)
_BLOCKED = {
    10003: GONE,
    10004: GONE,
    20009: _CONTENT_REFUSED,
    20031: _CONTENT_REFUSED,
    50001: _NOT_ALLOWED,
    50008: _WRONG_CHANNEL,
    50013: _NOT_ALLOWED,
    50024: _WRONG_CHANNEL,
    50083: _THREAD_CLOSED,
    160005: _THREAD_CLOSED,
    200000: _CONTENT_REFUSED,
    200001: _CONTENT_REFUSED,
    240000: _CONTENT_REFUSED,
}


def arguments(message: Message) -> dict[str, Any]:
    """A message as keyword arguments for discord.py's `send` and `send_message`; needs a running event loop."""
    given: dict[str, Any] = {"allowed_mentions": _mentions(message)}
    if message.content is not None:
        given["content"] = message.content
    if message.embeds:
        given["embeds"] = [_embed(embed) for embed in message.embeds]
    if message.files:
        given["files"] = _files(message)
    if message.rows:
        given["view"] = _view(message)
    return given


def changes(message: Message) -> dict[str, Any]:
    """A message as keyword arguments for discord.py's `edit_message`: all of the old one is replaced."""
    return {
        "content": message.content,
        "embeds": [_embed(embed) for embed in message.embeds],
        "attachments": _files(message),
        "view": _view(message) if message.rows else None,
        "allowed_mentions": _mentions(message),
    }


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

    async def find(self, channel_id: int, key: str, *, around: dt.datetime) -> int | Absent:
        """The id of our own message that carries `key`, first tried `around` (UTC)."""
        me = self._client.user
        try:
            channel = await self._channel(channel_id)
            if me is None or not _readable(channel):
                return Absent.UNREADABLE
            seen = 0
            async for message in channel.history(limit=_MOST):
                if message.author.id == me.id and any(key in text for text in _marks(message)):
                    return int(message.id)
                seen += 1
                if seen >= _LEAST and message.created_at < around - _MARGIN:
                    return Absent.NOT_FOUND
        except (discord.Forbidden, discord.NotFound, discord.InvalidData):
            return Absent.UNREADABLE
        except FAILURES as error:
            raise sort(error) from error
        return Absent.NOT_FOUND if seen < _MOST else Absent.UNREADABLE

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
        """Turns our own message into this one."""
        channel = self._client.get_partial_messageable(channel_id)
        try:
            await channel.get_partial_message(message_id).edit(**changes(message))
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


FAILURES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError, OSError)
"""What a request of discord.py's can raise that isn't a bug."""


def sort(error: Exception) -> Failure:
    """What a failed request means for the courier; see bot.delivery.transport."""
    if isinstance(error, discord.RateLimited):
        return TryAgain(str(error), after=error.retry_after, doubtful=False)
    if isinstance(error, discord.HTTPException):
        return _sort_answer(error)
    reached = not isinstance(error, aiohttp.ClientConnectorError)
    return TryAgain(f"{type(error).__name__}: {error}", doubtful=reached)


def _sort_answer(error: discord.HTTPException) -> Failure:
    reason = f"Discord answered {error.status} ({error.code}): {error.text}"
    if error.code == _UNKNOWN_MESSAGE:
        return Gone(reason)
    if error.code in _BLOCKED:
        return Blocked(_BLOCKED[error.code])
    match error.status:
        case status if status >= 500 or status == 408:  # it may have done the work before it failed
            return TryAgain(reason, doubtful=True)
        case 429:
            return TryAgain(reason, after=_retry_after(error), doubtful=False)
        case 401:  # the token was reset: the connection ends too
            return TryAgain(reason, after=_LONG, doubtful=False)
        case 403 | 404 if error.code == 0:  # a proxy's or a firewall's page
            return TryAgain(reason, after=_LONG, doubtful=False)
        case _ if error.code in _PASSES:
            return TryAgain(reason, after=_retry_after(error), doubtful=False)
        case 403:
            return Blocked(_REFUSED)
        case _:
            return Rejected(reason)


def _retry_after(error: discord.HTTPException) -> float | None:
    """Seconds that Discord asked to wait, if it did."""
    try:
        return float(error.response.headers["Retry-After"])
    except (AttributeError, KeyError, ValueError):
        return None


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


def _marks(message: discord.Message) -> Iterator[str]:
    """Where the key of a message can stand."""
    for row in message.components:
        for child in getattr(row, "children", ()):
            if custom_id := getattr(child, "custom_id", None):
                yield custom_id
    for embed in message.embeds:
        if embed.footer.text:
            yield embed.footer.text


def _embed(embed: Embed) -> discord.Embed:
    made = discord.Embed(title=embed.title, description=embed.description, url=embed.url, colour=embed.colour)
    if embed.author is not None:
        made.set_author(name=embed.author)
    if embed.footer is not None:
        made.set_footer(text=embed.footer)
    if embed.thumbnail is not None:
        made.set_thumbnail(url=f"attachment://{embed.thumbnail}")
    if embed.image is not None:
        made.set_image(url=f"attachment://{embed.image}")
    for field in embed.fields:
        made.add_field(name=field.name, value=field.value, inline=field.inline)
    return made


def _files(message: Message) -> list[discord.File]:
    return [discord.File(io.BytesIO(f.data), filename=f.name, description=f.alt) for f in message.files]


def _view(message: Message) -> ui.View:
    view = ui.View(timeout=None)
    for number, row in enumerate(message.rows):
        if isinstance(row, Menu):
            view.add_item(_select(row, number))
        else:
            for button in row:
                view.add_item(_button(button, number))
    view.stop()
    return view


def _button(button: Button, row: int) -> ui.Button[ui.View]:
    if button.url is not None:
        return ui.Button(label=button.label, url=button.url, emoji=button.emoji, disabled=button.disabled, row=row)
    return ui.Button(
        label=button.label,
        custom_id=button.custom_id,
        style=discord.ButtonStyle(int(button.style)),
        emoji=button.emoji,
        disabled=button.disabled,
        row=row,
    )


def _select(menu: Menu, row: int) -> ui.Select[ui.View]:
    return ui.Select(
        custom_id=menu.custom_id,
        placeholder=menu.placeholder,
        options=[
            discord.SelectOption(
                label=option.label,
                value=option.value,
                description=option.description,
                emoji=option.emoji,
                default=option.default,
            )
            for option in menu.options
        ],
        disabled=menu.disabled,
        row=row,
    )


def _mentions(message: Message) -> discord.AllowedMentions:
    roles = [discord.Object(role) for role in message.role_mentions]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles or False, replied_user=False)
