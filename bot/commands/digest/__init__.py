"""`/digest`: what admins run the bot with. Every reply says what happened and what happens next."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands.components import Components
from bot.commands.digest import data, deliveries, doctor, documents, editing, importing, keys, server, subscribing
from bot.commands.services import Services


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group with all its commands: for members with Manage Server unless a server decides otherwise."""
    group = app_commands.Group(
        name="digest",
        description="Set up and run the delivery of digests in this server",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    for room in (subscribing, editing, deliveries, server, keys, importing, documents, data, doctor):
        room.add(group, components, services)
    tree.add_command(group)
