"""`/leaderboard`, its pages and periods, and sharing it with the channel."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Person, Server, Services, person, server
from bot.language import Refusal
from bot.leaderboard import pages, standings
from bot.leaderboard.periods import Period
from bot.posts.custom_ids import Leaderboard, LeaderboardPage, ShareLeaderboard

_PERIODS = [
    app_commands.Choice(name="today", value=Period.TODAY.value),
    app_commands.Choice(name="this week", value=Period.WEEK.value),
    app_commands.Choice(name="this month", value=Period.MONTH.value),
    app_commands.Choice(name="all time", value=Period.ALL.value),
]


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds `/leaderboard` and its buttons."""

    def read(
        connection: Connection, interaction: discord.Interaction, period: Period, page: int
    ) -> tuple[Person, Server, standings.StandingsPage]:
        who = person(connection, interaction)
        where = server(connection, who.server_id)
        found = standings.page(
            connection,
            server_id=who.server_id,
            period=period,
            zone=where.zone,
            now=services.clock.now(),
            page=page,
            user_id=who.user_id,
        )
        return who, where, found

    async def show(interaction: discord.Interaction, period: Period) -> None:
        who, _where, page = await services.store.read(read, interaction, period, 0)
        await replies.show(interaction, [pages.leaderboard(page, say=who.say)])

    async def open_from_post(interaction: discord.Interaction, _: Leaderboard, __: str | None) -> None:
        await show(interaction, Period.ALL)

    async def turn(interaction: discord.Interaction, custom_id: LeaderboardPage, _: str | None) -> None:
        who, _where, page = await services.store.read(read, interaction, _period(custom_id.period), custom_id.page)
        await replies.turn_into(interaction, [pages.leaderboard(page, say=who.say)])

    async def share(interaction: discord.Interaction, custom_id: ShareLeaderboard, _: str | None) -> None:
        _who, where, page = await services.store.read(read, interaction, _period(custom_id.period), custom_id.page)
        await replies.show(interaction, [pages.shared(page, say=where.say)], private=False)

    @app_commands.command(name="leaderboard", description="Who knows their papers here, and where you stand")
    @app_commands.describe(period="What counts: all time if you don't say")
    @app_commands.choices(period=_PERIODS)
    @app_commands.guild_only()
    async def command(interaction: discord.Interaction, period: str = Period.ALL.value) -> None:
        await show(interaction, _period(period))

    tree.add_command(command)
    components.add(Leaderboard, open_from_post)
    components.add(LeaderboardPage, turn)
    components.add(ShareLeaderboard, share)


def _period(text: str) -> Period:
    try:
        return Period(text)
    except ValueError:
        raise Refusal("There is no such leaderboard.") from None
