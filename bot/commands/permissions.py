"""What the bot must be allowed to do in a channel before a digest is promised to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.language import Refusal
from bot.posts.custom_ids import CustomId, format_custom_id

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


def only_admins(interaction: discord.Interaction, form_of: CustomId | None = None) -> None:
    """Refuses a click on an admins' button that isn't an admin's.

    The private reply that holds the button was opened by a command that Discord lets only admins use, and a
    server may choose them without Manage Server; so its own clicks pass, and no others: a player has private
    replies, too. For a form that was sent off, `form_of` is the button that opens it. Raises Refusal.
    """
    data: dict[str, Any] = dict(interaction.data or {})
    clicked = data.get("custom_id") if form_of is None else format_custom_id(form_of)
    if not _stands_in_private(interaction.message, clicked) and not interaction.permissions.manage_guild:
        raise Refusal("Only this server's admins can do that.")


def _stands_in_private(message: discord.Message | None, custom_id: object) -> bool:
    """Whether it is a private reply with this button or menu under it."""
    if message is None or not message.flags.ephemeral:
        return False
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    return any(getattr(control, "custom_id", None) == custom_id for row in rows for control in row.children)
