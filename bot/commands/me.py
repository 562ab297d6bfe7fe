"""`/me`: what a person sets for themselves in a server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Services, choose_language
from bot.model import Language

CLIENT = "discord"
_NAMES = {Language.ENGLISH.value: "English", Language.CHINESE.value: "中文"}
_LANGUAGES = [
    *(app_commands.Choice(name=name, value=language) for language, name in _NAMES.items()),
    app_commands.Choice(name="as my Discord says", value=CLIENT),
]


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group and its one command so far."""
    group = app_commands.Group(name="me", description="What you set for yourself in this server", guild_only=True)

    @group.command(name="language", description="The language of what only you see; posts keep theirs")
    @app_commands.describe(language="English, 中文, or whatever your Discord is set to")
    @app_commands.choices(language=_LANGUAGES)
    async def command(interaction: discord.Interaction, language: str) -> None:
        chosen = language if language in _NAMES else None
        who = await services.store.write(choose_language, interaction, chosen, services.clock.now())
        name = _NAMES.get(who.language, who.language)
        if chosen is None:
            text = who.say("What only you see comes in the language of your Discord: {language}.", language=name)
        else:
            text = who.say(
                "What only you see comes in this language from now on, where a digest has it: {language}.",
                language=name,
            )
        await replies.tell(interaction, text)

    tree.add_command(group)
