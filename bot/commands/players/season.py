"""`/players season`: starts a new season, once the admin has said so twice."""

from __future__ import annotations

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.permissions import only_admins
from bot.commands.services import Services, remember_server
from bot.language import Refusal, Speech
from bot.leaderboard import seasons
from bot.leaderboard.pages import season_name
from bot.leaderboard.seasons import Season
from bot.posts.custom_ids import StartSeason, format_custom_id, from_word, to_word
from bot.posts.message import Button, ButtonStyle, Message

_NAME = 30
"""Characters of a season's name, as long as they fit a button's custom_id."""


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/players season` and its button."""

    def start(connection: Connection, interaction: discord.Interaction, clicked: StartSeason) -> Season:
        server_id, now = interaction.guild_id or 0, services.clock.now()
        remember_server(connection, server_id, now)
        return seasons.start(
            connection,
            server_id=server_id,
            after=clicked.after,
            name=from_word(clicked.name) or None,
            started_by=interaction.user.id,
            now=now,
        )

    @group.command(
        name="season", description="Start a new season; old standings stay readable. You are asked again"
    )
    @app_commands.describe(name="What to call it, if more than its number")
    async def command(
        interaction: discord.Interaction, name: app_commands.Range[str, 1, _NAME] | None = None
    ) -> None:
        running = await services.store.read(seasons.current, interaction.guild_id or 0)
        await replies.show(interaction, [ask(running, name, say=replies.say_to(interaction))])

    async def confirmed(interaction: discord.Interaction, clicked: StartSeason, _: str | None) -> None:
        only_admins(interaction)
        begun = await services.store.write(start, interaction, clicked)
        say = replies.say_to(interaction)
        text = say(
            "{season} began <t:{at}:f>. `/leaderboard` shows it; its option `season` shows the others.",
            season=season_name(begun, say),
            at=int(begun.started_at.timestamp()),
        )
        await replies.turn_into(interaction, [Message(content=text)])

    components.add(StartSeason, confirmed)


def ask(running: Season | None, name: str | None, *, say: Speech) -> Message:
    """Whether to start a new season after the one that is going on, if there is one. Raises Refusal."""
    try:
        word = to_word(name or "")
    except ValueError:
        raise Refusal("This name is too long; a shorter one will do.") from None
    after = running.number if running else 0
    if running is None:
        text = say("Start the first season? Points count in it from now on; all time goes on beside it.")
    else:
        text = say(
            "End {season} and start the next? The new one begins with no points; the old standings stay readable.",
            season=season_name(running, say),
        )
    label = say("Start season {number}", number=after + 1)
    button = Button(label, format_custom_id(StartSeason(after, word)), ButtonStyle.DANGER)
    return Message(content=text, rows=((button,),))
