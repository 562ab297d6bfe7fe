"""Where a digest may go: the kinds of channel, what the bot must be allowed there, what posts can have besides."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord
from discord import app_commands

from bot.commands import permissions
from bot.delivery.subscriptions import Changes, Subscription
from bot.language import Refusal, Words
from bot.posts.markdown import escape_line

Place = discord.TextChannel | discord.ForumChannel
"""A text or announcement channel, or a forum."""

TAGS = 5
"""So many of a forum's tags a post can have."""


class Named(app_commands.Transformer):
    """The option that names a place: Discord offers the kinds of channel that a digest can go to."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Media channels, which look like forums, take pictures and films alone."""
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(
        self, _: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        """As it came; `place_of` looks at what it is."""
        return value


def place_of(interaction: discord.Interaction, channel: app_commands.AppCommandChannel | None) -> Place:
    """The place that was named, else the one where the command was given. Raises Refusal for other kinds."""
    place = _place(channel.resolve() if channel is not None else interaction.channel)
    if place is None:
        raise Refusal("A digest goes to a text, announcement or forum channel; name one with `channel`.")
    return place


def find(guild: discord.Guild | None, channel_id: int) -> Place | None:
    """A place that is known, or None."""
    return _place(guild.get_channel(channel_id)) if guild is not None else None


def _place(channel: object) -> Place | None:
    if isinstance(channel, discord.ForumChannel):
        return None if channel.is_media() else channel
    return channel if isinstance(channel, discord.TextChannel) else None


def lacking(channel: Place, *, thread: bool = False) -> tuple[str, ...]:
    """The names of what the bot isn't allowed and needs for posts in a place, with a thread on each or without."""
    has = channel.permissions_for(channel.guild.me)
    if isinstance(channel, discord.ForumChannel):
        return permissions.missing(has, needed=permissions.IN_FORUM, names=permissions.FORUM_NAMES)
    needed = permissions.NEEDED | permissions.THREADS if thread else permissions.NEEDED
    return permissions.missing(has, needed=needed)


def check_place(channel: Place, *, thread: bool = False) -> None:
    """Raises Refusal, naming what is missing, where the bot may not do what it needs to in a place."""
    if missing := lacking(channel, thread=thread):
        raise Refusal(
            "I can't post digests in {channel} yet. Give me {permissions} there, then try again.",
            channel=channel.mention,
            permissions=Words(missing, bold=True),
        )


def check_extras(
    channel: Place,
    *,
    role_id: int | None = None,
    thread: bool = False,
    publish: bool = False,
    tags: Collection[int] | None = None,
) -> None:
    """Raises Refusal for what is asked of each post and can't be had in this place; `tags` None: not asked for."""
    if role_id is not None:
        _check_role(channel.guild.get_role(role_id), channel.permissions_for(channel.guild.me))
    if thread and isinstance(channel, discord.ForumChannel):
        raise Refusal("Each post in the forum {channel} is a thread already.", channel=channel.mention)
    if thread:
        check_place(channel, thread=True)
    if publish and not (isinstance(channel, discord.TextChannel) and channel.is_news()):
        raise Refusal(
            "Only posts in an announcement channel can be published, and {channel} isn't one.",
            channel=channel.mention,
        )
    if tags is not None:
        _check_tags(channel, tags)


def check_changes(guild: discord.Guild | None, kept: Subscription, changes: Changes) -> None:
    """Raises Refusal for changes to a subscription that can't be had in its place."""
    channel = find(guild, kept.channel_id)
    if channel is None:
        return
    check_extras(
        channel,
        role_id=changes.get("role_id"),
        thread=changes.get("thread", False),
        publish=changes.get("publish", False),
        tags=changes.get("tags"),
    )


def tags_of(channel: Place | None) -> Sequence[discord.ForumTag]:
    """The tags that posts in a place can have."""
    return channel.available_tags if isinstance(channel, discord.ForumChannel) else ()


def tag_names(channel: Place | None, tags: Collection[int]) -> list[str]:
    """What these tags are called, those that are no longer there left out; for people, escaped."""
    return [escape_line(tag.name) for tag in tags_of(channel) if tag.id in tags]


def tags_said(guild: discord.Guild | None, kept: Subscription) -> list[str]:
    """The names of the tags that a subscription's posts get; for people, escaped."""
    return tag_names(find(guild, kept.channel_id), kept.tags)


def needs_tag(forum: discord.ForumChannel, tags: Collection[int]) -> bool:
    """Whether each post in a forum has to have a tag, and none of these is there any more."""
    return forum.flags.require_tag and not any(tag.id in tags for tag in forum.available_tags)


def typed_tags(channel: Place, text: str) -> tuple[int, ...]:
    """The tags that a list of names with commas means; `none`: none of them. Raises Refusal for other names."""
    names = {tag.name.casefold(): tag.id for tag in tags_of(channel)}
    left, picked = text.strip().strip(",").strip().casefold(), []
    if left == "none" and left not in names:
        return ()
    while left:
        begun = [name for name in names if left.startswith(name)]
        found = max((n for n in begun if left[len(n) :].lstrip()[:1] in ("", ",")), key=len, default=None)
        if found is None:
            raise Refusal(
                "{channel} has no tag “{tag}”. There is: {known}.",
                channel=channel.mention,
                tag=escape_line(left.partition(",")[0][:20]),
                known=", ".join(tag_names(channel, names.values())) or Words(("nothing yet",)),
            )
        picked.append(names[found])
        left = left.removeprefix(found).lstrip().removeprefix(",").strip()
    return tuple(dict.fromkeys(picked))


def _check_tags(channel: Place, tags: Collection[int]) -> None:
    if not isinstance(channel, discord.ForumChannel):
        if tags:
            raise Refusal("Only posts in a forum have tags, and {channel} is none.", channel=channel.mention)
        return
    if len(tags) > TAGS:
        raise Refusal("A post can have {number} tags at most.", number=TAGS)
    there = [tag for tag in channel.available_tags if tag.id in tags]
    if needs_tag(channel, tags):
        raise Refusal(
            "Each post in {channel} needs a tag. Name one: {known}.",
            channel=channel.mention,
            known=", ".join(tag_names(channel, [tag.id for tag in channel.available_tags])),
        )
    moderated = [tag.name for tag in there if tag.moderated]
    if moderated and not channel.permissions_for(channel.guild.me).manage_threads:
        raise Refusal(
            "Only moderators use the tag {tag} in {channel}: give me {permissions} there, or pick another tag.",
            tag=escape_line(moderated[0]),
            channel=channel.mention,
            permissions=Words((permissions.FORUM_NAMES["manage_threads"],), bold=True),
        )


def _check_role(role: discord.Role | None, has: discord.Permissions) -> None:
    if role is None:
        raise Refusal("What you picked isn't in this server. Pick it from the list that Discord offers.")
    if role.is_default():
        raise Refusal("@everyone isn't mentioned by a digest; pick a role that people can choose to have.")
    if not role.mentionable and not has.mention_everyone:
        raise Refusal(
            "I may not mention {role}: allow anyone to mention it in the role's settings, then try again.",
            role=role.mention,
        )
