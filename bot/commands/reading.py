"""Reading: `/today`, and the menu under a post that opens a paper in full. All of it private."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.seeing import seen_by
from bot.commands.services import Person, Services, person
from bot.language import Refusal
from bot.library import digests
from bot.model import Digest, Look
from bot.posts.custom_ids import ReadPaper
from bot.posts.digest_post import compose
from bot.posts.paper import open_choice
from bot.quiz import rounds


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds `/today` and the readers' menu."""

    def find(connection: Connection, interaction: discord.Interaction, digest_id: int) -> tuple[Person, Digest]:
        who = person(connection, interaction)
        digest = (
            digests.load(connection, digest_id, figures=True)
            if digests.visible(connection, digest_id, who.server_id)
            else None
        )
        if digest is None:
            raise Refusal("This digest is no longer in the library.")
        return who, digest

    def latest(connection: Connection, interaction: discord.Interaction) -> tuple[Person, Digest, int, bool]:
        server_id = interaction.guild_id or 0
        seen = seen_by(interaction, digests.posted_in(connection, server_id))
        digest_id = digests.latest_delivered(connection, server_id, seen)
        if digest_id is None:
            raise Refusal(
                "No digest has been posted yet in a channel that you see. An admin can set one up with "
                "`/digest subscribe`."
            )
        who, digest = find(connection, interaction, digest_id)
        return who, digest, digest_id, rounds.find(connection, who.server_id, digest_id) is not None

    async def open_paper(interaction: discord.Interaction, custom_id: ReadPaper, value: str | None) -> None:
        who, digest = await services.store.read(find, interaction, custom_id.digest)
        messages = open_choice(digest, value or "", say=who.say, language=who.language)
        if not messages:
            raise Refusal("This paper is no longer in the digest.")
        await replies.show(interaction, messages)

    @app_commands.command(description="The latest digest of this server, just for you")
    @app_commands.guild_only()
    async def today(interaction: discord.Interaction) -> None:
        who, digest, digest_id, playable = await services.store.read(latest, interaction)
        messages = compose(
            digest,
            digest_id=digest_id,
            look=Look.BRIEF,
            say=who.say,
            language=who.language,
            keys=lambda _: "today",
            playable=playable,
        )
        await replies.show(interaction, messages)

    tree.add_command(today)
    components.add(ReadPaper, open_paper)
