"""`/digest export` and `/digest forget-server`: a server's standings as a file, and all of its data gone."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Services
from bot.language import Refusal
from bot.leaderboard import boards
from bot.leaderboard.boards import Board
from bot.leaderboard.places import Standing
from bot.posts.custom_ids import ForgetServer, format_custom_id
from bot.posts.message import Button, ButtonStyle, File, Message
from bot.privacy import servers

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or of what hides one."""
_MOST = 100_000
"""Players in a file: it stays under the 10 MB that Discord takes."""


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the two commands."""

    def board(connection: Connection, interaction: discord.Interaction) -> tuple[Standing, ...]:
        found = boards.page(
            connection,
            server_id=interaction.guild_id or 0,
            board=Board(),
            zone=dt.UTC,
            now=services.clock.now(),
            page=0,
            user_id=interaction.user.id,
            size=_MOST,
        )
        return found.rows

    @group.command(name="export", description="The leaderboard of all time as a CSV file, just for you")
    async def export(interaction: discord.Interaction) -> None:
        say = replies.say_to(interaction)
        found = await services.store.read(board, interaction)
        if not found:
            raise Refusal("Nobody is on the board yet.")
        text = say.count("The leaderboard: {number} player.", "The leaderboard: {number} players.", len(found))
        file = File("leaderboard.csv", table(found).encode("utf-8-sig"))
        await replies.show(interaction, [Message(content=text, files=(file,))])

    @group.command(name="forget-server", description="Remove all that I keep about this server, and begin anew")
    async def forget_server(interaction: discord.Interaction) -> None:
        _only_managers(interaction)
        say = replies.say_to(interaction)
        text = say(
            "Remove everything I keep about this server? Subscriptions, settings, documents of its own, rounds, "
            "answers and the leaderboard are gone for good; posts in the channels stay. `/digest export` first "
            "gives you a copy of the leaderboard."
        )
        button = Button(say("Remove everything"), format_custom_id(ForgetServer()), ButtonStyle.DANGER)
        await replies.show(interaction, [Message(content=text, rows=((button,),))])

    async def confirmed(interaction: discord.Interaction, _: ForgetServer, __: str | None) -> None:
        _only_managers(interaction)
        say = replies.say_to(interaction)
        await services.store.write(servers.forget, interaction.guild_id or 0, services.clock.now())
        text = say("Done: I know nothing about this server any more. `/digest subscribe` begins anew.")
        await replies.turn_into(interaction, [Message(content=text)])

    components.add(ForgetServer, confirmed)


def _only_managers(interaction: discord.Interaction) -> None:
    """Raises Refusal for an admin whom the server chose without Manage Server."""
    if not interaction.permissions.manage_guild:
        raise Refusal(
            "Only members with the Manage Server permission can have a server forgotten, since it can't be undone."
        )


def table(found: Sequence[Standing]) -> str:
    """Standings as CSV with a heading; a name that a spreadsheet would take for a formula gets an apostrophe."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["place", "user_id", "name", "points", "answered", "accuracy"])
    for one in found:
        name = f"'{one.name}" if one.name.startswith(_FORMULA) else one.name
        # a user's id has more digits than a spreadsheet keeps of a number
        writer.writerow([one.place, f"id {one.user_id}", name, one.points, one.answered, f"{one.accuracy:.4f}"])
    return lines.getvalue()
