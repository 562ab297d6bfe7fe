"""Slash commands, buttons and menus: each translates Discord to a call of a room below, and back."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot.commands import digest, helping, leaderboard, me, papers, players, practising, privacy, reading, rounds
from bot.commands.components import Components
from bot.commands.services import Services


def register(tree: app_commands.CommandTree[Any], services: Services) -> Components:
    """Adds every command to the tree; the components returned answer every button and menu."""
    components = Components(services.store)
    for room in (reading, papers, rounds, practising, leaderboard, me, players, privacy, helping, digest):
        room.add(tree, components, services)
    return components
