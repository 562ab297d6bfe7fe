"""Who may read what was posted where: a person is shown digests of channels that they see themselves.

Discord sends the roles of whoever acts along, and the bot knows roles and channels: no list of members is needed.
"""

from __future__ import annotations

from collections.abc import Iterable

import discord

_READING = discord.Permissions(view_channel=True, read_message_history=True)


def seen_by(interaction: discord.Interaction, channels: Iterable[int]) -> tuple[int, ...]:
    """Those of a server's channels (ids; no threads) whose posts the person behind an interaction can read.

    A channel that is gone, or that the bot doesn't know, counts as unseen.
    """
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return ()
    found = ((key, guild.get_channel(key)) for key in channels)
    return tuple(key for key, channel in found if channel and channel.permissions_for(member) >= _READING)
