"""Setting the scene: guilds, channels, people, permissions, and what happens to them while the bot is there."""

from __future__ import annotations

from collections.abc import Iterable

from . import payloads
from .gateway import Gateway
from .permissions import Permission
from .state import Attachment, Channel, Guild, Json, Kind, Member, Message, Overwrite, Role, User
from .world import World


class Scene:
    """Changes what there is; a connected bot is told of it as Discord would."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        """Both are shared with the rest of the server."""
        self.world = world
        self.gateway = gateway

    # People

    def add_user(self, name: str, *, locale: str = "en-US", takes_messages: bool = True) -> User:
        """Somebody; a member of every guild in which they act."""
        user = User(self.world.ids.next(), name, name, locale=locale, takes_messages=takes_messages)
        self.world.users[user.id] = user
        return user

    def add_member(self, guild: Guild, user: User, *roles: Role, nick: str | None = None) -> Member:
        """Makes somebody a member, with roles and a name of their own there."""
        guild.members[user.id] = Member(user, {role.id for role in roles}, nick)
        return guild.members[user.id]

    def add_role(self, guild: Guild, name: str, permissions: int = 0, *, mentionable: bool = False) -> Role:
        """A role."""
        role = Role(self.world.ids.next(), name, permissions, len(guild.roles), mentionable=mentionable)
        guild.roles[role.id] = role
        self._tell("GUILD_ROLE_CREATE", guild, {"guild_id": str(guild.id), "role": payloads.role(role)})
        return role

    def admin_of(self, guild: Guild, name: str = "admin", *, locale: str = "en-US") -> User:
        """Somebody who may do everything there."""
        user = self.add_user(name, locale=locale)
        self.add_member(guild, user, self.add_role(guild, "Admins", Permission.ADMINISTRATOR))
        return user

    # Places

    def add_guild(self, name: str = "Guild", *, owner: User | None = None, locale: str = "en-US") -> Guild:
        """A guild with one text channel; a connected bot joins it now."""
        guild = self.world.add_guild(name, owner or self.add_user(f"owner of {name}"), locale)
        self.world.add_channel(Channel(self.world.ids.next(), Kind.TEXT, "general", guild))
        self.join(guild)
        return guild

    def add_guilds(self, count: int, *, channels: int = 1, roles: int = 0) -> list[Guild]:
        """Many guilds alike, for measurements."""
        owner = self.add_user("owner of many")
        added = []
        for number in range(count):
            guild = self.world.add_guild(f"Guild {number + 1}", owner, "en-US")
            for place in range(channels):
                channel = Channel(self.world.ids.next(), Kind.TEXT, f"channel-{place + 1}", guild, position=place)
                self.world.add_channel(channel)
            for place in range(roles):
                role = Role(self.world.ids.next(), f"Role {place + 1}", position=place + 2)
                guild.roles[role.id] = role
            self.join(guild)
            added.append(guild)
        return added

    def add_channel(
        self,
        guild: Guild,
        name: str = "papers",
        kind: Kind = Kind.TEXT,
        *,
        allow: int = 0,
        deny: int = 0,
        tags: Iterable[str] = (),
        needs_tag: bool = False,
    ) -> Channel:
        """A channel; `allow` and `deny` are about the bot, `tags` a forum's by name."""
        channel = Channel(self.world.ids.next(), kind, name, guild, position=len(guild.channels))
        channel.tags, channel.needs_tag = [self._tag(tag) for tag in tags], needs_tag
        if allow or deny:
            channel.overwrites[self.world.bot.id] = Overwrite(allow, deny)
        self.world.add_channel(channel)
        self._tell("CHANNEL_CREATE", guild, payloads.channel(channel))
        return channel

    def _tag(self, name: str) -> Json:
        key = str(self.world.ids.next())
        return {"id": key, "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}

    def set_tags(self, forum: Channel, *names: str, needs_tag: bool = False) -> None:
        """Gives a forum these tags, those that it has keep their ids; whether posts have to have one."""
        known = {tag["name"]: tag for tag in forum.tags}
        forum.tags = [known.get(name) or self._tag(name) for name in names]
        forum.needs_tag = needs_tag
        self._changed(forum)

    def posts(self, forum: Channel) -> list[Channel]:
        """A forum's posts, which are threads, the oldest first."""
        threads = forum.guild.threads.values() if forum.guild is not None else ()
        return sorted((one for one in threads if one.parent is forum), key=lambda one: one.id)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Archives a thread; a locked one takes messages of moderators alone."""
        self.world.archive(thread, archived=True)
        thread.locked = locked
        if thread.guild is not None:
            self._tell("THREAD_UPDATE", thread.guild, payloads.channel(thread))

    def direct(self, user: User) -> Channel:
        """The bot's direct message channel with somebody."""
        return self.world.direct_channel(user)

    def delete_channel(self, channel: Channel) -> None:
        """Deletes a channel with its threads, or a thread."""
        self.world.remove_channel(channel)
        if channel.guild is not None:
            event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
            self._tell(event, channel.guild, payloads.channel(channel))

    # Permissions

    def deny(self, channel: Channel, permissions: int, who: Role | User | None = None) -> None:
        """Takes permissions away in a channel, from the bot unless it says whom."""
        overwrite = self._overwrite(channel, who)
        overwrite.deny |= permissions
        overwrite.allow &= ~permissions
        self._changed(channel)

    def allow(self, channel: Channel, permissions: int, who: Role | User | None = None) -> None:
        """Gives permissions in a channel, to the bot unless it says whom."""
        overwrite = self._overwrite(channel, who)
        overwrite.allow |= permissions
        overwrite.deny &= ~permissions
        self._changed(channel)

    def _overwrite(self, channel: Channel, who: Role | User | None) -> Overwrite:
        return channel.overwrites.setdefault((who or self.world.bot).id, Overwrite())

    def _changed(self, channel: Channel) -> None:
        if channel.guild is not None:
            self._tell("CHANNEL_UPDATE", channel.guild, payloads.channel(channel))

    def set_permissions(self, guild: Guild, role: Role, permissions: int) -> None:
        """Gives a role of a guild these permissions and no others."""
        role.permissions = permissions
        self._tell("GUILD_ROLE_UPDATE", guild, {"guild_id": str(guild.id), "role": payloads.role(role)})

    # The bot's coming and going

    def join(self, guild: Guild) -> None:
        """The bot is added to a guild."""
        guild.joined = True
        bot = self.world.bot
        self.gateway.emit("GUILD_CREATE", lambda: payloads.guild_create(guild, bot, new=True), guild.id)

    def leave(self, guild: Guild) -> None:
        """The bot is removed from a guild; while it is offline it isn't told."""
        guild.joined = False
        self._tell("GUILD_DELETE", guild, {"id": str(guild.id)})

    def outage(self, guild: Guild) -> None:
        """A guild can't be reached for a while."""
        guild.available = False
        self._tell("GUILD_DELETE", guild, {"id": str(guild.id), "unavailable": True})

    def recover(self, guild: Guild) -> None:
        """The outage is over."""
        guild.available = True
        bot = self.world.bot
        self.gateway.emit("GUILD_CREATE", lambda: payloads.guild_create(guild, bot, new=False), guild.id)

    def _tell(self, event: str, guild: Guild, payload: Json) -> None:
        self.gateway.emit(event, lambda: payload, guild.id)

    # Messages

    def messages(self, channel: Channel) -> list[Message]:
        """What everybody sees in a channel, the oldest first."""
        return list(channel.messages.values())

    def post(self, user: User, channel: Channel, content: str) -> Message:
        """A message of somebody else's."""
        return self.world.put(Message(self.world.ids.next(), channel, user, self.world.clock.now(), content))

    def delete_message(self, message: Message) -> None:
        """Deletes a message; with the guilds intent alone the bot isn't told."""
        self.world.remove(message)

    def upload(self, filename: str, data: bytes, content_type: str = "text/plain") -> Attachment:
        """A file that somebody puts into a command's option."""
        attachment = Attachment(self.world.ids.next(), filename, data, content_type)
        self.world.files[attachment.id] = attachment
        return attachment
