"""What the bot must be allowed to do in a channel before a digest is promised to it."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.language import Refusal

NEEDED = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, attach_files=True, read_message_history=True
)
"""Needed in every channel. History is read only to find our own messages again after a crash."""

THREADS = discord.Permissions(create_public_threads=True, send_messages_in_threads=True)
"""Needed besides where each post gets a thread."""

IN_FORUM = NEEDED | discord.Permissions(send_messages_in_threads=True)
"""Needed in a forum, where posts are threads."""

INVITE = NEEDED | THREADS
"""What the invite link asks for."""

NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "mention_everyone": "Mention @everyone, @here, and All Roles",
    "manage_messages": "Manage Messages",
    "manage_threads": "Manage Threads",
}
"""As Discord's settings name them."""

FORUM_NAMES = NAMES | {
    "send_messages": "Create Posts",
    "send_messages_in_threads": "Send Messages in Posts",
    "manage_threads": "Manage Posts",
}
"""As a forum's settings name them."""


def missing(
    has: discord.Permissions, *, needed: discord.Permissions = NEEDED, names: Mapping[str, str] = NAMES
) -> tuple[str, ...]:
    """The names of the needed permissions that aren't there, as Discord's settings show them."""
    return tuple(names.get(name, name) for name, wanted in needed if wanted and not getattr(has, name))


def only_admins(interaction: discord.Interaction) -> None:
    """Refuses a click on an admins' button that isn't an admin's.

    The private reply that holds the button was opened by a command that Discord lets only admins use, and a server
    may choose them without Manage Server; so its own clicks pass. Raises Refusal.
    """
    private = interaction.message is not None and interaction.message.flags.ephemeral
    if not private and not interaction.permissions.manage_guild:
        raise Refusal("Only this server's admins can do that.")
