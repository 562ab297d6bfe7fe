"""`/players`: an admin's hand on the game. Every act can be undone and is on the audit list."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands.components import Components
from bot.commands.players import acting, listing, season
from bot.commands.services import Services


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group with all its commands: for members with Manage Server unless a server decides otherwise."""
    group = app_commands.Group(
        name="players",
        description="Keep the game fair: exclude players, strike answers, start seasons",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    for room in (acting, listing, season):
        room.add(group, components, services)
    tree.add_command(group)
