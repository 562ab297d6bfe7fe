"""`/players exclude`, `include`, `strike` and `unstrike`."""

from __future__ import annotations

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.services import Services, remember_server
from bot.language import Refusal
from bot.quiz import umpire


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the commands."""

    def exclude(connection: Connection, interaction: discord.Interaction, user_id: int) -> bool:
        server_id, now = interaction.guild_id or 0, services.clock.now()
        remember_server(connection, server_id, now)
        return umpire.exclude(connection, server_id=server_id, user_id=user_id, by=interaction.user.id, now=now)

    def include(connection: Connection, interaction: discord.Interaction, user_id: int) -> bool:
        server_id, now = interaction.guild_id or 0, services.clock.now()
        return umpire.include(connection, server_id=server_id, user_id=user_id, by=interaction.user.id, now=now)

    def strike(
        connection: Connection, interaction: discord.Interaction, user_id: int, question_id: int, undo: bool
    ) -> bool:
        change = umpire.unstrike if undo else umpire.strike
        return change(
            connection,
            server_id=interaction.guild_id or 0,
            user_id=user_id,
            question_id=question_id,
            by=interaction.user.id,
            now=services.clock.now(),
        )

    async def offer(
        interaction: discord.Interaction, typed: str, *, struck: bool
    ) -> list[app_commands.Choice[str]]:
        player = getattr(interaction.namespace, "player", None)
        if player is None:
            return []
        found = await services.store.read(umpire.given, server_id=interaction.guild_id or 0, user_id=player.id)
        names = [(f"{one.date} · {one.text}", str(one.question_id)) for one in found if one.struck is struck]
        return choices.listed([pair for pair in names if typed.casefold() in pair[0].casefold()])

    async def standing_answers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offer(interaction, typed, struck=False)

    async def struck_answers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await offer(interaction, typed, struck=True)

    @group.command(name="exclude", description="Take a player off the leaderboard; their answers are kept")
    @app_commands.describe(player="Who")
    async def exclude_command(interaction: discord.Interaction, player: discord.User) -> None:
        done = await services.store.write(exclude, interaction, player.id)
        say = replies.say_to(interaction)
        text = (
            say("{player} is off the leaderboard. `/players include` undoes it.", player=player.mention)
            if done
            else say("{player} is off the leaderboard already.", player=player.mention)
        )
        await replies.tell(interaction, text)

    @group.command(name="include", description="Put an excluded player back on the leaderboard, with every point")
    @app_commands.describe(player="Who")
    async def include_command(interaction: discord.Interaction, player: discord.User) -> None:
        done = await services.store.write(include, interaction, player.id)
        say = replies.say_to(interaction)
        text = (
            say("{player} is back on the leaderboard, with every point.", player=player.mention)
            if done
            else say("{player} isn't excluded.", player=player.mention)
        )
        await replies.tell(interaction, text)

    @group.command(name="strike", description="Take one answer of a player out of the standings")
    @app_commands.describe(player="Whose answer", question="The question; the latest answers come first")
    @app_commands.autocomplete(question=standing_answers)
    async def strike_command(interaction: discord.Interaction, player: discord.User, question: str) -> None:
        done = await services.store.write(strike, interaction, player.id, _id(question), undo=False)
        say = replies.say_to(interaction)
        text = (
            say(
                "Struck: this answer of {player} doesn't count any more. `/players unstrike` undoes it.",
                player=player.mention,
            )
            if done
            else say("This answer of {player} is struck already.", player=player.mention)
        )
        await replies.tell(interaction, text)

    @group.command(name="unstrike", description="Let a struck answer count again")
    @app_commands.describe(player="Whose answer", question="The question whose answer was struck")
    @app_commands.autocomplete(question=struck_answers)
    async def unstrike_command(interaction: discord.Interaction, player: discord.User, question: str) -> None:
        done = await services.store.write(strike, interaction, player.id, _id(question), undo=True)
        say = replies.say_to(interaction)
        text = (
            say("This answer of {player} counts again.", player=player.mention)
            if done
            else say("This answer of {player} isn't struck.", player=player.mention)
        )
        await replies.tell(interaction, text)


def _id(question: str) -> int:
    if not choices.is_id(question):
        raise Refusal("Pick the question from the list that Discord offers while you type.")
    return int(question)
