"""Where a digest may go: the kinds of channel, what the bot must be allowed there, what posts can have besides."""

from __future__ import annotations

import discord

from bot.commands import permissions
from bot.language import Refusal, Words


def channel_of(interaction: discord.Interaction, channel: discord.TextChannel | None) -> discord.TextChannel:
    """The channel that was named, else the one where the command was given. Raises Refusal for other kinds."""
    where = channel or interaction.channel
    if not isinstance(where, discord.TextChannel):
        raise Refusal("A digest goes to a text or announcement channel; name one with `channel`.")
    return where


def check_channel(channel: discord.TextChannel, needed: discord.Permissions = permissions.NEEDED) -> None:
    """Raises Refusal, naming what is missing, where the bot may not do what it needs to in a channel."""
    lacking = permissions.missing(channel.permissions_for(channel.guild.me), needed=needed)
    if lacking:
        raise Refusal(
            "I can't post digests in {channel} yet. Give me {permissions} there, then try again.",
            channel=channel.mention,
            permissions=Words(tuple(lacking), bold=True),
        )


def check_extras(channel: discord.TextChannel, *, role: discord.Role | None, thread: bool, publish: bool) -> None:
    """Raises Refusal for what is asked of each post and can't be had in this channel."""
    if role is not None:
        _check_role(role, channel.permissions_for(channel.guild.me))
    if thread:
        check_channel(channel, permissions.THREADS)
    if publish and not channel.is_news():
        raise Refusal(
            "Only posts in an announcement channel can be published, and {channel} isn't one.",
            channel=channel.mention,
        )


def _check_role(role: discord.Role, has: discord.Permissions) -> None:
    if role.is_default():
        raise Refusal("@everyone isn't mentioned by a digest; pick a role that people can choose to have.")
    if not role.mentionable and not has.mention_everyone:
        raise Refusal(
            "I may not mention {role}: allow anyone to mention it in the role's settings, then try again.",
            role=role.mention,
        )
