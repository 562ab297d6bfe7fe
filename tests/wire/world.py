"""All that the local Discord knows, with the look-ups and rules that its rooms share."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Final

from bot.clock import Clock

from . import errors, payloads
from .clock import Snowflakes
from .permissions import ALL, EVERYONE, Permission, permissions_in
from .rates import Rates
from .state import Attachment, Channel, Deed, Guild, Interaction, Json, Kind, Member, Message, Role, User

Emit = Callable[[str, Callable[[], Json], int | None], None]

OLD: Final = dt.timedelta(hours=1)

_INTERACTIONS_KEPT: Final = 20_000
_PING = re.compile(r"<@&?!?(\d+)>|@everyone|@here")


class World:
    """The guilds, people, messages, commands and interactions."""

    def __init__(self, clock: Clock, token: str) -> None:
        """`token` is the only one that is let in."""
        self.clock = clock
        self.token = token
        self.ids = Snowflakes(clock)
        self.rates = Rates()
        self.nonce_window = dt.timedelta(minutes=3)
        self.answer_within = dt.timedelta(seconds=3)
        self.token_lasts = dt.timedelta(minutes=15)
        self.base = ""
        self.gateway_url = ""
        self.active_threads = 1_000
        """So many a guild can have at once."""
        self.shards = 1
        """How many the bot is told to use."""
        self.emit: Emit = lambda _event, _payload, _guild: None
        self.bot = User(self.ids.next(), "Paper Round", bot=True)
        self.operator = User(self.ids.next(), "operator", "The operator")
        self.users: dict[int, User] = {user.id: user for user in (self.bot, self.operator)}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.direct: dict[int, Channel] = {}
        self.files: dict[int, Attachment] = {}
        self.hidden: dict[int, Message] = {}
        """Messages that are in no channel's history: ephemeral ones."""
        self.commands: dict[int | None, list[Json]] = {}
        """Registered commands; the global ones under None."""
        self.interactions: dict[str, Interaction] = {}
        self.nonces: dict[str, Message] = {}

    # People and places

    def add_guild(self, name: str, owner: User, locale: str) -> Guild:
        """A guild with the bot in it and no channels yet."""
        key = self.ids.next_guild()
        role = Role(self.ids.next(), self.bot.name, managed=True, position=1)
        guild = Guild(key, name, owner, role, locale)
        guild.roles = {key: Role(key, "@everyone", EVERYONE), role.id: role}
        guild.members = {self.bot.id: Member(self.bot, {role.id})}
        self.guilds[key] = guild
        return guild

    def add_channel(self, channel: Channel) -> Channel:
        """Puts a channel or thread where it belongs."""
        self.channels[channel.id] = channel
        if channel.guild is not None:
            (channel.guild.threads if channel.is_thread else channel.guild.channels)[channel.id] = channel
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Forgets a channel with its threads and messages."""
        for message in channel.messages.values():
            message.deleted = True
        self.channels.pop(channel.id, None)
        if channel.guild is not None:
            channel.guild.channels.pop(channel.id, None)
            channel.guild.threads.pop(channel.id, None)
            for thread in [thread for thread in channel.guild.threads.values() if thread.parent is channel]:
                self.remove_channel(thread)

    def direct_channel(self, user: User) -> Channel:
        """The bot's direct message channel with somebody, made when first asked for."""
        if user.id not in self.direct:
            self.direct[user.id] = self.add_channel(Channel(self.ids.next(), Kind.DM, user.name, recipient=user))
        return self.direct[user.id]

    def may(self, channel: Channel, user: User | None = None) -> int:
        """What the bot (or somebody) may do in a channel."""
        user = user or self.bot
        if channel.guild is None:
            return ALL
        member = channel.guild.members.get(user.id)
        return permissions_in(channel.guild, user.id, member.roles if member is not None else (), channel)

    # What a request asks for

    def channel(self, key: str) -> Channel:
        """A channel that the bot can see. Raises 10003, or 50001 where it can't see it."""
        channel = self.channels.get(_number(key))
        if channel is None:
            raise errors.unknown_channel()
        if channel.guild is not None and not channel.guild.joined:
            raise errors.missing_access()
        if not self.may(channel) & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        return channel

    def guild(self, key: str) -> Guild:
        """A guild that the bot is in. Raises 10004."""
        guild = self.guilds.get(_number(key))
        if guild is None or not guild.joined:
            raise errors.unknown_guild()
        return guild

    def message(self, channel: Channel, key: str) -> Message:
        """A message of a channel. Raises 10008."""
        message = channel.messages.get(_number(key))
        if message is None:
            raise errors.unknown_message()
        return message

    def need(self, channel: Channel, permission: int) -> None:
        """Raises 50013 where the bot may not do this."""
        if self.may(channel) & permission != permission:
            raise errors.missing_permissions()

    # Messages

    def put(self, message: Message) -> Message:
        """Keeps a new message: in its channel, or hidden if it is ephemeral."""
        if message.ephemeral:
            self.hidden[message.id] = message
            if len(self.hidden) > _INTERACTIONS_KEPT:
                del self.hidden[next(iter(self.hidden))]
        else:
            message.channel.messages[message.id] = message
            self.archive(message.channel, archived=False)
        return message

    def archive(self, thread: Channel, *, archived: bool) -> None:
        """Archives a thread or opens it again."""
        if thread.archived is not archived:
            thread.archived, thread.archived_at = archived, self.clock.now()

    def remove(self, message: Message) -> None:
        """Deletes a message."""
        message.deleted = True
        self.hidden.pop(message.id, None)
        message.channel.messages.pop(message.id, None)

    def with_nonce(self, nonce: str | int) -> Message | None:
        """The message that was made with this nonce within the window, deleted or not."""
        message = self.nonces.get(str(nonce))
        if message is not None and self.clock.now() - message.created > self.nonce_window:
            del self.nonces[str(nonce)]
            return None
        return message

    def shown(self, message: Message) -> Json:
        """A message as the API spells it."""
        return payloads.message(message, self.base)

    def pings(self, channel: Channel, content: str, allowed: Json | None) -> list[str]:
        """Whom a content pings, given what is allowed and what the bot may do."""
        if channel.guild is None:
            return []
        parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
        wide = bool(self.may(channel) & Permission.MENTION_EVERYONE)
        pinged: list[str] = []
        for match in _PING.finditer(content):
            written, key = match.group(), match.group(1)
            if key is None:
                allowed_here = wide and "everyone" in parse
                written = "@everyone"
            elif written.startswith("<@&"):
                role = channel.guild.roles.get(int(key))
                named = "roles" in parse or key in map(str, (allowed or {}).get("roles") or ())
                allowed_here = role is not None and (role.mentionable or wide) and named
            else:
                allowed_here = "users" in parse or key in map(str, (allowed or {}).get("users") or ())
            if allowed_here and written not in pinged:
                pinged.append(written)
        return pinged

    # Interactions

    def begin(self, deed: Deed, user: User, channel: Channel, source: Message | None = None) -> Interaction:
        """A new interaction, not yet sent to the bot."""
        key = self.ids.next()
        token = f"wire{key}{secrets.token_hex(12)}"
        interaction = Interaction(key, token, deed, user, channel, self.clock.now(), source)
        self.interactions[token] = interaction
        if len(self.interactions) > _INTERACTIONS_KEPT:
            del self.interactions[next(iter(self.interactions))]
        return interaction

    def unanswered(self, key: str, token: str) -> Interaction:
        """The interaction that a first response is for. Raises 10062 or 40060."""
        interaction = self.interactions.get(token)
        if interaction is None or str(interaction.id) != key:
            raise errors.unknown_interaction()
        refusal = None
        if interaction.response is not None:
            refusal = errors.already_acknowledged()
        elif self.clock.now() - interaction.created > self.answer_within:
            refusal = errors.unknown_interaction()
        if refusal is not None:
            interaction.refusals.append(refusal.code)
            interaction.done.set()
            raise refusal
        return interaction

    def answered(self, token: str) -> Interaction:
        """The interaction that a webhook request is for. Raises 10015, or 50027 after its fifteen minutes."""
        interaction = self.interactions.get(token)
        if interaction is None or interaction.response is None:
            raise errors.unknown_webhook()
        if self.clock.now() - interaction.created > self.token_lasts:
            raise errors.expired_webhook()
        return interaction


def _number(key: str) -> int:
    return int(key) if key.isdecimal() else 0
