"""Permissions as Discord computes them: owner, roles, then the channel's overwrites."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .state import Channel, Guild


class Permission(IntFlag):
    """The permission bits that matter to a bot which posts, and a few more."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL: Final = (1 << 53) - 1

EVERYONE: Final = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What a new server lets everyone do."""


def permissions_in(guild: Guild, user_id: int, roles: Iterable[int], channel: Channel | None = None) -> int:
    """What somebody may do in a guild or in one of its channels. A thread follows the channel it hangs from."""
    if user_id == guild.owner.id:
        return ALL
    held = [guild.id, *roles]
    granted = 0
    for role in held:
        granted |= guild.roles[role].permissions if role in guild.roles else 0
    if granted & Permission.ADMINISTRATOR:
        return ALL
    if channel is not None:
        place = channel.parent if channel.is_thread and channel.parent is not None else channel
        granted = _overwritten(granted, place, held, user_id)
        if not granted & Permission.VIEW_CHANNEL:
            return 0
    return granted


def _overwritten(granted: int, channel: Channel, held: list[int], user_id: int) -> int:
    everyone = channel.overwrites.get(held[0])
    if everyone is not None:
        granted = granted & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role in held[1:]:
        overwrite = channel.overwrites.get(role)
        if overwrite is not None:
            allow |= overwrite.allow
            deny |= overwrite.deny
    granted = granted & ~deny | allow
    own = channel.overwrites.get(user_id)
    if own is not None:
        granted = granted & ~own.deny | own.allow
    return granted
