"""`/me`: a person's own record in a server, and what they set for themselves."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Person, Services, choose_language, person, server
from bot.model import Language
from bot.quiz import played, record_pages
from bot.quiz.played import Record

CLIENT = "discord"
_NAMES = {Language.ENGLISH.value: "English", Language.CHINESE.value: "中文"}
_LANGUAGES = [
    *(app_commands.Choice(name=name, value=language) for language, name in _NAMES.items()),
    app_commands.Choice(name="as my Discord says", value=CLIENT),
]


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group with its commands."""
    group = app_commands.Group(
        name="me", description="Your own record here, and your own settings", guild_only=True
    )

    def read(connection: Connection, interaction: discord.Interaction) -> tuple[Person, Record]:
        who = person(connection, interaction)
        zone = server(connection, who.server_id).zone
        now = services.clock.now()
        found = played.record(connection, server_id=who.server_id, user_id=who.user_id, zone=zone, now=now)
        return who, found

    @group.command(
        name="record", description="Your points, place and streaks here, and your last weeks; just for you"
    )
    async def record(interaction: discord.Interaction) -> None:
        who, found = await services.store.read(read, interaction)
        await replies.show(interaction, [record_pages.page(found, say=who.say)])

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
