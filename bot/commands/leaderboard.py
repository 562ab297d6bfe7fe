"""`/leaderboard`, its pages, periods, seasons and series, and sharing it with the channel."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Person, Server, Services, person, server
from bot.language import Refusal
from bot.leaderboard import boards, pages, seasons
from bot.leaderboard.boards import Board, StandingsPage
from bot.leaderboard.periods import Period
from bot.leaderboard.seasons import Season
from bot.posts.custom_ids import Leaderboard, LeaderboardAround, LeaderboardPage, ShareLeaderboard
from bot.posts.splitting import shorten
from bot.quiz import played, sharing

_PERIODS = [
    app_commands.Choice(name="today", value=Period.TODAY.value),
    app_commands.Choice(name="this week", value=Period.WEEK.value),
    app_commands.Choice(name="this month", value=Period.MONTH.value),
    app_commands.Choice(name="all time", value=Period.ALL.value),
]
_LIMIT: Final = 25
_LABEL: Final = 100
_Found = tuple[Person, StandingsPage]


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds `/leaderboard` and its buttons."""

    def read(
        connection: Connection, who: Person, board: Board, page: int | None, current: Season | None
    ) -> _Found:
        # only a day, a week and a month begin somewhere
        zone = dt.UTC if board.period is Period.ALL else server(connection, who.server_id).zone
        found = boards.page(
            connection,
            server_id=who.server_id,
            board=board,
            zone=zone,
            now=services.clock.now(),
            page=page,
            user_id=who.user_id,
            current=current,
        )
        return who, found

    def opened(
        connection: Connection,
        interaction: discord.Interaction,
        period: Period | None,
        number: int | None,
        series: str | None,
        page: int | None,
    ) -> _Found:
        """As asked for; where nothing was said about the time, the season that is going on, else all time."""
        who = person(connection, interaction)
        current = seasons.current(connection, who.server_id)
        season = current if number is None and period is None else None
        if number is not None:
            season = seasons.find(connection, who.server_id, number)
        series_id = 0
        if series is not None:
            known = {name: digest for digest, name in played.series(connection, who.server_id)}
            if series not in known:
                raise Refusal("There is no such leaderboard. Pick one from the list that Discord offers.")
            series_id = known[series]
        return read(connection, who, Board(period or Period.ALL, season, series, series_id), page, current)

    def turned(
        connection: Connection,
        interaction: discord.Interaction,
        clicked: LeaderboardPage | LeaderboardAround | ShareLeaderboard,
    ) -> _Found:
        who = person(connection, interaction)
        current = seasons.current(connection, who.server_id)
        season = seasons.find(connection, who.server_id, clicked.season) if clicked.season else None
        series = played.series_of(connection, who.server_id, clicked.series) if clicked.series else None
        if clicked.series and series is None:
            raise Refusal("There is no such leaderboard any more; `/leaderboard` shows the others.")
        board = Board(_period(clicked.period), season, series, clicked.series)
        page = None if isinstance(clicked, LeaderboardAround) else clicked.page
        return read(connection, who, board, page, current)

    def shared(
        connection: Connection, interaction: discord.Interaction, clicked: ShareLeaderboard
    ) -> tuple[Server, StandingsPage]:
        who, page = turned(connection, interaction, clicked)
        now = services.clock.now()
        sharing.share(connection, server_id=who.server_id, user_id=who.user_id, name=who.name, now=now)
        return server(connection, who.server_id), page

    async def open_from_post(interaction: discord.Interaction, _: Leaderboard, __: str | None) -> None:
        who, page = await services.store.read(opened, interaction, None, None, None, 0)
        await replies.show(interaction, [pages.leaderboard(page, say=who.say)])

    async def turn(
        interaction: discord.Interaction, clicked: LeaderboardPage | LeaderboardAround, _: str | None
    ) -> None:
        who, page = await services.store.read(turned, interaction, clicked)
        await replies.turn_into(interaction, [pages.leaderboard(page, say=who.say)])

    async def share(interaction: discord.Interaction, clicked: ShareLeaderboard, _: str | None) -> None:
        where, page = await services.store.write(shared, interaction, clicked)
        await replies.show(interaction, [pages.shared(page, say=where.say)], private=False)

    async def complete_season(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[int]]:
        say = replies.say_to(interaction)
        found = await services.store.read(seasons.every, interaction.guild_id or 0)
        names = [(pages.season_name(season, say), season.number) for season in reversed(found)]
        return [
            app_commands.Choice(name=shorten(name, _LABEL), value=number)
            for name, number in names
            if typed.casefold() in name.casefold()
        ][:_LIMIT]

    async def complete_series(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        found = await services.store.read(played.series, interaction.guild_id or 0)
        return [
            app_commands.Choice(name=name, value=name)
            for _, name in found
            if typed.casefold() in name.casefold() and len(name) <= _LABEL
        ][:_LIMIT]

    @app_commands.command(name="leaderboard", description="Who knows their papers here, and where you stand")
    @app_commands.describe(
        period="What counts: the season that is going on if you don't say, else all time",
        season="Only answers of one season; old ones stay readable",
        series="Only rounds of one series",
        around_me="Start at the page that holds your place",
    )
    @app_commands.choices(period=_PERIODS)
    @app_commands.autocomplete(season=complete_season)
    @app_commands.autocomplete(series=complete_series)
    @app_commands.guild_only()
    async def command(
        interaction: discord.Interaction,
        period: str | None = None,
        season: int | None = None,
        series: str | None = None,
        around_me: bool = False,
    ) -> None:
        asked = None if period is None else _period(period)
        page = None if around_me else 0
        who, found = await services.store.read(opened, interaction, asked, season, series, page)
        await replies.show(interaction, [pages.leaderboard(found, say=who.say)])

    tree.add_command(command)
    components.add(Leaderboard, open_from_post)
    components.add(LeaderboardPage, turn)
    components.add(LeaderboardAround, turn)
    components.add(ShareLeaderboard, share)


def _period(text: str) -> Period:
    try:
        return Period(text)
    except ValueError:
        raise Refusal("There is no such leaderboard any more; `/leaderboard` shows the others.") from None
